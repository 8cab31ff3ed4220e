import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type AskReading,
  askReading,
  type ReadingAsked,
  type ReadingGap,
  type ReadingRefusal,
} from './facts.reading.ts';
import { findSource, lockSources } from './store.ts';

/** Sources that are read by themselves, and when. */

/** Whether a source is read by itself: condition on `source`. */
const isRead = sql`(source.retired_at is null and (source.kind = 'website'
  or (source.kind = 'repository' and source.connection_id is not null)))`;

interface ReadingState {
  readonly source: { readonly key: string; readonly retired: boolean } | null;
  readonly reads: boolean;
}

export const readingFlow: Flow<ReadingState, AskReading, ReadingAsked, ReadingRefusal> = {
  name: 'sources.reading',
  clause: 'sources',
  command: askReading,
  load: async (tx, { sourceId }) => {
    await lockSources(tx);
    const source = await findSource(tx, sourceId);
    const { rows } = await sql`select from source where id = ${sourceId} and ${isRead}`.execute(tx);
    return { source, reads: rows.length > 0 };
  },
  authorize: () => ({ action: 'askReading' }),
  decide: decideReading,
  project: async (tx, { sourceId }, { now }) => await wantReading(tx, sourceId, now),
};

function decideReading(
  { source, reads }: ReadingState,
  { sourceId }: AskReading,
  _context: Context,
): Result<readonly ReadingAsked[], Refusal<ReadingRefusal>> {
  if (!source) return refuse('notFound');
  if (source.retired) return refuse('sourceRetired', { key: source.key });
  if (!reads) return refuse('sourceNotRead', { key: source.key });
  const subject = `source/${sourceId}`;
  return ok([{ type: 'SourceReadingAsked', subject, body: { sourceId }, sourceId }]);
}

/**
 * Puts the next reading of a source on the clock: sooner than it was, never later. It reads everything,
 * whatever tags say: somebody has told that it is otherwise.
 */
export async function wantReading(tx: Tx | Db, sourceId: string, at: Instant): Promise<void> {
  await sql`
    insert into source_reading (source_id, next_at) values (${sourceId}, ${at})
    on conflict (source_id) do update set tags = '{}', next_at = case
      -- What is under way may have looked before that: it is read once more.
      when source_reading.holder is not null then greatest(source_reading.next_at, excluded.next_at)
      else least(source_reading.next_at, excluded.next_at) end`.execute(tx);
}

/** A source whose reading is due, taken up by one process. */
export interface DueReading {
  readonly sourceId: string;
  readonly kind: 'repository' | 'website';
  readonly location: string;
  readonly connectionId: string | null;
  readonly cadenceDays: number;
  readonly attempts: number;
  readonly tags: Readonly<Record<string, string | null>>;
}

/** Takes up the source whose reading has been due longest; null where none is. */
export async function takeReading(
  db: Db,
  {
    now,
    holder,
    until,
  }: { readonly now: Instant; readonly holder: string; readonly until: Instant },
): Promise<DueReading | null> {
  return await db.transaction().execute(async (tx) => {
    const { rows } = await sql<DueReading>`
      select source.id as "sourceId", source.kind, source.location, source.connection_id as "connectionId",
        source.cadence_days as "cadenceDays", coalesce(r.attempts, 0) as attempts, coalesce(r.tags, '{}') as tags
      from source left join source_reading r on r.source_id = source.id
      where ${isRead} and coalesce(r.next_at, source.registered_at) <= ${now}
        and (r.held_until is null or r.held_until < ${now})
      order by coalesce(r.next_at, source.registered_at), source.id limit 1
      for update of source skip locked`.execute(tx);
    const [due] = rows;
    if (!due) return null;
    await write(
      tx,
      sql`
      insert into source_reading (source_id, next_at, holder, held_until)
      values (${due.sourceId}, ${now}, ${holder}, ${until})
      on conflict (source_id) do update set holder = excluded.holder, held_until = excluded.held_until,
        next_at = excluded.next_at`,
    );
    return due;
  });
}

/** How a reading ended. */
export interface ReadingEnd {
  readonly now: Instant;
  readonly nextAt: Instant;
  readonly tags?: Readonly<Record<string, string | null>>;
  readonly gaps?: readonly ReadingGap[];
  readonly problem?: { readonly code: string; readonly detail: string };
}

/** Lets a source go. What somebody asked for meanwhile stays on the clock. */
export async function endReading(
  db: Db,
  {
    sourceId,
    holder,
    takenAt,
  }: { readonly sourceId: string; readonly holder: string; readonly takenAt: Instant },
  { now, nextAt, tags, gaps = [], problem }: ReadingEnd,
): Promise<void> {
  const failed = problem !== undefined;
  await sql`
    update source_reading set holder = null, held_until = null,
      next_at = case when next_at > ${takenAt} then least(next_at, ${nextAt}::timestamptz) else ${nextAt} end,
      attempts = case when ${failed} then attempts + 1 else 0 end,
      read_at = case when ${failed} then read_at else ${now}::timestamptz end,
      tags = case when next_at > ${takenAt} then '{}'
        else coalesce(${tags ? JSON.stringify(tags) : null}::jsonb, tags) end,
      gaps = case when ${failed} then gaps else ${JSON.stringify(gaps)}::jsonb end,
      problem = ${problem?.code ?? null}, detail = ${problem?.detail ?? null}
    where source_id = ${sourceId} and holder = ${holder}`.execute(db);
}

/** Lets a source go that was not read to the end: another process begins at once. */
export async function releaseReading(db: Db, sourceId: string, holder: string): Promise<void> {
  await sql`
    update source_reading set holder = null, held_until = null
    where source_id = ${sourceId} and holder = ${holder}`.execute(db);
}

export interface ReadingRow {
  readonly reads: boolean;
  readonly nextAt: Instant | null;
  readonly readAt: Instant | null;
  readonly gaps: ReadingGap[];
  readonly problem: string | null;
  readonly detail: string | null;
}

/** How the reading of a source by itself stands; null where there is no such source. */
export async function readingOf(db: Db, sourceId: string): Promise<ReadingRow | null> {
  const { rows } = await sql<ReadingRow>`
    select ${isRead} as reads, case when ${isRead} then coalesce(r.next_at, source.registered_at) end as "nextAt",
      r.read_at as "readAt", coalesce(r.gaps, '[]') as gaps, r.problem, r.detail
    from source left join source_reading r on r.source_id = source.id where source.id = ${sourceId}`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** `owner/name` of a repository, however its location is written; of `source`. */
export const repositoryName = sql`trim(trailing '/' from regexp_replace(
  regexp_replace(trim(source.location), '^https://[^/]+/', ''), '\\.git/?$', ''))`;

/** Sources that a connection reads of a repository, whatever the capitals of its name. */
export async function sourcesOfRepository(
  db: Db,
  connectionId: string,
  fullName: string,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from source
    where connection_id = ${connectionId} and kind = 'repository' and retired_at is null
      and lower(${repositoryName}) = lower(${fullName})
    order by id`.execute(db);
  return rows.map(({ id }) => id);
}
