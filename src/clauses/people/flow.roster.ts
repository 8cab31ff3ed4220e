import { dateIn } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import { checklistFor } from './facts.checklist.ts';
import type {
  Assigned,
  RosterCommand,
  RosterEvent,
  RosterState,
  TrainingAssigned,
} from './facts.roster.ts';
import { owedTraining } from './facts.training.ts';
import { digestOfList, listOf } from './facts.ts';

/**
 * What a day brings: trainings that are owed by now, signatures to ask for, reminders, checklists
 * of joiners, movers and leavers. One event for many people, with the list beside it.
 */
export function decideRoster(
  state: RosterState,
  command: RosterCommand,
  context: Context,
): Result<readonly RosterEvent[], Refusal<never>> {
  if (command.do === 'noteErasureBlocked') {
    const { personId, code, count } = command;
    const subject = `person/${personId}`;
    const block = { personId, code, count };
    return ok([{ type: 'ErasureBlocked', subject, body: { code, count }, block }]);
  }
  const today = dateIn(context.now, context.zone);
  const subject = `roster/${today}`;
  const found: RosterEvent[] = [
    ...assign(state, subject, today, context),
    ...release(state, subject),
    ...ask(state, subject),
    ...remind(state, subject),
    ...tell(state, subject),
    ...state.openings.map(({ template, person, on }) =>
      checklistFor(template, person, { on, today }, context.newId),
    ),
    ...moveChecklists(state),
  ];
  if (found.length === 0 && state.unplaced === 0 && state.readToday) return ok([]);
  return ok([{ type: 'StaffRead', subject, body: { acts: found.length } }, ...found]);
}

function assign(
  { candidates, settings }: RosterState,
  subject: string,
  today: Temporal.PlainDate,
  { newId }: Context,
): readonly TrainingAssigned[] {
  const assigned = candidates.flatMap((each): Assigned[] => {
    const owed = owedTraining(each, today, settings);
    if (!owed) return [];
    const { personId, course, titles } = each;
    return [{ id: newId(), personId, course, titles, ...owed }];
  });
  if (assigned.length === 0) return [];
  const list = listOf(
    assigned.map(({ id, personId, course, because, dueOn }) =>
      [personId, course, because, dueOn.toString(), id].join('\t'),
    ),
  );
  const body = { trainings: assigned.length, listBlob: digestOfList(list) };
  return [{ type: 'TrainingAssigned', subject, body, blobs: { listBlob: list }, assigned }];
}

function release({ released, signersGone }: RosterState, subject: string): RosterEvent[] {
  const events: RosterEvent[] = [];
  if (released.length > 0) {
    const list = listOf(released.map(({ personId, course }) => `${personId}\t${course}`));
    const body = { trainings: released.length, listBlob: digestOfList(list) };
    events.push({ type: 'TrainingReleased', subject, body, blobs: { listBlob: list }, released });
  }
  if (signersGone.length > 0) {
    const list = listOf(signersGone.map(({ personId, document }) => `${personId}\t${document}`));
    const body = { signatures: signersGone.length, listBlob: digestOfList(list) };
    events.push({
      type: 'SignaturesReleased',
      subject,
      body,
      blobs: { listBlob: list },
      released: signersGone,
    });
  }
  return events;
}

function ask({ unasked }: RosterState, subject: string): RosterEvent[] {
  if (unasked.length === 0) return [];
  const list = listOf(
    unasked.map(({ personId, document, number, dueOn }) =>
      [personId, document, number, dueOn.toString()].join('\t'),
    ),
  );
  const body = { signatures: unasked.length, listBlob: digestOfList(list) };
  return [{ type: 'SignaturesAsked', subject, body, blobs: { listBlob: list }, asked: unasked }];
}

function remind({ reminding }: RosterState, subject: string): RosterEvent[] {
  if (reminding.length === 0) return [];
  const list = listOf(
    reminding.map(({ personId, course, days }) => `${personId}\t${course}\t${days}`),
  );
  const body = { people: reminding.length, listBlob: digestOfList(list) };
  return [
    { type: 'TrainingReminded', subject, body, blobs: { listBlob: list }, reminded: reminding },
  ];
}

/** Who answers for somebody hears that they are late, the day after and once. */
function tell({ untold }: RosterState, subject: string): RosterEvent[] {
  if (untold.length === 0) return [];
  const list = listOf(
    untold.map(({ personId, course, managerId }) => `${personId}\t${course}\t${managerId ?? ''}`),
  );
  const body = { trainings: untold.length, listBlob: digestOfList(list) };
  return [{ type: 'LatenessTold', subject, body, blobs: { listBlob: list }, told: untold }];
}

function moveChecklists({ moved }: RosterState): RosterEvent[] {
  return moved.map(({ checklistId, personId, on }) => {
    const subject = `person/${personId}`;
    return on
      ? {
          type: 'ChecklistRedated',
          subject,
          body: { checklist: checklistId, on: on.toString() },
          checklistId,
          on,
        }
      : { type: 'ChecklistCancelled', subject, body: { checklist: checklistId }, checklistId };
  });
}
