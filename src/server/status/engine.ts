import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import { dateIn, earliest, type Instant, instantText, isBefore } from '../../kernel/instant.ts';
import type { Json } from '../../kernel/json.ts';
import { appendEvents } from '../../platform/ledger/append.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import type { Check, Source } from '../../policy/check.ts';
import type { Event } from '../../policy/event.ts';
import type { Reason } from '../../policy/status.ts';
import {
  type CheckResult,
  type Compared,
  checkResults,
  compareFindings,
  openItems,
  storeAnswer,
} from '../../registers/findings/store.ts';
import { declaredPromises, type Rooms, upholdersOf } from '../rooms.ts';
import { settleStatuses } from './settle.ts';

/** One engine judges at a time, on whichever node. */
const engineLock = 0x6a756467;

/** A check that nothing asks for runs this often all the same, so that "proven" stays true. */
const refreshHours = 24;

/** Violating items named in the ledger, at most; beyond that the count and the digest speak. */
const namedItems = 10_000;

const engine = { kind: 'system', id: 'status' } as const;

/**
 * Runs every check whose answer may have changed (an entry it depends on arrived, its hour came, a
 * source went stale, a day passed) and settles the status of every promise. Idempotent.
 *
 * @returns the checks that ran
 */
export async function judge(world: World, rooms: Rooms): Promise<readonly string[]> {
  const checks = upholdersOf(rooms).flatMap((upholder) =>
    upholder.by === 'check' ? [upholder.check] : [],
  );
  const clauses = new Map(declaredPromises(rooms).map(({ id, clause }) => [id, clause]));
  const zone = (await world.organisation())?.zone ?? 'UTC';
  const now = world.now();
  return world.database.db.transaction().execute(async (tx) => {
    if (!(await lock(tx))) return [];
    const size = await ledgerSize(tx);
    const results = new Map(await checkResults(tx));
    const due = await dueChecks(tx, checks, results, now);
    const sourcesOf = rememberSources(tx, now);
    for (const check of due) {
      const clause = clauses.get(check.promise) ?? 'policy';
      const before = results.get(check.id);
      const asked = { check, clause, before, now, zone, size, sourcesOf };
      results.set(check.id, await answerCheck(world, tx, asked));
    }
    await settleStatuses(world, tx, rooms, { now, checks: results });
    return due.map((check) => check.id);
  });
}

interface Asked {
  readonly check: Check;
  /** Clause of the promise, under which a reader looks for the entry. */
  readonly clause: string;
  readonly before: CheckResult | undefined;
  readonly now: Instant;
  readonly zone: string;
  /** Of the ledger, before the check looks. */
  readonly size: number;
  readonly sourcesOf: SourcesOf;
}

type SourcesOf = (check: Check) => Promise<readonly Source[]>;

/** Checks that stand on the same sources ask for them once a turn. */
function rememberSources(tx: Tx, now: Instant): SourcesOf {
  const known = new Map<Check['sources'], readonly Source[]>();
  return async ({ sources }) => {
    const found = known.get(sources) ?? (await sources?.(tx, now)) ?? [];
    known.set(sources, found);
    return found;
  };
}

async function lock(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{
    mine: boolean;
  }>`select pg_try_advisory_xact_lock(${engineLock}) as mine`.execute(tx);
  return rows[0]?.mine ?? false;
}

export async function ledgerSize(db: Db): Promise<number> {
  const { rows } = await sql<{
    size: number;
  }>`select coalesce(max(size), 0) as size from ledger_checkpoint`.execute(db);
  return rows[0]?.size ?? 0;
}

async function dueChecks(
  db: Db,
  checks: readonly Check[],
  results: ReadonlyMap<string, CheckResult>,
  now: Instant,
): Promise<readonly Check[]> {
  const newest = await newestEntries(db, [...new Set(checks.flatMap((check) => check.changedBy))]);
  return checks.filter((check) => {
    const last = results.get(check.id);
    if (!last) return true;
    if (check.changedBy.some((type) => (newest.get(type) ?? -1) >= last.seen_index)) return true;
    if (last.next_change_at && !isBefore(now, last.next_change_at)) return true;
    return !isBefore(now, last.at.add({ hours: refreshHours }));
  });
}

/** The index of the newest entry of each type. */
async function newestEntries(
  db: Db,
  types: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ type: string; newest: number | null }>`
    select t.type, (select max(e.index) from ledger_entry e where e.type = t.type and e.index is not null) as newest
    from unnest(${types}::text[]) as t (type)`.execute(db);
  return new Map(
    rows.flatMap(({ type, newest }) => (newest === null ? [] : [[type, newest] as const])),
  );
}

