import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId, SystemId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';

/** What other registers ask about access, and do to it, when a person or a system goes. */

/** Accesses that the newest reads still show on accounts of a person. */
export async function countHeld(db: Db, person: PersonId): Promise<number> {
  const { rows } = await sql<{ held: number }>`
    select count(*)::int as held
    from account join observation on observation.account_id = account.id
    where account.person_id = ${person} and gone_at is null`.execute(db);
  return rows[0]?.held ?? 0;
}

/** Login names often are a person's name: those of someone who is erased become ids. */
export async function forgetAccountsOf(tx: Tx, person: PersonId): Promise<void> {
  await sql`update account set name = 'erased ' || id, source_key = null where person_id = ${person}`.execute(
    tx,
  );
  await sql`
    update access_grant set purpose = '' from account
    where account.id = access_grant.account_id and account.person_id = ${person}`.execute(tx);
}

/** Accesses observed on a system, and grants on it that nobody has ended. */
export async function openAccess(
  db: Db,
  system: SystemId,
): Promise<{ accesses: number; grants: number }> {
  const { rows } = await sql<{ accesses: number; grants: number }>`
    select
      (select count(*) from observation where system_id = ${system} and gone_at is null)::int as accesses,
      (select count(*) from access_grant where system_id = ${system} and revoked_at is null)::int as grants
    `.execute(db);
  return rows[0] ?? { accesses: 0, grants: 0 };
}

/** A system that is no more is entered by nobody. */
export async function closeAccess(tx: Tx, system: SystemId, at: Instant): Promise<void> {
  await sql`
    update observation set gone_at = ${at} where system_id = ${system} and gone_at is null`.execute(
    tx,
  );
  await sql`
    update access_grant set revoked_at = ${at}
    where system_id = ${system} and revoked_at is null`.execute(tx);
}
