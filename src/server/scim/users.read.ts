import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { enterpriseUrn } from './definitions.ts';
import type { Resource } from './schema.ts';

/** Users as the directory reads them: everyone in the register of people, whoever wrote them down. */

export interface UserRow {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string | null;
  readonly department: string;
  readonly manager_id: PersonId | null;
  readonly language: string;
  readonly starts_on: Temporal.PlainDate | null;
  readonly ends_on: Temporal.PlainDate | null;
  readonly left_at: Instant | null;
  readonly suspended_at: Instant | null;
  readonly modified_at: Instant | null;
  readonly version: number;
  /** Null where no directory has written about the person yet. */
  readonly user_name: string | null;
  readonly external_id: string | null;
  readonly attributes: Resource | null;
  /** Only where they were asked for. */
  readonly groups?: readonly { readonly id: string; readonly name: string }[];
}

export const userColumns = sql`p.id, p.name, p.email, p.department, p.manager_id, p.language, p.starts_on,
  p.ends_on, p.left_at, p.suspended_at, p.modified_at, p.version, u.user_name, u.external_id, u.attributes`;

/** The groups of the person, in the same statement. */
export const groupsColumn = sql`array(
  select json_build_object('id', g.id, 'name', g.display_name)
  from scim_member m join scim_group g on g.id = m.group_id
  where m.person_id = p.id order by g.id) as groups`;

export const userTables = sql`person p left join scim_user u on u.person_id = p.id`;

/** Neither erased nor deleted by the directory. */
export const isThere = sql<boolean>`(p.erased_at is null and u.deleted_at is null)`;

/** What the answer about a resource depends on besides the resource. */
export interface Setting {
  /** Where the endpoints stand: `https://kept.example.com/scim/v2`. */
  readonly base: string;
  readonly today: Temporal.PlainDate;
}

/** Reads users that fit a condition on `p` and `u`, in the order in which they were written down. */
export async function readUsers(
  db: Db,
  condition: RawBuilder<unknown>,
  page: { readonly limit: number; readonly offset?: number } = { limit: 1_000_000 },
): Promise<readonly UserRow[]> {
  const { rows } = await sql<UserRow>`
    select ${userColumns} from ${userTables} where ${isThere} and ${condition}
    order by p.id limit ${page.limit} offset ${page.offset ?? 0}`.execute(db);
  return rows;
}

export async function countUsers(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from ${userTables} where ${isThere}`.execute(db);
  return rows[0]?.n ?? 0;
}

/** Whether the person may enter: neither left, nor suspended, nor past their last day. */
export function isActive(row: UserRow, today: Temporal.PlainDate): boolean {
  const over = row.ends_on !== null && Temporal.PlainDate.compare(row.ends_on, today) < 0;
  return row.left_at === null && row.suspended_at === null && !over;
}

/** A user as a resource; with groups where the row has them. */
export function userResource(row: UserRow, { base, today }: Setting): Resource {
  const given = row.attributes ?? derived(row);
  const active = 'active' in given ? { active: isActive(row, today) } : {};
  return {
    ...given,
    ...active,
    id: row.id,
    userName: row.user_name ?? row.email ?? row.id,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    ...(row.groups?.length ? { groups: row.groups.map((each) => groupValue(each, base)) } : {}),
    meta: {
      resourceType: 'User',
      created: createdAt(row.id),
      lastModified: row.modified_at ? instantText(row.modified_at) : createdAt(row.id),
      location: `${base}/Users/${row.id}`,
      version: etagOf(row.version),
    },
  };
}

export function etagOf(version: number): string {
  return `W/"${version}"`;
}

/** An id of ours begins with the milliseconds of its making (RFC 9562, section 5.7). */
export function createdAt(id: string): string {
  const ms = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  return new Date(id[14] === '7' ? ms : 0).toISOString();
}

/** What the register knows of somebody about whom no directory has written. */
function derived(row: UserRow): Resource {
  const organised: Resource = {
    ...(row.department ? { department: row.department } : {}),
    ...(row.manager_id ? { manager: { value: row.manager_id } } : {}),
  };
  return {
    name: nameParts(row.name),
    displayName: row.name,
    active: true,
    preferredLanguage: row.language,
    ...(row.email ? { emails: [{ value: row.email, type: 'work', primary: true }] } : {}),
    ...(Object.keys(organised).length > 0 ? { [enterpriseUrn]: organised } : {}),
  };
}

const cjk = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u;

/** Family and given name, as far as blanks tell them: Japanese, Chinese and Korean put family first. */
function nameParts(name: string): Resource {
  const words = name.split(/[\s\u3000]+/u).filter(Boolean);
  const [only = name] = words;
  if (words.length < 2) return { formatted: name, familyName: only, givenName: only };
  const familyFirst = cjk.test(name);
  const family = familyFirst ? words[0] : words.at(-1);
  const given = familyFirst ? words.slice(1) : words.slice(0, -1);
  return { formatted: name, familyName: family, givenName: given.join(' ') };
}

function groupValue(
  { id, name }: { readonly id: string; readonly name: string },
  base: string,
): Resource {
  return { value: id, $ref: `${base}/Groups/${id}`, display: name, type: 'direct' };
}

/** The groups that people are members of, each with its name, by person. */
export async function groupsOf(
  db: Db,
  people: readonly PersonId[],
  base: string,
): Promise<ReadonlyMap<PersonId, Resource[]>> {
  const groups = new Map<PersonId, Resource[]>();
  if (people.length === 0) return groups;
  const { rows } = await sql<{ person_id: PersonId; id: string; name: string }>`
    select m.person_id, g.id, g.display_name as name
    from scim_member m join scim_group g on g.id = m.group_id
    where m.person_id = any(${people}::uuid[]) order by g.id`.execute(db);
  for (const { person_id, id, name } of rows) {
    groups.set(person_id, [...(groups.get(person_id) ?? []), groupValue({ id, name }, base)]);
  }
  return groups;
}
