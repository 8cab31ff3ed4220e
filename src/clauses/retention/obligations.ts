import { invariant } from '../../kernel/invariant.ts';
import type { Begin } from '../../policy/clause.ts';
import type { ObligationHandler, ReactionHandler } from '../../policy/flow.ts';
import { closureFlow } from './flows.closure.ts';
import { disposalFlow, type Kinds } from './flows.schedule.ts';
import { closureOf } from './store.closure.ts';
import { nightKind, scheduleNight } from './store.schedule.ts';

/** What the clock makes happen here, and what follows from entries of other rooms. */

/** Disposes of all that is past its date, batch by batch, and puts the next night on the clock. */
export function nightOf(kinds: Kinds): Readonly<Record<string, ObligationHandler>> {
  const flow = disposalFlow(kinds);
  return {
    [nightKind]: async ({ db, execute, context }) => {
      for (;;) {
        const done = await execute(flow, { do: 'disposeNext' });
        invariant(done.ok, 'the clock was refused a disposal');
        if (done.value.length === 0) break;
      }
      await scheduleNight(db, context);
    },
  };
}

export const reactions: Readonly<Record<string, ReactionHandler>> = {
  /** What was due while it was held is due now. */
  HoldLifted: async ({ db, execute }, { subject, body }) => {
    if (body['held'] === true) return;
    const customerId = subject.slice('customer/'.length);
    if (!(await closureOf(db, customerId))) return;
    const done = await execute(closureFlow, { do: 'resume', customerId });
    invariant(done.ok, `a closure was not resumed: ${done.ok ? '' : done.refusal.code}`);
  },
};

export const begin: Begin = ({ db, context }) => scheduleNight(db, context);
