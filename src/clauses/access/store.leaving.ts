import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Context } from '../../policy/event.ts';
import { endGrants } from '../../registers/accounts/store.grants.ts';
import { defaults } from './facts.terms.ts';
import { placeFor, present } from './store.placing.ts';

/**
 * ACC-7: what this clause gave somebody ends in the transaction of their leaving. What outside
 * systems still show is ordered to go; grants end, so that nothing is approved any longer.
 */
export async function endAccess(
  tx: Tx,
  personId: PersonId,
  context: Context,
): Promise<Readonly<Record<string, number>>> {
  const theirs = sql`account.person_id = ${personId}`;
  const orders = await placeFor(
    tx,
    {
      originId: context.newId(),
      kind: 'leaver',
      personId,
      placedBy: personOf(context.actor),
      dueAt: context.now.add({ hours: defaults.atOnceWithinHours }),
    },
    present(theirs),
    context,
  );
  const grants = await endGrants(
    tx,
    sql`(select account_id, entitlement_id from access_grant standing join account on account.id = standing.account_id
      where standing.revoked_at is null and ${theirs})`,
    context.now,
  );
  return { orders, grants };
}
