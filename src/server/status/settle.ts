import { promisesInForce } from '../../clauses/publication/store.version.ts';
import type { Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { appendEvents } from '../../platform/ledger/append.ts';
import type { World } from '../../platform/world.ts';
import { worstOf } from '../../policy/status.ts';
import { checkResults, promiseStatuses, storeStatuses } from '../../registers/findings/store.ts';
import { dutyRecords } from '../../registers/tasks/duties.ts';
import { declaredPromises, promiseOf, type Rooms, upholdersOf } from '../rooms.ts';
import { type Known, verdictOf } from './verdicts.ts';

/**
 * Derives the status of every promise from what upholds it, stores all of them at once and records
 * each change in the ledger.
 */
export async function settleStatuses(
  world: World,
  tx: Tx,
  rooms: Rooms,
  now: Instant,
): Promise<void> {
  const upholders = upholdersOf(rooms);
  const duties = upholders.flatMap((upholder) =>
    upholder.by === 'duty' ? [upholder.duty.kind] : [],
  );
  const known: Known = {
    checks: await checkResults(tx),
    duties: await dutyRecords(tx, duties, now),
    now,
  };
  const before = await promiseStatuses(tx);

  // Promises that the organisation added to its text have a status too: unknown until upheld.
  const promises = [
    ...declaredPromises(rooms).map(({ id }) => id),
    ...((await promisesInForce(tx)) ?? []),
  ];
  const settled = [...new Set(promises)].map((promise) => {
    const verdict = worstOf(
      upholders
        .filter((upholder) => promiseOf(upholder) === promise)
        .map((upholder) => verdictOf(upholder, known)),
    );
    return { promise, status: verdict.status, reason: verdict.reason, proven_at: verdict.provenAt };
  });
  const changed = settled.filter(({ promise, status }) => before.get(promise)?.status !== status);
  await storeStatuses(tx, settled, new Set(changed.map(({ promise }) => promise)), now);
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
