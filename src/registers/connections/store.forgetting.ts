import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';

/**
 * Blanks as whom somebody was known outside, in what was done there for some orders, and what the
 * source said of it. That it was done, for which order and when, stays.
 *
 * @param orders a query in parentheses with columns `origin_id, no, ordered_at, account_id`
 */
export async function forgetActs(tx: Tx, orders: RawBuilder<unknown>): Promise<void> {
  await sql`
    update connection_act done set account = 'erased ' || said.account_id, target = null, detail = null
    from ${orders} said
    where said.origin_id = done.origin_id and said.no = done.no
      and said.ordered_at = done.ordered_at`.execute(tx);
}
