import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { discardFiles } from './store.discards.ts';
import { addUsage } from './store.usage.ts';

/** What a customer takes out of the vault at one go. */
type Clearing =
  /** A collection; null: everything. */
  | { readonly collection: string | null }
  | { readonly objects: readonly string[]; readonly records: readonly string[] };

/**
 * Removes objects and records of a customer, set-based; their files are left to be removed. The
 * caller holds the customer's row and has seen that the account is open.
 *
 * @returns how many there were
 */
export async function clearHeld(
  tx: Tx,
  owner: { readonly customerId: string; readonly productId: string },
  what: Clearing,
  now: Instant,
): Promise<{ readonly objects: number; readonly records: number }> {
  const { customerId } = owner;
  const within =
    'collection' in what && what.collection !== null
      ? sql`collection = ${what.collection}`
      : sql`true`;
  const only = (ids: readonly string[] | null) =>
    ids === null ? sql`true` : sql`id = any(${[...ids]}::uuid[])`;
  const named = 'objects' in what ? what : { objects: null, records: null };
  const objects = await sql<{ storedAs: string; size: number }>`
    delete from vault_object where customer_id = ${customerId} and ${within} and ${only(named.objects)}
    returning stored_as as "storedAs", size::float8 as size`.execute(tx);
  const records = await sql<{ n: number; bytes: number }>`
    with gone as (
      delete from vault_record where customer_id = ${customerId} and ${within} and ${only(named.records)}
      returning octet_length(sealed_value) as bytes)
    select count(*)::int as n, coalesce(sum(bytes), 0)::float8 as bytes from gone`.execute(tx);
  await discardFiles(
    tx,
    customerId,
    objects.rows.map(({ storedAs }) => storedAs),
    now,
  );
  const counts = { objects: objects.rows.length, records: records.rows[0]?.n ?? 0 };
  if (counts.objects + counts.records > 0) {
    await addUsage(tx, owner, 0, {
      objects: -counts.objects,
      objectBytes: -objects.rows.reduce((sum, { size }) => sum + size, 0),
      records: -counts.records,
      recordBytes: -(records.rows[0]?.bytes ?? 0),
    });
  }
  return counts;
}

/** How much is there that was there at an instant already. */
export async function heldSince(
  db: Db,
  customerId: string,
  at: Instant,
): Promise<{ readonly objects: number; readonly records: number }> {
  const { rows } = await sql<{ objects: number; records: number }>`
    select
      (select count(*) from vault_object where customer_id = ${customerId} and made_at <= ${at})::int as objects,
      (select count(*) from vault_record where customer_id = ${customerId} and made_at <= ${at})::int as records`.execute(
    db,
  );
  return rows[0] ?? { objects: 0, records: 0 };
}
