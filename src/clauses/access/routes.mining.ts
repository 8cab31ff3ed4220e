import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { answerList, type Condition, flag, listInput, listOutput } from '../../registers/list.ts';
import * as facts from './facts.mining.ts';
import { adoptRole, cancelSearch, dropRole, requestRoles } from './flows.mining.ts';
import * as lists from './routes.roles.ts';
import { idOf } from './store.mining.ts';

const id = z.uuid();

const searchOutput = z.object({
  id: z.string(),
  systemId: z.string().nullable(),
  state: z.enum(facts.searchStates),
  requestedAt: z.string(),
  requestedBy: z.string().nullable(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  done: z.int(),
  total: z.int().nullable(),
  /** Why it failed. */
  reason: z.enum(facts.searchProblems).nullable(),
  holders: z.int(),
  entitlements: z.int(),
  accesses: z.int(),
  leftOut: z.int(),
  roles: z.int(),
  assignments: z.int(),
  atLeast: z.int(),
  lone: z.int(),
  /** A system was read since: the suggestion may be out of date. */
  readSince: z.boolean(),
});
type Search = z.input<typeof searchOutput>;
type Times = 'requestedAt' | 'startedAt' | 'endedAt';
type SearchRow = Omit<Search, Times> & {
  readonly requestedAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
};

const searchColumns = sql`search.id, search.system_id as "systemId", search.state,
  search.requested_at as "requestedAt", person.name as "requestedBy", search.started_at as "startedAt",
  search.ended_at as "endedAt", search.done, search.total, search.problem as reason, search.holders,
  search.entitlements, search.accesses, search.left_out as "leftOut", search.roles, search.assignments,
  search.at_least as "atLeast",
  (select count(*) from role_search_lone lone where lone.search_id = search.id)::int as lone,
  exists (select from read where read.at > search.started_at
    and (search.system_id is null or read.system_id = search.system_id)) as "readSince"`;
const searches = sql`role_search search left join person on person.id = search.requested_by`;

const searchItem = (row: SearchRow): Search => ({
  ...row,
  requestedAt: instantText(row.requestedAt),
  startedAt: row.startedAt && instantText(row.startedAt),
  endedAt: row.endedAt && instantText(row.endedAt),
});

/** Condition on a system's column: the caller sees its roles. Officers and auditors see all. */
function seen(request: Request, column: ReturnType<typeof sql>) {
  if (request.may('readReviews')) return sql`true`;
  const reader = request.actor && personOf(request.actor);
  return sql`${column} in (select id from system where owner_id = ${reader})`;
}

/** Whether the caller sees what a search found. */
async function seesSearch(request: Request, searchId: string): Promise<boolean> {
  const { rows } = await sql`
    select from role_search search where id = ${searchId} and ${seen(request, sql`search.system_id`)}`.execute(
    request.db,
  );
  return rows.length > 0;
}

const scopeOutput = z.object({
  /** Null: all systems together. */
  systemId: z.string().nullable(),
  key: z.string().nullable(),
  name: z.string().nullable(),
  /** Accesses of staff that the system shows. */
  accesses: z.int(),
  /** The newest search. */
  searchId: z.string().nullable(),
});

async function scopesFor(request: Request): Promise<z.input<typeof scopeOutput>[]> {
  const { rows } = await sql<z.input<typeof scopeOutput>>`
    with seen as (
      select o.system_id, count(*)::int as accesses from observation o join account on account.id = o.account_id
      where o.gone_at is null and account.kind = 'staff' group by o.system_id
    ), scope as (
      select id as system_id, key, name, coalesce(seen.accesses, 0) as accesses
      from system left join seen on seen.system_id = system.id where retired_at is null
      union all
      select null, null, null, coalesce(sum(seen.accesses), 0)::int
      from seen join system on system.id = seen.system_id where retired_at is null
    )
    select scope.system_id as "systemId", scope.key, scope.name, scope.accesses, (
      select search.id from role_search search where search.system_id is not distinct from scope.system_id
      order by search.requested_at desc limit 1) as "searchId"
    from scope where ${seen(request, sql`scope.system_id`)}
    order by scope.name nulls first`.execute(request.db);
  return rows;
}

const entitlementOutput = z.object({
  id: z.string(),
  name: z.string(),
  system: z.string(),
  privileged: z.boolean(),
});

/** Entitlements and holders of one role that are told at once; lists and files have them all. */
const mostTold = 200;

const contentsOf = (
  table: 'suggested_role_entitlement' | 'access_role_entitlement',
  roleId: string,
) =>
  sql<z.input<typeof entitlementOutput>>`
    select entitlement.id, entitlement.name, system.name as system, entitlement.privileged
    from ${sql.table(table)} content join entitlement on entitlement.id = content.entitlement_id
    join system on system.id = entitlement.system_id
    where content.role_id = ${roleId} order by entitlement.name, entitlement.id limit ${mostTold}`;

const searchRoutes = {
  listRoleScopes: route({
    method: 'get',
    path: '/role-searches',
    summary:
      'Systems that roles can be suggested for, all together first, each with its newest search.',
    permission: 'readSuggestedRoles',
    input: z.object({}),
    output: z.object({ items: z.array(scopeOutput) }),
    handle: async (request) => ok({ items: await scopesFor(request) }),
  }),

  suggestRoles: route({
    method: 'post',
    path: '/role-searches',
    summary:
      'Searches for few roles that give everybody exactly what they hold; null: over all systems.',
    permission: 'suggestRoles',
    input: facts.requestRoles,
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(requestRoles, input);
      return done.ok ? ok({ id: idOf(done.value[0]?.subject ?? '') }) : done;
    },
  }),

  getRoleSearch: route({
    method: 'get',
    path: '/role-searches/{id}',
    summary: 'How far a search for roles is, and what came of it.',
    permission: 'readSuggestedRoles',
    input: z.object({ id }),
    output: searchOutput,
    handle: async (request, input) => {
      const { rows } = await sql<SearchRow>`
        select ${searchColumns} from ${searches}
        where search.id = ${input.id} and ${seen(request, sql`search.system_id`)}`.execute(
        request.db,
      );
      return rows[0] ? ok(searchItem(rows[0])) : refuse('notFound');
    },
  }),

  cancelRoleSearch: route({
    method: 'post',
    path: '/role-searches/{id}/cancel',
    summary: 'Ends a search for roles that is waiting or under way.',
    permission: 'suggestRoles',
    input: z.object({ id }),
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(cancelSearch, { searchId: input.id });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),
};

const foundRoutes = {
  listSuggestedRoles: route({
    method: 'get',
    path: '/role-searches/{id}/roles',
    summary: 'Suggested roles: what each gives, how many would hold it.',
    permission: 'readSuggestedRoles',
    input: listInput(
      { sorts: lists.suggestionSorts },
      { id, holder: id.optional(), lone: flag.optional(), adopted: flag.optional() },
    ),
    output: listOutput(lists.suggestionOutput),
    handle: async (request, input) => {
      if (!(await seesSearch(request, input.id))) return refuse('notFound');
      const conditions: Condition[] = [{ sql: sql`role.search_id = ${input.id}` }];
      if (input.holder)
        conditions.push({
          sql: sql`role.id in (select role_id from suggested_role_holder where holder_id = ${input.holder})`,
        });
      if (input.lone !== undefined)
        conditions.push({ sql: sql`(role.holders = 1) = ${input.lone}` });
      if (input.adopted !== undefined)
        conditions.push({
          sql: sql`(adopted.id is not null) = ${input.adopted}`,
          needs: ['adopted'],
        });
      return answerList(
        request.db,
        lists.suggestionList(input.format === 'csv'),
        input,
        conditions,
      );
    },
  }),

  listRoleHolders: route({
    method: 'get',
    path: '/role-searches/{id}/holders',
    summary:
      'Who would hold which suggested roles, and how many accesses they hold one by one today.',
    permission: 'readSuggestedRoles',
    input: listInput(
      { sorts: lists.holderSorts },
      { id, role: id.optional(), department: z.string().max(200).optional() },
    ),
    output: listOutput(lists.holderOutput),
    handle: async (request, input) => {
      if (!(await seesSearch(request, input.id))) return refuse('notFound');
      const conditions: Condition[] = [{ sql: sql`holder.search_id = ${input.id}` }];
      if (input.role)
        conditions.push({
          sql: sql`holder.holder_id in (select holder_id from suggested_role_holder where role_id = ${input.role})`,
        });
      if (input.department)
        conditions.push({ sql: sql`person.department = ${input.department}`, needs: ['who'] });
      return answerList(request.db, lists.holderList(input.format === 'csv'), input, conditions);
    },
  }),

  listLoneAccess: route({
    method: 'get',
    path: '/role-searches/{id}/lone',
    summary: 'Access that only one person has.',
    permission: 'readSuggestedRoles',
    input: listInput({ sorts: lists.loneSorts }, { id }),
    output: listOutput(lists.loneOutput),
    handle: async (request, input) => {
      if (!(await seesSearch(request, input.id))) return refuse('notFound');
      return answerList(request.db, lists.loneList, input, [
        { sql: sql`lone.search_id = ${input.id}` },
      ]);
    },
  }),

  getSuggestedRole: route({
    method: 'get',
    path: '/suggested-roles/{id}',
    summary: 'One suggested role: what it gives and who would hold it, the first of each.',
    permission: 'readSuggestedRoles',
    input: z.object({ id }),
    output: lists.suggestionOutput.omit({ gives: true }).extend({
      contents: z.array(entitlementOutput),
      people: z.array(lists.holderOutput.omit({ roleNames: true })),
    }),
    handle: async (request, input) => {
      const { db } = request;
      const [role] = (
        await sql<z.input<typeof lists.suggestionOutput> & { readonly searchId: string }>`
          select ${lists.suggestionList(false).source.select}, role.search_id as "searchId"
          from (select ${input.id}::uuid as id) page ${lists.suggestionList(false).source.details}`.execute(
          db,
        )
      ).rows;
      if (!role || !(await seesSearch(request, role.searchId))) return refuse('notFound');
      const contents = await contentsOf('suggested_role_entitlement', input.id).execute(db);
      const { select, details } = lists.holderList(false).source;
      const people = await sql<z.input<typeof lists.holderOutput>>`
        select ${select} from (
          select ${role.searchId}::uuid as search, holder_id as id from suggested_role_holder
          where role_id = ${input.id}
        ) page ${details} order by name, id limit ${mostTold}`.execute(db);
      const { gives: _gives, searchId: _searchId, ...rest } = role;
      return ok({ ...rest, contents: contents.rows, people: people.rows });
    },
  }),
};

const adoptedRoutes = {
  adoptRole: route({
    method: 'post',
    path: '/suggested-roles/{id}/adopt',
    summary:
      'Makes a suggested role one of the system, under a name; nobody’s access changes by it.',
    permission: 'suggestRoles',
    input: z.object({ id, name: facts.adoptRole.shape.name }),
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(adoptRole, { suggestionId: input.id, name: input.name });
      return done.ok ? ok({ id: idOf(done.value[0]?.subject ?? '') }) : done;
    },
  }),

  listAdoptedRoles: route({
    method: 'get',
    path: '/access-roles',
    summary: 'Roles of systems that were adopted, and how many hold all of each.',
    permission: 'readSuggestedRoles',
    input: listInput(
      { sorts: lists.roleSorts },
      { scope: z.union([id, z.literal('all')]).optional() },
    ),
    output: listOutput(lists.roleOutput),
    handle: (request, input) => {
      const conditions: Condition[] = [
        { sql: sql`role.dropped_at is null` },
        { sql: seen(request, sql`role.system_id`) },
      ];
      if (input.scope)
        conditions.push({
          sql: sql`role.system_id is not distinct from ${input.scope === 'all' ? null : input.scope}::uuid`,
        });
      return answerList(request.db, lists.roleList(input.format === 'csv'), input, conditions);
    },
  }),

  getAdoptedRole: route({
    method: 'get',
    path: '/access-roles/{id}',
    summary: 'One adopted role and what it gives.',
    permission: 'readSuggestedRoles',
    input: z.object({ id }),
    output: z.object({ id: z.string(), name: z.string(), contents: z.array(entitlementOutput) }),
    handle: async (request, input) => {
      const { rows } = await sql<{ id: string; name: string }>`
        select id, name from access_role role
        where id = ${input.id} and dropped_at is null and ${seen(request, sql`role.system_id`)}`.execute(
        request.db,
      );
      if (!rows[0]) return refuse('notFound');
      const contents = await contentsOf('access_role_entitlement', input.id).execute(request.db);
      return ok({ ...rows[0], contents: contents.rows });
    },
  }),

  dropRole: route({
    method: 'delete',
    path: '/access-roles/{id}',
    summary: 'Gives up an adopted role; nobody’s access changes by it.',
    permission: 'suggestRoles',
    input: z.object({ id }),
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(dropRole, { roleId: input.id });
      return done.ok ? ok({ id: input.id }) : done;
    },
  }),
};

export const miningRoutes = { ...searchRoutes, ...foundRoutes, ...adoptedRoutes };
