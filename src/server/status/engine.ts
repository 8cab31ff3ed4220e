import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import { dateIn, earliest, type Instant, instantText, isBefore } from '../../kernel/instant.ts';
import type { Json } from '../../kernel/json.ts';
import { together } from '../../kernel/together.ts';
import { appendAll, type ClauseEvent } from '../../platform/ledger/append.ts';
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
  type NewAnswer,
  openItems,
  storeAnswers,
  unchangedFindings,
} from '../../registers/findings/store.ts';
import { declaredPromises, type Rooms, upholdersOf } from '../rooms.ts';
import { readSettled, type Settled, settleStatuses } from './settle.ts';

/** One engine judges at a time, on whichever node. */
const engineLock = 0x6a756467;

/** A check that nothing asks for runs this often all the same, so that "proven" stays true. */
const usualRefreshHours = 24;

/** Violating items named in the ledger, at most; beyond that the count and the digest speak. */
const namedItems = 10_000;

const engine = { kind: 'system', id: 'status' } as const;

/**
 * Runs every check whose answer may have changed (an entry it depends on arrived, its hour came, a
 * source went stale, a day passed) and settles the status of every promise. Idempotent.
 *
 * @param refreshHours after which a check runs though nothing asks for it
 * @returns the checks that ran
 */
export async function judge(
  world: World,
  rooms: Rooms,
  refreshHours = usualRefreshHours,
): Promise<readonly string[]> {
  const checks = upholdersOf(rooms).flatMap((upholder) =>
    upholder.by === 'check' ? [upholder.check] : [],
  );
  const clauses = new Map(declaredPromises(rooms).map(({ id, clause }) => [id, clause]));
  const zone = (await world.organisation())?.zone ?? 'UTC';
  const now = world.now();
  return world.database.db.transaction().execute(async (tx) => {
    const known = await readKnown(tx, rooms, checks, now);
    if (!known) return [];
    const due = checks.filter((check) => isDue(check, known, now, refreshHours));
    const answered = await answerChecks(tx, due, { known, now, zone });
    await storeAnswers(tx, answered, dateIn(now, zone));
    const events = await eventsOf(tx, answered, clauses);
    if (events.length > 0) await appendAll(world, tx, events, { actor: engine, now });
    const results = new Map(known.results);
    for (const { check, answer } of answered) results.set(check.id, answer);
    await settleStatuses(world, tx, rooms, { now, checks: results, settled: known });
    return due.map((check) => check.id);
  });
}

/** What is known before anything is judged anew. */
interface Known extends Settled {
  /** Of the ledger, before any check looks. */
  readonly size: number;
  /** The index of the newest entry of each type. */
  readonly newest: ReadonlyMap<string, number>;
  readonly results: ReadonlyMap<string, CheckResult>;
}

/** Null where another node is judging. All of it is one journey, and the lock is asked for first. */
async function readKnown(
  tx: Tx,
  rooms: Rooms,
  checks: readonly Check[],
  now: Instant,
): Promise<Known | null> {
  const db = together(tx);
  const [mine, size, newest, results, settled] = await Promise.all([
    lock(db),
    ledgerSize(db),
    newestEntries(db, [...new Set(checks.flatMap((check) => check.changedBy))]),
    checkResults(db),
    readSettled(db, rooms, now),
  ]);
  return mine ? { size, newest, results, ...settled } : null;
}

async function lock(db: Db): Promise<boolean> {
  const { rows } = await sql<{
    mine: boolean;
  }>`select pg_try_advisory_xact_lock(${engineLock}) as mine`.execute(db);
  return rows[0]?.mine ?? false;
}

export async function ledgerSize(db: Db): Promise<number> {
  const { rows } = await sql<{
    size: number;
  }>`select coalesce(max(size), 0) as size from ledger_checkpoint`.execute(db);
  return rows[0]?.size ?? 0;
}

/** The index of the newest entry of each type. */
async function newestEntries(
  db: Db,
  types: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  // The types are always the same: as one text they leave the statement to be prepared.
  const { rows } = await sql<{ type: string; newest: number | null }>`
    select t.type, (select max(e.index) from ledger_entry e where e.type = t.type and e.index is not null) as newest
    from unnest(string_to_array(${types.join(' ')}, ' ')) as t (type)`.execute(db);
  return new Map(
    rows.flatMap(({ type, newest }) => (newest === null ? [] : [[type, newest] as const])),
  );
}

function isDue(check: Check, known: Known, now: Instant, refreshHours: number): boolean {
  const last = known.results.get(check.id);
  if (!last || isNews(check, known)) return true;
  if (last.next_change_at && !isBefore(now, last.next_change_at)) return true;
  return !isBefore(now, last.at.add({ hours: refreshHours }));
}

/** Whether a check has never run, or an entry that may change its answer has come since. */
function isNews(check: Check, { results, newest }: Known): boolean {
  const last = results.get(check.id);
  if (!last) return true;
  return check.changedBy.some((type) => (newest.get(type) ?? -1) >= last.seen_index);
}

