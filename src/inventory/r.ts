import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { listOf, readJson, textOf, treeOf } from './tree.ts';

/** `renv.lock` of R: packages of CRAN, and of elsewhere. @throws InventoryFault */
export function readRenvLock(text: string): Inventory {
  const format = 'renv.lock';
  const lock = readJson(text, format);
  const packages = treeOf(lock['Packages']);
  if (lock['Packages'] === undefined && Object.keys(lock).length > 0 && lock['R'] === undefined) {
    throw new InventoryFault(`${format} holds no packages`);
  }
  const found = new Gathering(format);
  const refs = new Map<string, string>();
  for (const [key, value] of Object.entries(packages)) {
    const entry = treeOf(value);
    const name = textOf(entry['Package']) ?? key;
    const version = textOf(entry['Version']);
    const repository = textOf(entry['Repository']);
    if (!version) found.note(`${name} has no version`);
    else if (repository === 'CRAN') refs.set(key, found.add('CRAN', name, version));
    else {
      const source = repository ?? textOf(entry['Source']) ?? 'elsewhere';
      refs.set(key, found.addElsewhere(name, version, source));
    }
  }
  for (const [key, value] of Object.entries(packages)) {
    const from = refs.get(key);
    for (const need of listOf(treeOf(value)['Requirements'])) {
      const to = refs.get(textOf(need) ?? '');
      if (from && to) found.depends(from, to);
    }
  }
  return found.inventory();
}
