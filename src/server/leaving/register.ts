import { dateIn, endOfDay, instantText } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { leaveKind, overdueLeavers } from '../../registers/people/store.leaving.ts';
import type { Rooms } from '../rooms.ts';
import { leavingFlow } from './flow.ts';
import { leavingRoutes } from './routes.ts';

/**
 * Leaving, as a room: it owns no noun, and makes every other room let go (ACC-7). End dates come by
 * the clock; those that passed while Kept did not run, or before it knew how, are caught up at start.
 *
 * @param rooms every room, by then: leaving is one of them itself
 */
export function leaving(rooms: () => Rooms): Register {
  const flow = leavingFlow(rooms);
  return {
    id: 'leaving',
    flows: { leaving: flow as unknown as AnyFlow },
    async begin({ db, execute, context: { now, zone } }) {
      for (const { id, endsOn } of await overdueLeavers(db, dateIn(now, zone))) {
        const triggeredAt = instantText(endOfDay(endsOn, zone));
        granted(await execute(flow, { do: 'endAccess', id, trigger: 'endDate', triggeredAt }));
      }
    },
    obligations: {
      [leaveKind]: async ({ execute }, { subject, dueAt }) => {
        const id = subject.slice('person/'.length);
        const triggeredAt = instantText(dueAt);
        const done = await execute(flow, {
          do: 'endAccess',
          id,
          trigger: 'endDate',
          triggeredAt,
        });
        // Whose data was erased has left before.
        if (!done.ok && done.refusal.code === 'personErased') return;
        granted(done);
      },
    },
    routes: leavingRoutes(flow),
  };
}

/** The clock is refused nothing that it asks here: a refusal would be a bug of ours. */
function granted(answer: Result<unknown, Refusal>): void {
  invariant(answer.ok, `leaving was refused: ${answer.ok ? '' : answer.refusal.code}`);
}
