import { sql } from 'kysely';
import type { Leaving } from '../../policy/clause.ts';

/**
 * ACC-7: in the transaction of somebody's leaving the time of their cases is over, of those that are
 * open and of those that wait. That each has ended, and what of it is to be reconciled, is written by
 * the reaction that follows; nothing can be read or opened in between.
 */
export const endCasesOf: Leaving = async (tx, personId, { now }) => {
  const { rows } = await sql<{ id: string }>`
    update customer_case set
      ends_at = case when state = 'open' then ${now} else ends_at end,
      lapses_at = case when state = 'open' then lapses_at else ${now} end
    where requester_id = ${personId} and (state = 'open' and ends_at > ${now}
      or state in ('asked', 'approved') and lapses_at > ${now})
    returning id`.execute(tx);
  return { cases: rows.length };
};
