import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { repositoryOf } from './javascript.sources.ts';
import { readYamlTrees, type Tree, textOf, treeOf } from './tree.ts';

const fields = ['dependencies', 'devDependencies', 'optionalDependencies'];

/**
 * `pnpm-lock.yaml`, lockfile versions 5 to 9 (github.com/pnpm/spec, "lockfile"). Keys name package and
 * version: `/a/1.0.0_peer`, then `/a@1.0.0(peer)`, then `a@1.0.0`. From version 11 on pnpm writes its own
 * dependencies as a document before.
 *
 * @throws InventoryFault
 */
export function readPnpmLock(text: string): Inventory {
  const format = 'pnpm-lock.yaml';
  const found = new Gathering(format);
  for (const lock of readYamlTrees(text, format)) {
    if (lock['lockfileVersion'] === undefined) {
      throw new InventoryFault(`${format} has no lockfileVersion`);
    }
    gather(lock, found);
  }
  return found.inventory();
}

function gather(lock: Tree, found: Gathering): void {
  const packages = treeOf(lock['packages']);
  for (const [key, value] of Object.entries(packages)) {
    const named = namedBy(key, treeOf(value));
    const isDevelopment = treeOf(value)['dev'] === true;
    const source = repositoryIn(key, treeOf(value));
    if (named && source) {
      found.addElsewhere(named.name, named.version, source, { ref: refOf(named), isDevelopment });
    } else if (named) found.add('npm', named.name, named.version, { isDevelopment });
    else if (!/(?:file|link|git|https?):/.test(key)) found.note(`${key} names no version`);
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
}

function repositoryIn(key: string, entry: Tree): string | null {
  const resolution = treeOf(entry['resolution']);
  if (resolution['type'] === 'git') return textOf(resolution['repo']) ?? key;
  return repositoryOf(textOf(resolution['tarball']));
}

interface Named {
  readonly name: string;
  readonly version: string;
}

const refOf = ({ name, version }: Named): string => `${name}@${version}`;

function namedBy(key: string, entry: Tree): Named | null {
  const version = textOf(entry['version']);
  const name = textOf(entry['name']) ?? /^(.[^@]*)@(?:https?|git|ssh)/.exec(key)?.[1];
  if (name && version) return { name, version };
  // Of version 5: a registry other than the usual one stands before the name.
  const plain = key
    .replace(/\(.*$/s, '')
    .replace(/^[^/@]+\/(?=.*\/\d)/, (first) => (first.includes('.') ? '' : first))
    .replace(/^\//, '');
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
