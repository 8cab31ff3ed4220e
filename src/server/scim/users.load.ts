import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import { isUuid, type PersonId } from '../../kernel/id.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { lockPeople } from '../../registers/people/store.lock.ts';
import { onDeactivation } from '../../registers/provisioning/store.users.ts';
import { takeEverything, takeWaysIn } from '../leaving/take.ts';
import type { Rooms } from '../rooms.ts';
import { userType } from './definitions.ts';
import { notFound, ScimFault } from './fault.ts';
import { patched } from './patch.ts';
import type { Resource } from './schema.ts';
import { personFacts, wantsActive } from './users.facts.ts';
import type { UserCommand, UserState } from './users.flow.ts';
import {
  etagOf,
  groupsColumn,
  isActive,
  isThere,
  type UserRow,
  userColumns,
  userResource,
  userTables,
} from './users.read.ts';

type Changing = Exclude<UserCommand, { do: 'create' }>;

/**
 * Reads and locks what a decision on a user needs. What a PATCH asks for is worked out here, because
 * what else has to be known depends on it; it is pure, and so is the decision that follows.
 *
 * @throws ScimFault where the user is not there, is not the one that was read, or the PATCH is wrong
 */
export async function loadUser(
  tx: Tx,
  rooms: Rooms,
  command: UserCommand,
  context: Context,
): Promise<UserState> {
  return command.do === 'create'
    ? loadNew(tx, command.resource, rooms, context)
    : loadChange(tx, command, rooms, context);
}

async function loadNew(tx: Tx, next: Resource, rooms: Rooms, context: Context): Promise<UserState> {
  await lockPeople(tx, 'one');
  const { rivals, managerKnown } = await rivalsOf(tx, next);
  const away = rivals.filter(({ deleted }) => deleted);
  // The name first: it is what the directory knows the person by.
  const again = away.find(({ byName }) => byName) ?? away[0];
  const before = again ? await lockUser(tx, again.id, true) : null;
  const active = wantsActive(next);
  return {
    before,
    next,
    conflict: conflictOf(rivals, again?.id ?? null),
    manager: managerKnown ? 'known' : 'unknown',
    wasActive: before ? isActive(before, dateIn(context.now, context.zone)) : true,
    active,
    ...(await taking(tx, before?.id ?? null, !active, false, rooms, context)),
  };
}

async function loadChange(
  tx: Tx,
  command: Changing,
  rooms: Rooms,
  context: Context,
): Promise<UserState> {
  // Managers above managers are judged over everyone; all else of a user by itself.
  const named = command.do !== 'delete' && /manager/i.test(JSON.stringify(command));
  await lockPeople(tx, named ? 'everyone' : 'one');
  const before = isUuid(command.id) ? await lockUser(tx, command.id, false) : null;
  if (!before) throw notFound(`user ${command.id}`);
  checkVersion(command.ifMatch, before.version);
  const today = dateIn(context.now, context.zone);
  const wasActive = isActive(before, today);
  const was = userResource(before, { base: '', today });
  const next = command.do === 'delete' ? null : nextOf(was, command);
  const active = next !== null && (next['active'] === undefined ? wasActive : wantsActive(next));
  const ends = command.do === 'delete' || (wasActive && !active);
  const [rivals, manager] = next ? await judged(tx, before, was, next) : [[], 'known' as const];
  return {
    before,
    next,
    conflict: conflictOf(rivals, before.id),
    manager,
    wasActive,
    active,
    ...(await taking(tx, before.id, ends, command.do === 'delete', rooms, context)),
  };
}

/** If-Match (RFC 7232, section 3.1), by the weak comparison that SCIM's examples make. */
export function checkVersion(ifMatch: string | null, version: number): void {
  if (ifMatch === null || ifMatch.trim() === '*') return;
  const own = etagOf(version).replace('W/', '');
  const given = ifMatch.split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (!given.includes(own))
    throw new ScimFault(412, 'the resource has changed since it was read: read it again');
}

function nextOf(was: Resource, command: Exclude<Changing, { do: 'delete' }>): Resource {
  if (command.do === 'patch') return patched(userType, was, command.operations);
  const next: Resource = { ...command.resource };
  // Not said is not changed (RFC 7644, section 3.5.1): nobody comes back because of a name.
  if (next['active'] === undefined && was['active'] !== undefined) next['active'] = was['active'];
  return next;
}

