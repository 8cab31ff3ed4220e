import { sql } from 'kysely';
import { write } from '../../kernel/db.ts';
import type { Leaving } from '../../policy/clause.ts';

/**
 * A leaver's standing grants end (ACC-7): what their accounts still show outside is from now on
 * access that nobody approved. Their accounts are locked first, so that no approval slips in.
 */
export const leaving: Leaving = async (tx, personId, { now }) => {
  await write(
    tx,
    sql`select id from account where person_id = ${personId} order by id for no key update`,
  );
  const ended = await sql`
    update access_grant set revoked_at = ${now} from account
    where account.id = access_grant.account_id and account.person_id = ${personId}
      and access_grant.revoked_at is null`.execute(tx);
  return { grants: Number(ended.numAffectedRows ?? 0) };
};
