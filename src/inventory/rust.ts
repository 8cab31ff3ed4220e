import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { listOf, readTomlTree, textOf, treeOf } from './tree.ts';

/** `Cargo.lock`. A package without a source is of the workspace itself. @throws InventoryFault */
export function readCargoLock(text: string): Inventory {
  const format = 'Cargo.lock';
  const lock = readTomlTree(text, format);
  if (!Array.isArray(lock['package']) && lock['version'] === undefined)
    throw new InventoryFault(`${format} holds no packages`);
  const found = new Gathering(format);
  let missing = 0;
  const packages = listOf(lock['package']).map(treeOf);
  const byName = new Map<string, string[]>();
  for (const entry of packages) {
    const name = textOf(entry['name']);
    const version = textOf(entry['version']);
    if (!name || !version) {
      found.note(`${name ?? 'a package'} has no version`);
      continue;
    }
    byName.set(name, [...(byName.get(name) ?? []), version]);
    if (entry['source'] !== undefined) found.add('crates.io', name, version);
  }
  for (const entry of packages) {
    const own = `${textOf(entry['name'])}@${textOf(entry['version'])}`;
    for (const need of listOf(entry['dependencies'])) {
      const [name = '', written] = (textOf(need) ?? '').split(' ');
      const version = written ?? byName.get(name)?.[0];
      if (version === undefined) {
        missing += 1;
        continue;
      }
      if (entry['source'] === undefined) found.root(`${name}@${version}`);
      else found.depends(own, `${name}@${version}`);
    }
  }
  if (missing > 0)
    found.note(`${missing} packages that are asked for are missing: the file is cut`);
  return found.inventory();
}
