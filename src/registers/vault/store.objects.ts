import { type RawBuilder, sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/** What is known of an object without its customer's key. */
export interface ObjectRow {
  readonly id: string;
  readonly customerId: string;
  readonly collection: string;
  readonly nameIndex: Uint8Array;
  readonly sealedName: Uint8Array;
  /** Name in the object storage: two UUIDs. */
  readonly storedAs: string;
  readonly keyId: string;
  /** Version of the customer's key in the keystore. */
  readonly keyVersion: number;
  /** Bytes of plaintext. */
  readonly size: number;
  readonly storedSize: number;
  readonly storedSha256: Uint8Array;
  readonly sealedDigest: Uint8Array;
  readonly sealedMetadata: Uint8Array | null;
  readonly revision: number;
  readonly madeAt: Instant;
  readonly changedAt: Instant;
}

const columns = sql`
  o.id, o.customer_id as "customerId", o.collection, o.name_index as "nameIndex", o.sealed_name as "sealedName",
  o.stored_as as "storedAs", o.key_id as "keyId", k.version as "keyVersion", o.size, o.stored_size as "storedSize",
  o.stored_sha256 as "storedSha256", o.sealed_digest as "sealedDigest", o.sealed_metadata as "sealedMetadata",
  o.revision, o.made_at as "madeAt", o.changed_at as "changedAt"`;

function select(where: RawBuilder<unknown>): RawBuilder<ObjectRow> {
  return sql<ObjectRow>`
    select ${columns} from vault_object o join vault_key k on k.id = o.key_id where ${where}`;
}

export async function objectById(
  db: Db,
  customerId: string,
  id: string,
): Promise<ObjectRow | null> {
  const { rows } = await select(
    sql`o.id = ${id}::uuid and o.customer_id = ${customerId}::uuid`,
  ).execute(db);
  return rows[0] ?? null;
}

/** @param nameIndices the name under each key that the customer has */
export async function objectByName(
  db: Db,
  customerId: string,
  collection: string,
  nameIndices: readonly Uint8Array[],
): Promise<ObjectRow | null> {
  const { rows } = await select(sql`o.name_index = any(${[...nameIndices]}::bytea[])`).execute(db);
  return rows.find((row) => row.customerId === customerId && row.collection === collection) ?? null;
}

/** Objects of a collection (null: of all) in the order in which they were first made, after an id. */
export async function objectsAfter(
  db: Db,
  customerId: string,
  collection: string | null,
  after: string | null,
  limit: number,
): Promise<readonly ObjectRow[]> {
  const within = collection === null ? sql`true` : sql`o.collection = ${collection}`;
  const beyond = after === null ? sql`true` : sql`o.id > ${after}::uuid`;
  const { rows } = await sql<ObjectRow>`
    ${select(sql`o.customer_id = ${customerId}::uuid and ${within} and ${beyond}`)}
    order by o.id limit ${limit}`.execute(db);
  return rows;
}

/** Objects that a key still seals, some at a time. */
export async function objectsSealedWith(
  db: Db,
  keyId: string,
  limit: number,
): Promise<readonly ObjectRow[]> {
  const { rows } = await sql<ObjectRow>`
    ${select(sql`o.key_id = ${keyId}::uuid`)} order by o.id limit ${limit}`.execute(db);
  return rows;
}

/** What there is of a name, locked; for a write. */
export async function lockObject(
  tx: Tx,
  customerId: string,
  collection: string,
  nameIndices: readonly Uint8Array[],
): Promise<ObjectRow | null> {
  const { rows } = await sql<ObjectRow>`
    ${select(sql`o.name_index = any(${[...nameIndices]}::bytea[])`)} for update of o`.execute(tx);
  return rows.find((row) => row.customerId === customerId && row.collection === collection) ?? null;
}

export async function lockObjectById(
  tx: Tx,
  customerId: string,
  id: string,
): Promise<ObjectRow | null> {
  const { rows } = await sql<ObjectRow>`
    ${select(sql`o.id = ${id}::uuid and o.customer_id = ${customerId}::uuid`)} for update of o`.execute(
    tx,
  );
  return rows[0] ?? null;
}

/** @returns false where somebody else has just given the name an object: try again */
export async function insertObject(tx: Tx, row: ObjectRow): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into vault_object (id, customer_id, collection, name_index, sealed_name, stored_as, key_id, size,
      stored_size, stored_sha256, sealed_digest, sealed_metadata, revision, made_at, changed_at)
    values (${row.id}, ${row.customerId}, ${row.collection}, ${row.nameIndex}, ${row.sealedName}, ${row.storedAs},
      ${row.keyId}, ${row.size}, ${row.storedSize}, ${row.storedSha256}, ${row.sealedDigest},
      ${row.sealedMetadata}, ${row.revision}, ${row.madeAt}, ${row.changedAt})
    on conflict (name_index, customer_id, collection) do nothing`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Puts a row in the place of the one with its id, which the caller has locked. */
export async function replaceObject(tx: Tx, row: ObjectRow): Promise<void> {
  await write(
    tx,
    sql`
      update vault_object set name_index = ${row.nameIndex}, sealed_name = ${row.sealedName},
        stored_as = ${row.storedAs}, key_id = ${row.keyId}, size = ${row.size}, stored_size = ${row.storedSize},
        stored_sha256 = ${row.storedSha256}, sealed_digest = ${row.sealedDigest},
        sealed_metadata = ${row.sealedMetadata}, revision = ${row.revision}, changed_at = ${row.changedAt}
      where id = ${row.id}`,
  );
}

export async function deleteObject(tx: Tx, id: string): Promise<void> {
  await write(tx, sql`delete from vault_object where id = ${id}`);
}

/** Objects and bytes of each collection of a customer. */
export async function collectionsOf(
  db: Db,
  customerId: string,
): Promise<
  readonly {
    readonly collection: string;
    readonly objects: number;
    readonly objectBytes: number;
    readonly records: number;
    readonly recordBytes: number;
    readonly changedAt: Instant;
  }[]
> {
  const { rows } = await sql<Awaited<ReturnType<typeof collectionsOf>>[number]>`
    select collection, sum(objects)::bigint as objects, sum(object_bytes)::bigint as "objectBytes",
      sum(records)::bigint as records, sum(record_bytes)::bigint as "recordBytes", max(changed_at) as "changedAt"
    from (
      select collection, count(*) as objects, sum(size) as object_bytes, 0 as records, 0 as record_bytes,
        max(changed_at) as changed_at
      from vault_object where customer_id = ${customerId} group by collection
      union all
      select collection, 0, 0, count(*), sum(octet_length(sealed_value)), max(changed_at)
      from vault_record where customer_id = ${customerId} group by collection) as held
    group by collection order by collection`.execute(db);
  return rows;
}
