import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Tx } from '../../kernel/db.ts';
import { isUuid, type PersonId } from '../../kernel/id.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context, Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { groupType } from './definitions.ts';
import { bad, notFound } from './fault.ts';
import { type GroupChange, projectGroup } from './groups.project.ts';
import { type GroupRow, groupResource, membersOf } from './groups.read.ts';
import { type Operation, patched } from './patch.ts';
import { isComplex, type Resource } from './schema.ts';
import { checkVersion } from './users.load.ts';

export type GroupCommand =
  | { readonly do: 'create'; readonly resource: Resource }
  | {
      readonly do: 'replace';
      readonly id: string;
      readonly resource: Resource;
      readonly ifMatch: string | null;
    }
  | {
      readonly do: 'patch';
      readonly id: string;
      readonly operations: readonly Operation[];
      readonly ifMatch: string | null;
    }
  | { readonly do: 'delete'; readonly id: string; readonly ifMatch: string | null };

/** What a decision on a group stands on. */
export interface GroupState {
  readonly before: (GroupRow & { readonly members: readonly PersonId[] }) | null;
  readonly next: {
    readonly displayName: string;
    readonly externalId: string | null;
    readonly members: readonly PersonId[];
  } | null;
  /** Another group has the name. */
  readonly taken: boolean;
}

export type GroupRefusal = 'uniqueness';
export type GroupFlow = Flow<GroupState, GroupCommand, Event, GroupRefusal>;

/** What a directory does to a group; where the group gives a role in Kept, members get and lose it. */
export const groupFlow: GroupFlow = {
  name: 'provisioning.group',
  clause: 'provisioning',
  command: z.custom<GroupCommand>(),
  load: loadGroup,
  authorize: () => ({ action: 'provisionPeople' }),
  decide: decideGroup,
  project: projectGroup,
};

async function loadGroup(tx: Tx, command: GroupCommand): Promise<GroupState> {
  if (command.do === 'create') {
    const next = await nextOf(tx, command.resource, []);
    return { before: null, next, taken: await isTaken(tx, next.displayName, null) };
  }
  const before = isUuid(command.id) ? await lockGroup(tx, command.id) : null;
  if (!before) throw notFound(`group ${command.id}`);
  checkVersion(command.ifMatch, before.version);
  if (command.do === 'delete') return { before, next: null, taken: false };
  const resource =
    command.do === 'replace'
      ? command.resource
      : patched(groupType, await asResource(tx, before), command.operations);
  const next = await nextOf(tx, resource, before.members);
  const renamed = next.displayName.toLowerCase() !== before.display_name.toLowerCase();
  return { before, next, taken: renamed && (await isTaken(tx, next.displayName, before.id)) };
}

async function lockGroup(tx: Tx, id: string): Promise<GroupState['before']> {
  const { rows } = await sql<GroupRow>`
    select id, display_name, external_id, role, created_at, modified_at, version
    from scim_group where id = ${id} for update`.execute(tx);
  const [row] = rows;
  if (!row) return null;
  const members = await sql<{ id: PersonId }>`
    select person_id as id from scim_member where group_id = ${id}`.execute(tx);
  return { ...row, members: members.rows.map((each) => each.id) };
}

async function asResource(tx: Tx, row: GroupRow): Promise<Resource> {
  const members = await membersOf(tx, [row.id], '');
  return groupResource(row, members.get(row.id) ?? [], '');
}

async function isTaken(tx: Tx, name: string, own: string | null): Promise<boolean> {
  const { rows } = await sql`
    select from scim_group
    where lower(display_name) = lower(${name}) and id is distinct from ${own}::uuid`.execute(tx);
  return rows.length > 0;
}

/** @throws ScimFault invalidValue where a member is nobody */
async function nextOf(
  tx: Tx,
  resource: Resource,
  before: readonly PersonId[],
): Promise<NonNullable<GroupState['next']>> {
  const given = Array.isArray(resource['members']) ? resource['members'].filter(isComplex) : [];
  const members = new Set<PersonId>();
  for (const { value, type } of given) {
    if (typeof type === 'string' && type.toLowerCase() !== 'user')
      throw bad('invalidValue', 'members of a group are users');
    if (typeof value !== 'string') throw bad('invalidValue', 'a member has no "value"');
    members.add(value.toLowerCase());
  }
  const known = new Set(before);
  await requireUsers(
    tx,
    [...members].filter((id) => !known.has(id)),
  );
  const { displayName, externalId } = resource;
  return {
    displayName: String(displayName),
    externalId: typeof externalId === 'string' ? externalId : null,
    members: [...members],
  };
}

async function requireUsers(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const fit = ids.filter(isUuid);
  const { rows } = await sql<{ id: string }>`
    select p.id from person p left join scim_user u on u.person_id = p.id
    where p.id = any(${fit}::uuid[]) and p.erased_at is null and u.deleted_at is null`.execute(tx);
  const there = new Set(rows.map(({ id }) => id));
  const missing = ids.find((id) => !there.has(id));
  if (missing !== undefined) throw bad('invalidValue', `member ${missing} is no user`);
}

type Decision = Result<readonly Event[], Refusal<GroupRefusal>>;

/** Decides on what a directory says of a group. What changes nothing is no event. */
export function decideGroup(
  { before, next, taken }: GroupState,
  _: GroupCommand,
  { newId }: Context,
): Decision {
  if (taken) return refuse('uniqueness', { attribute: 'displayName' });
  const id = before?.id ?? newId();
  const was = new Set(before?.members ?? []);
  const is = new Set(next?.members ?? []);
  const added = [...is].filter((each) => !was.has(each)).sort();
  const removed = [...was].filter((each) => !is.has(each)).sort();
  const names = {
    displayName: next?.displayName ?? '',
    externalId: next?.externalId ?? null,
  };
  const renamed =
    next !== null &&
    (names.displayName !== before?.display_name || names.externalId !== before?.external_id);
  const moved = added.length + removed.length > 0;
  if (before && next && !renamed && !moved) return ok([]);
  const type = before ? (next ? 'GroupChanged' : 'GroupDeleted') : 'GroupProvisioned';
  const role = before?.role ?? null;
  const members = Buffer.from(
    [...added.map((each) => `+${each}\n`), ...removed.map((each) => `-${each}\n`)].join(''),
  );
  const change: GroupChange = {
    type,
    subject: `group/${id}`,
    body: {
      added: added.length,
      removed: removed.length,
      role,
      membersBlob: moved ? createHash('sha256').update(members).digest('hex') : null,
    },
    // The name of a group may tell of the people in it.
    ...(renamed ? { private: names } : {}),
    ...(moved ? { blobs: { membersBlob: members } } : {}),
    change: { id, ...names, renamed, added, removed, role },
  };
  return ok([change]);
}
