import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Context, Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import type { PersonEvent } from '../../registers/people/facts.ts';
import {
  leaveKind,
  lockLeaver,
  recordDeparture,
  setSuspended,
} from '../../registers/people/store.leaving.ts';
import { personFlow } from '../../registers/people/store.ts';
import { unschedule } from '../../registers/tasks/store.ts';
import type { Rooms } from '../rooms.ts';
import { decideLeaving, type LeavingState, takes } from './decide.ts';
import {
  type LeavingCommand,
  type LeavingEvent,
  type LeavingRefusal,
  leavingCommand,
} from './facts.ts';
import { takeEverything, takeWaysIn } from './take.ts';

export type LeavingFlow = Flow<LeavingState, LeavingCommand, LeavingEvent, LeavingRefusal>;

/**
 * The end of somebody's access (ACC-7), whatever it comes by: end date, provisioning, the button.
 * Taking is done while loading, so that what is decided, counted and written down is what was there
 * under the lock; a refusal rolls it back with everything else.
 *
 * Whoever comes back (`EmploymentContinued`, `SuspensionLifted`) gets no session, token, role or
 * grant back: they may be invited again, and what they need they ask for again.
 */
export function leavingFlow(rooms: () => Rooms): LeavingFlow {
  return {
    name: 'people.leaving',
    clause: 'people',
    command: leavingCommand,
    async load(tx, command, context) {
      const person = await lockLeaver(tx, command.id);
      const what = takes(person, command, context);
      if (!person || what === 'nothing') return { person, taken: null };
      const taken =
        what === 'everything'
          ? await takeEverything(tx, rooms(), person.id, context)
          : await takeWaysIn(tx, person.id, context);
      return { person, taken };
    },
    authorize: (_, command) => ({ action: command.do }),
    decide: decideLeaving,
    project: projectLeaving,
  };
}

/** Writes what happened to somebody who leaves, is suspended, or may enter again. */
export async function projectLeaving(tx: Tx, event: Event, context: Context): Promise<void> {
  const id = event.about as PersonId;
  switch (event.type) {
    case 'EmploymentEnded':
      await personFlow.project(tx, event as PersonEvent, context);
      // What was on the clock happens now.
      await unschedule(tx, event.subject, leaveKind);
      break;
    case 'AccessEnded': {
      const { trigger, triggeredAt, counts } = (event as LeavingEvent & { type: 'AccessEnded' })
        .body;
      const since = Temporal.Instant.from(triggeredAt);
      await recordDeparture(tx, id, { at: context.now, trigger, triggeredAt: since, counts });
      break;
    }
    case 'AccessSuspended':
      await setSuspended(tx, id, context.now, context.now);
      break;
    case 'SuspensionLifted':
      await setSuspended(tx, id, null, context.now);
      break;
  }
}