async function answerCheck(world: World, tx: Tx, asked: Asked): Promise<CheckResult> {
  const { check, clause, before, now, zone, size } = asked;
  await write(tx, sql`savepoint check_answer`);
  let answer: Answered;
  try {
    answer = await ask(tx, asked);
    await write(tx, sql`release savepoint check_answer`);
  } catch (error) {
    await sql`rollback to savepoint check_answer`.execute(tx);
    log.error('check failed', { check: check.id, error });
    answer = failed(before, now);
  }
  const result: CheckResult = { check_id: check.id, at: now, seen_index: size, ...answer };
  const record = isWorthRecording(before, result, zone);
  await storeAnswer(tx, result, record, dateIn(now, zone));
  if (record)
    await appendEvents(world, tx, clause, [await answeredEvent(tx, check, result)], {
      actor: engine,
      now,
    });
  return result;
}

type Answered = Omit<CheckResult, 'check_id' | 'at' | 'seen_index'>;

async function ask(tx: Tx, { check, now, zone, sourcesOf }: Asked): Promise<Answered> {
  const sources = await sourcesOf(check);
  const compared = await compareFindings(tx, check, now, zone);
  const stale = sources.filter((source) => !isFresh(source, now));
  const readAt = sources.map((source) => source.readAt).filter((at) => at !== null);
  const turnsStale = sources.filter((source) => isFresh(source, now)).map(staleAt);
  const ownChange = (await check.nextChange?.(tx, now, zone)) ?? null;
  const next = earliest([...turnsStale, ...(ownChange ? [ownChange] : [])]);
  return {
    ...judgeAnswer(compared, stale),
    examined: compared.examined,
    violated: compared.violated,
    facts_at: stale.length > 0 ? null : earliest(readAt),
    sources: sources.map(({ name, readAt: at, staleAfterHours }) => ({
      name,
      readAt: at ? instantText(at) : null,
      staleAfterHours,
    })),
    next_change_at: next,
  };
}

/**
 * A violation that is known is known, however old the other facts are; but without one, facts that
 * are stale or missing leave the answer unknown. Never kept.
 */
function judgeAnswer(
  compared: Compared,
  stale: readonly Source[],
): { status: CheckResult['status']; reason: Reason } {
  const { violated, examined } = compared;
  if (violated > 0)
    return { status: 'broken', reason: { code: 'violations', params: { violated, examined } } };
  const [first] = stale.toSorted((a, b) => (a.readAt ? 1 : 0) - (b.readAt ? 1 : 0));
  if (!first) return { status: 'kept', reason: { code: 'kept', params: { examined } } };
  const params: Record<string, Json> = { source: first.name, count: stale.length };
  if (!first.readAt) return { status: 'unknown', reason: { code: 'neverRead', params } };
  return {
    status: 'unknown',
    reason: { code: 'stale', params: { ...params, readAt: instantText(first.readAt) } },
  };
}

function staleAt(source: Source): Instant {
  return (source.readAt as Instant).add({ hours: source.staleAfterHours });
}

function isFresh(source: Source, now: Instant): boolean {
  return source.readAt !== null && isBefore(now, staleAt(source));
}

/** A check that threw proves nothing; it is asked again in a quarter of an hour. */
function failed(before: CheckResult | undefined, now: Instant): Answered {
  return {
    status: 'unknown',
    reason: { code: 'checkFailed', params: {} },
    examined: before?.examined ?? 0,
    violated: before?.violated ?? 0,
    facts_at: null,
    sources: before?.sources ?? [],
    next_change_at: now.add({ minutes: 15 }),
  };
}

/** A result is recorded when it changes and once a day. */
function isWorthRecording(
  before: CheckResult | undefined,
  after: CheckResult,
  zone: string,
): boolean {
  if (!before) return true;
  const same =
    before.status === after.status &&
    before.violated === after.violated &&
    before.reason.code === after.reason.code;
  return !same || !dateIn(before.at, zone).equals(dateIn(after.at, zone));
}

async function answeredEvent(tx: Tx, check: Check, result: CheckResult): Promise<Event> {
  const body = {
    check: check.id,
    promise: check.promise,
    status: result.status,
    reason: result.reason.code,
    examined: result.examined,
    violated: result.violated,
    factsAt: result.facts_at ? instantText(result.facts_at) : null,
  };
  const event = { type: 'CheckAnswered', subject: `promise/${check.promise}` };
  if (result.violated === 0) return { ...event, body };
  const items = Buffer.from(`${(await openItems(tx, check.id, namedItems)).join('\n')}\n`);
  const digest = createHash('sha256').update(items).digest('hex');
  return { ...event, body: { ...body, violationsBlob: digest }, blobs: { violationsBlob: items } };
}