/** What all checks of a turn are asked with. */
interface Turn {
  readonly known: Known;
  readonly now: Instant;
  readonly zone: string;
}

interface AnsweredCheck extends NewAnswer {
  readonly check: Check;
}

/**
 * Asks all checks at once, so that their statements travel together. Where one of them fails it is
 * not known which, and what the others found is undone with it: each is then asked by itself.
 */
async function answerChecks(
  tx: Tx,
  checks: readonly Check[],
  turn: Turn,
): Promise<readonly AnsweredCheck[]> {
  if (checks.length === 0) return [];
  await write(tx, sql`savepoint check_answers`);
  const db = together(tx);
  const sourcesOf = rememberSources(db, turn.now);
  const asked = await Promise.allSettled(checks.map((check) => ask(db, check, sourcesOf, turn)));
  if (asked.every(({ status }) => status === 'fulfilled')) {
    await write(tx, sql`release savepoint check_answers`);
    return asked.flatMap((each, n) =>
      each.status === 'fulfilled' ? [answered(checks[n] as Check, each.value, turn)] : [],
    );
  }
  await sql`rollback to savepoint check_answers`.execute(tx);
  const answers: AnsweredCheck[] = [];
  for (const check of checks) answers.push(await answerAlone(tx, check, turn));
  return answers;
}

async function answerAlone(tx: Tx, check: Check, turn: Turn): Promise<AnsweredCheck> {
  await write(tx, sql`savepoint check_answer`);
  try {
    const answer = await ask(tx, check, rememberSources(tx, turn.now), turn);
    await write(tx, sql`release savepoint check_answer`);
    return answered(check, answer, turn);
  } catch (error) {
    await sql`rollback to savepoint check_answer`.execute(tx);
    log.error('check failed', { check: check.id, error });
    return answered(check, failed(turn.known.results.get(check.id), turn.now), turn);
  }
}

function answered(check: Check, answer: Answer, { known, now, zone }: Turn): AnsweredCheck {
  const result = { check_id: check.id, at: now, seen_index: known.size, ...answer };
  const record = isWorthRecording(known.results.get(check.id), result, zone);
  return { check, answer: result, record };
}

type SourcesOf = (check: Check) => Promise<readonly Source[]>;

/** Checks that stand on the same sources ask for them once a turn. */
function rememberSources(db: Db, now: Instant): SourcesOf {
  const known = new Map<Check['sources'], Promise<readonly Source[]>>();
  return async ({ sources }) => {
    if (!sources) return [];
    const found = known.get(sources) ?? sources(db, now);
    known.set(sources, found);
    return await found;
  };
}

/**
 * Waits for all, also where one fails: nothing may still be on its way when the transaction goes back
 * to its savepoint.
 */
async function allOf<T extends readonly unknown[]>(
  asked: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(asked);
  return (await Promise.all(asked)) as unknown as T;
}

type Answer = Omit<CheckResult, 'check_id' | 'at' | 'seen_index'>;

async function ask(
  tx: Tx,
  check: Check,
  sourcesOf: SourcesOf,
  { known, now, zone }: Turn,
): Promise<Answer> {
  const compare = async (): Promise<Compared> => {
    // Where only time has passed most answers stand; where something came, most do not.
    const stands = isNews(check, known) ? null : await unchangedFindings(tx, check, now, zone);
    return stands ?? (await compareFindings(tx, check, now, zone));
  };
  const [sources, compared, ownChange] = await allOf([
    sourcesOf(check),
    compare(),
    (async () => (await check.nextChange?.(tx, now, zone)) ?? null)(),
  ]);
  const stale = sources.filter((source) => !isFresh(source, now));
  const readAt = sources.map((source) => source.readAt).filter((at) => at !== null);
  const turnsStale = sources.filter((source) => isFresh(source, now)).map(staleAt);
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
function failed(before: CheckResult | undefined, now: Instant): Answer {
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

/** What is told to the ledger of answers that are recorded, each under the clause of its promise. */
async function eventsOf(
  tx: Tx,
  answers: readonly AnsweredCheck[],
  clauses: ReadonlyMap<string, string>,
): Promise<readonly ClauseEvent[]> {
  const db = together(tx);
  return await Promise.all(
    answers
      .filter(({ record }) => record)
      .map(async ({ check, answer }) => ({
        clause: clauses.get(check.promise) ?? 'policy',
        event: await answeredEvent(db, check, answer),
      })),
  );
}

async function answeredEvent(db: Db, check: Check, result: CheckResult): Promise<Event> {
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
  const items = Buffer.from(`${(await openItems(db, check.id, namedItems)).join('\n')}\n`);
  const digest = createHash('sha256').update(items).digest('hex');
  return { ...event, body: { ...body, violationsBlob: digest }, blobs: { violationsBlob: items } };
}
