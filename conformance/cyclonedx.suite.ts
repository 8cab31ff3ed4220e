import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBill } from '../src/inventory/bills.ts';
import { InventoryFault } from '../src/inventory/component.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'CycloneDX: documents of the specification, valid and not';

/** What is valid is read; what is not is refused, and the refusal says what is wrong. */
export async function run(): Promise<Outcome> {
  const folder = sharedCases('sbom');
  if (folder === null) return withoutCases('sbom');
  const tally = new Tally();
  for (const version of readdirSync(folder).sort()) {
    for (const file of readdirSync(join(folder, version)).sort()) {
      const text = readFileSync(join(folder, version, file), 'utf8');
      const { accepted, said } = await judged(text);
      tally.expect(accepted === file.startsWith('valid'), `${version}/${file}`, said);
    }
  }
  return tally.outcome();
}

async function judged(text: string): Promise<{ accepted: boolean; said: string }> {
  try {
    const { components } = await readBill(text);
    return { accepted: true, said: `${components.length} components` };
  } catch (error) {
    if (!(error instanceof InventoryFault)) throw error;
    return { accepted: false, said: error.message };
  }
}
