import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { approveObserved, endGrants } from '../../registers/accounts/store.grants.ts';
import type { ItemsDecided } from './facts.ts';
import { campaignIdOf } from './store.opening.ts';

/** What a decision means for the approvals that the access register keeps. */

/** Access that stays and that nobody had approved is approved by the reviewer's decision. */
export async function approveKept(tx: Tx, event: ItemsDecided, context: Context): Promise<void> {
  await approve(tx, event, context, itemsOf(event, sql`account_id, entitlement_id`, sql`observed`));
}

/**
 * Access that goes is no longer approved, from the decision on and not from the day it is proven
 * gone. To change is to approve what is wanted instead.
 */
export async function endApprovals(tx: Tx, event: ItemsDecided, context: Context): Promise<void> {
  await endGrants(tx, itemsOf(event, sql`account_id, entitlement_id`), context.now);
  const wanted = event.body.wantedEntitlement;
  if (!wanted) return;
  await approve(
    tx,
    event,
    context,
    itemsOf(event, sql`distinct account_id, ${wanted}::uuid as entitlement_id`),
  );
}

async function approve(
  tx: Tx,
  event: ItemsDecided,
  context: Context,
  selection: RawBuilder<unknown>,
): Promise<void> {
  const { reason } = event.private;
  await approveObserved(tx, selection, {
    purpose: reason === '' ? 'Access review' : `Access review: ${reason}`,
    approverId: event.body.reviewer,
    at: context.now,
    today: dateIn(context.now, context.zone),
    act: event.body.act,
  });
}

/** Items of one act, as a query in parentheses. */
function itemsOf(
  event: ItemsDecided,
  columns: RawBuilder<unknown>,
  condition: RawBuilder<unknown> = sql`true`,
) {
  return sql`(
    select ${columns} from review_item
    where campaign_id = ${campaignIdOf(event.subject)} and act_id = ${event.body.act} and ${condition})`;
}
