import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { discardFiles } from '../vault/store.discards.ts';
import type { ExportForm, ExportState } from './facts.ts';

/** An export as its page shows it. */
export interface ExportRow {
  readonly id: string;
  readonly customerId: string;
  readonly contactId: string | null;
  readonly form: ExportForm;
  readonly state: ExportState;
  readonly askedAt: Instant;
  readonly beganAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly itemsTotal: number;
  readonly bytesTotal: number;
  readonly itemsDone: number;
  readonly bytesDone: number;
  readonly objects: number;
  readonly records: number;
  readonly missed: number;
  readonly size: number | null;
  readonly sha256: Uint8Array | null;
  readonly failure: string | null;
}

const columns = sql`id, customer_id as "customerId", contact_id as "contactId", form, state, asked_at as "askedAt",
  began_at as "beganAt", finished_at as "finishedAt", expires_at as "expiresAt",
  items_total::float8 as "itemsTotal", bytes_total::float8 as "bytesTotal", items_done::float8 as "itemsDone",
  bytes_done::float8 as "bytesDone", objects::float8 as objects, records::float8 as records,
  missed::float8 as missed, size::float8 as size, sha256, failure`;

export interface NewExport {
  readonly id: string;
  readonly customerId: string;
  /** Who is told when it is there. */
  readonly contactId: string;
  readonly form: ExportForm;
  readonly now: Instant;
}

/** Puts an export in the queue of those that are to be made. */
export async function beginExport(tx: Tx, asked: NewExport): Promise<void> {
  const { id, customerId, contactId, form, now } = asked;
  await write(
    tx,
    sql`
      insert into portal_export (id, customer_id, contact_id, form, asked_at)
      values (${id}, ${customerId}, ${contactId}, ${form}, ${now})`,
  );
}

/** Whether an export of the account is not at its end. */
export async function isExportUnderWay(db: Db, customerId: string): Promise<boolean> {
  const { rows } = await sql`
    select from portal_export
    where customer_id = ${customerId} and state in ('asked', 'running')`.execute(db);
  return rows.length > 0;
}

/** Exports of an account, newest first. */
export async function exportsOf(
  db: Db,
  customerId: string,
  limit = 20,
): Promise<readonly ExportRow[]> {
  const { rows } = await sql<ExportRow>`
    select ${columns} from portal_export where customer_id = ${customerId}
    order by asked_at desc, id desc limit ${limit}`.execute(db);
  return rows;
}

