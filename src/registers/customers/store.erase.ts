import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';

/**
 * Takes away what remains of accounts that are gone (RET-6): name, reading, contract, contacts, the
 * reasons of holds. Ids, keys, states and dates stay, so that what the ledger tells can still be
 * told apart. Called from `project` of whoever disposes; what was private in the ledger follows by
 * reaction to the entry `CustomersForgotten` or any of its kind (`server/erasure.ts`).
 *
 * @returns how many accounts had something that remained
 */
export async function eraseCustomers(
  tx: Tx,
  customerIds: readonly string[],
  { now }: Pick<Context, 'now'>,
): Promise<number> {
  const erased = await sql<{ id: string }>`
    update customer set name = null, reading = null, basis_reference = '', version = version + 1
    where id = any(${customerIds}::uuid[]) and state = 'gone' and name is not null
    returning id`.execute(tx);
  const ids = erased.rows.map(({ id }) => id);
  await sql`
    update customer_contact set name = '', email = '', removed_at = coalesce(removed_at, ${now}),
      version = version + 1
    where customer_id = any(${ids}::uuid[])`.execute(tx);
  await sql`
    update legal_hold set reason = '' where customer_id = any(${ids}::uuid[])`.execute(tx);
  return ids.length;
}

/** As `eraseCustomers`, of one. */
export async function eraseCustomer(
  tx: Tx,
  customerId: string,
  context: Pick<Context, 'now'>,
): Promise<boolean> {
  return (await eraseCustomers(tx, [customerId], context)) === 1;
}
