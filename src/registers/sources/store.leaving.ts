import { sql } from 'kysely';
import type { Leaving } from '../../policy/clause.ts';

/** A source whose owner leaves is the owner's of its system. */
export const handBack: Leaving = async (tx, personId) => {
  const { numAffectedRows } = await sql`
    update source set owner_id = null, version = version + 1
    where owner_id = ${personId} and retired_at is null`.execute(tx);
  return { sources: Number(numAffectedRows ?? 0) };
};
