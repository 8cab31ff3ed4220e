import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { ItemsDecided } from './facts.ts';
import { campaignIdOf } from './store.opening.ts';

/** PROVISIONAL until the accounts register has its functions. */
export async function approveKept(tx: Tx, event: ItemsDecided, context: Context): Promise<void> {
  await sql`
    insert into access_grant (id, account_id, entitlement_id, system_id, purpose, approver_id, granted_at)
    select gen_random_uuid(), item.account_id, item.entitlement_id, item.system_id, 'access review', ${event.body.reviewer}, ${context.now}
    from review_item item
    where campaign_id = ${campaignIdOf(event.subject)} and act_id = ${event.body.act} and observed
      and not exists (select from access_grant g where g.account_id = item.account_id and g.entitlement_id = item.entitlement_id and g.revoked_at is null)`.execute(tx);
}

export async function endApprovals(tx: Tx, event: ItemsDecided, context: Context): Promise<void> {
  await sql`
    update access_grant g set revoked_at = ${context.now}
    from review_item item
    where item.campaign_id = ${campaignIdOf(event.subject)} and item.act_id = ${event.body.act}
      and g.account_id = item.account_id and g.entitlement_id = item.entitlement_id and g.revoked_at is null`.execute(tx);
}