async function lockUser(tx: Tx, id: PersonId, deleted: boolean): Promise<UserRow | null> {
  const there = deleted ? sql`p.erased_at is null` : isThere;
  const { rows } = await sql<UserRow>`
    select ${userColumns}, ${groupsColumn} from ${userTables} where p.id = ${id} and ${there}
    for update of p`.execute(tx);
  return rows[0] ?? null;
}

/** Somebody else whose name or address is the one that a user is to have. */
interface Rival {
  readonly id: PersonId;
  readonly deleted: boolean;
  readonly byName: boolean;
  readonly byEmail: boolean;
}

async function rivalsOf(
  tx: Tx,
  next: Resource,
): Promise<{ readonly rivals: readonly Rival[]; readonly managerKnown: boolean }> {
  const { email, managerId } = personFacts(next);
  const name = String(next['userName']).toLowerCase();
  const external = typeof next['externalId'] === 'string' ? next['externalId'] : null;
  const mail = email?.toLowerCase() ?? null;
  const { rows } = await sql<Rival & { manager_known: boolean }>`
    select p.id, u.deleted_at is not null as deleted,
      coalesce(lower(u.user_name), lower(p.email), p.id::text) = ${name} as "byName",
      coalesce(lower(p.email) = ${mail}::text, false) as "byEmail", false as manager_known
    from person p left join scim_user u on u.person_id = p.id
    where p.erased_at is null and p.id in (
      select person_id from scim_user where lower(user_name) = ${name} and deleted_at is null
      union all
      select person_id from scim_user where lower(user_name) = ${name} and deleted_at is not null
      union all
      select id from person
        where lower(email) = any(array[${mail}, ${name}]::text[]) and email is not null
      union all
      select person_id from scim_user where external_id = ${external} and deleted_at is not null)
    union all
    select id, false, false, false, true from person
      where id = ${managerId}::uuid and erased_at is null`.execute(tx);
  return {
    rivals: rows.filter((row) => !row.manager_known),
    managerKnown: rows.some((row) => row.manager_known),
  };
}

function conflictOf(rivals: readonly Rival[], own: PersonId | null): UserState['conflict'] {
  const others = rivals.filter(({ id }) => id !== own);
  if (others.some(({ byName, deleted }) => byName && !deleted)) return 'userName';
  // The register knows everyone by address, those too whom the directory has deleted.
  return others.some(({ byEmail }) => byEmail) ? 'emails' : null;
}

/** Asks for rivals and managers only where name, address or manager change. */
async function judged(
  tx: Tx,
  before: UserRow,
  was: Resource,
  next: Resource,
): Promise<readonly [readonly Rival[], UserState['manager']]> {
  const facts = personFacts(next);
  const sameName = lower(was['userName']) === lower(next['userName']);
  const sameMail = lower(facts.email) === lower(before.email);
  const { managerId } = facts;
  if (sameName && sameMail && managerId === before.manager_id)
    return [[], managerId ? 'known' : 'unknown'];
  const { rivals, managerKnown } = await rivalsOf(tx, next);
  if (!managerId || !managerKnown || managerId === before.manager_id)
    return [rivals, managerKnown ? 'known' : 'unknown'];
  const { rows } = await sql<{ id: PersonId }>`
    with recursive above as (
      select id, manager_id from person where id = ${managerId}
      union
      select person.id, person.manager_id from person join above on person.id = above.manager_id)
    select id from above where id = ${before.id}`.execute(tx);
  return [rivals, rows.length > 0 ? 'below' : 'known'];
}

function lower(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

/** Takes what is to be taken, where the user is deactivated or deleted; see `leavingFlow`. */
async function taking(
  tx: Tx,
  id: PersonId | null,
  ends: boolean,
  forGood: boolean,
  rooms: Rooms,
  context: Context,
): Promise<Pick<UserState, 'onDeactivation' | 'taken'>> {
  if (!ends) return { onDeactivation: 'leave', taken: null };
  const what = forGood ? 'leave' : await onDeactivation(tx);
  // Somebody new holds nothing yet.
  if (id === null) return { onDeactivation: what, taken: {} };
  const taken =
    what === 'leave'
      ? await takeEverything(tx, rooms, id, context)
      : await takeWaysIn(tx, id, context);
  return { onDeactivation: what, taken };
}
