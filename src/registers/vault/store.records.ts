import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/** What is known of a record without its customer's key. */
export interface RecordRow {
  readonly id: string;
  readonly customerId: string;
  readonly collection: string;
  readonly keyIndex: Uint8Array;
  readonly sealedKey: Uint8Array;
  readonly sealedValue: Uint8Array;
  readonly keyId: string;
  readonly keyVersion: number;
  readonly revision: number;
  readonly madeAt: Instant;
  readonly changedAt: Instant;
}

const columns = sql`
  r.id, r.customer_id as "customerId", r.collection, r.key_index as "keyIndex", r.sealed_key as "sealedKey",
  r.sealed_value as "sealedValue", r.key_id as "keyId", k.version as "keyVersion", r.revision,
  r.made_at as "madeAt", r.changed_at as "changedAt"`;

const from = sql`from vault_record r join vault_key k on k.id = r.key_id`;

export async function recordById(
  db: Db,
  customerId: string,
  id: string,
): Promise<RecordRow | null> {
  const { rows } = await sql<RecordRow>`
    select ${columns} ${from} where r.id = ${id}::uuid and r.customer_id = ${customerId}::uuid`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** @param keyIndices each wanted key under each key of the keystore that the customer has */
export async function recordsByKey(
  db: Db,
  customerId: string,
  collection: string,
  keyIndices: readonly Uint8Array[],
): Promise<readonly RecordRow[]> {
  const { rows } = await sql<RecordRow>`
    select ${columns} ${from} where r.key_index = any(${[...keyIndices]}::bytea[])`.execute(db);
  return rows.filter((row) => row.customerId === customerId && row.collection === collection);
}

/** A record as far as reading its value needs it. */
export type SealedRecord = Pick<
  RecordRow,
  'id' | 'customerId' | 'collection' | 'keyIndex' | 'sealedValue' | 'keyId' | 'revision'
>;

/** Records by their keyed hashes, whosever they are: the caller tells them apart. */
export async function sealedRecords(
  db: Db,
  keyIndices: readonly Uint8Array[],
): Promise<readonly SealedRecord[]> {
  const { rows } = await sql<SealedRecord>`
    select id, customer_id as "customerId", collection, key_index as "keyIndex", sealed_value as "sealedValue",
      key_id as "keyId", revision
    from vault_record where key_index = any(${[...keyIndices]}::bytea[])`.execute(db);
  return rows;
}

/** As `recordsByKey`; until the transaction ends nobody else changes them. */
export async function lockRecords(
  tx: Tx,
  customerId: string,
  collection: string,
  keyIndices: readonly Uint8Array[],
): Promise<readonly RecordRow[]> {
  // In one order, so that two who lock the same wait for each other and never both.
  const { rows } = await sql<RecordRow>`
    select ${columns} ${from} where r.key_index = any(${[...keyIndices]}::bytea[])
    order by r.id for update of r`.execute(tx);
  return rows.filter((row) => row.customerId === customerId && row.collection === collection);
}

/** Records of a collection (null: of all) in the order in which they were first made, after an id. */
export async function recordsAfter(
  db: Db,
  customerId: string,
  collection: string | null,
  after: string | null,
  limit: number,
): Promise<readonly RecordRow[]> {
  const within = collection === null ? sql`true` : sql`r.collection = ${collection}`;
  const beyond = after === null ? sql`true` : sql`r.id > ${after}::uuid`;
  const { rows } = await sql<RecordRow>`
    select ${columns} ${from} where r.customer_id = ${customerId}::uuid and ${within} and ${beyond}
    order by r.id limit ${limit}`.execute(db);
  return rows;
}

export async function recordsSealedWith(
  db: Db,
  keyId: string,
  limit: number,
): Promise<readonly RecordRow[]> {
  const { rows } = await sql<RecordRow>`
    select ${columns} ${from} where r.key_id = ${keyId}::uuid order by r.id limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** A record as it is to be. `found`: the revision that is there now; null where none is. */
export interface RecordChange {
  readonly id: string;
  readonly found: number | null;
  readonly keyIndex: Uint8Array;
  readonly sealedKey: Uint8Array;
  readonly sealedValue: Uint8Array;
}

/**
 * Writes records set-based, on the way to the commit: new ones are inserted, and where somebody else
 * was faster the transaction fails; known ones, held by `lockRecords`, are replaced.
 */
export async function writeRecords(
  tx: Tx,
  place: { readonly customerId: string; readonly collection: string; readonly keyId: string },
  changes: readonly RecordChange[],
  now: Instant,
): Promise<void> {
  const made = changes.filter(({ found }) => found === null);
  const known = changes.filter(({ found }) => found !== null);
  if (made.length > 0) {
    await write(
      tx,
      sql`
      insert into vault_record (id, customer_id, collection, key_index, sealed_key, sealed_value, key_id, made_at, changed_at)
      select t.id, ${place.customerId}, ${place.collection}, t.key_index, t.sealed_key, t.sealed_value, ${place.keyId}, ${now}, ${now}
      from unnest(${made.map(({ id }) => id)}::uuid[], ${made.map((each) => each.keyIndex)}::bytea[],
        ${made.map((each) => each.sealedKey)}::bytea[], ${made.map((each) => each.sealedValue)}::bytea[])
        as t (id, key_index, sealed_key, sealed_value)`,
    );
  }
  if (known.length > 0) {
    await write(
      tx,
      sql`
      update vault_record r set key_index = t.key_index, sealed_key = t.sealed_key, sealed_value = t.sealed_value,
        key_id = ${place.keyId}, revision = r.revision + 1, changed_at = ${now}
      from unnest(${known.map(({ id }) => id)}::uuid[], ${known.map((each) => each.keyIndex)}::bytea[],
        ${known.map((each) => each.sealedKey)}::bytea[], ${known.map((each) => each.sealedValue)}::bytea[])
        as t (id, key_index, sealed_key, sealed_value)
      where r.id = t.id`,
    );
  }
}

/** Seals records with another key, as they are: neither their revision nor their date changes. */
export async function resealRecords(
  tx: Tx,
  keyId: string,
  changes: readonly RecordChange[],
): Promise<void> {
  await sql`
    update vault_record r set key_index = t.key_index, sealed_key = t.sealed_key, sealed_value = t.sealed_value,
      key_id = ${keyId}
    from unnest(${changes.map(({ id }) => id)}::uuid[], ${changes.map(({ found }) => found)}::int[],
      ${changes.map((each) => each.keyIndex)}::bytea[], ${changes.map((each) => each.sealedKey)}::bytea[],
      ${changes.map((each) => each.sealedValue)}::bytea[]) as t (id, found, key_index, sealed_key, sealed_value)
    where r.id = t.id and r.revision = t.found`.execute(tx);
}

/** Deletes a record as it was found. */
export async function deleteRecord(tx: Tx, id: string, revision: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from vault_record where id = ${id} and revision = ${revision}`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}
