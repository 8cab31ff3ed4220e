import { sql } from 'kysely';
import type { Db } from '../kernel/db.ts';
import { earliest, type Instant } from '../kernel/instant.ts';
import { together } from '../kernel/together.ts';
import { contextFor, executeAs } from '../platform/execute.ts';
import { entriesWait, sequence, sequenceWaiting } from '../platform/ledger/sequencer.ts';
import { log } from '../platform/log.ts';
import type { World } from '../platform/world.ts';
import type { ObligationHandler } from '../policy/flow.ts';
import {
  type AttemptedObligation,
  closeObligations,
  dueObligations,
  postponeObligation,
} from '../registers/tasks/obligations.ts';
import { heedClock } from './clock.ts';
import { closingObligations } from './closing/obligations.ts';
import { react } from './reactions.ts';
import type { Rooms } from './rooms.ts';
import { judge } from './status/engine.ts';

/** Obligations taken in one tick at most; the rest is the next tick's. */
const batchLimit = 200;
/** Rounds of obligations in one tick at most. */
const roundLimit = 20;
const retryMinutes = [1, 5, 30, 120, 720];

export interface Ticked {
  readonly obligations: number;
  readonly entries: number;
  readonly checks: number;
}

/**
 * Does everything that is due: obligations, the order of the ledger, reactions of clauses to new
 * entries, the status of promises. Takes no input but the world and is idempotent; production
 * calls it every few seconds, the simulator after every step.
 *
 * @param refreshHours after which a check runs though nothing asks for it; a day, if not said
 */
export async function tick(world: World, rooms: Rooms, refreshHours?: number): Promise<Ticked> {
  const done = await work(world, rooms);
  const checks = (await judge(world, rooms, refreshHours)).length;
  // A check that ran has something to say nearly every time.
  const entries = done.entries + (await (checks > 0 ? sequenceWaiting(world) : sequence(world)));
  return { ...done, entries, checks };
}

/** A tick without its last part: what is due is done, and the status of promises stays as it was. */
export async function work(world: World, rooms: Rooms): Promise<Omit<Ticked, 'checks'>> {
  await heedClock(world, rooms);
  const handlers = handlersOf(world, rooms);
  let obligations = 0;
  let round: Round = { taken: 0, fulfilled: [], waiting: true };
  // What is done may make more fall due at once: a campaign that closes, a day that was slept through.
  for (let n = 0; n < roundLimit; n++) {
    round = await drainObligations(world, handlers, round.fulfilled);
    obligations += round.taken;
    if (round.taken === 0) break;
  }
  await closeObligations(world.database.db, round.fulfilled, world.now());
  let entries = round.waiting ? await sequenceWaiting(world) : 0;
  while ((await react(world, rooms)) > 0) entries += await sequence(world);
  return { obligations, entries };
}

type Handlers = ReadonlyMap<string, ObligationHandler>;

interface Round {
  readonly taken: number;
  /** Done, and to be closed with the next look. */
  readonly fulfilled: readonly string[];
  /** Whether entries wait for their place: asked in the same journey. */
  readonly waiting: boolean;
}

/** So many are closed with the next look; where there are more, each at once: another node may look. */
const closedLater = 10;

async function drainObligations(
  world: World,
  handlers: Handlers,
  fulfilledBefore: readonly string[],
): Promise<Round> {
  const { db } = world.database;
  const [due, waiting] = await look(world, fulfilledBefore);
  const fulfilled: string[] = [];
  for (const each of due) {
    if (!(await fulfil(world, handlers, each))) continue;
    if (due.length > closedLater) await closeObligations(db, [each.id], world.now());
    else fulfilled.push(each.id);
  }
  return { taken: due.length, fulfilled, waiting: waiting || due.length > 0 };
}

/** Closes what was done and looks for what is due: one journey. */
async function look(world: World, fulfilled: readonly string[]) {
  const db = together(world.database.db);
  const now = world.now();
  const [, due, waiting] = await Promise.all([
    closeObligations(db, fulfilled, now),
    dueObligations(db, now, batchLimit),
    entriesWait(db),
  ]);
  return [due, waiting] as const;
}

/** @returns whether it was done; what failed is put off */
async function fulfil(
  world: World,
  handlers: Handlers,
  due: AttemptedObligation,
): Promise<boolean> {
  const { db } = world.database;
  const handler = handlers.get(due.kind);
  const actor = { kind: 'system', id: 'tick' } as const;
  try {
    if (!handler) throw new Error(`no clause handles obligations of kind ${due.kind}`);
    // The obligation's id as idempotency key: two nodes, or a retry after a crash, act once.
    const execute = executeAs(world, actor, `obligation/${due.id}`);
    await handler({ db, execute, context: await contextFor(world, actor) }, due);
    return true;
  } catch (error) {
    log.error('obligation failed', { obligation: due.id, kind: due.kind, error });
    const minutes = retryMinutes[Math.min(due.attempts, retryMinutes.length - 1)] ?? 720;
    await postponeObligation(db, due.id, {
      error: String(error),
      until: world.now().add({ minutes }),
    });
    return false;
  }
}

function handlersOf(world: World, rooms: Rooms): Handlers {
  return new Map([
    ...[...rooms.registers, ...rooms.clauses].flatMap((room) =>
      Object.entries(room.obligations ?? {}),
    ),
    ...Object.entries(closingObligations(world, rooms)),
  ]);
}

/** When the next obligation falls due. */
export async function nextObligationAt(db: Db): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant | null }>`
    select min(coalesce(retry_at, due_at)) as at from obligation where done_at is null`.execute(db);
  return rows[0]?.at ?? null;
}

/** When the next thing falls due by itself: where the simulator jumps to. */
export async function nextDueAt(db: Db, after: Instant): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant | null }>`
    select min(coalesce(retry_at, due_at)) as at from obligation where done_at is null
    union all
    select min(next_change_at) from check_result where next_change_at > ${after}
    union all
    select min(due_at) from task
      where done_at is null and missed_at is null and cancelled_at is null and due_at > ${after}`.execute(
    db,
  );
  return earliest(rows.flatMap(({ at }) => (at ? [at] : [])));
}
