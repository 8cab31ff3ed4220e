import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { listOf, readYamlTree, textOf, treeOf } from './tree.ts';

/**
 * `stack.yaml.lock` (docs.haskellstack.org, "Lock files"): packages beyond the snapshot, which stands in
 * the file by its address alone.
 *
 * @throws InventoryFault
 */
export function readStackLock(text: string): Inventory {
  const format = 'stack.yaml.lock';
  const lock = readYamlTree(text, format);
  if (lock['packages'] === undefined && lock['snapshots'] === undefined) {
    throw new InventoryFault(`${format} has neither packages nor snapshots`);
  }
  const found = new Gathering(format);
  for (const entry of listOf(lock['packages']).map(treeOf)) {
    const completed = treeOf(entry['completed']);
    const hackage = textOf(completed['hackage']) ?? '';
    const [, name = '', version = ''] = /^(.+)-(\d+(?:\.\d+)*)(?:@.*)?$/.exec(hackage) ?? [];
    const other = textOf(completed['name']);
    if (version !== '') found.root(found.add('Hackage', name, version));
    else if (other) {
      const source = textOf(completed['git']) ?? textOf(completed['url']) ?? 'elsewhere';
      found.root(found.addElsewhere(other, textOf(completed['version']), source));
    } else found.note('a package is named in a way that is not read');
  }
  if (listOf(lock['snapshots']).length > 0) {
    found.note('packages of the snapshot are not in the file');
  }
  return found.inventory();
}
