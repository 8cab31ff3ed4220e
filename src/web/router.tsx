import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { parseSearch, stringifySearch } from '../ui/address.ts';
import type { Page } from './page.ts';
import { ErrorPage, NotFoundPage } from './pages/Fallback.tsx';
import { ConsoleFrame } from './shell/ConsoleFrame.tsx';

const CONSOLE = '/console';
const inConsole = (page: Page) => page.path === CONSOLE || page.path.startsWith(`${CONSOLE}/`);

/** Routes out of the list of pages: those below `/console` inside the shell, the others by themselves. */
export function createConsoleRouter(pages: readonly Page[]) {
  const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });
  const frame = createRoute({
    getParentRoute: () => root,
    path: CONSOLE,
    component: () => <ConsoleFrame pages={pages} />,
  });
  const standing = pages
    .filter((page) => !inConsole(page))
    .map((page) =>
      createRoute({
        getParentRoute: () => root,
        path: page.path,
        component: lazyRouteComponent(page.load),
      }),
    );
  const framed = pages.filter(inConsole).map((page) =>
    createRoute({
      getParentRoute: () => frame,
      path: page.path.slice(CONSOLE.length) || '/',
      component: lazyRouteComponent(page.load),
    }),
  );
  // Unknown addresses below /console keep the rail around them.
  const lost = createRoute({ getParentRoute: () => frame, path: '$', component: NotFoundPage });
  return createRouter({
    routeTree: root.addChildren([...standing, frame.addChildren([...framed, lost])]),
    parseSearch,
    stringifySearch,
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    defaultPreloadDelay: 60,
    // Queries cache what they read; the router only fetches chunks.
    defaultPreloadStaleTime: 0,
  });
}
