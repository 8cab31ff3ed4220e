import { type RawBuilder, sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Observation } from '../connections/facts.connector.ts';
import type { OpenRead } from './facts.observed.ts';

/**
 * Reads under way. What a source shows is laid down page by page in the order in which it came, and
 * changes nothing until the read is recorded as a whole.
 */

export interface NewOpenRead extends OpenRead {
  /** The token that opened it over HTTP and alone may go on with it. */
  readonly tokenId?: string | null;
}

export async function openRead(tx: Tx, read: NewOpenRead): Promise<void> {
  await sql`
    insert into open_read (id, system_id, source, opened_at, changes, aspects, token_id)
    values (${read.id}, ${read.systemId}, ${read.source}, ${read.openedAt}, ${read.changes},
      ${read.aspects}::text[], ${read.tokenId ?? null})`.execute(tx);
}

export async function findOpenRead(
  db: Db,
  id: string,
): Promise<
  | (OpenRead & { readonly tokenId: string | null; readonly observations: number; pages: number })
  | null
> {
  const { rows } = await sql<
    OpenRead & { tokenId: string | null; observations: number; pages: number }
  >`
    select id, system_id as "systemId", source, opened_at as "openedAt", changes, aspects,
      token_id as "tokenId", observations, pages
    from open_read where id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Forgets a read that will not be recorded, and what it showed. */
export async function dropRead(tx: Tx, id: string): Promise<void> {
  await sql`delete from staged_fact where read_id = ${id}`.execute(tx);
  await sql`delete from staged_held where read_id = ${id}`.execute(tx);
  await sql`delete from open_read where id = ${id}`.execute(tx);
}

/** Closes a read that was recorded; what it showed lies there until {@link sweepStaged}. */
export async function closeRead(tx: Tx, id: string): Promise<void> {
  await sql`delete from open_read where id = ${id}`.execute(tx);
}

/**
 * Throws away what was staged for reads that are over. Where none is under way that is the whole of both tables:
 * emptying them takes milliseconds, deleting a large read row by row as long as writing it did, and the
 * next read would go through what is left of it.
 */
export async function sweepStaged(db: Db): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Whoever stages a read holds the tables until its read is seen here.
    await sql`lock table staged_fact, staged_held in access exclusive mode`.execute(tx);
    const { rows } = await sql`select from open_read limit 1`.execute(tx);
    if (rows.length === 0) {
      await sql`truncate staged_fact, staged_held`.execute(tx);
      return;
    }
    for (const table of ['staged_fact', 'staged_held'])
      await sql`
        delete from ${sql.ref(table)} where read_id not in (select id from open_read)`.execute(tx);
  });
}

/** Forgets what a sender began to push of a system and never finished: a new push begins from nothing. */
export async function dropPushed(tx: Tx, systemId: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from open_read where system_id = ${systemId} and token_id is not null`.execute(tx);
  for (const { id } of rows) await dropRead(tx, id);
}

/**
 * Counts a page of a push in, locking its read.
 *
 * @returns the number of the last page that was taken before this one; null where there is no such read
 */
export async function lockPages(tx: Tx, id: string): Promise<number | null> {
  const { rows } = await sql<{ pages: number }>`
    select pages from open_read where id = ${id} for update`.execute(tx);
  return rows[0]?.pages ?? null;
}

export async function countPage(tx: Tx, id: string, observations: number): Promise<void> {
  await sql`
    update open_read set pages = pages + 1, observations = observations + ${observations}
    where id = ${id}`.execute(tx);
}

/**
 * Lays observations down. Values travel as one text a column, parted by a control character that no
 * name may hold: for a page of a thousand that costs a tenth of a parameter each.
 *
 * @throws RangeError where a key holds a control character other than a line feed
 */
export async function stage(
  tx: Tx,
  readId: string,
  observations: readonly Observation[],
): Promise<void> {
  const facts = columnsOf(observations.flatMap(factRow), 3);
  const held = columnsOf(observations.flatMap(heldRow), 3);
  if (facts) {
    const [about, key, value] = facts;
    await write(
      tx,
      sql`
        insert into staged_fact (read_id, about, key, facts)
        select ${readId}, about, key, value::jsonb
        from unnest(${parted(about)}, ${parted(key)}, ${parted(value)}) as t (about, key, value)`,
    );
  }
  if (held) {
    const [account, entitlement, gone] = held;
    await write(
      tx,
      sql`
        insert into staged_held (read_id, account, entitlement, gone)
        select ${readId}, account, entitlement, gone is not null
        from unnest(${parted(account)}, ${parted(entitlement)}, ${parted(gone)}) as t (account, entitlement, gone)`,
    );
  }
}

type Row = readonly (string | null)[];

const separator = '\u001f';
const absent = '\u001e';

function factRow(observation: Observation): Row[] {
  if (observation.of === 'held') return [];
  const { of, key, facts } = observation;
  return [[of, clean(key), facts === null ? null : JSON.stringify(facts)]];
}

function heldRow(observation: Observation): Row[] {
  if (observation.of !== 'held') return [];
  const { key, facts } = observation;
  if (facts) return [[clean(facts.account), clean(facts.entitlement), null]];
  const [account = '', entitlement = ''] = key.split('\n');
  return [[clean(account), clean(entitlement), 'gone']];
}

function clean(key: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what parts the values may not be in them.
  if (/[\u0000\u001e\u001f]/.test(key)) throw new RangeError('a key holds a control character');
  return key;
}

/** The columns of rows, each as one text; null where there are no rows. */
function columnsOf(rows: readonly Row[], width: number): readonly string[] | null {
  if (rows.length === 0) return null;
  return Array.from({ length: width }, (_, at) =>
    rows.map((row) => row[at] ?? absent).join(separator),
  );
}

/** An array of PostgreSQL from a text of parts. */
function parted(column: string | undefined): RawBuilder<unknown> {
  return sql`string_to_array(${column ?? ''}, ${separator}, ${absent})`;
}
