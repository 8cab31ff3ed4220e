import type { Spec } from '@cyclonedx/cyclonedx-library';
import { Bill } from './bill.ts';
import { type Inventory, InventoryFault } from './component.ts';
import { listOf, readJson, type Tree, textOf, treeOf } from './tree.ts';

/** Beyond so many characters a document is read but not held against the schema, whose cost grows with the square. */
const limitValidated = 4_000_000;
/** Beyond so many characters it is never built whole. */
const limitBuilt = 32_000_000;

/**
 * A bill of materials in CycloneDX JSON, 1.2 to 1.7 (ECMA-424), held against the schema of its version.
 *
 * @throws InventoryFault naming the place and what the schema says of it
 */
export async function readCycloneDxJson(text: string): Promise<Inventory> {
  if (text.length > limitBuilt) {
    const { piecesOf, readCycloneDxPieces } = await import('./cyclonedx.pieces.ts');
    return readCycloneDxPieces(piecesOf(text));
  }
  const document = readJson(text, 'CycloneDX');
  const version = versionOf(textOf(document['specVersion']));
  const bill = new Bill(`CycloneDX ${version} JSON`);
  if (text.length <= limitValidated) await validate(text, version);
  else bill.note('the document is too large to be held against the schema; what was found counts');
  gather(document, bill);
  return bill.inventory();
}

const versions = ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'] as const;
type Version = (typeof versions)[number];

/** @throws InventoryFault where it is none that we read */
export function versionOf(written: string | null): Version {
  const known = versions.find((version) => version === written);
  if (!known) {
    throw new InventoryFault(
      `CycloneDX ${written ?? 'without a specVersion'} is not read; 1.2 to 1.7 are`,
    );
  }
  return known;
}

async function validate(text: string, version: Version): Promise<void> {
  let problem: unknown;
  try {
    const { Validation } = await import('@cyclonedx/cyclonedx-library');
    problem = await new Validation.JsonStrictValidator(version as Spec.Version).validate(text);
  } catch (cause) {
    // Nested deeper than the validator can follow.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InventoryFault(`CycloneDX ${version} cannot be read: ${reason}`, { cause });
  }
  if (problem === null) return;
  const [first] = listOf(problem).map(treeOf);
  const place = textOf(first?.['instancePath']) ?? 'the document';
  const said = textOf(first?.['message']) ?? 'does not follow the schema';
  const more = JSON.stringify(first?.['params'] ?? {}).slice(0, 200);
  throw new InventoryFault(
    `CycloneDX ${version} does not follow its schema: ${place} ${said} ${more}`,
  );
}

function gather(document: Tree, bill: Bill): void {
  const described = textOf(treeOf(treeOf(document['metadata'])['component'])['bom-ref']);
  const waiting = [...listOf(document['components'])].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const component = treeOf(next);
    bill.state({
      ref: textOf(component['bom-ref']),
      purl: textOf(component['purl']),
      name: joined(textOf(component['group']), textOf(component['name'])),
      version: textOf(component['version']),
    });
    waiting.push(...[...listOf(component['components'])].reverse());
  }
  for (const value of listOf(document['dependencies'])) {
    const from = textOf(treeOf(value)['ref']);
    for (const need of listOf(treeOf(value)['dependsOn'])) {
      const to = textOf(need);
      if (to && from === described && from !== null) bill.root(to);
      else if (to && from) bill.depends(from, to);
    }
  }
}

export function joined(group: string | null, name: string | null): string | null {
  return group && name ? `${group}/${name}` : name;
}
