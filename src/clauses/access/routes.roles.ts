import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { List, SortColumn } from '../../registers/list.ts';

/** The lists of role suggestions: what a search found, and what was adopted. */

/** Names told in one cell of a list; a file has them all. */
const namesTold = 4;

const limit = (whole: boolean): RawBuilder<unknown> => (whole ? sql`` : sql`limit ${namesTold}`);
/** Says that there are more names than were told. */
const andMore = (names: string, count: number, whole: boolean): string =>
  whole || count <= namesTold ? names : `${names}, …`;

/** Name of an entitlement, with its system's where roles reach over several: `several` says whether. */
const nameIn = (several: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`case when ${several} then system.name || ' ' || entitlement.name else entitlement.name end`;

/** The names of a role's entitlements, one after the other. */
const namesGiven = (
  table: 'suggested_role_entitlement' | 'access_role_entitlement',
  several: RawBuilder<unknown>,
  whole: boolean,
): RawBuilder<unknown> => sql`array_to_string(array(
  select ${nameIn(several)} as name from ${sql.table(table)} content
  join entitlement on entitlement.id = content.entitlement_id join system on system.id = entitlement.system_id
  where content.role_id = role.id order by name ${limit(whole)}), ', ')`;

export const suggestionOutput = z.object({
  id: z.string(),
  name: z.string(),
  holders: z.int(),
  entitlements: z.int(),
  /** The first of them by name; in a file all. */
  gives: z.string(),
  /** Name under which these entitlements were adopted; null where they were not. */
  adopted: z.string().nullable(),
});
type Suggestion = z.input<typeof suggestionOutput>;

export const suggestionSorts = {
  name: { sql: sql`role.name`, type: 'text' },
  holders: { sql: sql`role.holders`, type: 'integer' },
  entitlements: { sql: sql`role.entitlements`, type: 'integer' },
} satisfies Record<string, SortColumn>;

/** Joins the adopted role of the same entitlements, if any. */
const adopted = sql`
  left join access_role adopted on adopted.digest = role.digest and adopted.dropped_at is null
    and adopted.system_id is not distinct from (select system_id from role_search where id = role.search_id)`;

export function suggestionList(whole: boolean): List<Suggestion, Suggestion> {
  return {
    source: {
      from: [sql`suggested_role role`],
      joins: { adopted },
      key: { id: sql`role.id` },
      sorts: suggestionSorts,
      defaultSort: '-holders',
      search: (like) => ({
        sql: sql`lower(role.name) like ${like} or exists (
          select from suggested_role_entitlement content join entitlement on entitlement.id = content.entitlement_id
          where content.role_id = role.id and lower(entitlement.name) like ${like})`,
      }),
      select: sql`role.id, role.name, role.holders, role.entitlements, adopted.name as adopted,
        ${namesGiven('suggested_role_entitlement', sql`search.system_id is null`, whole)} as gives`,
      details: sql`join suggested_role role on role.id = page.id
        join role_search search on search.id = role.search_id ${adopted}`,
    },
    item: (row) => ({ ...row, gives: andMore(row.gives, row.entitlements, whole) }),
    csv: (['name', 'holders', 'entitlements', 'gives', 'adopted'] as const).map((header) => ({
      header,
      cell: (role: Suggestion) => role[header],
    })),
    filename: 'suggested-roles',
  };
}

export const holderOutput = z.object({
  id: z.string(),
  name: z.string(),
  /** False: an account that belongs to nobody known. */
  person: z.boolean(),
  department: z.string(),
  /** Held one by one today. */
  accesses: z.int(),
  /** Held instead. */
  roles: z.int(),
  /** The first of them by name; in a file all. */
  roleNames: z.string(),
});
type Holder = z.input<typeof holderOutput>;

/** Who a holder is: a person, or an account of nobody known. */
const who = (alias: string): RawBuilder<unknown> => sql`
  left join person on person.id = ${sql.ref(`${alias}.holder_id`)}
  left join account on account.id = ${sql.ref(`${alias}.holder_id`)}`;
const whose = sql`coalesce(person.name, account.name, '')`;

export const holderSorts = {
  name: { sql: whose, type: 'text', needs: ['who'] },
  department: { sql: sql`coalesce(person.department, '')`, type: 'text', needs: ['who'] },
  accesses: { sql: sql`holder.accesses`, type: 'integer' },
  roles: { sql: sql`holder.roles`, type: 'integer' },
} satisfies Record<string, SortColumn>;

export function holderList(whole: boolean): List<Holder, Holder> {
  return {
    source: {
      from: [sql`role_search_holder holder`],
      joins: { who: who('holder') },
      key: { search: sql`holder.search_id`, id: sql`holder.holder_id` },
      sorts: holderSorts,
      defaultSort: '-accesses',
      search: (like) => ({
        sql: sql`lower(${whose}) like ${like} or lower(coalesce(person.department, '')) like ${like}`,
        needs: ['who'],
      }),
      select: sql`holder.holder_id as id, ${whose} as name, person.id is not null as person,
        coalesce(person.department, '') as department, holder.accesses, holder.roles,
        array_to_string(array(
          select role.name from suggested_role_holder mine join suggested_role role on role.id = mine.role_id
          where mine.holder_id = holder.holder_id and role.search_id = holder.search_id
          order by role.name ${limit(whole)}), ', ') as "roleNames"`,
      details: sql`join role_search_holder holder on holder.search_id = page.search and holder.holder_id = page.id
        ${who('holder')}`,
    },
    item: (row) => ({ ...row, roleNames: andMore(row.roleNames, row.roles, whole) }),
    csv: (['name', 'department', 'accesses', 'roles', 'roleNames'] as const).map((header) => ({
      header,
      cell: (holder: Holder) => holder[header],
    })),
    filename: 'role-holders',
  };
}

export const loneOutput = z.object({
  holderId: z.string(),
  holder: z.string(),
  department: z.string(),
  entitlementId: z.string(),
  entitlement: z.string(),
  system: z.string(),
  privileged: z.boolean(),
});
type Lone = z.input<typeof loneOutput>;

export const loneSorts = {
  holder: { sql: whose, type: 'text', needs: ['who'] },
  entitlement: { sql: sql`entitlement.name`, type: 'text', needs: ['what'] },
} satisfies Record<string, SortColumn>;

const what = sql`join entitlement on entitlement.id = lone.entitlement_id`;

export const loneList: List<Lone, Lone> = {
  source: {
    from: [sql`role_search_lone lone`],
    joins: { who: who('lone'), what },
    key: {
      search: sql`lone.search_id`,
      holder: sql`lone.holder_id`,
      entitlement: sql`lone.entitlement_id`,
    },
    sorts: loneSorts,
    defaultSort: 'holder',
    search: (like) => ({
      sql: sql`lower(${whose}) like ${like} or lower(entitlement.name) like ${like}`,
      needs: ['who', 'what'],
    }),
    select: sql`lone.holder_id as "holderId", ${whose} as holder, coalesce(person.department, '') as department,
      lone.entitlement_id as "entitlementId", entitlement.name as entitlement, system.name as system,
      entitlement.privileged`,
    details: sql`join role_search_lone lone on lone.search_id = page.search and lone.holder_id = page.holder
        and lone.entitlement_id = page.entitlement
      ${who('lone')} ${what} join system on system.id = entitlement.system_id`,
  },
  item: (row) => row,
  csv: (['holder', 'department', 'entitlement', 'system', 'privileged'] as const).map((header) => ({
    header,
    cell: (lone: Lone) => lone[header],
  })),
  filename: 'access-of-one',
};

export const roleOutput = z.object({
  id: z.string(),
  name: z.string(),
  system: z.string().nullable(),
  entitlements: z.int(),
  gives: z.string(),
  /** Who holds all of it now. */
  holders: z.int(),
  adoptedAt: z.string(),
  adoptedBy: z.string().nullable(),
});
type Role = z.input<typeof roleOutput>;
type RoleRow = Omit<Role, 'adoptedAt'> & { readonly adoptedAt: Instant };

export const roleSorts = {
  name: { sql: sql`role.name`, type: 'text' },
  adoptedAt: { sql: sql`role.adopted_at`, type: 'timestamptz' },
} satisfies Record<string, SortColumn>;

/** Who, of staff, holds all entitlements of a role now, as the systems show it. */
const holdersNow = sql`(
  select count(*) from (
    select from observation o join account on account.id = o.account_id
    join access_role_entitlement content on content.entitlement_id = o.entitlement_id
    where content.role_id = role.id and o.gone_at is null and account.kind = 'staff'
    group by coalesce(account.person_id, account.id)
    having count(distinct o.entitlement_id) = (
      select count(*) from access_role_entitlement whole where whole.role_id = role.id)
  ) complete)::int`;

export function roleList(whole: boolean): List<RoleRow, Role> {
  return {
    source: {
      from: [sql`access_role role`],
      key: { id: sql`role.id` },
      sorts: roleSorts,
      defaultSort: 'name',
      search: (like) => ({ sql: sql`lower(role.name) like ${like}` }),
      select: sql`role.id, role.name, system.name as system, role.adopted_at as "adoptedAt",
        person.name as "adoptedBy", ${holdersNow} as holders,
        (select count(*) from access_role_entitlement content where content.role_id = role.id)::int as entitlements,
        ${namesGiven('access_role_entitlement', sql`role.system_id is null`, whole)} as gives`,
      details: sql`join access_role role on role.id = page.id
        left join system on system.id = role.system_id left join person on person.id = role.adopted_by`,
    },
    item: (row) => ({
      ...row,
      gives: andMore(row.gives, row.entitlements, whole),
      adoptedAt: instantText(row.adoptedAt),
    }),
    csv: (
      ['system', 'name', 'entitlements', 'gives', 'holders', 'adoptedAt', 'adoptedBy'] as const
    ).map((header) => ({ header, cell: (role: Role) => role[header] })),
    filename: 'adopted-roles',
  };
}
