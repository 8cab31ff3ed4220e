import { type RawBuilder, sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Check } from '../../policy/check.ts';
import type { Reason, Status } from '../../policy/status.ts';

/** The newest answer of a check. */
export interface CheckResult {
  readonly check_id: string;
  readonly at: Instant;
  readonly status: 'kept' | 'broken' | 'unknown';
  readonly reason: Reason;
  readonly examined: number;
  readonly violated: number;
  readonly facts_at: Instant | null;
  readonly sources: readonly JsonObject[];
  readonly seen_index: number;
  readonly next_change_at: Instant | null;
}

export async function checkResults(db: Db): Promise<ReadonlyMap<string, CheckResult>> {
  const { rows } = await sql<CheckResult>`
    select check_id, at, status, reason, examined, violated, facts_at, sources, seen_index, next_change_at
    from check_result`.execute(db);
  return new Map(rows.map((row) => [row.check_id, row]));
}

/** What a check's query found, compared with the findings that were open. */
export interface Compared {
  readonly examined: number;
  /** Violating items, without those under an exception that still holds. */
  readonly violated: number;
  readonly excepted: number;
  readonly opened: number;
  readonly closed: number;
}

/**
 * Runs a check's violation query over the whole population and brings the findings in line with it
 * in the same statement: one opened per new item, closed where the item no longer violates. A
 * finding that stays keeps its id, its deadline and its exception.
 */
export async function compareFindings(
  tx: Tx,
  check: Check,
  now: Instant,
  zone: string,
): Promise<Compared> {
  const dueAt = now.add({ hours: 24 * check.deadlineDays });
  // The tables are read as they were before the statement; the counts are put together accordingly.
  const { rows } = await sql<Compared>`
    with ${check.items ? sql`item as materialized (${check.items(now, zone)}),` : sql``}
    violation as materialized (
      select subject_kind, subject_id::text as subject_id, label, detail, owner_id
      from (${check.violations(now, zone)}) as found
    ), open as (
      select id, subject_kind, subject_id, excepted_until, label, detail, owner_id
      from finding where check_id = ${check.id} and closed_at is null
    ), compared as materialized (
      -- a full join is done in one go however many there are of either, which nobody can estimate
      select f.id, f.excepted_until, subject_kind, subject_id, v.label, v.detail, v.owner_id,
        v.subject_kind is not null as violates,
        (f.label, f.detail, f.owner_id) is distinct from (v.label, v.detail, v.owner_id) as differs
      from open f full join violation v using (subject_kind, subject_id)
    ), closing as (
      update finding set closed_at = ${now}
      where id in (select id from compared where not violates)
      returning 1
    ), standing as (
      select excepted_until from compared where id is not null and violates
    ), changing as (
      update finding f set label = c.label, detail = c.detail, owner_id = c.owner_id
      from compared c where f.id = c.id and c.violates and c.differs
      returning 1
    ), opening as (
      insert into finding (id, check_id, promise, subject_kind, subject_id, label, detail, owner_id, opened_at, due_at)
      select md5(${check.id} || '/' || subject_kind || '/' || subject_id || '/' || ${now.toString()})::uuid,
        ${check.id}, ${check.promise}, subject_kind, subject_id, label, detail, owner_id, ${now}, ${dueAt}
      from compared where id is null
      -- closed and found again within one instant: the same finding goes on
      on conflict (id) do update set closed_at = null
      returning 1
    )
    select
      (${check.population(now, zone)}) as examined,
      (select count(*)::int from violation)
        - (select count(*)::int from standing where excepted_until > ${now}) as violated,
      (select count(*)::int from standing where excepted_until > ${now}) as excepted,
      (select count(*)::int from opening) as opened,
      (select count(*)::int from closing) as closed`.execute(tx);
  return rows[0] as Compared;
}

/**
 * Runs a check's violation query over the whole population as `compareFindings` does, and says what
 * that would answer where it would change nothing; null where findings are to be brought in line.
 * Reading costs three fifths of what comparing does, and most answers that are asked for because a
 * day has passed are those of the day before.
 */
export async function unchangedFindings(
  db: Db,
  check: Check,
  now: Instant,
  zone: string,
): Promise<Compared | null> {
  const { rows } = await sql<{
    examined: number;
    found: number;
    excepted: number;
    differs: boolean | null;
  }>`
    with ${check.items ? sql`item as materialized (${check.items(now, zone)}),` : sql``}
    open as (
      select id, subject_kind, subject_id, excepted_until, label, detail, owner_id
      from finding where check_id = ${check.id} and closed_at is null
    )
    select (${check.population(now, zone)}) as examined,
      count(v.subject_kind)::int as found,
      count(v.subject_kind) filter (where f.excepted_until > ${now})::int as excepted,
      bool_or(f.id is null or v.subject_kind is null
        or (f.label, f.detail, f.owner_id) is distinct from (v.label, v.detail, v.owner_id)) as differs
    from open f full join (
      select subject_kind, subject_id::text as subject_id, label, detail, owner_id
      from (${check.violations(now, zone)}) as found
    ) v using (subject_kind, subject_id)`.execute(db);
  const [read] = rows;
  if (!read || read.differs) return null;
  const { examined, found, excepted } = read;
  return { examined, violated: found - excepted, excepted, opened: 0, closed: 0 };
}

