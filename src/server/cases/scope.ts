import type { ScopeLine } from '../../clauses/customer-data/facts.viewing.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { OpenCustomer } from '../vault/door.ts';

/** What a case is asked for, from names to ids: names are looked up by keyed hash and never kept. */

export interface Resolved {
  readonly collection: string;
  readonly itemId: string | null;
}

/**
 * The scope of a case by ids. A collection without items is meant as a whole. Nothing of what is
 * found is shown: who asks learns only how many names nobody has.
 */
export async function resolveScope(
  open: () => Promise<Result<OpenCustomer, Refusal>>,
  lines: readonly ScopeLine[],
): Promise<Result<readonly Resolved[], Refusal>> {
  const resolved: Resolved[] = [];
  let unknown = 0;
  for (const { collection, itemIds, names } of lines) {
    for (const itemId of itemIds) resolved.push({ collection, itemId });
    if (itemIds.length === 0 && names.length === 0) resolved.push({ collection, itemId: null });
    if (names.length === 0) continue;
    const opened = await open();
    if (!opened.ok) return opened;
    for (const name of names) {
      const found = await itemsNamed(opened.value, collection, name);
      if (found.length === 0) unknown += 1;
      for (const itemId of found) resolved.push({ collection, itemId });
    }
  }
  return unknown > 0 ? refuse('namesUnknown', { count: unknown }) : ok(resolved);
}

/** An object and a record may have the same name. */
async function itemsNamed(
  customer: OpenCustomer,
  collection: string,
  name: string,
): Promise<readonly string[]> {
  const object = await customer.find(collection, name);
  const record = await customer.findRecord(collection, name);
  return [object, record].flatMap((row) => (row ? [row.id] : []));
}
