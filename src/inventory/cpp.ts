import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { listOf, readJson, textOf, treeOf } from './tree.ts';

/**
 * `conan.lock` of Conan 1 (a graph) and 2 (lists): references of the form
 * `name/version@user/channel#revision:package%time` (docs.conan.io, "Lockfiles").
 *
 * @throws InventoryFault
 */
export function readConanLock(text: string): Inventory {
  const format = 'conan.lock';
  const lock = readJson(text, format);
  const found = new Gathering(format);
  const graph = lock['graph_lock'];
  if (graph !== undefined) readGraph(treeOf(treeOf(graph)['nodes']), found);
  else if (lock['version'] === undefined) throw new InventoryFault(`${format} has no version`);
  for (const field of ['requires', 'build_requires', 'python_requires']) {
    for (const reference of listOf(lock[field])) {
      const ref = add(found, textOf(reference), field !== 'requires');
      if (ref !== null) found.root(ref);
    }
  }
  return found.inventory();
}

function readGraph(nodes: Readonly<Record<string, unknown>>, found: Gathering): void {
  const refs = new Map<string, string>();
  for (const [key, value] of Object.entries(nodes)) {
    const node = treeOf(value);
    // With a path it is the software itself.
    if (textOf(node['path']) !== null) continue;
    const ref = add(
      found,
      textOf(node['pref']) ?? textOf(node['ref']),
      node['context'] === 'build',
    );
    if (ref !== null) refs.set(key, ref);
  }
  for (const [key, value] of Object.entries(nodes)) {
    const from = refs.get(key);
    const needs = treeOf(value)['requires'];
    for (const need of Array.isArray(needs) ? needs : Object.values(treeOf(needs))) {
      const to = refs.get(String(need));
      if (to && from) found.depends(from, to);
      else if (to) found.root(to);
    }
  }
}

function add(found: Gathering, reference: string | null, isDevelopment: boolean): string | null {
  const [, name = '', version = ''] = /^([^/@#:%]+)\/([^@#:%]+)/.exec(reference ?? '') ?? [];
  return version === '' ? null : found.add('ConanCenter', name, version, { isDevelopment });
}
