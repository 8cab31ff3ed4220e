import { promisesInForce } from '../../clauses/publication/store.version.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Json } from '../../kernel/json.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { appendEvents } from '../../platform/ledger/append.ts';
import type { World } from '../../platform/world.ts';
import { worstOf } from '../../policy/status.ts';
import {
  type PromiseStatus,
  promiseStatuses,
  storeStatuses,
} from '../../registers/findings/store.ts';
import { dutyRecords } from '../../registers/tasks/duties.ts';
import { declaredPromises, promiseOf, type Rooms, upholdersOf } from '../rooms.ts';
import { type Known, verdictOf } from './verdicts.ts';

/** What statuses are derived from and compared with, as it stands before. */
export interface Settled {
  readonly duties: Known['duties'];
  readonly statuses: ReadonlyMap<string, PromiseStatus>;
  /** Of the text in force; null before the first one. */
  readonly inForce: ReadonlySet<string> | null;
}

export async function readSettled(db: Db, rooms: Rooms, now: Instant): Promise<Settled> {
  const kinds = upholdersOf(rooms).flatMap((upholder) =>
    upholder.by === 'duty' ? [upholder.duty.kind] : [],
  );
  const [duties, statuses, inForce] = await Promise.all([
    dutyRecords(db, kinds, now),
    promiseStatuses(db),
    promisesInForce(db),
  ]);
  return { duties, statuses, inForce };
}

/**
 * Derives the status of every promise from what upholds it, stores all of them at once and records
 * each change in the ledger.
 */
export async function settleStatuses(
  world: World,
  tx: Tx,
  rooms: Rooms,
  {
    now,
    checks,
    settled: { duties, statuses: before, inForce },
  }: { readonly now: Instant; readonly checks: Known['checks']; readonly settled: Settled },
): Promise<void> {
  const upholders = upholdersOf(rooms);
  const known: Known = { checks, duties, now };

  // Promises that the organisation added to its text have a status too: unknown until upheld.
  const promises = [...declaredPromises(rooms).map(({ id }) => id), ...(inForce ?? [])];
  const settled = [...new Set(promises)].map((promise) => {
    const verdict = worstOf(
      upholders
        .filter((upholder) => promiseOf(upholder) === promise)
        .map((upholder) => verdictOf(upholder, known)),
    );
    return { promise, status: verdict.status, reason: verdict.reason, proven_at: verdict.provenAt };
  });
  const changed = settled.filter(({ promise, status }) => before.get(promise)?.status !== status);
  const rewritten = settled.filter((each) => !isSame(before.get(each.promise), each));
  await storeStatuses(tx, rewritten, new Set(changed.map(({ promise }) => promise)), now);
  // That nothing upholds a promise yet is no news for the ledger; a status gained or lost is.
  const news = changed.filter(
    ({ promise, reason }) => before.has(promise) || reason.code !== 'nothingUpholds',
  );
  const events = news.map(({ promise, status, reason }) => ({
    type: 'PromiseStatusChanged',
    subject: `promise/${promise}`,
    body: { promise, status, reason: reason.code, before: before.get(promise)?.status ?? null },
  }));
  await appendEvents(world, tx, 'policy', events, { actor: { kind: 'system', id: 'status' }, now });
  if (events.length > 0) world.poke();
}

/** Most promises stand as they stood: those are not written again. */
function isSame(before: PromiseStatus | undefined, after: Omit<PromiseStatus, 'since'>): boolean {
  return (
    before !== undefined &&
    before.status === after.status &&
    canonicalJson(before.reason as unknown as Json) ===
      canonicalJson(after.reason as unknown as Json) &&
    (before.proven_at === null || after.proven_at === null
      ? before.proven_at === after.proven_at
      : before.proven_at.equals(after.proven_at))
  );
}
