import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import { dateIn, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { answerList, likeOf, listInput, listOutput } from '../../registers/list.ts';
import { personId } from '../../registers/people/facts.ts';
import { undertakingVersions } from '../../registers/people/store.undertakings.ts';
import { disposalCommand, media, methods } from './facts.disposal.ts';
import { peopleSettings } from './facts.ts';
import { disposalFlow, settingsFlow } from './flows.ts';
import { type Missing, publishShipped, shipped } from './shipped.ts';
import { templates } from './store.checklist.ts';
import { type DisposalRow, disposalList, disposalSorts } from './store.lists.ts';
import { current, peopleSettingsOf } from './store.staff.ts';

/** Disposal, settings, and what ships. */

const disposalOutput = z.object({
  id: z.string(),
  medium: z.enum(media),
  what: z.string(),
  method: z.enum(methods),
  how: z.string(),
  disposedOn: z.string(),
  holderId: z.string(),
  holder: z.string(),
  witness: z.string().nullable(),
  recordedBy: z.string().nullable(),
  recordedAt: z.string(),
});
type Disposal = z.output<typeof disposalOutput>;

function item(row: DisposalRow): Disposal {
  return {
    ...row,
    disposedOn: row.disposedOn.toString(),
    recordedAt: instantText(row.recordedAt),
  } as Disposal;
}

const csv = (
  [
    'disposedOn',
    'medium',
    'what',
    'method',
    'how',
    'holder',
    'witness',
    'recordedBy',
    'recordedAt',
  ] as const
).map((header) => ({ header, cell: (row: Disposal) => row[header] }));

export const officeRoutes = {
  listDisposals: route({
    method: 'get',
    path: '/disposals',
    summary: 'The register of disposal: what, how, when, before whom.',
    permission: 'readDisposals',
    input: listInput(
      { sorts: disposalSorts },
      {
        medium: z.enum(media).optional(),
        method: z.enum(methods).optional(),
        holder: personId.optional(),
      },
    ),
    output: listOutput(disposalOutput),
    handle: ({ db }, input) =>
      answerList(db, disposalList(item, csv), input, [
        ...(input.medium ? [{ sql: sql`d.medium = ${input.medium}` }] : []),
        ...(input.method ? [{ sql: sql`d.method = ${input.method}` }] : []),
        ...(input.holder ? [{ sql: sql`d.holder_id = ${input.holder}` }] : []),
      ]),
  }),

  recordDisposal: route({
    method: 'post',
    path: '/disposals',
    summary: 'Records a disposal, or a leaver’s statement that nothing was kept.',
    permission: 'recordDisposal',
    input: disposalCommand.omit({ do: true }),
    output: z.object({ recorded: z.boolean() }),
    handle: async ({ execute }, given) => {
      const done = await execute(disposalFlow, { do: 'recordDisposal', ...given });
      return done.ok ? ok({ recorded: true }) : done;
    },
  }),

  findColleagues: route({
    method: 'get',
    path: '/colleagues',
    summary: 'People on the staff whose name begins or goes on as typed: who can be a witness.',
    permission: 'recordDisposal',
    input: z.object({ q: z.string().trim().min(2).max(100) }),
    output: z.object({
      items: z.array(z.object({ id: z.string(), name: z.string(), department: z.string() })),
    }),
    handle: async ({ db, now, zone }, { q }) => {
      const { rows } = await sql<{ id: string; name: string; department: string }>`
        select p.id, p.name, p.department from person p
        where ${current(dateIn(now, zone))}
          and (lower(p.name) like ${likeOf(q)} or lower(p.reading) like ${likeOf(q)})
        order by p.name, p.id limit 20`.execute(db);
      return ok({ items: rows });
    },
  }),

  readPeopleSettings: route({
    method: 'get',
    path: '/people-settings',
    summary: 'Days and months of people’s duties.',
    permission: 'changePeopleSettings',
    input: z.object({}),
    output: peopleSettings,
    handle: async ({ db }) => ok(await peopleSettingsOf(db)),
  }),

  changePeopleSettings: route({
    method: 'put',
    path: '/people-settings',
    summary: 'Changes days and months of people’s duties.',
    permission: 'changePeopleSettings',
    input: peopleSettings,
    output: peopleSettings,
    handle: async ({ execute }, settings) => {
      const done = await execute(settingsFlow, { do: 'changeSettings', settings });
      return done.ok ? ok(settings) : done;
    },
  }),

  readShipped: route({
    method: 'get',
    path: '/shipped',
    summary:
      'What of the undertakings, guidance, courses and checklists that ship is not published yet.',
    permission: 'publishUndertaking',
    input: z.object({}),
    output: z.object({
      documents: z.array(z.string()),
      courses: z.array(z.string()),
      checklists: z.boolean(),
    }),
    handle: async ({ db }) => {
      const missing = await missingOf(db);
      return ok({
        ...missing,
        documents: [...missing.documents],
        courses: [...missing.courses],
      });
    },
  }),

  publishShipped: route({
    method: 'post',
    path: '/shipped',
    summary: 'Publishes what is missing of what ships.',
    permission: 'publishUndertaking',
    input: z.object({}),
    output: z.object({ published: z.int() }),
    handle: async ({ db, execute }) => publishShipped(execute, await missingOf(db)),
  }),
};

async function missingOf(db: Db): Promise<Missing> {
  const { rows } = await sql<{ course: string }>`
    select course from course_version union select course from course_draft`.execute(db);
  const courses = new Set(rows.map(({ course }) => course));
  const documents = new Set((await undertakingVersions(db)).map(({ document }) => document));
  return {
    documents: shipped.documents.filter((each) => !documents.has(each)),
    courses: shipped.courses.filter((each) => !courses.has(each)),
    checklists: (await templates(db)).length === 0,
  };
}
