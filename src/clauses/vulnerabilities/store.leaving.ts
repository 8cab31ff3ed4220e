import { sql } from 'kysely';
import type { Leaving } from '../../policy/clause.ts';

/** What somebody who leaves was to fix is nobody's, until the owner of the system gives it to somebody. */
export const handBack: Leaving = async (tx, personId) => {
  const { numAffectedRows } = await sql`
    update backlog_item set assignee_id = null
    where assignee_id = ${personId} and state not in ('fixed', 'lapsed')`.execute(tx);
  return { vulnerabilities: Number(numAffectedRows ?? 0) };
};
