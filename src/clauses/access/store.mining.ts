import { type RawBuilder, sql } from 'kysely';
import { type Actor, personOf } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type {
  CancelSearch,
  ConcludeSearch,
  FailSearch,
  RequestRoles,
  RoleSearchEnded,
  RolesRequested,
  RolesSuggested,
  SearchState,
  Suggestions,
} from './facts.mining.ts';
import type { Evidence } from './facts.ts';
import type { ConclusionState, RequestState, SearchOf } from './flow.mining.ts';
import { evidenceOf, holdsOfficerRole, planForMany } from './store.campaign.ts';

/** Condition on an account: what roles are suggested for. Machines and emergencies have no roles. */
const ofStaff = sql`account.kind = 'staff'`;

/** Condition on an observation: it is of the system; of any that is in use where none is named. */
function seenOn(systemId: string | null): RawBuilder<boolean> {
  return systemId === null
    ? sql`o.gone_at is null and o.system_id in (select id from system where retired_at is null)`
    : sql`o.gone_at is null and o.system_id = ${systemId}`;
}

/** Whether an actor answers for the roles of a system: its owner and the officer; the officer for all. */
export async function answersForRoles(
  db: Db,
  actor: Actor,
  systemId: string | null,
): Promise<boolean> {
  if (actor.kind === 'system' || holdsOfficerRole(actor)) return true;
  const person = personOf(actor);
  if (person === null || systemId === null) return false;
  const { rows } = await sql`
    select from system where id = ${systemId} and owner_id = ${person}`.execute(db);
  return rows.length > 0;
}

export async function loadRequest(
  tx: Tx,
  { systemId }: RequestRoles,
  { actor }: Context,
): Promise<RequestState> {
  const { rows } = await sql<{ known: boolean; accesses: number; under_way: boolean }>`
    select ${systemId}::uuid is null or exists (
        select from system where id = ${systemId} and retired_at is null) as known,
      (select count(*) from observation o join account on account.id = o.account_id
        where ${seenOn(systemId)} and ${ofStaff})::int as accesses,
      exists (select from role_search
        where system_id is not distinct from ${systemId}::uuid and state in ('waiting', 'running')) as under_way`.execute(
    tx,
  );
  return {
    systemExists: rows[0]?.known ?? false,
    accesses: rows[0]?.accesses ?? 0,
    underWay: rows[0]?.under_way ?? false,
    answerable: await answersForRoles(tx, actor, systemId),
  };
}

export async function projectRequested(
  tx: Tx,
  { subject, body }: RolesRequested,
  { actor, now }: Context,
): Promise<void> {
  await sql`
    insert into role_search (id, system_id, requested_by, requested_at)
    values (${idOf(subject)}, ${body.system}, ${personOf(actor)}, ${now})`.execute(tx);
}

/** The id in a subject: `role-search/ID`. */
export const idOf = (subject: string): string => subject.split('/')[1] ?? '';

export async function loadSearch(
  tx: Tx,
  { searchId }: CancelSearch | FailSearch,
  { actor }: Context,
): Promise<SearchOf> {
  const { rows } = await sql<{ systemId: string | null; state: SearchState }>`
    select system_id as "systemId", state from role_search where id = ${searchId} for update`.execute(
    tx,
  );
  const search = rows[0] ?? null;
  return {
    search,
    answerable: search !== null && (await answersForRoles(tx, actor, search.systemId)),
  };
}

export async function projectEnded(
  tx: Tx,
  { subject, body }: RoleSearchEnded,
  { now }: Context,
): Promise<void> {
  await sql`
    update role_search set state = ${body.outcome}, problem = ${body.problem}, ended_at = ${now}
    where id = ${idOf(subject)}`.execute(tx);
}

