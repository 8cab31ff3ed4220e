import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import { customerQuota, productQuota } from './facts.ts';
import type { Standing } from './store.keys.ts';
import type { RecordChange } from './store.records.ts';
import type { UnwrapCount } from './store.unwraps.ts';
import { shards } from './store.usage.ts';

/** Who asks for whom, as all of it was when it was last read. */
export interface SwiftAccount {
  readonly tokenId: string;
  readonly productId: string;
  readonly customerId: string;
  /** By which the product calls the customer. */
  readonly customerKey: string;
  readonly custody: Standing['custody'];
  /** All keys of the customer that are not destroyed, oldest first. */
  readonly keyIds: readonly string[];
}

export type SwiftRecord = Pick<RecordChange, 'id' | 'keyIndex' | 'sealedKey' | 'sealedValue'>;

export interface SwiftWritten {
  readonly id: string;
  readonly keyIndex: Uint8Array;
  readonly revision: number;
}

/**
 * Holds a customer's account as it is until the transaction ends. A statement of its own: the next
 * one sees what those did who held the account before.
 */
export async function holdAccount(db: Db, customerId: string): Promise<void> {
  await sql`select from customer where id = ${customerId} for share`.execute(db);
}

/**
 * Counts unwrappings where everything still is as `account` says: the token valid, the customer open
 * and called so by that product, the keys those. Otherwise counts nothing and says so.
 */
export async function countWhereHeld(
  db: Db,
  account: SwiftAccount,
  {
    id,
    purpose,
    operations,
    from,
    to,
  }: Omit<UnwrapCount, 'customerId' | 'kind' | 'byId' | 'personId'>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into vault_unwrap as u (id, customer_id, by_kind, by_id, purpose, operations, from_at, to_at)
    select ${id}::uuid, held.id, 'service', ${account.tokenId}, ${purpose}, ${operations}::int,
      ${from}::timestamptz, ${to}::timestamptz
    from (${holding(account, to)}) as held
    on conflict (customer_id, by_kind, by_id, purpose, from_at)
      where entry_id is null and by_kind in ('service', 'system')
      do update set operations = u.operations + excluded.operations, to_at = greatest(u.to_at, excluded.to_at)
    returning 1`.execute(db);
  return rows.length > 0;
}

/**
 * Writes records of a customer with one key, new ones and known ones, where everything still is as
 * `account` says, and there is room for all of them even if all were new; otherwise none, and
 * answers none. To be asked behind `holdAccount`, in the same transaction.
 *
 * @param shard of the usage; any number
 * @throws of PostgreSQL `23502` where somebody else made one of them in the same moment: how much was
 *   replaced is then not known, and what is held would be counted wrong
 */
export async function putRecords(
  db: Db,
  account: SwiftAccount,
  collection: string,
  records: readonly SwiftRecord[],
  { shard, now }: { readonly shard: number; readonly now: Instant },
): Promise<readonly SwiftWritten[]> {
  const { customerId, keyIds } = account;
  const [keyId] = keyIds;
  invariant(
    keyId !== undefined && keyIds.length === 1,
    'while two keys seal, records have two indices',
  );
  const indices = records.map(({ keyIndex }) => keyIndex);
  const bytes = records.reduce((sum, { sealedValue }) => sum + sealedValue.length, 0);
  // Looked up by the hash alone, in which customer and collection are: see migration 0004. What is
  // `held` is joined so that it is read, and kept from others, before it is replaced.
  const { rows } = await sql<SwiftWritten>`
    with account as (${holding(account, now)}),
    room as (${roomFor(account, records.length, bytes)}),
    held as (
      select r.key_index, octet_length(r.sealed_value) as size from vault_record r
      where r.key_index = any(${indices}::bytea[]) order by r.key_index for update),
    put as (
      insert into vault_record as r
        (id, customer_id, collection, key_index, sealed_key, sealed_value, key_id, made_at, changed_at)
      select t.id, ${customerId}::uuid, ${collection}, t.key_index, t.sealed_key, t.sealed_value,
        ${keyId}::uuid, ${now}::timestamptz, ${now}::timestamptz
      from unnest(${records.map(({ id }) => id)}::uuid[], ${indices}::bytea[],
          ${records.map(({ sealedKey }) => sealedKey)}::bytea[],
          ${records.map(({ sealedValue }) => sealedValue)}::bytea[])
          as t (id, key_index, sealed_key, sealed_value)
        left join held h on h.key_index = t.key_index
      where exists (select from account) and exists (select from room)
      on conflict (key_index, customer_id, collection) do update
        set sealed_key = excluded.sealed_key, sealed_value = excluded.sealed_value,
          key_id = excluded.key_id, revision = r.revision + 1, changed_at = excluded.changed_at
      returning r.id, r.key_index, r.revision, octet_length(r.sealed_value) as size),
    used as (${adding(account, shard)})
    select id, key_index as "keyIndex", revision from put`.execute(db);
  return rows;
}

/** The customer's row where token, product, customer and keys are what they were; none otherwise. */
function holding(account: SwiftAccount, now: Instant) {
  const { tokenId, productId, customerId, customerKey, custody, keyIds } = account;
  return sql`
    select c.id from customer c join product p on p.id = c.product_id join vault_service s on s.product_id = p.id
    where c.id = ${customerId}::uuid and c.key = ${customerKey} and c.state = 'open'
      and p.id = ${productId}::uuid and p.custody = ${custody}
      and s.token_id = ${tokenId}::uuid and s.revoked_at is null and s.expires_at > ${now}::timestamptz
      and ${[...keyIds]}::uuid[] = array(select k.id from vault_key k
        where k.customer_id = c.id and k.destroyed_at is null order by k.version)`;
}

/** One row where both the customer and their product may hold so much more; none otherwise. */
function roomFor({ customerId, productId }: SwiftAccount, records: number, bytes: number) {
  return sql`
    select from (
      select coalesce(q.records, o.records) - coalesce(sum(u.records), 0) as records,
        coalesce(q.bytes, o.bytes) - coalesce(sum(u.object_bytes + u.record_bytes), 0) as bytes
      from (values (${customerId}::uuid, ${customerQuota.records}::bigint, ${customerQuota.bytes}::bigint),
          (${productId}::uuid, ${productQuota.records}::bigint, ${productQuota.bytes}::bigint))
          as o (id, records, bytes)
        left join vault_quota q on q.owner_id = o.id left join vault_usage u on u.owner_id = o.id
      group by o.id, o.records, o.bytes, q.records, q.bytes) as left_over
    having min(records) >= ${records}::int and min(bytes) >= ${bytes}::bigint`;
}

/**
 * Adds what `put` changed to both usages, the customer's first, always. Where a record was replaced
 * that was not `held`, its sum is null, which no row takes.
 */
function adding({ customerId, productId }: SwiftAccount, shard: number) {
  return sql`
    insert into vault_usage as u (owner_id, shard, objects, object_bytes, records, record_bytes)
    select o.id, ${Math.abs(shard) % shards}::smallint, 0, 0, count(*) filter (where put.revision = 1),
      case when bool_and(put.revision = 1 or held.size is not null)
        then sum(put.size - coalesce(held.size, 0)) end
    from put left join held on held.key_index = put.key_index
      cross join (values (1, ${customerId}::uuid), (2, ${productId}::uuid)) as o (n, id)
    group by o.n, o.id order by o.n
    on conflict (owner_id, shard) do update set records = u.records + excluded.records,
      record_bytes = u.record_bytes + excluded.record_bytes`;
}
