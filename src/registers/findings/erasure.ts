import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';

/**
 * Findings repeat who they were about, for the eye; when that person is erased they keep the id
 * alone.
 */
export async function forgetFindingsAbout(tx: Tx, person: PersonId): Promise<void> {
  await sql`
    update finding set label = '', detail = '{}'
    where subject_kind = 'person' and subject_id = ${person}::text`.execute(tx);
}
