import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { completeTasks, openTasks } from '../../registers/tasks/store.ts';
import type { Decide, Delegate, ItemsDecided, ItemsDelegated, OrdersPlaced } from './facts.ts';
import type { DecidingState, DelegatingState } from './flow.deciding.ts';
import { approveKept, endApprovals } from './store.approvals.ts';
import {
  evidenceOf,
  holdsOfficerRole,
  isEmployed,
  linesOf,
  loadCampaign,
  planForMany,
} from './store.campaign.ts';
import { isAccessOf, selected } from './store.items.ts';
import { campaignIdOf, reviewTask } from './store.opening.ts';
import { openOrderTasks, placeOrders, withdrawOrders } from './store.orders.ts';

interface Weighed {
  readonly mine: number;
  readonly own: number;
  readonly others: number;
  readonly unfit: number;
  readonly systems: DecidingState['systems'];
  readonly lines: string | null;
}

const nothing: Weighed = { mine: 0, own: 0, others: 0, unfit: 0, systems: [], lines: null };

/** Weighs a selection for the person who decides: one pass over the items, whatever their number. */
export async function loadDeciding(
  tx: Tx,
  command: Decide,
  { actor }: Context,
): Promise<DecidingState> {
  const campaign = await loadCampaign(tx, command.campaignId);
  const reviewerId = personOf(actor);
  const weighed =
    campaign && reviewerId
      ? await weigh(tx, command, reviewerId, holdsOfficerRole(actor))
      : nothing;
  const { lines, ...counts } = weighed;
  return { campaign, reviewerId, ...counts, evidence: evidenceOf(lines) };
}

async function weigh(
  tx: Tx,
  command: Decide,
  reviewerId: string,
  officer: boolean,
): Promise<Weighed> {
  const { rows } = await sql<Weighed>`
    with wanted as (select id, system_id from entitlement where id = ${command.wantedEntitlementId}),
    chosen as (
      select item.no, item.system_id, item.entitlement_id, ${isAccessOf(reviewerId)} as own,
        coalesce(item.reviewer_id = ${reviewerId}, ${officer}) as mine
      from review_item item join account on account.id = item.account_id
      where ${selected(command.campaignId, command.selection)}
    )
    select
      count(*) filter (where mine and not own)::int as mine,
      count(*) filter (where own)::int as own,
      count(*) filter (where not mine and not own)::int as others,
      count(*) filter (where mine and not own and ${command.decision === 'change'}
        and not exists (
          select from wanted where wanted.system_id = chosen.system_id and wanted.id <> chosen.entitlement_id
        ))::int as unfit,
      (select coalesce(jsonb_agg(jsonb_build_object('system', system_id, 'count', items) order by system_id), '[]')
        from (select system_id, count(*) as items from chosen where mine and not own group by 1) by_system) as systems,
      string_agg(no || E'\\t' || ${command.decision}::text || E'\\n', '' order by no) filter (where mine and not own) as lines
    from chosen`.execute(tx);
  return rows[0] ?? nothing;
}

/** Numbers of the items in the evidence of a decision, as a table of one column. */
function decidedNumbers(event: ItemsDecided) {
  return sql`(select split_part(line, E'\\t', 1)::int as no
    from string_to_table(${linesOf(event.blobs.decisionsBlob)}::text, E'\\n') as line)`;
}

/** Writes one act over all of its items, each statement once. */
export async function projectDecided(
  tx: Tx,
  event: ItemsDecided | OrdersPlaced,
  context: Context,
): Promise<void> {
  // The orders of an act are written with its decisions, before the ledger tells of them.
  if (event.type === 'OrdersPlaced') return;
  const campaignId = campaignIdOf(event.subject);
  const { body } = event;
  await planForMany(tx, body.count);
  await sql`
    insert into review_act (id, campaign_id, reviewer_id, at, decision, reason, wanted_entitlement_id, items)
    values (${body.act}, ${campaignId}, ${body.reviewer}, ${context.now}, ${body.decision}, ${event.private.reason},
      ${body.wantedEntitlement}, ${body.count})`.execute(tx);
  const first = await sql<{ undecided: number }>`
    with decided as (
      update review_item item set decision = ${body.decision}, act_id = ${body.act}
      from ${decidedNumbers(event)} chosen
      where item.campaign_id = ${campaignId} and item.no = chosen.no
      returning old.decision as before
    )
    update review_campaign
    set undecided = undecided - (select count(*) from decided where before is null)
    where id = ${campaignId} returning undecided`.execute(tx);
  if (body.decision === 'keep') {
    await withdrawOrders(tx, campaignId, body.act, context.now);
    await approveKept(tx, event, context);
  } else {
    await placeOrders(tx, event, context);
    await endApprovals(tx, event, context);
    await openOrderTasks(tx, campaignId, context);
  }
  await completeReviews(tx, event, first.rows[0]?.undecided === 0, context);
}

