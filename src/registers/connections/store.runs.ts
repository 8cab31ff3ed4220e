import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { SystemId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { Gap } from './facts.connector.ts';
import type { NewRun } from './facts.ts';

/** Runs as the runner keeps them: taken, held, moved on, ended. */

/** Asks for a run; where one is waiting or under way, that one is enough. */
export async function askRun(tx: Tx, run: NewRun, now: Instant): Promise<void> {
  await sql`
    insert into connection_run (id, connection_id, reads, since, asked_at, due_at)
    values (${run.id}, ${run.connectionId}, ${run.reads}, ${json(run.since)}, ${now}, ${now})
    on conflict (connection_id) where state in ('waiting', 'running') do nothing`.execute(tx);
}

/** A connection as the runner needs it. */
export interface RunnableConnection {
  readonly id: string;
  readonly systemId: SystemId;
  readonly systemKey: string;
  readonly kind: string;
  readonly settings: JsonObject;
  readonly secret: Buffer;
  readonly everyHours: number;
  readonly paused: boolean;
  readonly since: Json;
  readonly wholeAt: Instant | null;
}

const connectionColumns = sql`c.id, c.system_id as "systemId", system.key as "systemKey", c.kind, c.settings,
  c.secret, c.every_hours as "everyHours", c.paused, c.since, c.whole_at as "wholeAt"`;

export async function findConnection(db: Db, id: string): Promise<RunnableConnection | null> {
  const { rows } = await sql<RunnableConnection>`
    select ${connectionColumns} from connection c join system on system.id = c.system_id
    where c.id = ${id} and removed_at is null`.execute(db);
  return rows[0] ?? null;
}

/** A run as it was taken up. */
export interface HeldRun {
  readonly id: string;
  readonly connectionId: string;
  readonly reads: 'whole' | 'changes';
  readonly since: Json;
  readonly resume: Json;
  readonly shown: boolean;
  readonly next: Json;
  readonly observations: number;
  readonly gaps: readonly Gap[];
  readonly attempts: number;
  readonly startedAt: Instant;
}

/**
 * Takes up a run that is due: one that waits, or one whose process has not been heard of. No two
 * processes ever hold the same.
 */
export async function takeRun(
  db: Db,
  {
    now,
    holder,
    until,
  }: { readonly now: Instant; readonly holder: string; readonly until: Instant },
): Promise<HeldRun | null> {
  const { rows } = await sql<HeldRun>`
    update connection_run set state = 'running', holder = ${holder}, held_until = ${until},
      started_at = coalesce(started_at, ${now}), attempts = attempts + 1
    where id = (
      select id from connection_run
      where state in ('waiting', 'running') and due_at <= ${now}
        and (state = 'waiting' or held_until <= ${now} or holder = ${holder})
      order by due_at, id limit 1 for update skip locked)
    returning id, connection_id as "connectionId", reads, since, resume, shown, next, observations, gaps,
      attempts, started_at as "startedAt"`.execute(db);
  return rows[0] ?? null;
}

/** What a stretch moves on. */
export interface Progress {
  readonly resume: Json;
  readonly observations: number;
  readonly gaps: readonly Gap[];
  readonly until: Instant;
}

/** @returns whether the run is still this holder's and nobody has cancelled it */
export async function saveProgress(
  tx: Tx,
  { id, holder }: { readonly id: string; readonly holder: string },
  progress: Progress,
): Promise<boolean> {
  const saved = await sql`
    update connection_run set resume = ${json(progress.resume)}, observations = ${progress.observations},
      gaps = ${JSON.stringify(progress.gaps)}::jsonb, held_until = ${progress.until}
    where id = ${id} and holder = ${holder} and state = 'running'`.execute(tx);
  return saved.numAffectedRows === 1n;
}

/** Goes on holding a run. @returns whether it is still this holder's */
export async function holdOn(
  db: Db,
  { id, holder }: { readonly id: string; readonly holder: string },
  until: Instant,
): Promise<boolean> {
  const held = await sql`
    update connection_run set held_until = greatest(held_until, ${until})
    where id = ${id} and holder = ${holder} and state = 'running'`.execute(db);
  return held.numAffectedRows === 1n;
}

/** The source has shown everything: from here on the run is only recorded. */
export async function saveShown(
  db: Db,
  { id, holder }: { readonly id: string; readonly holder: string },
  next: Json,
): Promise<boolean> {
  const saved = await sql`
    update connection_run set shown = true, next = ${json(next)}
    where id = ${id} and holder = ${holder} and state = 'running'`.execute(db);
  return saved.numAffectedRows === 1n;
}

/** Begins a run anew as a read of the whole: what it was shown so far is of no use. */
export async function beginAnew(tx: Tx, id: string, now: Instant): Promise<void> {
  await sql`
    update connection_run set reads = 'whole', since = null, resume = null, shown = false, next = null,
      observations = 0, gaps = '[]', started_at = ${now}
    where id = ${id}`.execute(tx);
}

/** Puts a run off: the world failed, and trying again later can help. */
export async function putOff(
  db: Db,
  id: string,
  {
    until,
    error,
    detail,
  }: { readonly until: Instant; readonly error: string; readonly detail: string },
): Promise<void> {
  await sql`
    update connection_run set state = 'waiting', holder = null, held_until = null, due_at = ${until},
      error = ${error}, detail = ${detail}
    where id = ${id} and state = 'running'`.execute(db);
}

export async function closeRun(
  tx: Tx,
  id: string,
  end: {
    readonly state: 'done' | 'failed' | 'cancelled';
    readonly now: Instant;
    readonly error?: string | null;
    readonly detail?: string | null;
    readonly complete?: boolean;
    readonly counts?: JsonObject;
  },
): Promise<void> {
  await sql`
    update connection_run set state = ${end.state}, ended_at = ${end.now}, holder = null, held_until = null,
      error = ${end.error ?? null}, detail = ${end.detail ?? null}, complete = ${end.complete ?? null},
      counts = ${json(end.counts ?? null)}
    where id = ${id}`.execute(tx);
}

/**
 * Where the next read begins. One that was not complete leaves nothing to go on from: what has
 * changed since then would be laid over what is not the whole.
 */
export async function saveNext(
  tx: Tx,
  connectionId: string,
  { next, wholeAt }: { readonly next: Json; readonly wholeAt: Instant | null },
): Promise<void> {
  await sql`
    update connection set since = ${json(next)}, whole_at = coalesce(${wholeAt}::timestamptz, whole_at)
    where id = ${connectionId}`.execute(tx);
}

function json(value: Json): ReturnType<typeof sql> {
  return value === null ? sql`null::jsonb` : sql`${JSON.stringify(value)}::jsonb`;
}
