import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';

/** Takes away what a directory said of a person who is erased. */
export async function forgetProvisioned(tx: Tx, id: PersonId): Promise<void> {
  await sql`delete from scim_member where person_id = ${id}`.execute(tx);
  await sql`delete from scim_user where person_id = ${id}`.execute(tx);
}
