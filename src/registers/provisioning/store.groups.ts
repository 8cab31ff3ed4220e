import { sql } from 'kysely';
import { type Tx, write } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';

export interface GroupRecord {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string | null;
}

export async function addGroup(tx: Tx, group: GroupRecord, now: Instant): Promise<void> {
  await write(
    tx,
    sql`
    insert into scim_group (id, display_name, external_id, created_at, modified_at)
    values (${group.id}, ${group.displayName}, ${group.externalId}, ${now}, ${now})`,
  );
}

export async function changeGroup(tx: Tx, group: GroupRecord, now: Instant): Promise<void> {
  await write(
    tx,
    sql`
    update scim_group set display_name = ${group.displayName}, external_id = ${group.externalId},
      modified_at = ${now}, version = version + 1
    where id = ${group.id}`,
  );
}

export async function removeGroup(tx: Tx, id: string): Promise<void> {
  await sql`delete from scim_group where id = ${id}`.execute(tx);
}

export async function addMembers(
  tx: Tx,
  group: string,
  people: readonly PersonId[],
): Promise<void> {
  if (people.length === 0) return;
  await write(
    tx,
    sql`
    insert into scim_member (group_id, person_id)
    select ${group}::uuid, id from unnest(${people}::uuid[]) as t (id) on conflict do nothing`,
  );
}

export async function removeMembers(
  tx: Tx,
  group: string,
  people: readonly PersonId[],
): Promise<void> {
  if (people.length === 0) return;
  await write(
    tx,
    sql`delete from scim_member where group_id = ${group} and person_id = any(${people}::uuid[])`,
  );
}

/** Whose role a group no longer gives, but that some other group with the same role still does. */
export async function stillGiven(
  tx: Tx,
  people: readonly PersonId[],
  role: string,
  without: string,
): Promise<ReadonlySet<PersonId>> {
  const { rows } = await sql<{ id: PersonId }>`
    select distinct person_id as id from scim_member
    join scim_group on scim_group.id = group_id
    where person_id = any(${people}::uuid[]) and role = ${role} and group_id <> ${without}`.execute(
    tx,
  );
  return new Set(rows.map(({ id }) => id));
}

/** What the members of a group are in Kept. */
export async function setGroupRole(tx: Tx, id: string, role: string | null): Promise<void> {
  await sql`update scim_group set role = ${role} where id = ${id}`.execute(tx);
}

/**
 * Whom the directory deletes is in none of its groups any more. A leaver stays in them until the
 * directory says otherwise: it would be told of members it has and Kept has not.
 */
export async function leaveGroups(tx: Tx, personId: PersonId, now: Instant): Promise<void> {
  await write(
    tx,
    sql`
    with gone as (delete from scim_member where person_id = ${personId} returning group_id)
    update scim_group set modified_at = ${now}, version = version + 1
    from gone where scim_group.id = gone.group_id`,
  );
}
