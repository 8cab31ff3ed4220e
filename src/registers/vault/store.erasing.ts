import { type RawBuilder, sql } from 'kysely';
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
          || sha256(sealed_digest) || sha256(coalesce(sealed_metadata, '')) || int4send(revision)) as digest
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
 * Removes objects and records, and what is held shrinks by them. Files become discards: they are
 * removed from the storage and only then forgotten.
 */
async function removeContents(
  tx: Tx,
  which: RawBuilder<unknown>,
  now: Instant,
): Promise<{ readonly objects: number; readonly records: number }> {
  const { rows } = await sql<{ objects: number; records: number }>`
    with object as (
      delete from vault_object where ${which} returning customer_id, stored_as, size
    ), record as (
      delete from vault_record where ${which} returning customer_id, octet_length(sealed_value) as size
    ), discard as (
      insert into vault_discard (stored_as, customer_id, since, not_before)
      select stored_as, customer_id, ${now}::timestamptz, ${now}::timestamptz from object
      on conflict (stored_as) do update set not_before = excluded.not_before
    ), gone as (
      select customer_id, count(*) as objects, sum(size) as object_bytes, 0 as records, 0 as record_bytes
      from object group by 1
      union all
      select customer_id, 0, 0, count(*), sum(size) from record group by 1
    ), usage as (
      insert into vault_usage as u (owner_id, shard, objects, object_bytes, records, record_bytes)
      select owner.id, 0, -sum(objects), -sum(object_bytes), -sum(records), -sum(record_bytes)
      from gone join customer on customer.id = gone.customer_id
      cross join lateral (values (customer.id), (customer.product_id)) owner (id)
      group by owner.id
      on conflict (owner_id, shard) do update set objects = u.objects + excluded.objects,
        object_bytes = u.object_bytes + excluded.object_bytes, records = u.records + excluded.records,
        record_bytes = u.record_bytes + excluded.record_bytes
    )
    select coalesce(sum(objects), 0)::int as objects, coalesce(sum(records), 0)::int as records
    from gone`.execute(tx);
  return rows[0] ?? { objects: 0, records: 0 };
}

/** Removes objects and records by their ids, whoever's they are. */
export async function disposeContents(tx: Tx, ids: readonly string[], now: Instant): Promise<void> {
  await removeContents(tx, sql`id = any(${ids}::uuid[])`, now);
}

/**
 * Removes every row of what a customer entrusted, sealed names and all, with uploads under way and
 * answers to writes. Which keys there were, and how often they were used, stays (RET-6).
 *
 * @returns how many of each
 */
export async function eraseContents(
  tx: Tx,
  customerId: string,
  now: Instant,
): Promise<Readonly<Record<string, number>>> {
  const theirs = sql`customer_id = ${customerId}::uuid`;
  const contents = await removeContents(tx, theirs, now);
  const uploads = await sql`delete from vault_upload where ${theirs}`.execute(tx);
  await sql`delete from vault_answer where ${theirs}`.execute(tx);
  await sql`delete from vault_usage where owner_id = ${customerId}`.execute(tx);
  await sql`delete from vault_quota where owner_id = ${customerId}`.execute(tx);
  return { ...contents, uploads: Number(uploads.numAffectedRows ?? 0) };
}

/** Uploads of a customer that were begun and have no object: what the storage calls them. */
export async function uploadsOf(
  db: Db,
  customerId: string,
): Promise<readonly { readonly name: string; readonly token: string }[]> {
  const { rows } = await sql<{ name: string; token: string }>`
    select stored_as as name, token from vault_upload
    where customer_id = ${customerId} and completed_at is null order by id`.execute(db);
  return rows;
}

/** Forgets every file of a customer: the storage was emptied of them, and looked through. */
export async function forgetDiscardsOf(tx: Tx, customerId: string): Promise<void> {
  await sql`delete from vault_discard where customer_id = ${customerId}`.execute(tx);
}
