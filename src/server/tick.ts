import { sql } from 'kysely';
import type { Db } from '../kernel/db.ts';
import { earliest, type Instant } from '../kernel/instant.ts';
import { contextFor, executeAs } from '../platform/execute.ts';
import { sequence } from '../platform/ledger/sequencer.ts';
import { log } from '../platform/log.ts';
import type { World } from '../platform/world.ts';
import type { DueObligation, ObligationHandler } from '../policy/flow.ts';
import { react } from './reactions.ts';
import type { Rooms } from './rooms.ts';
import { judge } from './status/engine.ts';

/** Obligations taken in one tick at most; the rest is the next tick's. */
const batchLimit = 200;
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
 */
export async function tick(world: World, rooms: Rooms): Promise<Ticked> {
  const obligations = await drainObligations(world, rooms);
  let entries = await sequence(world);
  while ((await react(world, rooms)) > 0) entries += await sequence(world);
  const checks = (await judge(world, rooms)).length;
  entries += await sequence(world);
  return { obligations, entries, checks };
}

async function drainObligations(world: World, rooms: Rooms): Promise<number> {
  const handlers = handlersOf(rooms);
  const { rows } = await sql<DueObligation & { attempts: number }>`
    select id, kind, subject, due_at as "dueAt", attempts from obligation
    where done_at is null and due_at <= ${world.now()} and coalesce(retry_at, due_at) <= ${world.now()}
    order by due_at, id limit ${batchLimit}`.execute(world.database.db);
  for (const due of rows) await fulfil(world, handlers, due);
  return rows.length;
}

async function fulfil(
  world: World,
  handlers: ReadonlyMap<string, ObligationHandler>,
  due: DueObligation & { readonly attempts: number },
): Promise<void> {
  const { db } = world.database;
  const handler = handlers.get(due.kind);
  const actor = { kind: 'system', id: 'tick' } as const;
  try {
    if (!handler) throw new Error(`no clause handles obligations of kind ${due.kind}`);
    // The obligation's id as idempotency key: two nodes, or a retry after a crash, act once.
    const execute = executeAs(world, actor, `obligation/${due.id}`);
    await handler({ db, execute, context: await contextFor(world, actor) }, due);
    await sql`update obligation set done_at = ${world.now()} where id = ${due.id} and done_at is null`.execute(db);
  } catch (error) {
    log.error('obligation failed', { obligation: due.id, kind: due.kind, error });
    const minutes = retryMinutes[Math.min(due.attempts, retryMinutes.length - 1)] ?? 720;
    await sql`
      update obligation set attempts = attempts + 1, last_error = ${String(error)},
        retry_at = ${world.now().add({ minutes })}
      where id = ${due.id}`.execute(db);
  }
}

function handlersOf(rooms: Rooms): ReadonlyMap<string, ObligationHandler> {
  return new Map([...rooms.registers, ...rooms.clauses].flatMap((room) => Object.entries(room.obligations ?? {})));
}

/** When the next thing falls due by itself: where the simulator jumps to. */
export async function nextDueAt(db: Db, after: Instant): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant | null }>`
    select min(coalesce(retry_at, due_at)) as at from obligation where done_at is null
    union all
    select min(next_change_at) from check_result where next_change_at > ${after}
    union all
    select min(due_at) from task
      where done_at is null and missed_at is null and cancelled_at is null and due_at > ${after}`.execute(db);
  return earliest(rows.flatMap(({ at }) => (at ? [at] : [])));
}
