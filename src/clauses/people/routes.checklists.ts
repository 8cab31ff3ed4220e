import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import { dateIn, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../../registers/list.ts';
import { personId } from '../../registers/people/facts.ts';
import { occasions, template } from './facts.checklist.ts';
import { checklistFlow } from './flows.ts';
import { templates } from './store.checklist.ts';
import {
  type ChecklistRow,
  checklistConditions,
  checklistList,
  checklistSorts,
  checklistStates,
} from './store.lists.ts';

/** Checklists of joiners, movers and leavers: templates, and those that are running. */

const words = z.object({ en: z.string(), ja: z.string() });

const checklistOutput = z.object({
  id: z.string(),
  kind: z.enum(occasions),
  titles: words,
  personId: z.string(),
  name: z.string(),
  on: z.string(),
  openedAt: z.string(),
  state: z.enum(checklistStates),
  done: z.int(),
  items: z.int(),
  nextDueOn: z.string().nullable(),
});
type Checklist = z.output<typeof checklistOutput>;

function item(row: ChecklistRow): Checklist {
  return {
    ...row,
    on: row.on.toString(),
    openedAt: instantText(row.openedAt),
    nextDueOn: row.nextDueOn?.toString() ?? null,
  };
}

const csv = (
  ['name', 'kind', 'on', 'state', 'done', 'items', 'nextDueOn', 'openedAt'] as const
).map((header) => ({ header, cell: (row: Checklist) => row[header] }));

const itemOutput = z.object({
  id: z.string(),
  words,
  owner: z.string(),
  assignee: z.string().nullable(),
  assigneeId: z.string().nullable(),
  role: z.string().nullable(),
  dueOn: z.string(),
  late: z.boolean(),
  path: z.string(),
  doneAt: z.string().nullable(),
  doneBy: z.string().nullable(),
  /** Whether the caller may tick it. */
  mine: z.boolean(),
});

interface ItemRow {
  readonly id: string;
  readonly words: { en: string; ja: string };
  readonly owner: string;
  readonly assignee: string | null;
  readonly assigneeId: string | null;
  readonly role: string | null;
  readonly dueOn: Temporal.PlainDate;
  readonly path: string;
  readonly doneAt: Temporal.Instant | null;
  readonly doneBy: string | null;
}

async function itemsOf(db: Db, checklistId: string): Promise<readonly ItemRow[]> {
  const { rows } = await sql<ItemRow>`
    select i.id, i.words, i.owner, a.name as assignee, i.assignee_id as "assigneeId", i.role,
      i.due_on as "dueOn", i.path, i.done_at as "doneAt", d.name as "doneBy"
    from checklist_item i left join person a on a.id = i.assignee_id left join person d on d.id = i.done_by
    where i.checklist_id = ${checklistId} order by i.position`.execute(db);
  return rows;
}

async function checklistOf(db: Db, id: string, today: Temporal.PlainDate) {
  const { source } = checklistList(item, csv, today);
  const { rows } = await sql<ChecklistRow>`
    select ${source.select} from (select ${id}::uuid as id) page ${source.details}`.execute(db);
  return rows[0] ? item(rows[0]) : null;
}

export const checklistRoutes = {
  listChecklists: route({
    method: 'get',
    path: '/checklists',
    summary: 'Checklists of joiners, movers and leavers, with how far each is.',
    permission: 'readChecklists',
    input: listInput(
      { sorts: checklistSorts },
      {
        state: z.enum(checklistStates).optional(),
        kind: z.enum(occasions).optional(),
        person: personId.optional(),
      },
    ),
    output: listOutput(checklistOutput),
    handle: ({ db, now, zone }, input) => {
      const today = dateIn(now, zone);
      const list = checklistList(item, csv, today);
      return answerList(db, list, input, checklistConditions(input, today));
    },
  }),

  readChecklist: route({
    method: 'get',
    path: '/checklists/{id}',
    summary:
      'One checklist with its items: to whoever answers for checklists, or has an item in it.',
    permission: 'completeChecklistItem',
    input: z.object({ id: personId }),
    output: checklistOutput.extend({ list: z.array(itemOutput) }),
    handle: async ({ db, now, zone, actor, may }, { id }) => {
      const today = dateIn(now, zone);
      const [found, rows] = [await checklistOf(db, id, today), await itemsOf(db, id)];
      const person = actor && personOf(actor);
      const roles: readonly string[] = actor && actor.kind !== 'system' ? actor.roles : [];
      const answers = may('openChecklists');
      const list = rows.map((row) => ({
        ...row,
        dueOn: row.dueOn.toString(),
        doneAt: row.doneAt ? instantText(row.doneAt) : null,
        late: !row.doneAt && Temporal.PlainDate.compare(row.dueOn, today) < 0,
        mine:
          answers ||
          (row.assigneeId !== null && row.assigneeId === person) ||
          (row.role !== null && roles.includes(row.role)),
      }));
      const theirs = may('readChecklists') || list.some(({ mine }) => mine);
      return found && theirs ? ok({ ...found, list }) : refuse('notFound');
    },
  }),

  completeChecklistItem: route({
    method: 'post',
    path: '/checklists/items/{itemId}',
    summary: 'Ticks an item as done: by its owner, or by the people team.',
    permission: 'completeChecklistItem',
    input: z.object({ itemId: personId }),
    output: z.object({ done: z.boolean() }),
    handle: async ({ execute }, { itemId }) => {
      const done = await execute(checklistFlow, { do: 'completeItem', itemId });
      return done.ok ? ok({ done: true }) : done;
    },
  }),

  openChecklists: route({
    method: 'post',
    path: '/checklists',
    summary: 'Opens what an occasion asks for, for a person, by hand.',
    permission: 'openChecklists',
    input: z.object({ kind: z.enum(occasions), personId, on: z.iso.date() }),
    output: z.object({ opened: z.int() }),
    handle: async ({ execute }, given) => {
      const done = await execute(checklistFlow, { do: 'openChecklists', ...given });
      return done.ok ? ok({ opened: done.value.length }) : done;
    },
  }),

  listChecklistTemplates: route({
    method: 'get',
    path: '/checklist-templates',
    summary: 'The checklists that are opened for joiners, movers and leavers.',
    permission: 'readChecklists',
    input: z.object({}),
    output: z.object({
      items: z.array(template.extend({ id: z.string(), version: z.int() })),
    }),
    handle: async ({ db }) => ok({ items: (await templates(db)).map((each) => ({ ...each })) }),
  }),

  saveChecklistTemplate: route({
    method: 'put',
    path: '/checklist-templates',
    summary: 'Writes a checklist; without an id it is a new one. Running ones stay as they are.',
    permission: 'editChecklists',
    input: template.extend({ id: personId.nullable(), version: z.int().min(0) }),
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, given) => {
      const done = await execute(checklistFlow, { do: 'saveTemplate', ...given });
      return done.ok ? ok({ id: done.value[0]?.subject.split('/')[1] ?? '' }) : done;
    },
  }),

  retireChecklistTemplate: route({
    method: 'post',
    path: '/checklist-templates/{id}/retirement',
    summary: 'Retires a checklist: it is opened for nobody any more.',
    permission: 'editChecklists',
    input: z.object({ id: personId, version: z.int() }),
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, given) => {
      const done = await execute(checklistFlow, { do: 'retireTemplate', ...given });
      return done.ok ? ok({ id: given.id }) : done;
    },
  }),
};