export async function loadConclusion(
  tx: Tx,
  command: ConcludeSearch,
  context: Context,
): Promise<ConclusionState> {
  const { rows } = await sql<ConclusionState['found']>`
    select count(*)::int as holders, coalesce(sum(accesses), 0)::int as accesses,
      coalesce(sum(roles), 0)::int as assignments,
      (select count(*) from suggested_role where search_id = ${command.searchId})::int as roles,
      (select count(distinct entitlement_id) from suggested_role_entitlement
        join suggested_role role on role.id = role_id where search_id = ${command.searchId})::int as entitlements
    from role_search_holder where search_id = ${command.searchId}`.execute(tx);
  const none = { holders: 0, accesses: 0, assignments: 0, roles: 0, entitlements: 0 };
  return { ...(await loadSearch(tx, command, context)), found: rows[0] ?? none };
}

/** What was suggested before for the same system goes: only the newest suggestion is of use. */
export async function projectSuggested(
  tx: Tx,
  { subject, body }: RolesSuggested,
  { now }: Context,
): Promise<void> {
  const id = idOf(subject);
  await sql`
    delete from role_search where system_id is not distinct from ${body.system}::uuid and id <> ${id}`.execute(
    tx,
  );
  await sql`
    update role_search set state = 'done', ended_at = ${now}, done = coalesce(total, 0),
      holders = ${body.holders}, entitlements = ${body.entitlements}, accesses = ${body.accesses},
      left_out = ${body.leftOut}, roles = ${body.roles}, assignments = ${body.assignments},
      at_least = ${body.atLeast}
    where id = ${id}`.execute(tx);
}

/** A search that a node is to make. */
export interface ClaimedSearch {
  readonly id: string;
  readonly systemId: string | null;
}

/**
 * Takes up the longest waiting search, or one whose node has given no sign of life since
 * `abandonedAt`. Two nodes never get the same.
 */
export async function claimSearch(
  db: Db,
  now: Instant,
  abandonedAt: Instant,
): Promise<ClaimedSearch | null> {
  const { rows } = await sql<ClaimedSearch>`
    update role_search set state = 'running', started_at = ${now}, beat_at = ${now}, done = 0, total = null
    where id = (
      select id from role_search where state = 'waiting' or (state = 'running' and beat_at < ${abandonedAt})
      order by requested_at limit 1 for update skip locked)
    returning id, system_id as "systemId"`.execute(db);
  return rows[0] ?? null;
}

/** Says how far a search is. @returns false where it is not to go on: somebody cancelled it */
export async function reportSearch(
  db: Db,
  id: string,
  progress: { readonly done: number; readonly total: number | null },
  now: Instant,
): Promise<boolean> {
  const { rows } = await sql`
    update role_search set done = ${progress.done}, total = ${progress.total}, beat_at = ${now}
    where id = ${id} and state = 'running' returning id`.execute(db);
  return rows.length > 0;
}

/** One line for each access of staff, without repetition, in a fixed order. */
export interface HeldAccess {
  readonly holder: string;
  readonly entitlement: string;
}

/** Who holds what on a system now, as the system itself shows it. */
export async function heldAccess(
  db: Db,
  systemId: string | null,
): Promise<{ readonly held: readonly HeldAccess[]; readonly leftOut: number }> {
  const { rows } = await sql<HeldAccess>`
    select distinct coalesce(account.person_id, account.id) as holder, o.entitlement_id as entitlement
    from observation o join account on account.id = o.account_id
    where ${seenOn(systemId)} and ${ofStaff} order by holder, entitlement`.execute(db);
  const others = await sql<{ n: number }>`
    select count(*)::int as n from observation o join account on account.id = o.account_id
    where ${seenOn(systemId)} and not ${ofStaff}`.execute(db);
  return { held: rows, leftOut: others.rows[0]?.n ?? 0 };
}

