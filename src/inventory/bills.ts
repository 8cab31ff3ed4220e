import { type Inventory, InventoryFault } from './component.ts';
import { readCycloneDxJson } from './cyclonedx.ts';
import { readCycloneDxXml } from './cyclonedx.xml.ts';
import { readSpdxTags } from './spdx.tags.ts';
import { readSpdxJson } from './spdx.ts';
import { readSpdx3 } from './spdx3.ts';

/**
 * Reads a bill of materials of whichever kind it is: CycloneDX in JSON or XML, SPDX 2 in JSON or as tag
 * and value, SPDX 3 in JSON.
 *
 * @throws InventoryFault saying what it would have to be
 */
export async function readBill(text: string): Promise<Inventory> {
  const beginning = text.slice(0, 20_000);
  if (/^\uFEFF?\s*</.test(beginning)) return readCycloneDxXml(text);
  if (/^\uFEFF?\s*\{/.test(beginning)) {
    if (/"bomFormat"\s*:\s*"CycloneDX"/.test(text)) return readCycloneDxJson(text);
    if (/"@graph"\s*:/.test(text)) return readSpdx3(text);
    if (/"spdxVersion"\s*:/.test(text)) return readSpdxJson(text);
  }
  if (/^SPDXVersion:/m.test(beginning)) return readSpdxTags(text);
  throw new InventoryFault(
    'this is no bill of materials that is read: CycloneDX (JSON, XML) and SPDX (JSON, tag-value) are',
  );
}
