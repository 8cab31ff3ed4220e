import { Bill } from './bill.ts';
import { type Inventory, InventoryFault } from './component.ts';
import { listOf, readJson, type Tree, textOf, treeOf } from './tree.ts';

/**
 * SPDX 3.0 in JSON-LD: a graph of elements, of which the software packages are components and
 * relationships of kind `dependsOn` and `contains` are edges.
 *
 * @throws InventoryFault
 */
export function readSpdx3(text: string): Inventory {
  const document = readJson(text, 'SPDX 3.0');
  if (!Array.isArray(document['@graph'])) {
    throw new InventoryFault('SPDX 3.0 cannot be read: it has no @graph');
  }
  const elements = listOf(document['@graph']).map(treeOf);
  const bill = new Bill('SPDX 3.0 JSON');
  for (const element of elements) {
    if (textOf(element['type']) !== 'software_Package') continue;
    bill.state({
      ref: idOf(element),
      purl: purlOf(element),
      name: textOf(element['name']),
      version: textOf(element['software_packageVersion']),
    });
  }
  for (const element of elements) {
    const kind = textOf(element['relationshipType']);
    const from = textOf(element['from']);
    for (const value of listOf(element['to'])) {
      const to = textOf(value);
      if (from && to && (kind === 'dependsOn' || kind === 'contains')) bill.depends(from, to);
    }
    for (const root of listOf(element['rootElement'])) {
      const ref = textOf(root);
      if (ref) bill.root(ref);
    }
  }
  return bill.inventory();
}

const idOf = (element: Tree): string | null => textOf(element['spdxId']) ?? textOf(element['@id']);

function purlOf(element: Tree): string | null {
  const own = textOf(element['software_packageUrl']);
  if (own) return own;
  const found = listOf(element['externalIdentifier'])
    .map(treeOf)
    .find((one) => textOf(one['externalIdentifierType']) === 'packageUrl');
  return textOf(found?.['identifier']);
}
