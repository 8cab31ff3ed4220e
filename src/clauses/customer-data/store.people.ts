import { sql } from 'kysely';
import type { Actor, Role } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';

/** Who decides, who asks, who is told. */

/** Who may approve a case, and who may confirm an emergency. */
export const approvers = ['commercial-officer'] as const satisfies readonly Role[];
export const officers = [
  'commercial-officer',
  'security-officer',
] as const satisfies readonly Role[];

/** Everybody who works here today and has one of some roles, but for one. */
export async function holdersOf(
  db: Db,
  roles: readonly Role[],
  besides: PersonId | null,
  today: Temporal.PlainDate,
): Promise<readonly PersonId[]> {
  const { rows } = await sql<{ id: PersonId }>`
    select id from person
    where roles && ${roles}::text[] and id is distinct from ${besides}::uuid and erased_at is null
      and left_at is null and suspended_at is null
      and (starts_on is null or starts_on <= ${today}) and (ends_on is null or ends_on >= ${today})
    order by id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Whether somebody works here now: not before their first day, not gone, not suspended. */
export async function worksHere(
  db: Db,
  personId: PersonId,
  today: Temporal.PlainDate,
): Promise<boolean> {
  const { rows } = await sql`
    select from person
    where id = ${personId} and erased_at is null and left_at is null and suspended_at is null
      and (starts_on is null or starts_on <= ${today}) and (ends_on is null or ends_on >= ${today})`.execute(
    db,
  );
  return rows.length > 0;
}

/** Roles in the order in which they explain why somebody asks for a case. */
const telling: readonly Role[] = ['support', 'commercial-officer', 'security-officer', 'engineer'];

export function tellingRole(actor: Actor): string {
  if (actor.kind === 'system') return 'employee';
  return telling.find((role) => actor.roles.includes(role)) ?? 'employee';
}

export function isOfficer(actor: Actor): boolean {
  return actor.kind !== 'system' && officers.some((role) => actor.roles.includes(role));
}

/**
 * Whom to tell at a customer: the owners; where there is none, whoever else there is but those who
 * only get bills.
 */
export async function toldOf(db: Db, customerId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string; part: string }>`
    select id, part from customer_contact
    where customer_id = ${customerId} and removed_at is null and part <> 'billing' order by id`.execute(
    db,
  );
  const owners = rows.filter(({ part }) => part === 'owner');
  return (owners.length > 0 ? owners : rows).map(({ id }) => id);
}