/** The violating items as lines `kind/id`, for the ledger: ids only, sorted. */
export async function openItems(
  db: Db,
  checkId: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ item: string }>`
    select subject_kind || '/' || subject_id as item from finding
    where check_id = ${checkId} and closed_at is null
    order by 1 limit ${limit}`.execute(db);
  return rows.map((row) => row.item);
}

/** An answer, and whether it is worth a row of history. */
export interface NewAnswer {
  readonly answer: CheckResult;
  readonly record: boolean;
}

/** Stores answers; history gets a row for each that differs from the one before, and once a day. */
export async function storeAnswers(
  tx: Tx,
  answers: readonly NewAnswer[],
  today: Temporal.PlainDate,
): Promise<void> {
  if (answers.length === 0) return;
  const rows = JSON.stringify(answers.map(({ answer, record }) => ({ ...answer, record })));
  const given: RawBuilder<unknown> = sql`jsonb_to_recordset(${rows}::jsonb) as s
    (check_id text, at timestamptz, status text, reason jsonb, examined int, violated int,
     facts_at timestamptz, sources jsonb, seen_index bigint, next_change_at timestamptz, record boolean)`;
  await write(
    tx,
    sql`
    insert into check_result
      (check_id, at, status, reason, examined, violated, facts_at, sources, seen_index, next_change_at, recorded_on)
    select check_id, at, status, reason, examined, violated, facts_at, sources, seen_index, next_change_at,
      case when record then ${today}::date end
    from ${given}
    on conflict (check_id) do update set
      at = excluded.at, status = excluded.status, reason = excluded.reason, examined = excluded.examined,
      violated = excluded.violated, facts_at = excluded.facts_at, sources = excluded.sources,
      seen_index = excluded.seen_index, next_change_at = excluded.next_change_at,
      recorded_on = coalesce(excluded.recorded_on, check_result.recorded_on)`,
  );
  if (!answers.some(({ record }) => record)) return;
  await write(
    tx,
    sql`
    insert into check_history (check_id, at, status, examined, violated)
    select check_id, at, status, examined, violated from ${given} where record
    on conflict do nothing`,
  );
}

/** Lets every check run at the next turn, whatever it waits for. */
export async function askAgain(db: Db, now: Instant): Promise<void> {
  await sql`update check_result set next_change_at = ${now}`.execute(db);
}

export interface PromiseStatus {
  readonly promise: string;
  readonly status: Status;
  readonly reason: Reason;
  readonly since: Instant;
  readonly proven_at: Instant | null;
}

export async function promiseStatuses(db: Db): Promise<ReadonlyMap<string, PromiseStatus>> {
  const { rows } = await sql<PromiseStatus>`
    select promise, status, reason, since, proven_at from promise_status`.execute(db);
  return new Map(rows.map((row) => [row.promise, row]));
}

/** Stores the statuses of promises at once, and a row of history for each that changed. */
export async function storeStatuses(
  tx: Tx,
  all: readonly Omit<PromiseStatus, 'since'>[],
  changed: ReadonlySet<string>,
  now: Instant,
): Promise<void> {
  if (all.length === 0) return;
  const rows = JSON.stringify(
    all.map((each) => ({
      ...each,
      proven_at: each.proven_at?.toString() ?? null,
      changed: changed.has(each.promise),
    })),
  );
  const given: RawBuilder<unknown> = sql`jsonb_to_recordset(${rows}::jsonb) as s
    (promise text, status text, reason jsonb, proven_at timestamptz, changed boolean)`;
  await write(
    tx,
    sql`
    insert into promise_status (promise, status, reason, since, proven_at)
    select promise, status, reason, ${now}, proven_at from ${given}
    on conflict (promise) do update set
      status = excluded.status, reason = excluded.reason, proven_at = excluded.proven_at,
      since = case when promise_status.status = excluded.status then promise_status.since else excluded.since end
    `,
  );
  if (changed.size === 0) return;
  await write(
    tx,
    sql`
    insert into promise_status_change (promise, at, status, reason)
    select promise, ${now}, status, reason from ${given} where changed
    on conflict (promise, at) do update set status = excluded.status, reason = excluded.reason`,
  );
}

/**
 * Changes of promises' statuses since a time, oldest first, after the last change of each before it:
 * enough to draw the time since then.
 */
export async function statusChanges(
  db: Db,
  promises: readonly string[],
  from: Instant,
): Promise<readonly { readonly promise: string; readonly at: Instant; readonly status: Status }[]> {
  const { rows } = await sql<{ promise: string; at: Instant; status: Status }>`
    select promise, at, status from (
      (select distinct on (promise) promise, at, status from promise_status_change
       where promise = any(${promises}::text[]) and at < ${from} order by promise, at desc)
      union all
      select promise, at, status from promise_status_change
      where promise = any(${promises}::text[]) and at >= ${from}
    ) as c order by at, promise`.execute(db);
  return rows;
}
