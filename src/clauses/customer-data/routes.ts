import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { answerList, listInput, listOutput, type SortColumn } from '../../registers/list.ts';
import { readables } from './facts.reading.ts';
import { deviations } from './facts.terms.ts';
import { caseActs } from './routes.acts.ts';
import { figureRoutes } from './routes.figures.ts';
import {
  type CaseRow,
  caseConditions,
  caseFilters,
  caseList,
  caseOutput,
  caseSorts,
} from './routes.list.ts';
import { deviationOf, unlistedUses } from './store.closing.ts';

const reader = ({ actor }: Request): string | null => actor && personOf(actor);

const detailOutput = caseOutput.extend({
  scope: z.array(
    z.object({ collection: z.string(), itemIds: z.array(z.string()), whole: z.boolean() }),
  ),
  extensions: z.array(
    z.object({
      id: z.string(),
      hours: z.int(),
      why: z.string(),
      state: z.enum(['asked', 'approved', 'refused', 'lapsed']),
      askedAt: z.string(),
      customerDecided: z.boolean(),
      decidedBy: z.string().nullable(),
      reason: z.string(),
    }),
  ),
  /** Reads that differ from what was approved, as they stand now. */
  deviating: z.int(),
  /** Uses of the customer's key for this case that no read stands for. */
  unlisted: z.int(),
  /** The contract wants the customer told when a case opens. */
  toldAtOnce: z.boolean(),
});

const readOutput = z.object({
  id: z.string(),
  what: z.enum(readables),
  collection: z.string(),
  itemId: z.string().nullable(),
  copied: z.boolean(),
  at: z.string(),
  deviation: z.enum(deviations).nullable(),
});
type Read = z.input<typeof readOutput>;

const readSorts = {
  at: { sql: sql`read.at`, type: 'timestamptz' },
  collection: { sql: sql`read.collection`, type: 'text' },
} satisfies Record<string, SortColumn>;

async function findCase(request: Request, id: string) {
  const { db } = request;
  const caller = reader(request);
  const { source, item } = caseList(caller);
  const seen = caseConditions({}, caller, request.may('readAllCases'));
  const where = sql.join([sql`it.id = ${id}`, ...seen.map((each) => each.sql)], sql` and `);
  const { rows } = await sql<CaseRow & { toldAtOnce: boolean }>`
    select ${source.select}, customer.told = 'atOnce' as "toldAtOnce"
    from (select it.id from customer_case it where ${where}) page ${source.details}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { toldAtOnce, ...found } = row;
  return {
    ...item(found),
    toldAtOnce,
    scope: await scopeOf(request, id),
    extensions: await extensionsOf(request, id),
    deviating: await deviatingOf(request, id),
    unlisted: await unlistedUses(db, id),
  };
}

async function scopeOf({ db }: Request, id: string) {
  const { rows } = await sql<{ collection: string; itemIds: string[]; whole: boolean }>`
    select collection, coalesce(array_agg(item_id) filter (where item_id is not null), '{}') as "itemIds",
      bool_or(item_id is null) as whole
    from case_scope where case_id = ${id} group by collection order by collection`.execute(db);
  return rows;
}

async function extensionsOf({ db }: Request, id: string) {
  const { rows } = await sql<{
    id: string;
    hours: number;
    why: string;
    state: 'asked' | 'approved' | 'refused' | 'lapsed';
    askedAt: Instant;
    customerDecided: boolean;
    decidedBy: string | null;
    reason: string;
  }>`
    select more.id, more.hours, more.why, more.state, more.asked_at as "askedAt",
      more.customer_decided_at is not null as "customerDecided", person.name as "decidedBy", more.reason
    from case_extension more left join person on person.id = more.decided_by
    where more.case_id = ${id} order by more.asked_at, more.id`.execute(db);
  return rows.map((row) => ({ ...row, askedAt: instantText(row.askedAt) }));
}

async function deviatingOf({ db }: Request, id: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from case_read read join customer_case it on it.id = read.case_id
    where read.case_id = ${id} and ${deviationOf} is not null`.execute(db);
  return rows[0]?.n ?? 0;
}

export const routes = {
  listCases: route({
    method: 'get',
    path: '/cases',
    summary:
      'Cases for which staff may read customers’ data: one’s own, or all for whoever decides.',
    permission: 'readCases',
    input: listInput({ sorts: caseSorts }, caseFilters),
    output: listOutput(caseOutput),
    handle: (request, input) =>
      answerList(
        request.db,
        caseList(reader(request)),
        input,
        caseConditions(input, reader(request), request.may('readAllCases')),
      ),
  }),

  getCase: route({
    method: 'get',
    path: '/cases/{id}',
    summary: 'One case: purpose, basis, scope, decisions, extensions, and how it ended.',
    permission: 'readCases',
    input: z.object({ id: z.uuid() }),
    output: detailOutput,
    handle: async (request, { id }) => {
      const found = await findCase(request, id);
      return found ? ok(found) : refuse('notFound');
    },
  }),

  listCaseReads: route({
    method: 'get',
    path: '/cases/{id}/reads',
    summary:
      'Each read under a case, and in what it differs from what was approved; ids, no contents.',
    permission: 'readCases',
    input: listInput(
      { sorts: readSorts },
      {
        id: z.uuid(),
        deviating: z
          .enum(['true', 'false'])
          .transform((text) => text === 'true')
          .optional(),
      },
    ),
    output: listOutput(readOutput),
    handle: (request, input) => {
      const seen = caseConditions({}, reader(request), request.may('readAllCases'));
      return answerList<Omit<Read, 'at'> & { readonly at: Instant }, Read>(
        request.db,
        {
          source: {
            from: [sql`case_read read join customer_case it on it.id = read.case_id`],
            key: { id: sql`read.id` },
            sorts: readSorts,
            defaultSort: 'at',
            search: (like) => ({ sql: sql`read.collection like ${like}` }),
            select: sql`read.id, read.what, read.collection, read.item_id as "itemId", read.copied, read.at,
              ${deviationOf} as deviation`,
            details: sql`join case_read read on read.id = page.id join customer_case it on it.id = read.case_id`,
          },
          item: (row) => ({ ...row, at: instantText(row.at) }),
          csv: (['at', 'what', 'collection', 'itemId', 'copied', 'deviation'] as const).map(
            (header) => ({ header, cell: (read) => read[header] }),
          ),
          filename: 'reads',
        },
        input,
        [
          { sql: sql`read.case_id = ${input.id}` },
          ...seen,
          ...(input.deviating === undefined
            ? []
            : [{ sql: sql`(${deviationOf} is not null) = ${input.deviating}` }]),
        ],
      );
    },
  }),

  ...caseActs,
  ...figureRoutes,
};