export async function exportBy(db: Db, customerId: string, id: string): Promise<ExportRow | null> {
  const { rows } = await sql<ExportRow>`
    select ${columns} from portal_export where customer_id = ${customerId} and id = ${id}`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** Whose export it is; null where there is none. */
export async function customerOfExport(db: Db, id: string): Promise<string | null> {
  const { rows } = await sql<{ customerId: string }>`
    select customer_id as "customerId" from portal_export where id = ${id}`.execute(db);
  return rows[0]?.customerId ?? null;
}

/** Minutes after which work that gives no sign is taken over. */
const leaseMinutes = 2;

/**
 * Takes an export to work at: the oldest that nobody works at, or whose worker gave no sign. Each is
 * given to one worker at a time, however many nodes ask.
 */
export async function takeExport(db: Db, worker: string, now: Instant): Promise<ExportRow | null> {
  const { rows } = await sql<ExportRow>`
    update portal_export set state = 'running', worker = ${worker}, began_at = coalesce(began_at, ${now}),
      worker_until = ${now.add({ minutes: leaseMinutes })}
    where id = (
      select id from portal_export
      where state in ('asked', 'running') and (worker_until is null or worker_until <= ${now})
      order by asked_at for update skip locked limit 1)
    returning ${columns}`.execute(db);
  return rows[0] ?? null;
}

export interface Progress {
  readonly itemsTotal: number;
  readonly bytesTotal: number;
  readonly itemsDone: number;
  readonly bytesDone: number;
}

/** Says how far it is, and that the worker lives. False where the work was taken away or cancelled. */
export async function noteProgress(
  db: Db,
  id: string,
  worker: string,
  progress: Progress,
  now: Instant,
): Promise<boolean> {
  const { rows } = await sql`
    update portal_export set items_total = ${progress.itemsTotal}, bytes_total = ${progress.bytesTotal},
      items_done = ${progress.itemsDone}, bytes_done = ${progress.bytesDone},
      worker_until = ${now.add({ minutes: leaseMinutes })}
    where id = ${id} and worker = ${worker} and state = 'running' returning id`.execute(db);
  return rows.length === 1;
}

/** Lets go of an export, for another worker to go on at once. */
export async function releaseExport(db: Db, id: string, worker: string): Promise<void> {
  await sql`
    update portal_export set worker = null, worker_until = null
    where id = ${id} and worker = ${worker}`.execute(db);
}

/** A part of an archive that is complete, with where the next one begins. */
export interface ExportPart {
  readonly number: number;
  readonly storedAs: string;
  readonly trailAs: string;
  readonly keyVersion: number;
  readonly startsAt: number;
  readonly size: number;
  readonly trailSize: number;
  readonly items: number;
  readonly continues: ExportPlace;
}

/** Where in the account an export is: ids only. */
export interface ExportPlace {
  readonly phase: 'objects' | 'records' | 'closing' | 'end';
  readonly collection: string;
  readonly id: string | null;
  /** Number of the next file of records in the collection. */
  readonly file: number;
}

export async function partsOf(db: Db, exportId: string): Promise<readonly ExportPart[]> {
  const { rows } = await sql<ExportPart>`
    select number, stored_as as "storedAs", trail_as as "trailAs", key_version as "keyVersion",
      starts_at::float8 as "startsAt", size::float8 as size, trail_size::float8 as "trailSize", items, continues
    from portal_export_part where export_id = ${exportId} order by number`.execute(db);
  return rows;
}

/** Adds a part, if the worker still has the export. */
export async function savePart(
  tx: Tx,
  exportId: string,
  worker: string,
  part: ExportPart,
): Promise<boolean> {
  const { rows } = await sql`
    insert into portal_export_part (export_id, number, stored_as, trail_as, key_version, starts_at, size,
      trail_size, items, continues)
    select id, ${part.number}, ${part.storedAs}, ${part.trailAs}, ${part.keyVersion}, ${part.startsAt},
      ${part.size}, ${part.trailSize}, ${part.items}, ${JSON.stringify(part.continues)}::jsonb
    from portal_export where id = ${exportId} and worker = ${worker} and state = 'running' for update
    returning number`.execute(tx);
  return rows.length === 1;
}

/** Says of what is stored of an archive that nobody needs it any more, and forgets it. */
export async function discardParts(
  tx: Tx,
  exportId: string,
  customerId: string,
  now: Instant,
): Promise<void> {
  const { rows } = await sql<{ storedAs: string; trailAs: string }>`
    delete from portal_export_part where export_id = ${exportId}
    returning stored_as as "storedAs", trail_as as "trailAs"`.execute(tx);
  const files = rows.flatMap(({ storedAs, trailAs }) => [storedAs, trailAs]);
  await discardFiles(tx, customerId, files, now);
}

/** Removes every export of an account that ends, and leaves what is stored of them to be removed. */
export async function forgetExports(
  tx: Tx,
  customerId: string,
  now: Instant,
): Promise<{ readonly exports: number }> {
  const { rows } = await sql<{ id: string }>`
    select id from portal_export where customer_id = ${customerId} for update`.execute(tx);
  for (const { id } of rows) await discardParts(tx, id, customerId, now);
  await sql`delete from portal_export where customer_id = ${customerId}`.execute(tx);
  return { exports: rows.length };
}

/** Finished archives of an account that have a part under a key: with the key they can be read no more. */
export async function archivesUnder(
  db: Db,
  customerId: string,
  keyVersion: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct e.id from portal_export e join portal_export_part p on p.export_id = e.id
    where e.customer_id = ${customerId} and p.key_version = ${keyVersion} and e.state = 'done'`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** An archive by a link that is good, for whoever has the link. */
export async function archiveByLink(
  db: Db,
  hash: Uint8Array,
  now: Instant,
): Promise<{
  readonly exportId: string;
  readonly customerId: string;
  readonly contactId: string | null;
} | null> {
  const { rows } = await sql<NonNullable<Awaited<ReturnType<typeof archiveByLink>>>>`
    select d.export_id as "exportId", e.customer_id as "customerId", d.contact_id as "contactId"
    from portal_download d join portal_export e on e.id = d.export_id
    join customer_contact c on c.id = d.contact_id
    where d.hash = ${hash} and d.ended_at is null and d.expires_at > ${now} and e.state = 'done'
      and c.removed_at is null`.execute(db);
  return rows[0] ?? null;
}
