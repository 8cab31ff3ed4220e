import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Context } from '../../policy/event.ts';
import { defaults } from './facts.terms.ts';
import { placeFor, present } from './store.placing.ts';

/**
 * ACC-7: in the transaction of somebody's leaving, what outside systems still show of them is ordered
 * to go. Their grants end there too: the register of accounts, which keeps them, sees to that after.
 */
export async function endAccess(
  tx: Tx,
  personId: PersonId,
  context: Context,
): Promise<Readonly<Record<string, number>>> {
  const orders = await placeFor(
    tx,
    {
      originId: context.newId(),
      kind: 'leaver',
      personId,
      placedBy: personOf(context.actor),
      dueAt: context.now.add({ hours: defaults.atOnceWithinHours }),
    },
    present(sql`account.person_id = ${personId}`),
    context,
  );
  return { orders };
}
