import { Bill } from './bill.ts';
import { type Inventory, InventoryFault } from './component.ts';
import { relate } from './spdx.ts';

/**
 * SPDX 2.2 and 2.3 as tag and value, a pair a line; texts between `<text>` and `</text>` may be many lines.
 *
 * @throws InventoryFault
 */
export function readSpdxTags(text: string): Inventory {
  const version = /^SPDXVersion:\s*(SPDX-2\.[23])\s*$/m.exec(text)?.[1];
  if (!version) {
    throw new InventoryFault('SPDX cannot be read: it has no SPDXVersion of SPDX-2.2 or SPDX-2.3');
  }
  const bill = new Bill(`${version} tag-value`);
  const described = new Set<string>();
  let current: Record<string, string> | null = null;
  const finish = (): void => {
    if (!current) return;
    bill.state({
      ref: current['SPDXID'] ?? null,
      purl: current['purl'] ?? null,
      name: current['PackageName'] ?? null,
      version: current['PackageVersion'] ?? null,
    });
    current = null;
  };
  for (const [tag, value] of pairs(text)) {
    if (tag === 'PackageName') {
      finish();
      current = { PackageName: value };
    } else if (tag === 'FileName' || tag === 'SnippetSPDXID') finish();
    else if (tag === 'ExternalRef') {
      const purl = /^\S+\s+purl\s+(\S+)/.exec(value)?.[1];
      if (current && purl) current['purl'] = purl;
    } else if (tag === 'Relationship') {
      const [from = null, kind = null, to = null] = value.split(/\s+/);
      relate(bill, described, { from, kind, to });
    } else if (current && (tag === 'SPDXID' || tag === 'PackageVersion')) current[tag] = value;
  }
  finish();
  for (const ref of described) bill.root(ref);
  return bill.inventory();
}

function* pairs(text: string): Generator<readonly [string, string]> {
  let inText = false;
  for (const line of text.split(/\r?\n/)) {
    if (inText) {
      inText = !line.includes('</text>');
      continue;
    }
    const found = /^([A-Za-z]+):\s*(.*)$/.exec(line);
    if (!found) continue;
    const value = found[2] ?? '';
    inText = value.includes('<text>') && !value.includes('</text>');
    yield [found[1] ?? '', value.trim()];
  }
}
