import { type RawBuilder, sql } from 'kysely';
import { isUuid, type PersonId } from '../../kernel/id.ts';
import type { Rooms } from '../rooms.ts';
import { userType } from './definitions.ts';
import { notFound } from './fault.ts';
import type { Call, Kind, Listed } from './kind.ts';
import { run } from './kind.ts';
import { readPatch } from './patch.ts';
import { fitsQuery, type Needs, needsOf, type Query, sorted } from './query.ts';
import { readResource } from './reading.ts';
import type { Resource } from './schema.ts';
import { type Selection, shows } from './showing.ts';
import { type UserChanged, type UserCommand, type UserFlow, userFlow } from './users.flow.ts';
import { countUsers, createdAt, etagOf, groupsOf, readUsers, userResource } from './users.read.ts';

/** Users read at once where PostgreSQL cannot tell which fit. */
const stretch = 2_000;

/** `/Users`: everyone in the register of people. */
export function users(rooms: () => Rooms): Kind {
  const flow = userFlow(rooms);
  return {
    type: userType,
    list: listUsers,
    find: findUser,
    async create(call, body, selection) {
      const resource = readResource(userType, body);
      if (resource['active'] === undefined) resource['active'] = true;
      const { triggeredAt } = call;
      const events = await run(call, flow, { do: 'create', resource, triggeredAt });
      const id = String(events[0]?.about);
      return events.length === 1 && events[0]?.type === 'PersonRegistered'
        ? newUser(call, id, resource)
        : findUser(call, id, selection);
    },
    replace: (call, at, body) => {
      const resource = readResource(userType, body);
      const { triggeredAt } = call;
      return change(call, flow, at.selection, {
        do: 'replace',
        id: at.id,
        resource,
        ifMatch: at.ifMatch,
        triggeredAt,
      });
    },
    patch: (call, at, body) => {
      const operations = readPatch(body);
      const { triggeredAt } = call;
      return change(call, flow, at.selection, {
        do: 'patch',
        id: at.id,
        operations,
        ifMatch: at.ifMatch,
        triggeredAt,
      });
    },
    remove: async (call, { id, ifMatch }) => {
      await run(call, flow, { do: 'delete', id, ifMatch, triggeredAt: call.triggeredAt });
    },
  };
}

async function change(
  call: Call,
  flow: UserFlow,
  selection: Selection,
  command: Extract<UserCommand, { id: string }>,
): Promise<Resource> {
  const [only, ...more] = await run(call, flow, command);
  // The usual case, in which what is there now is known without asking.
  if (only && more.length === 0 && 'after' in only)
    return userResource((only as UserChanged).after, call.setting);
  return findUser(call, command.id, selection);
}

/** Somebody just registered, as a read would show them: of no group yet. */
function newUser({ setting }: Call, id: string, given: Resource): Resource {
  const { password: _, ...resource } = given;
  return {
    ...resource,
    id,
    meta: {
      resourceType: 'User',
      created: createdAt(id),
      lastModified: createdAt(id),
      location: `${setting.base}/Users/${id}`,
      version: etagOf(1),
    },
  };
}

async function findUser(call: Call, id: string, selection: Selection): Promise<Resource> {
  const { db } = call.world.database;
  const [row] = isUuid(id) ? await readUsers(db, sql`p.id = ${id}`, { limit: 1 }) : [];
  if (!row) throw notFound(`user ${id}`);
  const resource = userResource(row, call.setting);
  if (shows(userType, selection, 'groups')) await addGroups(call, [resource]);
  return resource;
}

async function addGroups({ world, setting }: Call, page: readonly Resource[]): Promise<void> {
  const ids = page.map((each) => each['id'] as PersonId);
  const groups = await groupsOf(world.database.db, ids, setting.base);
  for (const each of page) {
    const own = groups.get(each['id'] as PersonId);
    if (own) each['groups'] = own;
  }
}

async function listUsers(call: Call, query: Query, lenient: boolean): Promise<Listed> {
  const { db } = call.world.database;
  const { startIndex, count } = query;
  const grouped = shows(userType, query.selection, 'groups');
  if (!query.filter && query.sortBy === null) {
    const total = await countUsers(db);
    const limit = { limit: count, offset: startIndex - 1 };
    const rows = count === 0 ? [] : await readUsers(db, sql`true`, limit);
    const page = rows.map((row) => userResource(row, call.setting));
    if (grouped) await addGroups(call, page);
    return { total, page };
  }
  const fitting = await fittingUsers(call, query, lenient);
  const page = sorted(userType, query, fitting).slice(startIndex - 1, startIndex - 1 + count);
  if (grouped) await addGroups(call, page);
  return { total: fitting.length, page };
}

/** All users that fit a filter: the few that PostgreSQL finds by an index, or all, stretch by stretch. */
async function fittingUsers(
  call: Call,
  query: Query,
  lenient: boolean,
): Promise<readonly Resource[]> {
  const { db } = call.world.database;
  const fits = fitsQuery(userType, query, lenient);
  const byGroup = /"groups/i.test(JSON.stringify(query.filter) ?? '') || query.sortBy === 'groups';
  const needed = conditionOf(needsOf(userType, query.filter));
  const found: Resource[] = [];
  let after: PersonId | null = null;
  for (;;) {
    const condition: RawBuilder<unknown> = sql`${needed} and (${after}::uuid is null or p.id > ${after}::uuid)`;
    const rows = await readUsers(db, condition, { limit: stretch });
    const resources = rows.map((row) => userResource(row, call.setting));
    if (byGroup) await addGroups(call, resources);
    found.push(...resources.filter(fits));
    if (rows.length < stretch) return found;
    after = rows.at(-1)?.id ?? null;
  }
}

/** What an index finds; `fits` judges what is found. */
function conditionOf(needs: Needs): RawBuilder<unknown> {
  const { id, userName, externalId } = needs;
  const group = needs['groups.value'];
  if (id !== undefined) return isUuid(id) ? sql`p.id = ${id}` : sql`false`;
  if (userName !== undefined) {
    const name = userName.toLowerCase();
    return sql`p.id in (
      select person_id from scim_user where lower(user_name) = ${name} and deleted_at is null
      union all select id from person where lower(email) = ${name} and email is not null
      union all select id from person where id = ${isUuid(name) ? name : null}::uuid)`;
  }
  if (externalId !== undefined)
    return sql`p.id in (select person_id from scim_user where external_id = ${externalId})`;
  if (group !== undefined) {
    const members = sql`select person_id from scim_member where group_id = ${isUuid(group) ? group : null}::uuid`;
    return sql`p.id in (${members})`;
  }
  return sql`true`;
}