/** The reviewers' tasks are done once nothing waits for them, the quarter's once nothing waits at all. */
async function completeReviews(
  tx: Tx,
  event: ItemsDecided,
  everything: boolean,
  context: Context,
): Promise<void> {
  const campaignId = campaignIdOf(event.subject);
  const by = event.body.reviewer;
  // An act is one person's: what it touched was theirs or the role's, so there are two to look at.
  const { rows } = await sql<{ reviewer_id: string | null }>`
    with touched as materialized (
      select distinct reviewer_id from review_item where campaign_id = ${campaignId} and act_id = ${event.body.act}
    )
    select reviewer_id from touched where not exists (
      select from review_item still
      where still.campaign_id = ${campaignId} and still.reviewer_id is not distinct from touched.reviewer_id
        and still.decision is null)`.execute(tx);
  for (const { reviewer_id } of rows) {
    await closeReviewTask(tx, event.subject, reviewer_id, by, context.now);
  }
  if (everything) {
    await completeTasks(
      tx,
      { kind: 'access.quarterlyReview', subject: event.subject },
      by,
      context.now,
    );
  }
}

async function closeReviewTask(
  tx: Tx,
  subject: string,
  reviewerId: string | null,
  by: string | null,
  at: Temporal.Instant,
): Promise<void> {
  await completeTasks(tx, { kind: 'access.review', subject, assigneeId: reviewerId }, by, at);
}

/** Undecided items of `from`, apart from what is access of `to` itself. */
export async function loadDelegating(
  tx: Tx,
  command: Delegate,
  context: Context,
): Promise<DelegatingState> {
  const campaign = await loadCampaign(tx, command.campaignId);
  const officer = holdsOfficerRole(context.actor);
  const toAble = await isEmployed(tx, command.to, dateIn(context.now, context.zone));
  const mayPass = officer || (command.from !== null && command.from === personOf(context.actor));
  const { lines, count, own } = campaign
    ? await passable(tx, command)
    : { lines: null, count: 0, own: 0 };
  return { campaign, mayPass, toAble, count, own, evidence: evidenceOf(lines) };
}

async function passable(
  tx: Tx,
  command: Delegate,
): Promise<{ count: number; own: number; lines: string | null }> {
  const { rows } = await sql<{ count: number; own: number; lines: string | null }>`
    with chosen as (
      select item.no, ${isAccessOf(command.to)} as own
      from review_item item join account on account.id = item.account_id
      where ${selected(command.campaignId, command.selection)} and item.decision is null
        and item.reviewer_id is not distinct from ${command.from}
    )
    select count(*) filter (where not own)::int as count, count(*) filter (where own)::int as own,
      string_agg(no || E'\\n', '' order by no) filter (where not own) as lines
    from chosen`.execute(tx);
  return rows[0] ?? { count: 0, own: 0, lines: null };
}

export async function projectDelegated(
  tx: Tx,
  event: ItemsDelegated,
  context: Context,
): Promise<void> {
  const campaignId = campaignIdOf(event.subject);
  const { from, to, count } = event.body;
  await planForMany(tx, count);
  await sql`
    update review_item set reviewer_id = ${to}
    where campaign_id = ${campaignId}
      and no in (select line::int from string_to_table(${linesOf(event.blobs.itemsBlob)}::text, E'\\n') as line)`.execute(
    tx,
  );
  await moveTasks(tx, event.subject, { from, to }, context);
}

/** The task of the one ends with their last item; the other has one from now on. */
async function moveTasks(
  tx: Tx,
  subject: string,
  { from, to }: { readonly from: string | null; readonly to: string },
  context: Context,
): Promise<void> {
  const campaignId = campaignIdOf(subject);
  const { rows } = await sql<{
    name: string;
    dueAt: Temporal.Instant;
    left: number;
    now: number;
    open: boolean;
  }>`
    select name, due_at as "dueAt",
      (select count(*)::int from review_item where campaign_id = ${campaignId}
        and reviewer_id is not distinct from ${from} and decision is null) as left,
      (select count(*)::int from review_item where campaign_id = ${campaignId}
        and reviewer_id = ${to} and decision is null) as now,
      exists (select from task where kind = 'access.review' and subject = ${subject} and assignee_id = ${to}
        and done_at is null and missed_at is null and cancelled_at is null) as open
    from review_campaign where id = ${campaignId}`.execute(tx);
  const [campaign] = rows;
  if (!campaign) return;
  if (campaign.left === 0) await closeReviewTask(tx, subject, from, from, context.now);
  if (campaign.open) return;
  const common = { promise: 'ACC-5', subject, openedAt: context.now, dueAt: campaign.dueAt };
  await openTasks(tx, [
    reviewTask({ reviewerId: to, items: campaign.now }, common, campaign.name, context),
  ]);
}
