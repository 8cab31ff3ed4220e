import { sql } from 'kysely';
import { z } from 'zod';
import type { PersonId } from '../../kernel/id.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../list.ts';
import { hindranceOf, hindrances } from './flow.audit.ts';
import { auditItem, auditList, auditSorts } from './list.audits.ts';
import {
  componentConditions,
  componentFilters,
  componentItem,
  componentList,
  componentSorts,
} from './list.components.ts';
import {
  type SourceRow,
  sourceConditions,
  sourceFilters,
  sourceItem,
  sourceList,
  sourceOf,
  sourceSorts,
} from './list.ts';

/** An id or a short name: entries and findings know a source by its id, pipelines by its name. */
const idOrKey = z.string().min(1).max(64);

/** A source with how its components are divided. */
export const sourceOutput = sourceItem.extend({
  ecosystems: z.array(z.object({ ecosystem: z.string(), components: z.int() })),
  /** Its newest audit, where most would be gone by it and somebody else has yet to confirm that. */
  doubt: z
    .object({
      auditId: z.string(),
      /** Who gave it: a person by name and id; null where Kept or a machine did. */
      giver: z.object({ id: z.string(), name: z.string() }).nullable(),
      because: z.string().nullable(),
      /** Components that it would prove gone. */
      missing: z.int(),
      /** Why whoever asks may not be the one who confirms it; null where they may. */
      hindrance: z.enum(hindrances).nullable(),
    })
    .nullable(),
});

export const listRoutes = {
  listSources: route({
    method: 'get',
    path: '/sources',
    summary:
      'What is audited for vulnerabilities, with owner, cadence, last audit and when the next is due.',
    permission: 'readSources',
    input: listInput({ sorts: sourceSorts }, sourceFilters),
    output: listOutput(sourceItem),
    handle: ({ db, now }, input) =>
      answerList(db, sourceList(now), input, sourceConditions(input, now)),
  }),

  showSource: route({
    method: 'get',
    path: '/sources/{id}',
    summary: 'One source, by its id or short name.',
    permission: 'readSources',
    input: z.object({ id: idOrKey }),
    output: sourceOutput,
    handle: readSource,
  }),

  listAudits: route({
    method: 'get',
    path: '/sources/{id}/audits',
    summary: 'Audits of a source, newest first.',
    permission: 'readSources',
    input: listInput({ sorts: auditSorts }, { id: idOrKey }),
    output: listOutput(auditItem),
    handle: ({ db }, { id, ...query }) =>
      answerList(db, auditList, query, [
        {
          sql: sql`audit.source_id = (select id from source where id::text = ${id} or key = ${id})`,
        },
      ]),
  }),

  listComponents: route({
    method: 'get',
    path: '/components',
    summary: 'Packages in use, of one source or of all, as their newest audits found them.',
    permission: 'readSources',
    input: listInput({ sorts: componentSorts }, componentFilters),
    output: listOutput(componentItem),
    handle: ({ db }, input) => answerList(db, componentList, input, componentConditions(input)),
  }),
};

async function readSource({ db, now, actor }: Request, { id }: { readonly id: string }) {
  const { source } = sourceList(now);
  const { rows } = await sql<SourceRow>`
    select ${source.select} from (select id from source where id::text = ${id} or key = ${id}) page
    ${source.details}`.execute(db);
  const [row] = rows;
  if (!row) return refuse('notFound');
  const divided = await sql<{ ecosystem: string; components: number }>`
    select split_part(held.ecosystem, ':', 1) as ecosystem, count(*)::int as components
    from component join package_version held on held.id = component.package_version_id
    where component.source_id = ${row.id} group by 1 order by 2 desc, 1`.execute(db);
  const doubt = row.doubted ? await doubtOf(db, row.id, actor) : null;
  return ok({ ...sourceOf(row, now), ecosystems: [...divided.rows], doubt });
}

async function doubtOf(db: Request['db'], sourceId: string, actor: Request['actor']) {
  const { rows } = await sql<{
    auditId: string;
    giverId: PersonId | null;
    giverName: string | null;
    because: string | null;
    missing: number;
    isOwn: boolean;
  }>`
    select audit.id as "auditId", giver.id as "giverId", giver.name as "giverName",
      audit.gone_because as because, audit.missing, audit.by like 'system/%' as "isOwn"
    from source join audit on audit.id = source.last_audit_id
    left join person giver on giver.id = audit.giver_id
    where source.id = ${sourceId}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { giverId, giverName, isOwn, ...doubt } = row;
  const giver = giverId ? { id: giverId, name: giverName ?? '' } : null;
  return { ...doubt, giver, hindrance: hindranceOf({ giverId, isOwn }, actor) };
}
