import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { ImportKind } from './facts.ts';

/** Imports as whoever works on them keeps them: received, taken up, held, put off, swept. */

/** An import that a process has taken up. */
export interface HeldImport {
  readonly id: string;
  /** The process that has it, until another takes it over. */
  readonly holder: string;
  readonly kind: ImportKind;
  readonly way: 'file' | 'feed';
  readonly origin: string;
  readonly part: string;
  readonly position: number;
  readonly attempts: number;
  readonly beganAt: Instant;
}

/**
 * Takes up the oldest import that waits, or whose process has not been heard of. No two processes
 * ever hold the same.
 */
export async function takeImport(
  db: Db,
  {
    now,
    holder,
    until,
  }: { readonly now: Instant; readonly holder: string; readonly until: Instant },
): Promise<HeldImport | null> {
  const { rows } = await sql<HeldImport>`
    update advisory_import set state = 'running', holder = ${holder}, held_until = ${until},
      attempts = attempts + 1, retry_at = null
    where id = (
      select id from advisory_import
      where state in ('waiting', 'running') and coalesce(retry_at, began_at) <= ${now}
        and (held_until is null or held_until <= ${now} or holder = ${holder})
      order by began_at, id limit 1 for update skip locked)
    returning id, holder, kind, way, origin, part, position, attempts, began_at as "beganAt"`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** @returns whether the import is still this holder's and under way */
export async function holdImport(
  db: Db,
  { id, holder }: { readonly id: string; readonly holder: string },
  until: Instant,
): Promise<boolean> {
  const { rows } = await sql`
    update advisory_import set held_until = ${until}
    where id = ${id} and holder = ${holder} and state = 'running' returning id`.execute(db);
  return rows.length === 1;
}

/** Keeps this holder's import for another try; what was taken of it stays taken. */
export async function putImportOff(
  db: Db,
  { id, holder }: { readonly id: string; readonly holder: string },
  {
    until,
    problem,
    detail,
  }: { readonly until: Instant; readonly problem: string; readonly detail: string },
): Promise<void> {
  await sql`
    update advisory_import set state = 'waiting', holder = null, held_until = null,
      retry_at = ${until}, problem = ${problem}, detail = ${detail}
    where id = ${id} and holder = ${holder} and state = 'running'`.execute(db);
}

/**
 * Begins another part of the same import: its entries are counted from the first.
 *
 * @param how where the part is the one that was begun, it goes on; else it begins anew
 * @returns how many of its entries have been taken; null where the import is no longer this holder's
 */
export async function beginPart(
  db: Db,
  { id, holder }: { readonly id: string; readonly holder: string },
  part: string,
  how: 'goesOn' | 'anew',
): Promise<number | null> {
  const stays = sql`part = ${part} and ${how === 'goesOn'}`;
  const { rows } = await sql<{ position: number }>`
    update advisory_import set part = ${part},
      position = case when ${stays} then position else 0 end,
      entries = case when ${stays} then entries end
    where id = ${id} and holder = ${holder} and state = 'running' returning position`.execute(db);
  return rows[0]?.position ?? null;
}

/** Lets go of an import whose process ends: the next one need not wait for it. */
export async function letImportGo(
  db: Db,
  { id, holder }: { readonly id: string; readonly holder: string },
): Promise<void> {
  await sql`
    update advisory_import set state = 'waiting', holder = null, held_until = null,
      attempts = attempts - 1
    where id = ${id} and holder = ${holder} and state = 'running'`.execute(db);
}

/** A piece of an archive, from 0 without gaps. */
export interface Piece {
  readonly importId: string;
  readonly part: string;
  readonly piece: number;
  readonly bytes: Uint8Array;
  readonly mark?: string;
}

export async function savePiece(db: Db, piece: Piece, now: Instant): Promise<void> {
  const { importId, part, bytes, mark = '' } = piece;
  await sql`
    insert into advisory_piece (import_id, part, piece, bytes, mark, received_at)
    values (${importId}, ${part}, ${piece.piece}, ${Buffer.from(bytes)}, ${mark}, ${now})
    on conflict (import_id, part, piece) do update set
      bytes = excluded.bytes, mark = excluded.mark, received_at = excluded.received_at`.execute(db);
}

interface KeptPieces {
  readonly pieces: number;
  readonly bytes: number;
  /** State of the archive that all of them are of; null where they are of several. */
  readonly mark: string | null;
}

export async function keptPieces(db: Db, importId: string, part: string): Promise<KeptPieces> {
  const { rows } = await sql<KeptPieces>`
    select count(*)::int as pieces, coalesce(sum(length(bytes)), 0) as bytes,
      case when count(distinct mark) <= 1 then coalesce(max(mark), '') end as mark
    from advisory_piece where import_id = ${importId} and part = ${part}`.execute(db);
  const [row] = rows;
  return { pieces: row?.pieces ?? 0, bytes: Number(row?.bytes ?? 0), mark: row?.mark ?? null };
}

/** The pieces of an archive in order, one in memory at a time. */
export async function* readPieces(
  db: Db,
  importId: string,
  part: string,
): AsyncGenerator<Uint8Array> {
  for (let piece = 0; ; piece++) {
    const { rows } = await sql<{ bytes: Buffer }>`
      select bytes from advisory_piece
      where import_id = ${importId} and part = ${part} and piece = ${piece}`.execute(db);
    const [row] = rows;
    if (!row) return;
    yield row.bytes;
  }
}

export async function dropPieces(db: Db, importId: string, part: string | null): Promise<void> {
  await sql`
    delete from advisory_piece
    where import_id = ${importId} and (${part}::text is null or part = ${part})`.execute(db);
}

/** Removes pieces of what was never asked for: an upload that was cut off. @returns how many */
export async function sweepPieces(db: Db, before: Instant): Promise<number> {
  const { rows } = await sql`
    delete from advisory_piece p where received_at < ${before} and not exists (
      select from advisory_import i
      where i.id = p.import_id and i.state in ('waiting', 'running'))
    returning piece`.execute(db);
  return rows.length;
}

/** Feeds that are on, and whose turn it is. */
export async function dueFeeds(db: Db, now: Instant): Promise<readonly ImportKind[]> {
  const { rows } = await sql<{ kind: ImportKind }>`
    select kind from advisory_feed f
    where is_on and next_at <= ${now} and not exists (
      select from advisory_import i
      where i.kind = f.kind and i.way = 'feed' and i.state in ('waiting', 'running'))
    order by kind`.execute(db);
  return rows.map(({ kind }) => kind);
}

/** How far an ecosystem of the bucket has been read; null where it never was. */
interface EcosystemRead {
  readonly modifiedAt: Instant;
  readonly importId: string | null;
}

export async function ecosystemRead(db: Db, ecosystem: string): Promise<EcosystemRead | null> {
  const { rows } = await sql<EcosystemRead>`
    select modified_at as "modifiedAt", import_id as "importId" from advisory_feed_read
    where ecosystem = ${ecosystem}`.execute(db);
  return rows[0] ?? null;
}

/**
 * Everything modified until then has been taken.
 *
 * @param importId the import that has read it to its end; null where it is on its way
 */
export async function saveEcosystemRead(
  db: Db,
  ecosystem: string,
  modifiedAt: Instant,
  importId: string | null,
): Promise<void> {
  await sql`
    insert into advisory_feed_read (ecosystem, modified_at, import_id)
    values (${ecosystem}, ${modifiedAt}, ${importId})
    on conflict (ecosystem) do update set
      modified_at = greatest(excluded.modified_at, advisory_feed_read.modified_at),
      import_id = coalesce(excluded.import_id, advisory_feed_read.import_id)`.execute(db);
}
