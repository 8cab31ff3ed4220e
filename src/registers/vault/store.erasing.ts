import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/** What is held of a customer: SHA-256 in hex over every object and record, and how much that is. */
export interface Held {
  readonly digest: string;
  readonly objects: number;
  readonly records: number;
  readonly bytes: number;
}

/**
 * The seal over everything that is held of a customer: what each object is called (sealed), the
 * SHA-256 of what is stored of it, and every record as it is stored. Two seals are the same exactly
 * if nothing was added, changed or lost. Rows are digested in 256 heaps, so that no statement ever
 * holds more than its share of a large account.
 */
export async function heldOf(db: Db, customerId: string): Promise<Held> {
  const { rows } = await sql<{ digest: string; objects: number; records: number; bytes: number }>`
    with row_digest as (
      select 'o' as kind, id, size, sha256(
        uuid_send(id) || convert_to(collection, 'UTF8') || name_index || sha256(sealed_name) || stored_sha256
          || sha256(coalesce(sealed_metadata, '')) || int4send(revision)) as digest
      from vault_object where customer_id = ${customerId}
      union all
      select 'r', id, length(sealed_value), sha256(
        uuid_send(id) || convert_to(collection, 'UTF8') || key_index || sha256(sealed_key)
          || sha256(sealed_value) || int4send(revision))
      from vault_record where customer_id = ${customerId}
    ), heap as (
      select kind, get_byte(uuid_send(id), 15) as heap, count(*) as n, sum(size) as bytes,
        sha256(string_agg(digest, ''::bytea order by id)) as digest
      from row_digest group by 1, 2
    )
    select encode(sha256(coalesce(string_agg(convert_to(kind, 'UTF8') || int4send(heap) || digest, ''::bytea
        order by kind, heap), '')), 'hex') as digest,
      coalesce(sum(n) filter (where kind = 'o'), 0)::int as objects,
      coalesce(sum(n) filter (where kind = 'r'), 0)::int as records,
      coalesce(sum(bytes), 0)::float8 as bytes
    from heap`.execute(db);
  return rows[0] ?? { digest: '', objects: 0, records: 0, bytes: 0 };
}

/** Keys of a customer in the register that are not destroyed yet. */
export async function keysOf(db: Db, customerId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from vault_key where customer_id = ${customerId} and destroyed_at is null
    order by made_at, id`.execute(db);
  return rows.map(({ id }) => id);
}

/** The keystore has no key of the customer any more. */
export async function recordKeysDestroyed(tx: Tx, customerId: string, at: Instant): Promise<void> {
  await sql`
    update vault_key set destroyed_at = ${at}
    where customer_id = ${customerId} and destroyed_at is null`.execute(tx);
}

/** Objects, records and files to be removed that are still there. */
export async function remainingOf(db: Db, customerId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select ((select count(*) from vault_object where customer_id = ${customerId})
      + (select count(*) from vault_record where customer_id = ${customerId})
      + (select count(*) from vault_discard where customer_id = ${customerId}))::int as n`.execute(
    db,
  );
  return rows[0]?.n ?? 0;
}

/**
 * Removes every row of what a customer entrusted, sealed names and all. Files become discards: they
 * are removed from the storage and only then forgotten.
 *
 * @returns how many of each
 */
export async function eraseContents(
  tx: Tx,
  customerId: string,
  now: Instant,
): Promise<Readonly<Record<string, number>>> {
  const objects = await sql`
    with gone as (delete from vault_object where customer_id = ${customerId} returning stored_as)
    insert into vault_discard (stored_as, customer_id, since)
    select stored_as, ${customerId}::uuid, ${now}::timestamptz from gone
    on conflict (stored_as) do nothing`.execute(tx);
  const records = await sql`
    delete from vault_record where customer_id = ${customerId}`.execute(tx);
  return {
    objects: Number(objects.numAffectedRows ?? 0),
    records: Number(records.numAffectedRows ?? 0),
  };
}

/** Files of a customer that no row names any more. */
export async function discardsOf(
  db: Db,
  customerId: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ stored_as: string }>`
    select stored_as from vault_discard where customer_id = ${customerId}
    order by stored_as limit ${limit}`.execute(db);
  return rows.map(({ stored_as }) => stored_as);
}

/** Files that were removed from the storage, and looked for. */
export async function forgetDiscards(db: Db, storedAs: readonly string[]): Promise<void> {
  await sql`delete from vault_discard where stored_as = any(${storedAs}::text[])`.execute(db);
}
