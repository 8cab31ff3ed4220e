import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import { lacksUndertakingSql } from './store.undertakings.ts';

/**
 * Gives people a role, where they lack it, for rooms in which something else decides who has it.
 * Who has left gets none, nor who lacks an undertaking in force (PEO-4): theirs comes once signed.
 */
export async function giveRole(
  tx: Tx,
  people: readonly PersonId[],
  role: string,
  now: Instant,
): Promise<readonly PersonId[]> {
  if (people.length === 0) return [];
  const { rows } = await sql<{ id: PersonId }>`
    update person set roles = array_append(roles, ${role}::text), modified_at = ${now}, version = version + 1
    where id = any(${people}::uuid[]) and not (${role}::text = any(roles))
      and left_at is null and erased_at is null and not ${lacksUndertakingSql(sql`person.id`)}
    returning id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Takes a role from people who have it. */
export async function takeRole(
  tx: Tx,
  people: readonly PersonId[],
  role: string,
  now: Instant,
): Promise<readonly PersonId[]> {
  if (people.length === 0) return [];
  const { rows } = await sql<{ id: PersonId }>`
    update person set roles = array_remove(roles, ${role}::text), modified_at = ${now}, version = version + 1
    where id = any(${people}::uuid[]) and ${role}::text = any(roles)
    returning id`.execute(tx);
  return rows.map(({ id }) => id);
}
