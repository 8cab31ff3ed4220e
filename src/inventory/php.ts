import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { listOf, readJson, textOf, treeOf } from './tree.ts';

/** `composer.lock`. @throws InventoryFault */
export function readComposerLock(text: string): Inventory {
  const format = 'composer.lock';
  const lock = readJson(text, format);
  if (!Array.isArray(lock['packages'])) throw new InventoryFault(`${format} holds no packages`);
  const found = new Gathering(format);
  const refs = new Map<string, string>();
  const sections = [
    { entries: listOf(lock['packages']).map(treeOf), isDevelopment: false },
    { entries: listOf(lock['packages-dev']).map(treeOf), isDevelopment: true },
  ];
  for (const { entries, isDevelopment } of sections) {
    for (const entry of entries) {
      const name = textOf(entry['name']);
      const version = textOf(entry['version']);
      if (!name || !version) found.note(`${name ?? 'a package'} has no version`);
      else refs.set(name, found.add('Packagist', name, version, { isDevelopment }));
    }
  }
  for (const entry of sections.flatMap(({ entries }) => entries)) {
    const from = refs.get(textOf(entry['name']) ?? '');
    for (const name of Object.keys(treeOf(entry['require']))) {
      const to = refs.get(name);
      if (from && to) found.depends(from, to);
    }
  }
  return found.inventory();
}
