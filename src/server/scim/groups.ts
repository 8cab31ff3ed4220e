import { type RawBuilder, sql } from 'kysely';
import { isUuid } from '../../kernel/id.ts';
import { groupType } from './definitions.ts';
import { notFound } from './fault.ts';
import { type GroupCommand, groupFlow } from './groups.flow.ts';
import { countGroups, type GroupRow, groupResource, membersOf, readGroups } from './groups.read.ts';
import { type Call, type Kind, type Listed, run } from './kind.ts';
import { readPatch } from './patch.ts';
import { fitsQuery, type Needs, needsOf, type Query, sorted } from './query.ts';
import { readResource } from './reading.ts';
import type { Resource } from './schema.ts';
import { type Selection, shows } from './showing.ts';

/** `/Groups`: groups of people, as a directory has them. */
export const groups: Kind = {
  type: groupType,
  list: listGroups,
  find: findGroup,
  async create(call, body, selection) {
    const resource = readResource(groupType, body);
    const [event] = await run(call, groupFlow, { do: 'create', resource });
    return findGroup(call, event?.subject.split('/')[1] ?? '', selection);
  },
  replace: (call, { id, ifMatch, selection }, body) => {
    const resource = readResource(groupType, body);
    return change(call, selection, { do: 'replace', id, resource, ifMatch });
  },
  patch: (call, { id, ifMatch, selection }, body) => {
    const operations = readPatch(body);
    return change(call, selection, { do: 'patch', id, operations, ifMatch });
  },
  remove: async (call, { id, ifMatch }) => {
    await run(call, groupFlow, { do: 'delete', id, ifMatch });
  },
};

async function change(
  call: Call,
  selection: Selection,
  command: Extract<GroupCommand, { id: string }>,
): Promise<Resource> {
  await run(call, groupFlow, command);
  return findGroup(call, command.id, selection);
}

async function findGroup(call: Call, id: string, selection: Selection): Promise<Resource> {
  const { db } = call.world.database;
  const [row] = isUuid(id) ? await readGroups(db, sql`id = ${id}`) : [];
  if (!row) throw notFound(`group ${id}`);
  const [group] = await withMembers(call, [row], shows(groupType, selection, 'members'));
  return group as Resource;
}

async function withMembers(
  { world, setting }: Call,
  rows: readonly GroupRow[],
  wanted: boolean,
): Promise<readonly Resource[]> {
  const { base } = setting;
  const ids = wanted ? rows.map(({ id }) => id) : [];
  const members = await membersOf(world.database.db, ids, base);
  return rows.map((row) => groupResource(row, members.get(row.id) ?? null, base));
}

async function listGroups(call: Call, query: Query, lenient: boolean): Promise<Listed> {
  const { db } = call.world.database;
  const { startIndex, count } = query;
  const wanted = shows(groupType, query.selection, 'members');
  if (!query.filter && query.sortBy === null) {
    const total = await countGroups(db);
    const limit = { limit: count, offset: startIndex - 1 };
    const rows = count === 0 ? [] : await readGroups(db, sql`true`, limit);
    return { total, page: await withMembers(call, rows, wanted) };
  }
  const judged = /"members/i.test(JSON.stringify(query.filter) ?? '');
  const rows = await readGroups(db, conditionOf(needsOf(groupType, query.filter)));
  const fits = fitsQuery(groupType, query, lenient);
  const all = await withMembers(call, rows, judged || wanted);
  const fitting = sorted(groupType, query, all.filter(fits));
  const page = fitting.slice(startIndex - 1, startIndex - 1 + count);
  return { total: fitting.length, page };
}

/** What an index finds; `fits` judges what is found. */
function conditionOf(needs: Needs): RawBuilder<unknown> {
  const { id, displayName, externalId } = needs;
  const member = needs['members.value'];
  if (id !== undefined) return isUuid(id) ? sql`id = ${id}` : sql`false`;
  if (displayName !== undefined) return sql`lower(display_name) = ${displayName.toLowerCase()}`;
  if (externalId !== undefined) return sql`external_id = ${externalId}`;
  if (member !== undefined) {
    const of = sql`select group_id from scim_member where person_id = ${isUuid(member) ? member : null}::uuid`;
    return sql`id in (${of})`;
  }
  return sql`true`;
}
