import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';

/** Tasks name the person they are about, for the eye; of someone who is erased they keep the id alone. */
export async function forgetTasksAbout(tx: Tx, person: PersonId): Promise<void> {
  await sql`
    update task set detail = detail - 'person' where detail ->> 'personId' = ${person}::text`.execute(
    tx,
  );
}
