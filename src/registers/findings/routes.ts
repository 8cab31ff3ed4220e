import { sql } from 'kysely';
import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Check } from '../../policy/check.ts';
import { route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../list.ts';
import { exceptionCommand } from './facts.ts';
import {
  type FindingRow,
  findingConditions,
  findingItem,
  findingList,
  findingSorts,
  findingStates,
} from './list.ts';
import { exceptionFlow } from './store.exceptions.ts';

const id = z.string().refine(isUuid);
const [grant] = exceptionCommand.options;

const findingOutput = z.object({
  id: z.string(),
  check: z.string(),
  promise: z.string(),
  subject: z.string(),
  label: z.string(),
  sentence: z.string(),
  path: z.string().nullable(),
  ownerId: z.string().nullable(),
  owner: z.string().nullable(),
  openedAt: z.string(),
  dueAt: z.string(),
  closedAt: z.string().nullable(),
  exceptedUntil: z.string().nullable(),
  exceptedBy: z.string().nullable(),
  exceptionReason: z.string().nullable(),
  state: z.enum(findingStates),
});

const changedOutput = z.object({ id: z.string() });

const exceptionRoutes = {
  grantException: route({
    method: 'post',
    path: '/findings/{findingId}/exception',
    summary: 'Excepts a finding until the end of a day, for a reason; never one’s own.',
    permission: 'grantException',
    input: grant.omit({ do: true }),
    output: changedOutput,
    handle: async ({ execute }, input) => {
      const done = await execute(exceptionFlow, { do: 'grantException', ...input });
      return done.ok ? ok({ id: input.findingId }) : done;
    },
  }),

  endException: route({
    method: 'delete',
    path: '/findings/{findingId}/exception',
    summary: 'Ends an exception before its time: the finding counts again.',
    permission: 'endException',
    input: z.object({ findingId: id }),
    output: changedOutput,
    handle: async ({ execute }, input) => {
      const done = await execute(exceptionFlow, { do: 'endException', ...input });
      return done.ok ? ok({ id: input.findingId }) : done;
    },
  }),
};

/**
 * @param checkOf the check of an id: findings are said in its words
 */
export function findingRoutes(checkOf: (id: string) => Check | undefined) {
  return {
    listFindings: route({
      method: 'get',
      path: '/findings',
      summary: 'Findings: violations on record, with owner, deadline and exceptions.',
      permission: 'readFindings',
      input: listInput(
        { sorts: findingSorts },
        {
          state: z.enum([...findingStates, 'standing']).optional(),
          promise: z.string().max(20).optional(),
          check: z.string().max(100).optional(),
          owner: id.optional(),
          subject: z.string().max(200).optional(),
        },
      ),
      output: listOutput(findingOutput),
      handle: ({ db, now, language }, input) =>
        answerList(
          db,
          findingList({ now, language, checkOf }),
          input,
          findingConditions(input, now),
        ),
    }),

    getFinding: route({
      method: 'get',
      path: '/findings/{id}',
      summary: 'One finding.',
      permission: 'readFindings',
      input: z.object({ id }),
      output: findingOutput,
      handle: async ({ db, now, language }, input) => {
        const reader = { now, language, checkOf };
        const { source } = findingList(reader);
        const { rows } = await sql<FindingRow>`
          select ${source.select} from (select ${input.id}::uuid as id) page ${source.details}`.execute(
          db,
        );
        return rows[0] ? ok(findingItem(rows[0], reader)) : refuse('notFound');
      },
    }),

    ...exceptionRoutes,
  };
}

/** For the types of the client. */
export type FindingRoutes = ReturnType<typeof findingRoutes>;
