import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';

/** Tasks name the person they are about, for the eye; of someone who is erased they keep the id alone. */
export async function forgetTasksAbout(tx: Tx, person: PersonId): Promise<void> {
  await sql`
    update task set detail = detail - 'person' where detail ->> 'personId' = ${person}::text`.execute(
    tx,
  );
}

/** Tasks about subjects that a query answers as text lose a name of their detail. */
export async function forgetNameInTasks(
  db: Db,
  name: string,
  subjects: RawBuilder<unknown>,
): Promise<void> {
  await sql`update task set detail = detail - ${name}::text where subject in (${subjects})`.execute(
    db,
  );
}
