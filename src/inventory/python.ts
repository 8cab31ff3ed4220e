import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { listOf, readJson, readTomlTree, type Tree, textOf, treeOf } from './tree.ts';

/** Names as PyPI tells them apart (PEP 503). */
export const plainName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** `Pipfile.lock`. @throws InventoryFault */
export function readPipfileLock(text: string): Inventory {
  const format = 'Pipfile.lock';
  const lock = readJson(text, format);
  const found = new Gathering(format);
  if (!lock['default'] && !lock['develop'] && !lock['_meta']) {
    throw new InventoryFault(`${format} has neither default nor develop`);
  }
  for (const section of Object.keys(lock).filter((name) => name !== '_meta')) {
    for (const [name, value] of Object.entries(treeOf(lock[section]))) {
      const version = textOf(treeOf(value)['version'])?.replace(/^={2,3}/, '');
      if (!version) found.note(`${name} has no version`);
      else found.add('PyPI', plainName(name), version, { isDevelopment: section === 'develop' });
    }
  }
  return found.inventory();
}

/** `poetry.lock`, `uv.lock` and `pdm.lock`: tables of packages, each with what it asks for. */
export const readPoetryLock = (text: string): Inventory => readPackages(text, 'poetry.lock');
export const readUvLock = (text: string): Inventory => readPackages(text, 'uv.lock');
export const readPdmLock = (text: string): Inventory => readPackages(text, 'pdm.lock');

/** @throws InventoryFault */
function readPackages(text: string, format: string): Inventory {
  const lock = readTomlTree(text, format);
  if (!Array.isArray(lock['package']) && Object.keys(lock).length === 0) {
    throw new InventoryFault(`${format} holds no packages`);
  }
  const found = new Gathering(format);
  // Poetry writes this table last.
  if (format === 'poetry.lock' && lock['metadata'] === undefined) {
    found.note('the file ends early: what follows is missing');
  }
  const packages = listOf(lock['package']).map(treeOf);
  const refs = new Map<string, string>();
  for (const entry of packages) {
    const name = textOf(entry['name']);
    const version = textOf(entry['version']);
    if (!name || isOwn(entry)) continue;
    if (!version) found.note(`${name} has no version`);
    else {
      const ref = found.add('PyPI', plainName(name), version, {
        isDevelopment: isDevelopment(entry),
      });
      refs.set(plainName(name), ref);
    }
  }
  for (const entry of packages) {
    const from = refs.get(plainName(textOf(entry['name']) ?? ''));
    for (const name of needsOf(entry)) {
      const to = refs.get(name);
      if (to && isOwn(entry)) found.root(to);
      else if (to && from) found.depends(from, to);
    }
  }
  return found.inventory();
}

/** The software itself, as uv lists it among its packages. */
function isOwn(entry: Tree): boolean {
  const source = treeOf(entry['source']);
  return 'virtual' in source || 'editable' in source || 'directory' in source;
}

function isDevelopment(entry: Tree): boolean {
  if (entry['category'] === 'dev') return true;
  const groups = listOf(entry['groups']);
  return groups.length > 0 && !groups.includes('main') && !groups.includes('default');
}

function needsOf(entry: Tree): readonly string[] {
  const needs = entry['dependencies'];
  if (!Array.isArray(needs)) return Object.keys(treeOf(needs)).map(plainName);
  return needs.flatMap((need) => {
    const written = textOf(need) ?? textOf(treeOf(need)['name']);
    const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(written ?? '')?.[0];
    return name ? [plainName(name)] : [];
  });
}

/** `pylock.toml` (PEP 751, "pylock.toml"): what is installed, with markers that are not evaluated. @throws InventoryFault */
export function readPylock(text: string): Inventory {
  const format = 'pylock.toml';
  const lock = readTomlTree(text, format);
  if (lock['lock-version'] === undefined) throw new InventoryFault(`${format} has no lock-version`);
  const found = new Gathering(format);
  for (const entry of listOf(lock['packages']).map(treeOf)) {
    const name = textOf(entry['name']);
    const version = textOf(entry['version']);
    if (!name) found.note('a package has no name');
    else if ('directory' in entry) continue;
    else if (version) found.add('PyPI', plainName(name), version);
    else if ('vcs' in entry || 'archive' in entry) {
      const url = textOf(treeOf(entry['vcs'] ?? entry['archive'])['url']);
      found.addElsewhere(plainName(name), null, url ?? 'a repository');
    } else found.addUnversioned('PyPI', plainName(name));
  }
  return found.inventory();
}
