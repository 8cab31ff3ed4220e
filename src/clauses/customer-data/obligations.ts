import { invariant } from '../../kernel/invariant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import type { ObligationHandler, ReactionHandler } from '../../policy/flow.ts';
import { endCase, lapseCase, missCaseReview, missReconciliation } from './flows.ts';
import { expireKind, idOf, reconcileMissKind, reviewMissKind, underWayOf } from './store.cases.ts';
import { lapseKind } from './store.requesting.ts';

/** What the clock makes happen to cases. */
export const obligations: Readonly<Record<string, ObligationHandler>> = {
  [lapseKind]: async ({ execute }, { subject }) => {
    done(await execute(lapseCase, { id: idOf(subject) }));
  },
  [expireKind]: async ({ execute }, { subject }) => {
    done(await execute(endCase, { id: idOf(subject) }));
  },
  [reconcileMissKind]: async ({ execute }, { subject }) => {
    done(await execute(missReconciliation, { id: idOf(subject) }));
  },
  [reviewMissKind]: async ({ execute }, { subject }) => {
    done(await execute(missCaseReview, { id: idOf(subject) }));
  },
};

/**
 * Whoever leaves or is suspended reads nothing from that moment on; here their cases end as well. Of a
 * leaver's the time was over in the transaction of their leaving (`store.leaving.ts`).
 */
const endTheirs: ReactionHandler = async ({ db, execute }, { subject }) => {
  for (const { id, open } of await underWayOf(db, subject.slice('person/'.length))) {
    done(open ? await execute(endCase, { id }) : await execute(lapseCase, { id }));
  }
};

export const reactions: Readonly<Record<string, ReactionHandler>> = {
  AccessEnded: endTheirs,
  AccessSuspended: endTheirs,
};

/** The system is refused nothing that it asks here: a refusal would be a bug of ours. */
function done(answer: Result<unknown, Refusal>): void {
  invariant(answer.ok, `the clock was refused: ${answer.ok ? '' : answer.refusal.code}`);
}
