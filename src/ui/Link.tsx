import { Link as RouterLink } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';

type LinkProps = {
  to: string;
  children: ReactNode;
  className?: string;
  title?: string;
  'aria-label'?: string;
  onClick?: (event: MouseEvent) => void;
  /** Marked as the current page only there and not on the pages below it. */
  exact?: boolean;
};

/**
 * A link inside the console, without a page load; the page behind it is fetched on hover.
 *
 * @example <Link to={`/console/people/${person.id}`}>{person.name}</Link>
 */
export function Link({ to, children, exact = false, ...rest }: LinkProps) {
  const { path, search } = splitAddress(to);
  return (
    <RouterLink
      to={path}
      search={search as never}
      preload="intent"
      activeOptions={{ exact, includeSearch: false }}
      {...rest}
    >
      {children}
    </RouterLink>
  );
}

function splitAddress(to: string): { path: string; search: Record<string, string> } {
  const cut = to.indexOf('?');
  if (cut < 0) return { path: to, search: {} };
  return { path: to.slice(0, cut), search: Object.fromEntries(new URLSearchParams(to.slice(cut))) };
}
