import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import { forgetFindingsOfCustomers } from '../findings/erasure.ts';

/**
 * Takes away what remains of accounts that are gone (RET-6): name, reading, contract, contacts, the
 * reasons of holds, what findings repeat of them. Ids, keys, states and dates stay, so that what the
 * ledger tells can still be told apart. Called from `project` of whoever disposes; what was private
 * in the ledger follows by reaction to the entry `RecordsDisposed` (`server/erasure.ts`).
 *
 * @returns how many accounts had something that remained
 */
export async function eraseCustomers(
  tx: Tx,
  customerIds: readonly string[],
  { now }: Pick<Context, 'now'>,
): Promise<number> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from customer
    where id = any(${customerIds}::uuid[]) and state = 'gone' and name is not null for update`.execute(
    tx,
  );
  const ids = rows.map(({ id }) => id);
  await forgetFindingsOfCustomers(tx, rows);
  await sql`
    update customer set name = null, reading = null, basis_reference = '', version = version + 1
    where id = any(${ids}::uuid[])`.execute(tx);
  await sql`
    update customer_contact set name = '', email = '', former_email = null, removed_at = coalesce(removed_at, ${now}),
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
