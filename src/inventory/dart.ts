import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { readYamlTree, textOf, treeOf } from './tree.ts';

/** `pubspec.lock` of Dart and Flutter. @throws InventoryFault */
export function readPubspecLock(text: string): Inventory {
  const format = 'pubspec.lock';
  const lock = readYamlTree(text, format);
  if (lock['packages'] === undefined) throw new InventoryFault(`${format} holds no packages`);
  const found = new Gathering(format);
  if (lock['sdks'] === undefined) found.note('the file ends early: what follows is missing');
  for (const [name, value] of Object.entries(treeOf(lock['packages']))) {
    const version = textOf(treeOf(value)['version']);
    const source = textOf(treeOf(value)['source']);
    const kind = textOf(treeOf(value)['dependency']) ?? '';
    if (source !== 'hosted' && source !== 'git')
      found.note(`${name} is not from a package server: ${source ?? 'unknown'}`);
    else if (!version) found.note(`${name} has no version`);
    else {
      const ref = found.add('Pub', name, version, { isDevelopment: kind === 'direct dev' });
      if (kind.startsWith('direct')) found.root(ref);
    }
  }
  return found.inventory();
}
