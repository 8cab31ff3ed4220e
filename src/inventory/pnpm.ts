import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { readYamlTree, type Tree, textOf, treeOf } from './tree.ts';

const fields = ['dependencies', 'devDependencies', 'optionalDependencies'];

/**
 * `pnpm-lock.yaml`, lockfile versions 5 to 9 (github.com/pnpm/spec, "lockfile"). Keys name package and
 * version: `/a/1.0.0_peer`, then `/a@1.0.0(peer)`, then `a@1.0.0`.
 *
 * @throws InventoryFault
 */
export function readPnpmLock(text: string): Inventory {
  const format = 'pnpm-lock.yaml';
  const lock = readYamlTree(text, format);
  if (lock['lockfileVersion'] === undefined) {
    throw new InventoryFault(`${format} has no lockfileVersion`);
  }
  const found = new Gathering(format);
  const packages = treeOf(lock['packages']);
  for (const [key, value] of Object.entries(packages)) {
    const named = namedBy(key, treeOf(value));
    if (named) {
      const isDevelopment = treeOf(value)['dev'] === true;
      found.add('npm', named.name, named.version, { isDevelopment });
    } else if (!/(?:file|link|git|https?):/.test(key)) found.note(`${key} names no version`);
  }
  const edges = lock['snapshots'] === undefined ? packages : treeOf(lock['snapshots']);
  for (const [key, value] of Object.entries(edges)) {
    const from = namedBy(key, treeOf(value));
    if (from) forEachNeed(treeOf(value), (ref) => found.depends(refOf(from), ref));
  }
  const importers = lock['importers'] === undefined ? { '.': lock } : treeOf(lock['importers']);
  for (const importer of Object.values(importers)) {
    forEachNeed(treeOf(importer), (ref) => found.root(ref));
  }
  return found.inventory();
}

interface Named {
  readonly name: string;
  readonly version: string;
}

const refOf = ({ name, version }: Named): string => `${name}@${version}`;

function namedBy(key: string, entry: Tree): Named | null {
  const name = textOf(entry['name']);
  const version = textOf(entry['version']);
  if (name && version) return { name, version };
  const plain = key.replace(/^\//, '').replace(/\(.*$/s, '');
  const found =
    /^((?:@[^/@]+\/)?[^/@]+)@(\d.*)$/.exec(plain) ??
    /^((?:@[^/]+\/)?[^/]+)\/(\d[^_]*)(?:_.*)?$/.exec(plain);
  return found ? { name: found[1] ?? '', version: found[2] ?? '' } : null;
}

function forEachNeed(entry: Tree, visit: (ref: string) => void): void {
  for (const field of fields) {
    for (const [name, value] of Object.entries(treeOf(entry[field]))) {
      const written = textOf(value) ?? textOf(treeOf(value)['version']);
      if (!written) continue;
      const aliased = namedBy(written, {});
      const version = written.replace(/[(_].*$/s, '');
      visit(aliased ? refOf(aliased) : `${name}@${version}`);
    }
  }
}
