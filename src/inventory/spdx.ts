import { Bill } from './bill.ts';
import { type Inventory, InventoryFault } from './component.ts';
import { listOf, readJson, type Tree, textOf, treeOf } from './tree.ts';

/** Relationships that say that one needs the other, and which way round. */
const needs = new Set(['DEPENDS_ON', 'CONTAINS', 'DYNAMIC_LINK', 'STATIC_LINK']);
const neededBy = new Set([
  'DEPENDENCY_OF',
  'CONTAINED_BY',
  'RUNTIME_DEPENDENCY_OF',
  'DEV_DEPENDENCY_OF',
]);

/**
 * SPDX 2.2 and 2.3 in JSON (spdx.github.io/spdx-spec).
 *
 * @throws InventoryFault
 */
export function readSpdxJson(text: string): Inventory {
  const document = readJson(text, 'SPDX');
  const version = textOf(document['spdxVersion']);
  if (version !== 'SPDX-2.2' && version !== 'SPDX-2.3') {
    throw new InventoryFault(
      `${version ?? 'SPDX without a spdxVersion'} is not read; 2.2, 2.3 and 3.0 are`,
    );
  }
  const bill = new Bill(`${version} JSON`);
  for (const value of listOf(document['packages'])) {
    const entry = treeOf(value);
    bill.state({
      ref: textOf(entry['SPDXID']),
      purl: purlOf(entry),
      name: textOf(entry['name']),
      version: textOf(entry['versionInfo']),
    });
  }
  const described = new Set(
    listOf(document['documentDescribes']).flatMap((one) => textOf(one) ?? []),
  );
  for (const value of listOf(document['relationships'])) {
    const relation = treeOf(value);
    relate(bill, described, {
      from: textOf(relation['spdxElementId']),
      kind: textOf(relation['relationshipType']),
      to: textOf(relation['relatedSpdxElement']),
    });
  }
  for (const ref of described) bill.root(ref);
  return bill.inventory();
}

function purlOf(entry: Tree): string | null {
  const found = listOf(entry['externalRefs'])
    .map(treeOf)
    .find((one) => textOf(one['referenceType']) === 'purl');
  return textOf(found?.['referenceLocator']);
}

export interface Relation {
  readonly from: string | null;
  readonly kind: string | null;
  readonly to: string | null;
}

/** Takes a relationship in; those that say nothing of needing are passed over. */
export function relate(bill: Bill, described: Set<string>, { from, kind, to }: Relation): void {
  if (!from || !to || !kind) return;
  if (kind === 'DESCRIBES') described.add(to);
  else if (kind === 'DESCRIBED_BY') described.add(from);
  else if (needs.has(kind)) bill.depends(from, to);
  else if (neededBy.has(kind)) bill.depends(to, from);
}
