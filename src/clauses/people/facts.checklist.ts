import { z } from 'zod';
import { roles } from '../../kernel/actor.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';
import { personId } from '../../registers/people/facts.ts';
import { inBothLanguages, type Words } from './facts.ts';

/** Somebody begins, changes, leaves. */
export const occasions = ['joiner', 'mover', 'leaver'] as const;
export type Occasion = (typeof occasions)[number];

/** Whose an item is: the person's own, their manager's, or anyone's who holds a role. */
export const owners = ['person', 'manager', ...roles] as const;
export type Owner = (typeof owners)[number];

export const templateItem = z.object({
  words: inBothLanguages(300),
  owner: z.enum(owners),
  /** Days from the first day, the change or the last day; negative before it. */
  days: z.int().min(-90).max(365),
  /** Where in the console it is done; empty where it is done elsewhere. */
  path: z
    .string()
    .max(200)
    .regex(/^(\/console\/[\w\-/?=&$.{}]*)?$/)
    .default(''),
});

export const template = z.object({
  kind: z.enum(occasions),
  /** For holders of a role; null for everyone. */
  role: z.enum(roles).nullable(),
  titles: inBothLanguages(200),
  items: z.array(templateItem).min(1).max(60),
});
export type Template = z.output<typeof template>;

export const checklistCommand = z.discriminatedUnion('do', [
  template.extend({
    do: z.literal('saveTemplate'),
    id: personId.nullable(),
    version: z.int().min(0),
  }),
  z.object({ do: z.literal('retireTemplate'), id: personId, version: z.int() }),
  /** Opens what an occasion asks for; by Kept itself, or by hand. */
  z.object({
    do: z.literal('openChecklists'),
    kind: z.enum(occasions),
    personId,
    on: z.iso.date(),
  }),
  z.object({ do: z.literal('completeItem'), itemId: personId }),
]);
export type ChecklistCommand = z.output<typeof checklistCommand>;

export interface StoredTemplate extends Template {
  readonly id: string;
  readonly version: number;
}

/** Of a person, what decides which checklists they get and whose the items are. */
export interface ChecklistPerson {
  readonly id: PersonId;
  readonly managerId: PersonId | null;
  readonly roles: readonly string[];
}

export interface RunningItem {
  readonly id: string;
  readonly checklistId: string;
  readonly personId: PersonId;
  readonly assigneeId: PersonId | null;
  readonly role: string | null;
  readonly done: boolean;
  /** Others of the same checklist that are not done yet. */
  readonly left: number;
  readonly closed: boolean;
}

export interface ChecklistState {
  readonly template: StoredTemplate | null;
  /** Templates of the occasion that the person has no open checklist of. */
  readonly due: readonly StoredTemplate[];
  readonly person: ChecklistPerson | null;
  readonly item: RunningItem | null;
}

export type ChecklistRefusal =
  | 'templateUnknown'
  | 'templateChangedMeanwhile'
  | 'itemUnknown'
  | 'itemNotYours'
  | 'checklistClosed'
  | 'checklistPersonUnknown';

/** A checklist as it is opened. */
export interface NewChecklist {
  readonly id: string;
  readonly template: StoredTemplate;
  readonly personId: PersonId;
  readonly on: Temporal.PlainDate;
  readonly items: readonly NewItem[];
}

export interface NewItem {
  readonly id: string;
  readonly words: Words;
  readonly owner: Owner;
  readonly assigneeId: PersonId | null;
  readonly role: string | null;
  readonly days: number;
  readonly dueOn: Temporal.PlainDate;
  readonly path: string;
}

export type ChecklistOpened = Event & {
  readonly type: 'ChecklistOpened';
  readonly checklist: NewChecklist;
};
export type ChecklistRedated = Event & {
  readonly type: 'ChecklistRedated';
  readonly checklistId: string;
  readonly on: Temporal.PlainDate;
};
export type ChecklistCancelled = Event & {
  readonly type: 'ChecklistCancelled';
  readonly checklistId: string;
};

export type ChecklistEvent =
  | (Event & { readonly type: 'ChecklistTemplateSaved'; readonly template: StoredTemplate })
  | (Event & { readonly type: 'ChecklistTemplateRetired'; readonly templateId: string })
  | ChecklistOpened
  | (Event & { readonly type: 'ChecklistItemDone'; readonly item: RunningItem })
  | (Event & { readonly type: 'ChecklistDone'; readonly checklistId: string });

/**
 * A checklist for a person: whose each item is, and its last day, which is never before the day on
 * which it is opened. A manager's item of someone without a manager is for the people team.
 */
export function checklistFor(
  template: StoredTemplate,
  person: ChecklistPerson,
  { on, today }: { readonly on: Temporal.PlainDate; readonly today: Temporal.PlainDate },
  newId: () => string,
): ChecklistOpened {
  const id = newId();
  const items = template.items.map((item): NewItem => {
    const { words, owner, days, path } = item;
    const assigneeId =
      owner === 'person' ? person.id : owner === 'manager' ? person.managerId : null;
    const role = assigneeId ? null : owner === 'manager' ? 'people' : owner;
    return {
      id: newId(),
      words,
      owner,
      assigneeId,
      role,
      days,
      dueOn: later(on.add({ days }), today),
      path: path.replace('{person}', person.id),
    };
  });
  return {
    type: 'ChecklistOpened',
    subject: `person/${person.id}`,
    body: {
      checklist: id,
      kind: template.kind,
      template: template.id,
      version: template.version,
      on: on.toString(),
      items: items.length,
    },
    checklist: { id, template, personId: person.id, on, items },
  };
}

function later(a: Temporal.PlainDate, b: Temporal.PlainDate): Temporal.PlainDate {
  return Temporal.PlainDate.compare(a, b) < 0 ? b : a;
}