/** What roles are named from: entitlements by name, with their system's in a search over several; holders by department. */
export async function namesFor(
  db: Db,
  search: ClaimedSearch,
  held: { readonly holders: readonly string[]; readonly entitlements: readonly string[] },
): Promise<{
  readonly entitlements: ReadonlyMap<string, string>;
  readonly departments: ReadonlyMap<string, string>;
}> {
  const entitlements = await sql<{ id: string; name: string; system: string }>`
    select entitlement.id, entitlement.name, system.name as system
    from entitlement join system on system.id = entitlement.system_id
    where entitlement.id = any(${held.entitlements}::uuid[])`.execute(db);
  const people = await sql<{ id: string; department: string }>`
    select id, department from person where id = any(${held.holders}::uuid[])`.execute(db);
  const named = ({ name, system }: { name: string; system: string }): string =>
    search.systemId === null ? `${system} ${name}` : name;
  return {
    entitlements: new Map(entitlements.rows.map((row) => [row.id, named(row)])),
    departments: new Map(people.rows.map(({ id, department }) => [id, department])),
  };
}

/** A set of entitlements as evidence: their ids, ascending, one a line. */
export const entitlementLines = (ids: readonly string[]): Evidence =>
  evidenceOf(ids.toSorted().join('\n'));

/** Lays down what a search found. Nobody sees it before the search is concluded. */
export async function laySuggestions(tx: Tx, searchId: string, found: Suggestions): Promise<void> {
  const { roles, holders, lone } = found;
  const assignments = roles.flatMap((role) =>
    role.holders.map((holder) => [role.id, holder] as const),
  );
  const contents = roles.flatMap((role) => role.entitlements.map((it) => [role.id, it] as const));
  await planForMany(tx, assignments.length + contents.length);
  // A node that died may have come this far before.
  await forgetSuggestions(tx, searchId);
  await sql`
    insert into suggested_role (id, search_id, name, holders, entitlements, digest)
    select id, ${searchId}, name, holders, entitlements, digest
    from unnest(${roles.map(({ id }) => id)}::uuid[], ${roles.map(({ name }) => name)}::text[],
      ${roles.map((role) => role.holders.length)}::int[], ${roles.map((role) => role.entitlements.length)}::int[],
      ${roles.map((role) => entitlementLines(role.entitlements).sha256)}::text[])
      as t (id, name, holders, entitlements, digest)`.execute(tx);
  await sql`
    insert into suggested_role_entitlement (role_id, entitlement_id)
    select * from unnest(${contents.map(([role]) => role)}::uuid[], ${contents.map(([, it]) => it)}::uuid[])`.execute(
    tx,
  );
  await sql`
    insert into suggested_role_holder (role_id, holder_id)
    select * from unnest(${assignments.map(([role]) => role)}::uuid[], ${assignments.map(([, it]) => it)}::uuid[])`.execute(
    tx,
  );
  await sql`
    insert into role_search_holder (search_id, holder_id, accesses, roles)
    select ${searchId}, * from unnest(${holders.map(({ id }) => id)}::uuid[],
      ${holders.map(({ accesses }) => accesses)}::int[], ${holders.map((it) => it.roles)}::int[])`.execute(
    tx,
  );
  await sql`
    insert into role_search_lone (search_id, holder_id, entitlement_id)
    select ${searchId}, * from unnest(${lone.map(({ holder }) => holder)}::uuid[],
      ${lone.map(({ entitlement }) => entitlement)}::uuid[])`.execute(tx);
}

/** Takes away what was laid down for a search that will not be concluded. */
export async function forgetSuggestions(db: Db, searchId: string): Promise<void> {
  for (const table of ['suggested_role', 'role_search_holder', 'role_search_lone'])
    await sql`delete from ${sql.table(table)} where search_id = ${searchId}`.execute(db);
}

/** Gives a search back that this node will not end; the next takes it up from the beginning. */
export async function releaseSearch(db: Db, id: string): Promise<void> {
  await sql`
    update role_search set state = 'waiting', started_at = null, beat_at = null, done = 0, total = null
    where id = ${id} and state = 'running'`.execute(db);
}
