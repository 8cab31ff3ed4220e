import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/** An upload in parts. */
export interface UploadRow {
  readonly id: string;
  readonly customerId: string;
  readonly collection: string;
  readonly sealedName: Uint8Array;
  readonly sealedMetadata: Uint8Array | null;
  readonly keyId: string;
  readonly keyVersion: number;
  readonly storedAs: string;
  /** Header and nonce of the age file. */
  readonly header: Uint8Array;
  readonly token: string;
  readonly size: number;
  readonly partBytes: number;
  readonly begunAt: Instant;
  readonly expiresAt: Instant;
  readonly completedAt: Instant | null;
  readonly objectId: string | null;
  readonly revision: number | null;
}

export interface PartRow {
  readonly number: number;
  readonly size: number;
  readonly digestIndex: Uint8Array;
  /** Null until the part is durable. */
  readonly mark: string | null;
}

export async function insertUpload(
  tx: Tx,
  row: Omit<UploadRow, 'keyVersion' | 'completedAt' | 'objectId' | 'revision'>,
): Promise<void> {
  await sql`
    insert into vault_upload (id, customer_id, collection, sealed_name, sealed_metadata, key_id, stored_as, header,
      token, size, part_bytes, begun_at, expires_at)
    values (${row.id}, ${row.customerId}, ${row.collection}, ${row.sealedName}, ${row.sealedMetadata}, ${row.keyId},
      ${row.storedAs}, ${row.header}, ${row.token}, ${row.size}, ${row.partBytes}, ${row.begunAt}, ${row.expiresAt})`.execute(
    tx,
  );
}

const columns = sql`
  u.id, u.customer_id as "customerId", u.collection, u.sealed_name as "sealedName",
  u.sealed_metadata as "sealedMetadata", u.key_id as "keyId", k.version as "keyVersion", u.stored_as as "storedAs",
  u.header, u.token, u.size, u.part_bytes as "partBytes", u.begun_at as "begunAt", u.expires_at as "expiresAt",
  u.completed_at as "completedAt", u.object_id as "objectId", u.revision`;

export async function uploadById(
  db: Db,
  customerId: string,
  id: string,
): Promise<UploadRow | null> {
  const { rows } = await sql<UploadRow>`
    select ${columns} from vault_upload u join vault_key k on k.id = u.key_id
    where u.id = ${id}::uuid and u.customer_id = ${customerId}::uuid`.execute(db);
  return rows[0] ?? null;
}

export async function lockUpload(tx: Tx, id: string): Promise<UploadRow | null> {
  const { rows } = await sql<UploadRow>`
    select ${columns} from vault_upload u join vault_key k on k.id = u.key_id
    where u.id = ${id}::uuid for update of u`.execute(tx);
  return rows[0] ?? null;
}

export async function partsOf(db: Db, uploadId: string): Promise<readonly PartRow[]> {
  const { rows } = await sql<PartRow>`
    select number, size, digest_index as "digestIndex", mark from vault_upload_part
    where upload_id = ${uploadId} order by number`.execute(db);
  return rows;
}

/**
 * Says of a part what it is, before it is sealed; the first word holds.
 *
 * @returns what the number was given, now or before
 */
export async function claimPart(
  db: Db,
  uploadId: string,
  part: Omit<PartRow, 'mark'>,
): Promise<PartRow | null> {
  await sql`
    insert into vault_upload_part (upload_id, number, size, digest_index)
    values (${uploadId}, ${part.number}, ${part.size}, ${part.digestIndex})
    on conflict do nothing`.execute(db);
  const { rows } = await sql<PartRow>`
    select number, size, digest_index as "digestIndex", mark from vault_upload_part
    where upload_id = ${uploadId} and number = ${part.number}`.execute(db);
  return rows[0] ?? null;
}

export async function markPart(
  db: Db,
  uploadId: string,
  number: number,
  mark: string,
): Promise<void> {
  await sql`
    update vault_upload_part set mark = ${mark}
    where upload_id = ${uploadId} and number = ${number}`.execute(db);
}

/** The upload has become an object; who completes it again is answered the same. Its parts are forgotten. */
export async function completeUpload(
  tx: Tx,
  uploadId: string,
  outcome: { readonly objectId: string; readonly revision: number; readonly at: Instant },
): Promise<void> {
  await write(
    tx,
    sql`
      update vault_upload set completed_at = ${outcome.at}, object_id = ${outcome.objectId},
        revision = ${outcome.revision} where id = ${uploadId}`,
  );
  await write(tx, sql`delete from vault_upload_part where upload_id = ${uploadId}`);
}

export async function forgetUpload(db: Db, uploadId: string): Promise<void> {
  await sql`delete from vault_upload where id = ${uploadId}`.execute(db);
}

/** Uploads to be forgotten: past their date, or of accounts that are not open any more. */
export async function staleUploads(
  db: Db,
  now: Instant,
  limit: number,
): Promise<readonly UploadRow[]> {
  const { rows } = await sql<UploadRow>`
    select ${columns} from vault_upload u join vault_key k on k.id = u.key_id join customer c on c.id = u.customer_id
    where u.expires_at <= ${now} or c.state in ('erasing', 'gone') order by u.expires_at limit ${limit}`.execute(
    db,
  );
  return rows;
}
