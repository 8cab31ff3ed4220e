import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { readJson, textOf, treeOf } from './tree.ts';
import { readXml, type XmlEvents, xmlFault } from './xml.ts';

/** `packages.lock.json` of NuGet (Microsoft Learn, "Lock file"). @throws InventoryFault */
export function readNugetLock(text: string): Inventory {
  const format = 'packages.lock.json';
  const lock = readJson(text, format);
  if (lock['dependencies'] === undefined) {
    throw new InventoryFault(`${format} has no dependencies`);
  }
  const found = new Gathering(format);
  for (const framework of Object.values(treeOf(lock['dependencies']))) {
    const refs = new Map<string, string>();
    const entries = Object.entries(treeOf(framework)).map(
      ([name, value]) => [name, treeOf(value)] as const,
    );
    for (const [name, entry] of entries) {
      const version = textOf(entry['resolved']);
      if (entry['type'] === 'Project') continue;
      if (!version) found.note(`${name} has no version`);
      else refs.set(name.toLowerCase(), found.add('NuGet', name, version));
    }
    for (const [name, entry] of entries) {
      const from = refs.get(name.toLowerCase());
      if (from && entry['type'] === 'Direct') found.root(from);
      for (const need of Object.keys(treeOf(entry['dependencies']))) {
        const to = refs.get(need.toLowerCase());
        if (from && to) found.depends(from, to);
      }
    }
  }
  return found.inventory();
}

/** `packages.config` of NuGet before lock files (Microsoft Learn, "packages.config reference"). @throws InventoryFault */
export function readPackagesConfig(text: string): Inventory {
  const format = 'packages.config';
  const found = new Gathering(format);
  let root = '';
  const open: XmlEvents['open'] = (name, attributes) => {
    root ||= name;
    if (name !== 'package') return;
    const { id, version, developmentDependency } = attributes;
    const isDevelopment = developmentDependency === 'true';
    if (id && version) found.root(found.add('NuGet', id, version, { isDevelopment }));
    else found.note(`${id ?? 'a package'} has no version`);
  };
  readXml(text, { open }, xmlFault(format));
  if (root !== 'packages') {
    throw new InventoryFault(`${format} cannot be read: it begins with ${root || 'nothing'}`);
  }
  return found.inventory();
}
