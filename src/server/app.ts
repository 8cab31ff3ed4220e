import { Hono, type MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import { type Env, explainFault, languageOf, mountRoutes } from '../platform/http/mount.ts';
import { openApiOf } from '../platform/http/openapi.ts';
import { unknownRoute } from '../platform/http/unknown.ts';
import type { Dictionary } from '../platform/words.ts';
import type { World } from '../platform/world.ts';
import type { Routes } from '../policy/route.ts';
import { tileServer } from './ledger/tiles.ts';

/** Version of the API's document and of the package. */
export const version = '0.1.0';

export interface AppParts {
  readonly world: World;
  readonly words: Dictionary;
  readonly routes: Routes;
  /** Headers, host check, forged requests, rate limits: stands before everything. */
  readonly protect: (app: Hono<Env>) => void;
  /** Finds out who is asking, and says what somebody lacks who is nobody yet. */
  readonly withActor: MiddlewareHandler<Env>;
  /** Mounts what stands beside the operations of the API: sign-in, set-up. */
  readonly before: readonly ((app: Hono<Env>) => void)[];
  /** Mounts what people open: the public page, the console's files. */
  readonly after: readonly ((app: Hono<Env>) => void)[];
  readonly checkAnswers?: boolean;
}

/** The whole HTTP face as one Hono app; tests call it by `app.request`, without a socket. */
export function createApp(parts: AppParts): Hono<Env> {
  const { world, words, routes } = parts;
  const app = new Hono<Env>();
  parts.protect(app);
  for (const mount of parts.before) mount(app);
  app.use('/api/v1/*', parts.withActor);
  app.use('/api/v1/promises', etag());
  app.use('/api/v1/policy', etag());
  const document = JSON.stringify(openApiOf(routes, version));
  app.get('/api/v1/openapi.json', (c) =>
    c.body(document, 200, { 'content-type': 'application/json' }),
  );
  mountRoutes(app, routes, { world, words, checkAnswers: parts.checkAnswers ?? false });
  const unknown = unknownRoute(app, words);
  app.all('/api/*', unknown);
  app.route('/ledger', tileServer(world) as unknown as Hono<Env>);
  for (const mount of parts.after) mount(app);
  app.notFound(unknown);
  app.onError((error, c) => explainFault(c, c.req.path, error, languageOf(c.req.raw, null), words));
  return app;
}
