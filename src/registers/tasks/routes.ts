import { sql } from 'kysely';
import { z } from 'zod';
import { type Actor, personOf } from '../../kernel/actor.ts';
import { isUuid } from '../../kernel/id.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { answerList, listInput, listOutput, listPage } from '../list.ts';
import { dueGroups, taskConditions, taskList, taskSorts, taskStates, type Whose } from './list.ts';

const id = z.string().refine(isUuid);

const taskOutput = z.object({
  id: z.string(),
  kind: z.string(),
  promise: z.string(),
  subject: z.string(),
  assigneeId: z.string().nullable(),
  assignee: z.string().nullable(),
  role: z.string().nullable(),
  openedAt: z.string(),
  dueAt: z.string(),
  state: z.enum(taskStates),
  closedAt: z.string().nullable(),
  doneBy: z.string().nullable(),
  group: z.enum(dueGroups).nullable(),
  detail: z.record(z.string(), z.union([z.string(), z.number()])),
  path: z.string(),
});

/** Lines that Today shows; the register of tasks holds the rest. */
const todayLines = 200;

export const routes = {
  listToday: route({
    method: 'get',
    path: '/today',
    summary: 'What the caller has to do, in order of due date, and when Kept acts next by itself.',
    permission: 'readTasks',
    input: z.object({}),
    output: listOutput(taskOutput).extend({ nextAt: z.string().nullable() }),
    handle: async ({ db, actor, now, zone }) => {
      const conditions = taskConditions({ state: 'open' }, mine(actor));
      const page = await listPage(
        db,
        taskList(now, zone),
        { limit: todayLines, offset: 0 },
        conditions,
      );
      if (!page.ok) return page;
      const { rows } = await sql<{ at: Instant | null }>`
        select min(due_at) as at from obligation where done_at is null and due_at > ${now}`.execute(
        db,
      );
      const at = rows[0]?.at;
      return ok({ ...page.value, nextAt: at ? instantText(at) : null });
    },
  }),

  listTasks: route({
    method: 'get',
    path: '/tasks',
    summary: 'Tasks: the caller’s own, or everyone’s for who may see them.',
    permission: 'readTasks',
    input: listInput(
      { sorts: taskSorts },
      {
        whose: z.enum(['mine', 'all']).default('mine'),
        state: z.enum(taskStates).optional(),
        kind: z.string().max(100).optional(),
        promise: z.string().max(20).optional(),
        person: id.optional(),
        subject: z.string().max(200).optional(),
      },
    ),
    output: listOutput(taskOutput),
    handle: ({ db, actor, now, zone, may }, input) => {
      const whose = input.whose === 'all' && may('readAllTasks') ? 'all' : mine(actor);
      return answerList(db, taskList(now, zone), input, taskConditions(input, whose));
    },
  }),
};

function mine(actor: Actor | null): Whose {
  if (!actor || actor.kind === 'system') return { person: null, roles: [] };
  return { person: personOf(actor), roles: actor.roles };
}
