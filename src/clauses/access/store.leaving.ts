import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { isLeft } from '../../registers/accounts/standing.ts';
import { cancelTasks, handOver, openTasks, unschedule } from '../../registers/tasks/store.ts';
import { defaults } from './facts.terms.ts';
import { employed } from './store.campaign.ts';
import { reviewTask as emergencyTask } from './store.emergency.ts';
import { reviewTask } from './store.opening.ts';
import { completeOrderTasks, ordersTask } from './store.orders.ts';
import { allOf, placeFor } from './store.placing.ts';
import { decideTask, lapseKind } from './store.requests.ts';

/**
 * ACC-7: in the transaction of somebody's leaving, their accounts in outside systems, and each access
 * that these still show, are ordered to go, their open requests are taken back, and what they were to
 * review or to decide passes on. Their grants end there too: the register of accounts, which keeps
 * them, sees to that after.
 */
export async function endAccess(
  tx: Tx,
  personId: PersonId,
  context: Context,
): Promise<Readonly<Record<string, number>>> {
  const orders = await orderAllOf(tx, personId, personOf(context.actor), context);
  const requests = await withdrawRequests(tx, personId, context);
  const reviews = await passReviewsOn(tx, personId, context);
  await sql`
    update access_request set approver_id = null where approver_id = ${personId} and state = 'open'`.execute(
    tx,
  );
  const kinds = [decideTask, ordersTask, emergencyTask];
  const tasks = await handOver(tx, personId, kinds, 'security-officer');
  return { orders, requests, reviews, tasks };
}

async function orderAllOf(
  tx: Tx,
  personId: string,
  placedBy: string | null,
  context: Context,
): Promise<number> {
  const dueAt = context.now.add({ hours: defaults.atOnceWithinHours });
  const placing = { originId: context.newId(), kind: 'leaver', personId, placedBy, dueAt } as const;
  return await placeFor(tx, placing, allOf(sql`account.person_id = ${personId}`), context);
}

/**
 * Orders to go what shows only now of people who have left: an account that was linked to them since,
 * access that a later read brought. What is ordered already is not ordered again.
 *
 * @param subject `system/<id>` or `account/<id>`: where to look
 */
export async function orderWhatIsLeft(tx: Tx, subject: string, context: Context): Promise<void> {
  const [kind, id] = subject.split('/');
  const chosen = sql`${kind === 'system' ? sql.ref('account.system_id') : sql.ref('account.id')} = ${id}`;
  // Their rows are locked: nobody comes back, or leaves again, meanwhile.
  const { rows } = await sql<{ id: string }>`
    select id from person
    where left_at is not null and exists (
      select from account where account.person_id = person.id and ${chosen} and ${isLeft})
    order by id for no key update`.execute(tx);
  for (const person of rows) await orderAllOf(tx, person.id, null, context);
}

/**
 * Takes back orders of whole accounts whose owner works here: somebody came back, or the account is
 * linked to somebody else. What they had is not given back; it was ordered to go access by access.
 */
export async function withdrawOfThosePresent(tx: Tx, { now }: Context): Promise<void> {
  const { rows } = await sql<{ originId: string }>`
    update revoke_order o set withdrawn_at = ${now}
    from account join person on person.id = account.person_id
    where account.id = o.account_id and o.entitlement_id is null and o.proven_at is null
      and o.withdrawn_at is null and person.left_at is null
    returning o.origin_id as "originId"`.execute(tx);
  await completeOrderTasks(
    tx,
    rows.map(({ originId }) => originId),
    now,
  );
}

/** Nobody waits any longer for access of somebody who is gone. */
async function withdrawRequests(tx: Tx, personId: PersonId, { now }: Context): Promise<number> {
  const { rows } = await sql<{ subject: string }>`
    update access_request set state = 'withdrawn', decided_at = ${now}
    where person_id = ${personId} and state = 'open' returning 'request/' || id as subject`.execute(
    tx,
  );
  const subjects = rows.map(({ subject }) => subject);
  if (subjects.length === 0) return 0;
  await cancelTasks(tx, { kind: decideTask, subject: subjects }, now);
  await unschedule(tx, subjects, lapseKind);
  return subjects.length;
}

/**
 * What the leaver had still to review goes to whom the campaign falls back on, else to the leaver's
 * manager, else to the role; never to the person whose access it is (ACC-5).
 *
 * @returns how many items passed on
 */
async function passReviewsOn(tx: Tx, personId: PersonId, context: Context): Promise<number> {
  const today = dateIn(context.now, context.zone);
  const able = (alias: string) => sql`${sql.ref(`${alias}.id`)} <> ${personId}
    and ${sql.ref(`${alias}.id`)} is distinct from item.person_id
    and ${sql.ref(`${alias}.id`)} is distinct from account.person_id and ${employed(alias, today)}`;
  const { rows } = await sql<{ campaignId: string; items: number }>`
    with passed as (
      update review_item set reviewer_id = next.reviewer_id
      from (
        select item.campaign_id, item.no, coalesce(fallback.id, manager.id) as reviewer_id
        from review_campaign campaign
        join review_item item on item.campaign_id = campaign.id
        join account on account.id = item.account_id
        left join person fallback on fallback.id = campaign.fallback_id and ${able('fallback')}
        left join person manager on manager.id = (select manager_id from person where id = ${personId})
          and ${able('manager')}
        where campaign.state = 'open' and campaign.undecided > 0 and item.decision is null
          and item.reviewer_id = ${personId}
      ) next
      where review_item.campaign_id = next.campaign_id and review_item.no = next.no
      returning review_item.campaign_id
    )
    select campaign_id as "campaignId", count(*)::int as items from passed group by 1 order by 1`.execute(
    tx,
  );
  for (const { campaignId } of rows) await moveReviewTasks(tx, campaignId, personId, context);
  return rows.reduce((sum, { items }) => sum + items, 0);
}

/** The leaver's task of a campaign ends; whoever has items there now and no task is given one. */
async function moveReviewTasks(
  tx: Tx,
  campaignId: string,
  from: PersonId,
  context: Context,
): Promise<void> {
  const subject = `campaign/${campaignId}`;
  await cancelTasks(tx, { kind: 'access.review', subject, assigneeId: from }, context.now);
  const { rows } = await sql<{
    reviewerId: string | null;
    items: number;
    name: string;
    dueAt: Temporal.Instant;
  }>`
    select item.reviewer_id as "reviewerId", count(*)::int as items, campaign.name, campaign.due_at as "dueAt"
    from review_item item join review_campaign campaign on campaign.id = item.campaign_id
    where campaign.id = ${campaignId} and item.decision is null and not exists (
      select from task where kind = 'access.review' and subject = ${subject}
        and assignee_id is not distinct from item.reviewer_id
        and done_at is null and missed_at is null and cancelled_at is null)
    group by item.reviewer_id, campaign.name, campaign.due_at`.execute(tx);
  await openTasks(
    tx,
    rows.map(({ reviewerId, items, name, dueAt }) =>
      reviewTask(
        { reviewerId, items },
        { promise: 'ACC-5', subject, openedAt: context.now, dueAt },
        name,
        context,
      ),
    ),
  );
}
