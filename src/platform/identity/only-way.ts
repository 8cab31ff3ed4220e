import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';

/**
 * Where the provider is the only way in, a login of Kept's own opens for named break-glass logins
 * and for nobody else (ACC-1): whoever is shut out at the provider is shut out here.
 */
const isOnlyWay = sql<boolean>`exists (
  select from sign_in_provider where enabled and (settings->>'onlyWay')::boolean)`;

/** Condition on a person's id: their own login opens nothing now. */
function isShut(person: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(${isOnlyWay} and not exists (select from break_glass where person_id = ${person}))`;
}

/** Whether a person may not sign in with a login of Kept's own. */
export async function isShutOut(db: Db, personId: PersonId): Promise<boolean> {
  const { rows } = await sql<{ shut: boolean }>`
    select ${isShut(sql`${personId}::uuid`)} as shut`.execute(db);
  return rows[0]?.shut ?? false;
}

/** The same, by the id of the login. */
export async function isLoginShut(db: Db, userId: string): Promise<boolean> {
  const { rows } = await sql<{ shut: boolean }>`
    select ${isShut(sql`auth_user.person_id`)} as shut from auth_user where id = ${userId}`.execute(
    db,
  );
  return rows[0]?.shut ?? false;
}

/** Ends the sessions of logins that open nothing now. */
export async function endShutSessions(tx: Tx): Promise<void> {
  await sql`
    delete from auth_session using auth_user
    where auth_user.id = auth_session.user_id and auth_session.identity_id is null
      and ${isShut(sql`auth_user.person_id`)}`.execute(tx);
}

/** Whether the provider is the only way in, and no named login but this person's opens beside it. */
export async function isLastWay(tx: Tx, personId: string | null): Promise<boolean> {
  const { rows } = await sql<{ only: boolean }>`select ${isOnlyWay} as only`.execute(tx);
  return (rows[0]?.only ?? false) && (await openBreakGlass(tx, personId)) === 0;
}

/**
 * How many named break-glass logins open, password or passkey: what is left when the provider is not
 * there. Of people who may not enter none opens.
 *
 * @param but of this person
 */
export async function openBreakGlass(tx: Tx, but: string | null = null): Promise<number> {
  const { rows } = await sql<{ logins: number }>`
    select count(*)::int as logins from break_glass named join staff_login login using (person_id)
    join person on person.id = named.person_id and person.left_at is null and person.suspended_at is null
    where login.local and named.person_id is distinct from ${but}::uuid`.execute(tx);
  return rows[0]?.logins ?? 0;
}
