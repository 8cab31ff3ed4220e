import type { Inventory } from './component.ts';
import { restInGoSum } from './go.ts';

/**
 * Leaves out what a file beside it says better: a `go.sum` beside a `go.mod` also names what is not built
 * in (but before Go 1.17 it alone names all), and npm itself passes over a `package-lock.json` beside an
 * `npm-shrinkwrap.json`.
 */
export function withoutShadowed<
  File extends { readonly path: string; readonly inventory: Inventory },
>(files: readonly File[]): readonly File[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const beside = (path: string, own: string, other: string): File | undefined =>
    path === own || path.endsWith(`/${own}`)
      ? byPath.get(`${path.slice(0, path.length - own.length)}${other}`)
      : undefined;
  return files.filter(({ path }) => {
    const module = beside(path, 'go.sum', 'go.mod');
    if (module) return module.inventory.notes.includes(restInGoSum);
    return beside(path, 'package-lock.json', 'npm-shrinkwrap.json') === undefined;
  });
}
