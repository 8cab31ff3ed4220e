import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';

/** Accesses that the newest reads still show on accounts of a person. */
export async function countHeld(db: Db, person: PersonId): Promise<number> {
  const { rows } = await sql<{ held: number }>`
    select count(*)::int as held
    from account join observation on observation.account_id = account.id
    where account.person_id = ${person} and gone_at is null`.execute(db);
  return rows[0]?.held ?? 0;
}
