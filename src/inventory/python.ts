import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { listOf, readJson, readTomlTree, type Tree, textOf, treeOf } from './tree.ts';

/** Names as PyPI tells them apart (PEP 503). */
const plainName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/**
 * `requirements.txt` (pip, "Requirements File Format"): what is pinned with `==` or `===`. What is not
 * pinned has no version that could be told; a note says so.
 */
export function readRequirements(text: string): Inventory {
  const found = new Gathering('requirements.txt');
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  for (const line of lines) {
    const plain = line
      .replace(/(?:^|\s)#.*$/, '')
      .replace(/\s--\S.*$/, '')
      .trim();
    if (plain === '') continue;
    const pinned =
      /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*={2,3}\s*([^\s;,*]+)\s*(?:;.*)?$/.exec(
        plain,
      );
    if (pinned) found.root(found.add('PyPI', plainName(pinned[1] ?? ''), pinned[2] ?? ''));
    else if (!plain.startsWith('-')) found.note(`not pinned to one version: ${plain.slice(0, 80)}`);
    else if (/^-(?:r|c|-requirement|-constraint)\b/.test(plain)) {
      found.note(`names another file, which was not given: ${plain.slice(0, 80)}`);
    }
  }
  return found.inventory();
}

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
