import { sql } from 'kysely';
import { z } from 'zod';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { fileLimitBytes } from '../imports/content.ts';
import { refuseRows } from '../imports/problem.ts';
import {
  importCounts,
  importInput,
  planImport,
  previewAnswer,
  rowsOf,
  rowsPreview,
} from '../imports/reading.ts';
import { answerList, flag, listInput, listOutput } from '../list.ts';
import { personId } from '../people/facts.ts';
import { classifications } from './classification.ts';
import { planSystems } from './facts.import.ts';
import { newSystem, systemChanges, systemKey, systemsFields } from './facts.ts';
import { type SystemRow, systemConditions, systemItem, systemList, systemSorts } from './list.ts';
import { everySystem, ownersOf, retiredKeys, systemFlow } from './store.ts';

const systemOutput = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  classification: z.enum(classifications),
  ownerId: z.string().nullable(),
  ownerName: z.string().nullable(),
  ownerEmail: z.string().nullable(),
  confidentiality: z.int(),
  integrity: z.int(),
  availability: z.int(),
  singleSignOn: z.boolean().nullable(),
  secondFactor: z.boolean().nullable(),
  staleAfterHours: z.int(),
  retiredAt: z.string().nullable(),
  version: z.int(),
  readAt: z.string().nullable(),
  stale: z.boolean(),
  accounts: z.int(),
  accesses: z.int(),
});

const changedOutput = z.object({ id: z.string(), key: z.string() });

export const routes = {
  listSystems: route({
    method: 'get',
    path: '/systems',
    summary: 'Systems with owner, classification, entry and the age of their newest read.',
    permission: 'readSystems',
    input: listInput(
      { sorts: systemSorts },
      {
        classification: z.enum(classifications).optional(),
        owner: personId.optional(),
        stale: flag.optional(),
        retired: flag.optional(),
      },
    ),
    output: listOutput(systemOutput),
    handle: ({ db, now }, input) =>
      answerList(db, systemList(now), input, systemConditions(input, now)),
  }),

  getSystem: route({
    method: 'get',
    path: '/systems/{key}',
    summary: 'One system.',
    permission: 'readSystems',
    input: z.object({ key: systemKey }),
    output: systemOutput,
    handle: async ({ db, now }, { key }) => {
      const { source } = systemList(now);
      const { rows } = await sql<SystemRow>`
        select ${source.select} from (select id from system where key = ${key}) page
        ${source.details}`.execute(db);
      return rows[0] ? ok(systemItem(rows[0], now)) : refuse('notFound');
    },
  }),

  registerSystem: route({
    method: 'post',
    path: '/systems',
    summary: 'Registers a system.',
    permission: 'registerSystem',
    input: newSystem,
    output: changedOutput,
    handle: async ({ execute }, system) => {
      const done = await execute(systemFlow, { do: 'registerSystem', system });
      return done.ok
        ? ok({ id: done.value[0]?.subject.split('/')[1] ?? '', key: system.key })
        : done;
    },
  }),

  updateSystem: route({
    method: 'patch',
    path: '/systems/{key}',
    summary: 'Changes what is known of a system; `version` is the one that was read.',
    permission: 'updateSystem',
    input: z.object({ key: systemKey, version: z.int(), changes: systemChanges }),
    output: changedOutput,
    handle: async ({ execute }, input) => {
      const done = await execute(systemFlow, { do: 'updateSystem', ...input });
      return done.ok
        ? ok({ id: done.value[0]?.subject.split('/')[1] ?? '', key: input.key })
        : done;
    },
  }),

  retireSystem: route({
    method: 'post',
    path: '/systems/{key}/retire',
    summary: 'Retires a system: its access is gone with it and its grants end.',
    permission: 'retireSystem',
    input: z.object({ key: systemKey }),
    output: changedOutput,
    handle: async ({ execute }, { key }) => {
      const done = await execute(systemFlow, { do: 'retireSystem', key });
      return done.ok ? ok({ id: done.value[0]?.subject.split('/')[1] ?? '', key }) : done;
    },
  }),

  previewSystems: route({
    method: 'post',
    path: '/systems/import/preview',
    summary: 'Reads a file of systems and says what an import would do; writes nothing.',
    permission: 'importSystems',
    limitBytes: fileLimitBytes,
    input: importInput,
    output: rowsPreview,
    handle: async (request, input) => {
      return ok(previewAnswer(await planOf(request, input), systemsFields, request.language));
    },
  }),

  importSystems: route({
    method: 'post',
    path: '/systems/import',
    summary: 'Imports a file of systems, whole or not at all; again is safe.',
    permission: 'importSystems',
    limitBytes: fileLimitBytes,
    input: importInput,
    output: z.object({ added: z.int(), changed: z.int(), unchanged: z.int() }),
    handle: async (request, input) => {
      const { table, problems } = await planOf(request, input);
      if (problems.length > 0) return refuseRows(problems, request.language);
      const rows = rowsOf(table);
      const done = await request.execute(systemFlow, { do: 'importSystems', rows });
      if (!done.ok) return done;
      return ok(importCounts(done.value, { added: 0, changed: 0, unchanged: rows.length }));
    },
  }),
};

function planOf({ db }: Request, input: z.output<typeof importInput>) {
  return planImport(input, systemsFields, async (rows, newId) => {
    const [known, owners, retired] = [
      await everySystem(db),
      await ownersOf(db, rows),
      await retiredKeys(db),
    ];
    return planSystems(rows, known, owners, retired, newId);
  });
}
