import { sql } from 'kysely';
import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import { dateIn } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { fileLimitBytes, textOf } from '../imports/content.ts';
import { refuseRows } from '../imports/problem.ts';
import { importCounts, importInput, previewAnswer, rowsPreview } from '../imports/reading.ts';
import { answerList, flag, listInput, listOutput } from '../list.ts';
import { peopleByAddress } from '../people/store.ts';
import { systemKey } from '../systems/facts.ts';
import { approversIn, parseGrants, readGrants } from './facts.content.ts';
import { grantFields } from './facts.ts';
import { stands } from './fragments.ts';
import { accessConditions, accessList, accessSorts, accessStates } from './list.grants.ts';
import { isOrphan } from './list.ts';
import { grantFlow } from './store.grants.ts';

const id = z.string().refine(isUuid);

const accessOutput = z.object({
  accountId: z.string(),
  account: z.string(),
  accountKind: z.string(),
  personId: z.string().nullable(),
  person: z.string().nullable(),
  department: z.string().nullable(),
  personState: z.string().nullable(),
  entitlementId: z.string(),
  entitlement: z.string(),
  privileged: z.boolean(),
  system: z.string(),
  systemName: z.string(),
  state: z.enum(accessStates),
  observedSince: z.string().nullable(),
  grantId: z.string().nullable(),
  grantedAt: z.string().nullable(),
  approver: z.string().nullable(),
  purpose: z.string().nullable(),
  endsOn: z.string().nullable(),
});

const approval = {
  purpose: z.string().trim().min(1).max(500),
  endsOn: z.iso.date().nullable().default(null),
};

const grantsInput = importInput.extend({ system: systemKey });

export const routes = {
  listGrants: route({
    method: 'get',
    path: '/grants',
    summary: 'Access: what is observed and what is granted, side by side.',
    permission: 'readAccess',
    input: listInput(
      { sorts: accessSorts },
      {
        state: z.enum(accessStates).optional(),
        system: systemKey.optional(),
        account: id.optional(),
        person: id.optional(),
        department: z.string().optional(),
        entitlement: id.optional(),
        orphan: flag.optional(),
        privileged: flag.optional(),
        leaver: flag.optional(),
      },
    ),
    output: listOutput(accessOutput),
    handle: ({ db, now, zone }, input) => {
      const today = dateIn(now, zone);
      return answerList(db, accessList(today, input.state), input, accessConditions(input, today));
    },
  }),

  getReconciliation: route({
    method: 'get',
    path: '/reconciliation',
    summary: 'How observed access and approved grants compare, counted.',
    permission: 'readAccess',
    input: z.object({ system: systemKey.optional() }),
    output: z.object({
      observed: z.int(),
      approved: z.int(),
      unapproved: z.int(),
      unused: z.int(),
      orphanAccounts: z.int(),
    }),
    handle: async ({ db, now, zone }, { system }) => {
      const today = dateIn(now, zone);
      const of = (table: string) =>
        system
          ? sql`and ${sql.ref(`${table}.system_id`)} = (select id from system where key = ${system})`
          : sql``;
      const { rows } = await sql<{
        observed: number;
        approved: number;
        granted: number;
        orphanAccounts: number;
      }>`
        select
          (select count(*) from observation where gone_at is null ${of('observation')})::int as observed,
          (select count(*) from access_grant join observation using (account_id, entitlement_id)
            where gone_at is null and ${stands('access_grant', today)} ${of('access_grant')})::int as approved,
          (select count(*) from access_grant
            where ${stands('access_grant', today)} ${of('access_grant')})::int as granted,
          (select count(*) from account where ${isOrphan} ${of('account')} and exists (
            select from observation
            where observation.account_id = account.id and gone_at is null))::int as "orphanAccounts"
        `.execute(db);
      const [counted] = rows;
      const { observed, approved, granted, orphanAccounts } = counted ?? {
        observed: 0,
        approved: 0,
        granted: 0,
        orphanAccounts: 0,
      };
      return ok({
        observed,
        approved,
        unapproved: observed - approved,
        unused: granted - approved,
        orphanAccounts,
      });
    },
  }),

  approveGrant: route({
    method: 'post',
    path: '/grants',
    summary: 'Approves access of an account to an entitlement, for a purpose, until a day.',
    permission: 'approveGrant',
    input: z.object({ accountId: id, entitlementId: id, ...approval }),
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(grantFlow, { do: 'approveGrant', ...input });
      return done.ok ? ok({ id: done.value[0]?.subject.split('/')[1] ?? '' }) : done;
    },
  }),

  endGrant: route({
    method: 'post',
    path: '/grants/{id}/end',
    summary: 'Ends a grant: the access is no longer approved.',
    permission: 'endGrant',
    input: z.object({ id }),
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(grantFlow, { do: 'endGrant', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),

  previewGrants: route({
    method: 'post',
    path: '/systems/{system}/grants/preview',
    summary: 'Reads a file of approved grants and shows what is in it; writes nothing.',
    permission: 'importGrants',
    limitBytes: fileLimitBytes,
    input: grantsInput,
    output: rowsPreview,
    handle: async (request, input) => {
      const { table, grants, problems } = await grantsOf(request, input);
      const plan = problems.length > 0 ? null : { added: grants, changed: [], unchanged: 0 };
      return ok(previewAnswer({ table, plan, problems }, grantFields, request.language));
    },
  }),

  importGrants: route({
    method: 'post',
    path: '/systems/{system}/grants/import',
    summary: 'Imports approved grants, whole or not at all; again is safe.',
    permission: 'importGrants',
    limitBytes: fileLimitBytes,
    input: grantsInput,
    output: z.object({ grants: z.int(), unchanged: z.int() }),
    handle: async (request, input) => {
      const { grants, problems } = await grantsOf(request, input);
      if (problems.length > 0) return refuseRows(problems, request.language);
      const command = { do: 'importGrants' as const, system: input.system, rows: [...grants] };
      const done = await request.execute(grantFlow, command);
      if (!done.ok) return done;
      return ok(importCounts(done.value, { grants: 0, unchanged: grants.length }));
    },
  }),
};

async function grantsOf({ db }: Request, input: z.output<typeof grantsInput>) {
  const read = textOf(input);
  const table = readGrants('text' in read ? read.text : '', input.mapping);
  if (!('text' in read)) return { table, grants: [], problems: read.problems };
  const approvers = await peopleByAddress(db, approversIn(table));
  return { table, ...parseGrants(table, approvers) };
}
