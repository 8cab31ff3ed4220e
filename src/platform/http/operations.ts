import type { Routes } from '../../policy/route.ts';

/** Operation name → where it is: all that a typed client needs at run time. A golden file holds it. */
export function operationsOf(
  routes: Routes,
): Record<string, { readonly method: string; readonly path: string }> {
  return Object.fromEntries(
    Object.entries(routes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { method, path }]) => [name, { method, path: `/api/v1${path}` }]),
  );
}
