import { sql } from 'kysely';
import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import { dateIn } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { answerList, type Condition, flag, listInput, listOutput } from '../list.ts';
import { systemKey } from '../systems/facts.ts';
import { accountKinds } from './facts.ts';
import {
  type AccountItem,
  accountConditions,
  accountList,
  accountSorts,
  entitlementList,
  entitlementSorts,
} from './list.ts';
import { routes as grantRoutes } from './routes.grants.ts';
import { routes as readRoutes } from './routes.reads.ts';
import { accountFlow } from './store.accounts.ts';

const id = z.string().refine(isUuid);

const accountOutput = z.object({
  id: z.string(),
  name: z.string(),
  system: z.string(),
  systemName: z.string(),
  kind: z.enum(accountKinds),
  personId: z.string().nullable(),
  person: z.string().nullable(),
  department: z.string().nullable(),
  personState: z.string().nullable(),
  orphan: z.boolean(),
  accesses: z.int(),
});

const entitlementOutput = z.object({
  id: z.string(),
  name: z.string(),
  system: z.string(),
  privileged: z.boolean(),
  holders: z.int(),
});

const changedOutput = z.object({ id: z.string() });

export const routes = {
  ...readRoutes,
  ...grantRoutes,

  listAccounts: route({
    method: 'get',
    path: '/accounts',
    summary: 'Accounts of systems: whose they are, what for, how much they hold.',
    permission: 'readAccess',
    input: listInput(
      { sorts: accountSorts },
      {
        system: systemKey.optional(),
        person: id.optional(),
        kind: z.enum(accountKinds).optional(),
        orphan: flag.optional(),
        present: flag.optional(),
      },
    ),
    output: listOutput(accountOutput),
    handle: ({ db, now, zone }, input) =>
      answerList(db, accountList(dateIn(now, zone)), input, accountConditions(input)),
  }),

  getAccount: route({
    method: 'get',
    path: '/accounts/{id}',
    summary: 'One account.',
    permission: 'readAccess',
    input: z.object({ id }),
    output: accountOutput,
    handle: async ({ db, now, zone }, input) => {
      const { source } = accountList(dateIn(now, zone));
      const { rows } = await sql<AccountItem>`
        select ${source.select} from (select ${input.id}::uuid as id) page ${source.details}`.execute(
        db,
      );
      return rows[0] ? ok(rows[0]) : refuse('notFound');
    },
  }),

  listEntitlements: route({
    method: 'get',
    path: '/entitlements',
    summary: 'What can be held on systems, and by how many accounts it is.',
    permission: 'readAccess',
    input: listInput(
      { sorts: entitlementSorts },
      { system: systemKey.optional(), privileged: flag.optional() },
    ),
    output: listOutput(entitlementOutput),
    handle: ({ db }, input) => {
      const conditions: Condition[] = [];
      if (input.system) {
        conditions.push({
          sql: sql`entitlement.system_id = (select id from system where key = ${input.system})`,
        });
      }
      if (input.privileged !== undefined) {
        conditions.push({ sql: sql`entitlement.privileged = ${input.privileged}` });
      }
      return answerList(db, entitlementList, input, conditions);
    },
  }),

  linkAccount: route({
    method: 'put',
    path: '/accounts/{id}/person',
    summary: 'Says whose an account is; null: nobody known.',
    permission: 'linkAccount',
    input: z.object({ id, personId: id.nullable() }),
    output: changedOutput,
    handle: async ({ execute }, input) => {
      const done = await execute(accountFlow, { do: 'linkAccount', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),

  markAccount: route({
    method: 'put',
    path: '/accounts/{id}/kind',
    summary: 'Says what an account is for: staff, service or break-glass.',
    permission: 'markAccount',
    input: z.object({ id, kind: z.enum(accountKinds) }),
    output: changedOutput,
    handle: async ({ execute }, input) => {
      const done = await execute(accountFlow, { do: 'markAccount', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),

  markEntitlement: route({
    method: 'put',
    path: '/entitlements/{id}/privileged',
    summary: 'Says whether an entitlement can change the security of its system.',
    permission: 'markEntitlement',
    input: z.object({ id, privileged: z.boolean() }),
    output: changedOutput,
    handle: async ({ execute }, input) => {
      const done = await execute(accountFlow, { do: 'markEntitlement', ...input });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),
};
