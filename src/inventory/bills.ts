import { type Inventory, InventoryFault } from './component.ts';

/**
 * Reads a bill of materials of whichever kind it is: CycloneDX in JSON or XML, SPDX 2 in JSON or as tag
 * and value, SPDX 3 in JSON. Each reader is loaded with the first document of its kind.
 *
 * @throws InventoryFault saying what it would have to be
 */
export async function readBill(text: string): Promise<Inventory> {
  const beginning = text.slice(0, 20_000);
  if (/^\uFEFF?\s*</.test(beginning))
    return (await import('./cyclonedx.xml.ts')).readCycloneDxXml(text);
  if (/^\uFEFF?\s*\{/.test(beginning)) {
    if (/"bomFormat"\s*:\s*"CycloneDX"/.test(text))
      return (await import('./cyclonedx.ts')).readCycloneDxJson(text);
    if (/"@graph"\s*:/.test(text)) return (await import('./spdx3.ts')).readSpdx3(text);
    if (/"spdxVersion"\s*:/.test(text)) return (await import('./spdx.ts')).readSpdxJson(text);
  }
  if (/^SPDXVersion:/m.test(beginning)) return (await import('./spdx.tags.ts')).readSpdxTags(text);
  throw new InventoryFault(
    'this is no bill of materials that is read: CycloneDX (JSON, XML) and SPDX (JSON, tag-value) are',
  );
}
