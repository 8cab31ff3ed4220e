import { secondLookMinutes } from '../../clauses/retention/facts.closure.ts';
import type { StandingClosure } from '../../clauses/retention/flow.closure.ts';
import { closureFlow } from '../../clauses/retention/flows.closure.ts';
import { backupsOf, closureOf, next, noteDue } from '../../clauses/retention/store.closure.ts';
import { Fault } from '../../kernel/fault.ts';
import { type Instant, isBefore } from '../../kernel/instant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import { executeAs } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import { isHeld } from '../../registers/customers/store.holds.ts';
import { letKeyLeave, lockCustomer } from '../../registers/customers/store.ts';
import { forgetDiscardsOf, uploadsOf } from '../../registers/vault/store.erasing.ts';
import type { Rooms } from '../rooms.ts';
import { expireBackups, followedBackups } from './backups.ts';
import { clearingFlow } from './clearing.ts';

/** Kept itself, ending an account by the clock. */
export const closer = { kind: 'system', id: 'closing' } as const;

/**
 * Carries a closure as far as it may go now: key, rows, files, certificate. Each step looks at what
 * there is before it acts, and says what it did only once it has looked again: cut off anywhere, the
 * next call goes on; called twice, nothing happens twice.
 *
 * No idempotency key: which commands are left depends on how far it had come.
 *
 * @throws Fault where the keystore or the storage failed, or still has what it was to remove
 */
export async function advanceClosure(
  world: World,
  rooms: Rooms,
  customerId: string,
): Promise<void> {
  for (;;) {
    const closure = await closureOf(world.database.db, customerId);
    if (!closure || !(await step(world, rooms, customerId, closure))) return;
  }
}

/** One step; false where there is none to be done now. */
async function step(
  world: World,
  rooms: Rooms,
  customerId: string,
  closure: StandingClosure,
): Promise<boolean> {
  switch (closure.state) {
    case 'closing':
      return await begin(world, customerId, closure);
    case 'erasing':
      if (!closure.keyDestroyedAt) return await destroyKey(world, customerId);
      if (!closure.clearedAt) return await clearRows(world, rooms, customerId);
      return await removeFiles(world, customerId);
    case 'erased':
      return await certify(world, customerId, closure);
    case 'reopened':
    case 'certified':
      return false;
  }
}

/** Two looks at the clock, minutes apart, before what cannot be taken back. */
async function begin(
  world: World,
  customerId: string,
  { id, dueAt, seenDueAt }: StandingClosure,
): Promise<boolean> {
  const { db } = world.database;
  const now = world.now();
  // Its lifting puts it on the clock again.
  if (await isHeld(db, customerId)) return false;
  const again = async (at: Instant, seenAt: Instant | null): Promise<false> => {
    await db.transaction().execute(async (tx) => {
      await noteDue(tx, id, seenAt);
      await next(tx, customerId, at, world);
    });
    return false;
  };
  if (isBefore(now, dueAt)) return await again(dueAt, null);
  const seen = seenDueAt && !isBefore(now, seenDueAt) ? seenDueAt : now;
  const second = seen.add({ minutes: secondLookMinutes });
  if (isBefore(now, second)) return await again(second, seen);
  done(await executeAs(world, closer)(closureFlow, { do: 'beginErasure', customerId }));
  return true;
}

/**
 * The decisive step: from here on nobody can read what the customer entrusted, however much it is.
 * Said under the lock of the account, so that no hold can come between the last look and the act, and
 * none after it; done; then looked for, and only then written down.
 */
export async function destroyKey(world: World, customerId: string): Promise<boolean> {
  const leaves = await world.database.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    if (await isHeld(tx, customerId)) return false;
    await letKeyLeave(tx, customerId, world.now());
    return true;
  });
  if (!leaves) return false;
  await world.keystore.destroy(customerId);
  if (await world.keystore.exists(customerId)) {
    throw new Fault(`the keystore still has a key of customer ${customerId}`, { retryable: true });
  }
  const backups = await followedBackups(world, customerId);
  done(await executeAs(world, closer)(closureFlow, { do: 'destroyKey', customerId, backups }));
  return true;
}

async function clearRows(world: World, rooms: Rooms, customerId: string): Promise<boolean> {
  const { objects, database } = world;
  for (const upload of await uploadsOf(database.db, customerId)) {
    await objects.abandonUpload(upload);
  }
  let files = 0;
  for await (const _ of objects.list(customerId)) files += 1;
  const execute = executeAs(world, closer);
  done(await execute(clearingFlow(rooms), { do: 'clearRows', customerId, files }));
  return true;
}

/** No row names them any more. Removed, looked for again, and only then forgotten. */
async function removeFiles(world: World, customerId: string): Promise<boolean> {
  const { objects, database } = world;
  for await (const { name } of objects.list(customerId)) await objects.remove(name);
  for await (const { name } of objects.list(customerId)) {
    throw new Fault(`the storage still has ${name}`, { retryable: true });
  }
  await database.db.transaction().execute((tx) => forgetDiscardsOf(tx, customerId));
  done(await executeAs(world, closer)(closureFlow, { do: 'finish', customerId }));
  return true;
}

/** Each backup that could hold the key is followed until it is gone; with the last, the certificate. */
async function certify(
  world: World,
  customerId: string,
  closure: StandingClosure,
): Promise<boolean> {
  const { db } = world.database;
  const execute = executeAs(world, closer);
  await expireBackups(world, world.now());
  const backups = await followedBackups(world, customerId);
  done(await execute(closureFlow, { do: 'followBackups', customerId, backups }));
  const waiting = (await backupsOf(db, closure.id)).filter(({ goneAt }) => !goneAt);
  const [first] = waiting.toSorted((a, b) => Temporal.Instant.compare(a.expiresAt, b.expiresAt));
  if (!first) {
    done(await execute(closureFlow, { do: 'certify', customerId }));
    return true;
  }
  // One that is late is asked for again by the hour.
  const later = world.now().add({ hours: 1 });
  const at = isBefore(first.expiresAt, later) ? later : first.expiresAt;
  await db.transaction().execute((tx) => next(tx, customerId, at, world));
  return false;
}

/** A refusal means that the closure changed between look and command: the next look decides anew. */
function done(answer: Result<unknown, Refusal>): void {
  if (answer.ok) return;
  throw new Fault(`a step of a closure was refused: ${answer.refusal.code}`, { retryable: true });
}
