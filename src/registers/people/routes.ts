import { sql } from 'kysely';
import { z } from 'zod';
import { roles } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import { dateIn, type Instant } from '../../kernel/instant.ts';
import { languages } from '../../kernel/language.ts';
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
import { answerList, listInput, listOutput } from '../list.ts';
import { planPeople } from './facts.import.ts';
import { newPerson, peopleFields, personChanges, personId } from './facts.ts';
import {
  type PersonRow,
  peopleConditions,
  peopleList,
  personItem,
  personSorts,
  personStates,
} from './list.ts';
import { everyone, personFlow } from './store.ts';

const personOutput = z.object({
  id: z.string(),
  name: z.string(),
  reading: z.string(),
  email: z.string().nullable(),
  managerId: z.string().nullable(),
  managerName: z.string().nullable(),
  managerEmail: z.string().nullable(),
  department: z.string(),
  startsOn: z.string().nullable(),
  endsOn: z.string().nullable(),
  state: z.enum(personStates),
  roles: z.array(z.string()),
  language: z.enum(languages),
  version: z.int(),
});

const changedOutput = z.object({ id: z.string() });

/** An event's subject is the one place that a repeated request is sure to give back. */
function idOf(event: { readonly subject: string } | undefined): { id: string } {
  return { id: event?.subject.split('/')[1] ?? '' };
}

export const routes = {
  listPeople: route({
    method: 'get',
    path: '/people',
    summary: 'People of the organisation, by name, department, role, manager and state.',
    permission: 'readPeople',
    input: listInput(
      { sorts: personSorts },
      {
        department: z.string().optional(),
        role: z.enum(roles).optional(),
        state: z.enum(personStates).optional(),
        manager: personId.optional(),
      },
    ),
    output: listOutput(personOutput),
    handle: ({ db, now, zone }, input) => {
      const today = dateIn(now, zone);
      return answerList(db, peopleList(today), input, peopleConditions(input, today));
    },
  }),

  getPerson: route({
    method: 'get',
    path: '/people/{id}',
    summary: 'One person.',
    permission: 'readPeople',
    input: z.object({ id: personId }),
    output: personOutput.extend({ reports: z.int() }),
    handle: async ({ db, now, zone }, { id }) => {
      const found = await findPerson(db, id, now, zone);
      return found ? ok(found) : refuse('notFound');
    },
  }),

  listDepartments: route({
    method: 'get',
    path: '/departments',
    summary: 'Departments that people belong to, with how many are in each.',
    permission: 'readPeople',
    input: z.object({}),
    output: z.object({ items: z.array(z.object({ name: z.string(), people: z.int() })) }),
    handle: async ({ db }) => {
      const { rows } = await sql<{ name: string; people: number }>`
        select department as name, count(*)::int as people from person
        where erased_at is null and department <> '' group by 1 order by 1`.execute(db);
      return ok({ items: rows });
    },
  }),

  registerPerson: route({
    method: 'post',
    path: '/people',
    summary: 'Registers a person.',
    permission: 'registerPerson',
    input: newPerson,
    output: changedOutput,
    handle: async ({ execute }, person) => {
      const done = await execute(personFlow, { do: 'registerPerson', person });
      return done.ok ? ok(idOf(done.value[0])) : done;
    },
  }),

  updatePerson: route({
    method: 'patch',
    path: '/people/{id}',
    summary: 'Changes what is known of a person; `version` is the one that was read.',
    permission: 'updatePerson',
    input: z.object({ id: personId, version: z.int(), changes: personChanges }),
    output: changedOutput,
    handle: async ({ execute }, input) => {
      const done = await execute(personFlow, { do: 'updatePerson', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),

  endEmployment: route({
    method: 'post',
    path: '/people/{id}/end',
    summary: 'Sets the last day of employment; null withdraws it.',
    permission: 'endEmployment',
    input: z.object({ id: personId, endsOn: z.iso.date().nullable() }),
    output: changedOutput,
    handle: async ({ execute }, input) => {
      const done = await execute(personFlow, { do: 'endEmployment', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),

  erasePerson: route({
    method: 'post',
    path: '/people/{id}/erase',
    summary: 'Erases who a leaver was; the record that duties were done stays, as commitments.',
    permission: 'erasePerson',
    input: z.object({ id: personId }),
    output: changedOutput,
    handle: async ({ execute }, input) => {
      const done = await execute(personFlow, { do: 'erasePerson', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),

  previewPeople: route({
    method: 'post',
    path: '/people/import/preview',
    summary: 'Reads a file of people and says what an import would do; writes nothing.',
    permission: 'importPeople',
    limitBytes: fileLimitBytes,
    input: importInput,
    output: rowsPreview,
    handle: async (request, input) => {
      return ok(previewAnswer(await planOf(request, input), peopleFields, request.language));
    },
  }),

  importPeople: route({
    method: 'post',
    path: '/people/import',
    summary: 'Imports a file of people, whole or not at all; again is safe.',
    permission: 'importPeople',
    limitBytes: fileLimitBytes,
    input: importInput,
    output: z.object({ added: z.int(), changed: z.int(), unchanged: z.int() }),
    handle: async (request, input) => {
      const { table, problems } = await planOf(request, input);
      if (problems.length > 0) return refuseRows(problems, request.language);
      const rows = rowsOf(table);
      const done = await request.execute(personFlow, { do: 'importPeople', rows });
      if (!done.ok) return done;
      return ok(importCounts(done.value, { added: 0, changed: 0, unchanged: rows.length }));
    },
  }),
};

function planOf({ db }: Request, input: z.output<typeof importInput>) {
  return planImport(input, peopleFields, async (rows, newId) =>
    planPeople(rows, await everyone(db), newId),
  );
}

async function findPerson(db: Db, id: string, now: Instant, zone: string) {
  const { source } = peopleList(dateIn(now, zone));
  const { rows } = await sql<PersonRow & { reports: number }>`
    select ${source.select},
      (select count(*) from person each where each.manager_id = person.id)::int as reports
    from (select ${id}::uuid as id) page ${source.details}`.execute(db);
  const [row] = rows;
  return row ? { ...personItem(row), reports: row.reports } : null;
}
