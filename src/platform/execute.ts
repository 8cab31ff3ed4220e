import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Actor, actorText } from '../kernel/actor.ts';
import { type Tx, write } from '../kernel/db.ts';
import { uuidv7 } from '../kernel/id.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { ok, refuse } from '../kernel/result.ts';
import { canonicalJson } from '../ledger/canonical.ts';
import type { Context, Event } from '../policy/event.ts';
import type { Execute, Flow } from '../policy/flow.ts';
import { appendEvents } from './ledger/append.ts';
import type { World } from './world.ts';

/** A caller's promise to itself that an act happens once, however often it is asked for. */
export interface Idempotency {
  /** The caller's key with the number of the command within the request. */
  readonly key: string;
}

export interface ExecuteOptions {
  readonly idempotency?: Idempotency;
}

/** Refusals that any flow may answer with. */
export type ExecuteRefusal = 'notAllowed' | 'idempotencyKeyReused';

/**
 * The one write path: load → authorize → decide → in one transaction project the events, append
 * them to the ledger, enqueue effects. When it answers ok, the act is durable.
 *
 * A refusal by a guard is recorded in the ledger, outside the transaction it ended.
 */
export async function execute<State, Command, E extends Event, Code extends string>(
  world: World,
  flow: Flow<State, Command, E, Code>,
  command: Command,
  actor: Actor,
  options: ExecuteOptions = {},
): Promise<Result<readonly E[], Refusal<Code | ExecuteRefusal>>> {
  const context = await contextFor(world, actor);
  const request = options.idempotency && {
    key: options.idempotency.key,
    digest: createHash('sha256')
      .update(`${flow.name}\n${canonicalJson(command as JsonObject)}`)
      .digest(),
  };
  try {
    const events = await world.database.db.transaction().execute(async (tx) => {
      const decided = await decideIn(world, tx, flow, command, context);
      if (request) await rememberAnswer(tx, actor, request, decided, context);
      return decided;
    });
    world.poke();
    return ok(events);
  } catch (thrown) {
    const refusal =
      thrown instanceof Refused ? (thrown.refusal as Refusal<Code | ExecuteRefusal>) : null;
    if (!refusal && !isDuplicateKey(thrown)) throw thrown;
    // The first attempt may have succeeded and changed the state that a second one is refused in.
    if (request) {
      const before = await answerBefore<E>(world, actor, request);
      if (before) return before;
    }
    if (!refusal) throw thrown;
    if (refusal.guard) await recordGuard(world, flow, refusal, context);
    return { ok: false, refusal };
  }
}

/** `execute` bound to a caller, as routes and obligations get it. */
export function executeAs(world: World, actor: Actor, idempotencyKey?: string): Execute {
  let commands = 0;
  return async (flow, command) => {
    const n = commands++;
    const options = idempotencyKey ? { idempotency: { key: `${idempotencyKey}#${n}` } } : {};
    const answer = await execute(world, flow, command, actor, options);
    // The extra codes of `execute` are sentences of the platform; callers pass refusals on unread.
    return answer as Awaited<ReturnType<Execute>> as never;
  };
}

export async function contextFor(world: World, actor: Actor): Promise<Context> {
  const organisation = await world.organisation();
  const now = world.now();
  return {
    now,
    actor,
    zone: organisation?.zone ?? 'UTC',
    newId: () => uuidv7(now, world.random(10)),
  };
}

/** Carries a refusal out of the transaction, which rolls back. */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

async function decideIn<State, Command, E extends Event, Code extends string>(
  world: World,
  tx: Tx,
  flow: Flow<State, Command, E, Code>,
  command: Command,
  context: Context,
): Promise<readonly E[]> {
  const state = await flow.load(tx, command, context);
  if (!world.authorizer.allows(context.actor, flow.authorize(state, command, context))) {
    throw new Refused(refuse('notAllowed').refusal);
  }
  const decided = flow.decide(state, command, context);
  if (!decided.ok) throw new Refused(decided.refusal);
  for (const event of decided.value) await flow.project(tx, event, context);
  await appendEvents(world, tx, flow.clause, decided.value, context);
  const effects = flow.effects
    ? decided.value.flatMap((event) => flow.effects?.(event, state, context) ?? [])
    : [];
  if (effects.length > 0) await world.effects.enqueue(tx, effects);
  return decided.value;
}

interface KeyedRequest {
  readonly key: string;
  readonly digest: Uint8Array;
}

async function rememberAnswer(
  tx: Tx,
  actor: Actor,
  request: KeyedRequest,
  events: readonly Event[],
  context: Context,
): Promise<void> {
  const answer = events.map(({ type, subject, body }) => ({ type, subject, body }));
  await write(
    tx,
    sql`
      insert into idempotency (actor, key, request_digest, answer, at)
      values (${actorText(actor)}, ${request.key}, ${request.digest}, ${JSON.stringify(answer)}, ${context.now})`,
  );
}

/** What the same command answered before, without what was private in it. */
async function answerBefore<E extends Event>(
  world: World,
  actor: Actor,
  request: KeyedRequest,
): Promise<Result<readonly E[], Refusal<'idempotencyKeyReused'>> | null> {
  const { rows } = await sql<{ request_digest: Buffer; answer: readonly E[] }>`
    select request_digest, answer from idempotency
    where actor = ${actorText(actor)} and key = ${request.key}`.execute(world.database.db);
  const [before] = rows;
  if (!before) return null;
  return before.request_digest.equals(request.digest)
    ? ok(before.answer)
    : refuse('idempotencyKeyReused');
}

function isDuplicateKey(thrown: unknown): boolean {
  const error = thrown as { code?: string; constraint?: string };
  return error.code === '23505' && error.constraint === 'idempotency_pkey';
}

async function recordGuard(
  world: World,
  flow: { readonly name: string; readonly clause: string },
  refusal: Refusal,
  context: Context,
): Promise<void> {
  const promise = refusal.guard ?? '';
  const refused = {
    type: 'GuardRefused',
    subject: `promise/${promise}`,
    body: { promise, code: refusal.code, flow: flow.name },
  };
  await world.database.db
    .transaction()
    .execute((tx) => appendEvents(world, tx, flow.clause, [refused], context));
  world.poke();
}
