import { type Actor, personOf } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  type ChecklistCommand,
  type ChecklistEvent,
  type ChecklistRefusal,
  type ChecklistState,
  checklistFor,
  type RunningItem,
} from './facts.checklist.ts';

type Decision = Result<readonly ChecklistEvent[], Refusal<ChecklistRefusal>>;
type Of<Do extends ChecklistCommand['do']> = Extract<ChecklistCommand, { do: Do }>;

/** Checklists of joiners, movers and leavers. */
export function decideChecklist(
  state: ChecklistState,
  command: ChecklistCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'saveTemplate':
      return save(state, command, context);
    case 'retireTemplate':
      return retire(state, command);
    case 'openChecklists':
      return open(state, command, context);
    case 'completeItem':
      return complete(state, context.actor);
  }
}

function save(
  { template }: ChecklistState,
  { id, version, kind, role, titles, items }: Of<'saveTemplate'>,
  { newId }: Context,
): Decision {
  if (id && !template) return refuse('templateUnknown');
  if ((template?.version ?? 0) !== version) return refuse('templateChangedMeanwhile');
  const saved = { id: template?.id ?? newId(), version: version + 1, kind, role, titles, items };
  return ok([
    {
      type: 'ChecklistTemplateSaved',
      subject: `checklistTemplate/${saved.id}`,
      body: { version: saved.version, kind, role, items: items.length },
      template: saved,
    },
  ]);
}

function retire({ template }: ChecklistState, { version }: Of<'retireTemplate'>): Decision {
  if (!template) return refuse('templateUnknown');
  if (template.version !== version) return refuse('templateChangedMeanwhile');
  return ok([
    {
      type: 'ChecklistTemplateRetired',
      subject: `checklistTemplate/${template.id}`,
      body: { version },
      templateId: template.id,
    },
  ]);
}

function open(
  { person, due }: ChecklistState,
  { on }: Of<'openChecklists'>,
  { now, zone, newId }: Context,
): Decision {
  if (!person) return refuse('checklistPersonUnknown');
  const days = { on: Temporal.PlainDate.from(on), today: dateIn(now, zone) };
  return ok(due.map((template) => checklistFor(template, person, days, newId)));
}

function complete({ item }: ChecklistState, actor: Actor): Decision {
  if (!item) return refuse('itemUnknown');
  if (item.closed) return refuse('checklistClosed');
  if (item.done) return ok([]);
  if (!isTheirs(item, actor)) return refuse('itemNotYours');
  const subject = `person/${item.personId}`;
  const body = { checklist: item.checklistId, item: item.id };
  const done: ChecklistEvent = { type: 'ChecklistItemDone', subject, body, item };
  if (item.left > 0) return ok([done]);
  const { checklistId } = item;
  return ok([
    done,
    { type: 'ChecklistDone', subject, body: { checklist: checklistId }, checklistId },
  ]);
}

/** The assignee's, the role's, and the people team's, who answer for every checklist. */
function isTheirs({ assigneeId, role }: RunningItem, actor: Actor): boolean {
  if (actor.kind === 'system') return true;
  const { roles } = actor;
  if (assigneeId !== null && personOf(actor) === assigneeId) return true;
  if (role !== null && roles.some((each) => each === role)) return true;
  return roles.includes('people') || roles.includes('security-officer');
}
