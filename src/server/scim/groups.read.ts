import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Resource } from './schema.ts';
import { etagOf } from './users.read.ts';

export interface GroupRow {
  readonly id: string;
  readonly display_name: string;
  readonly external_id: string | null;
  readonly role: string | null;
  readonly created_at: Instant;
  readonly modified_at: Instant;
  readonly version: number;
}

export async function readGroups(
  db: Db,
  condition: RawBuilder<unknown>,
  page: { readonly limit: number; readonly offset?: number } = { limit: 1_000_000 },
): Promise<readonly GroupRow[]> {
  const { rows } = await sql<GroupRow>`
    select id, display_name, external_id, role, created_at, modified_at, version
    from scim_group g where ${condition}
    order by id limit ${page.limit} offset ${page.offset ?? 0}`.execute(db);
  return rows;
}

export async function countGroups(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from scim_group`.execute(db);
  return rows[0]?.n ?? 0;
}

/** The members of groups, by group; who was deleted or erased is not shown. */
export async function membersOf(
  db: Db,
  groups: readonly string[],
  base: string,
): Promise<ReadonlyMap<string, Resource[]>> {
  const members = new Map<string, Resource[]>();
  if (groups.length === 0) return members;
  const { rows } = await sql<{ group_id: string; id: PersonId; name: string }>`
    select m.group_id, p.id, p.name
    from scim_member m join person p on p.id = m.person_id left join scim_user u on u.person_id = p.id
    where m.group_id = any(${groups}::uuid[]) and p.erased_at is null and u.deleted_at is null
    order by p.id`.execute(db);
  for (const { group_id, id, name } of rows) {
    const there = members.get(group_id);
    const member = memberOf(id, base, name);
    if (there) there.push(member);
    else members.set(group_id, [member]);
  }
  return members;
}

function memberOf(id: PersonId, base: string, display: string): Resource {
  return { value: id, $ref: `${base}/Users/${id}`, display, type: 'User' };
}

/** A group as a resource; `members` where they were read. */
export function groupResource(row: GroupRow, members: Resource[] | null, base: string): Resource {
  return {
    id: row.id,
    displayName: row.display_name,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    ...(members && members.length > 0 ? { members } : {}),
    meta: {
      resourceType: 'Group',
      created: instantText(row.created_at),
      lastModified: instantText(row.modified_at),
      location: `${base}/Groups/${row.id}`,
      version: etagOf(row.version),
    },
  };
}
