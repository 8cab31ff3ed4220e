import { Gathering, type Inventory, InventoryFault } from './component.ts';

const entry =
  /"([a-z0-9_]+)":\s*\{:(hex|git|path),\s*(?::([a-z0-9_]+)|"[^"]*"),\s*"([^"]*)"(?:,\s*"[^"]*",\s*\[[^\]]*\],\s*\[((?:[^[\]]|\[[^\]]*\])*)\])?/g;

/** `mix.lock` of Elixir: a map of tuples, of which those from Hex have a version. @throws InventoryFault */
export function readMixLock(text: string): Inventory {
  const format = 'mix.lock';
  if (!/^\s*%\{/.test(text)) throw new InventoryFault(`${format} cannot be read: it is no map`);
  const found = new Gathering(format);
  const refs = new Map<string, string>();
  const edges: [string, string][] = [];
  for (const [, key = '', source = '', name = key, version = '', needs = ''] of text.matchAll(
    entry,
  )) {
    if (source !== 'hex') {
      found.note(`${key} is not from Hex`);
      continue;
    }
    refs.set(key, found.add('Hex', name, version));
    for (const [, need = ''] of needs.matchAll(/\{:([a-z0-9_]+),/g)) edges.push([key, need]);
  }
  for (const [from, to] of edges) {
    const [a, b] = [refs.get(from), refs.get(to)];
    if (a && b) found.depends(a, b);
  }
  if (!/\}\s*$/.test(text)) found.note('the file ends early: what follows is missing');
  return found.inventory();
}
