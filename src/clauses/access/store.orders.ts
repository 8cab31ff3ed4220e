import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { isLeft } from '../../registers/accounts/standing.ts';
import { completeTasks, openTasks } from '../../registers/tasks/store.ts';
import { misses } from './checks.aspects.ts';
import type {
  ItemsDecided,
  MarkCarriedOut,
  OrderOrigin,
  OrdersCarriedOut,
  OrdersProven,
  ProveOrders,
  RecordCarriedOut,
} from './facts.ts';
import type { CarriedOutState, ProvingState, RecordedState } from './flow.orders.ts';
import { evidenceOf, holdsOfficerRole, linesOf, planForMany } from './store.campaign.ts';
import { campaignIdOf } from './store.opening.ts';

/**
 * Orders for all items of an act. An item that was ordered before keeps its first deadline, so
 * that deciding again does not buy time; one that was withdrawn since begins anew.
 */
export async function placeOrders(tx: Tx, event: ItemsDecided, context: Context): Promise<void> {
  const { act, wantedEntitlement, revokeBy } = event.body;
  const campaignId = campaignIdOf(event.subject);
  await sql`
    insert into revoke_origin (id, kind, placed_at, placed_by, announced_at)
    values (${campaignId}, 'review', ${context.now}, ${event.body.reviewer}, ${context.now})
    on conflict (id) do nothing`.execute(tx);
  await sql`
    insert into revoke_order
      (origin_id, no, account_id, entitlement_id, system_id, wanted_entitlement_id, ordered_at, due_at)
    select campaign_id, no, account_id, entitlement_id, system_id, ${wantedEntitlement}::uuid, ${context.now},
      ${revokeBy}::timestamptz
    from review_item where campaign_id = ${campaignId} and act_id = ${act}
    on conflict (origin_id, no) do update set
      wanted_entitlement_id = excluded.wanted_entitlement_id,
      ordered_at = case when revoke_order.withdrawn_at is null then revoke_order.ordered_at else excluded.ordered_at end,
      due_at = case when revoke_order.withdrawn_at is null then revoke_order.due_at else excluded.due_at end,
      carried_out_at = case when revoke_order.withdrawn_at is null then revoke_order.carried_out_at end,
      carried_out_by = case when revoke_order.withdrawn_at is null then revoke_order.carried_out_by end,
      carried_out_how = case when revoke_order.withdrawn_at is null then revoke_order.carried_out_how end,
      proven_at = case when revoke_order.withdrawn_at is null then revoke_order.proven_at end,
      proven_read_id = case when revoke_order.withdrawn_at is null then revoke_order.proven_read_id end,
      withdrawn_at = null`.execute(tx);
}

/** Takes orders back where the reviewer decided to keep after all. */
export async function withdrawOrders(
  tx: Tx,
  campaignId: string,
  act: string,
  at: Instant,
): Promise<void> {
  await sql`
    update revoke_order o set withdrawn_at = ${at}
    from review_item item
    where item.campaign_id = ${campaignId} and item.act_id = ${act}
      and o.origin_id = item.campaign_id and o.no = item.no and o.withdrawn_at is null`.execute(tx);
  await completeOrderTasks(tx, [campaignId], at);
}

/** Subject of the task to carry out the orders of one system from one origin. */
export function ordersSubject(originId: string, systemId: string): string {
  return `orders/${originId}/${systemId}`;
}

export const ordersTask = 'access.carryOutOrders';

/** What is said of the origin in its tasks: a review's name, nothing of the others. */
const originName = sql`coalesce(c.name, '')`;

/** One task for each system that has open orders from this origin and no open task yet. */
export async function openOrderTasks(tx: Tx, originId: string, context: Context): Promise<void> {
  const { rows } = await sql<{
    system_id: string;
    owner_id: string | null;
    system: string;
    due_at: Instant;
    orders: number;
    name: string;
    kind: OrderOrigin;
  }>`
    select o.system_id, s.owner_id, s.name as system, min(o.due_at) as due_at, count(*)::int as orders,
      ${originName} as name, origin.kind
    from revoke_order o
    join revoke_origin origin on origin.id = o.origin_id
    join system s on s.id = o.system_id
    left join review_campaign c on c.id = o.origin_id
    where o.origin_id = ${originId} and o.proven_at is null and o.withdrawn_at is null and not exists (
      select from task where task.kind = ${ordersTask} and task.subject = 'orders/' || o.origin_id || '/' || o.system_id
        and task.done_at is null and task.missed_at is null and task.cancelled_at is null)
    group by o.system_id, s.owner_id, s.name, c.name, origin.kind`.execute(tx);
  await openTasks(
    tx,
    rows.map((row) => ({
      id: context.newId(),
      kind: ordersTask,
      promise: row.kind === 'leaver' ? 'ACC-7' : 'ACC-6',
      subject: ordersSubject(originId, row.system_id),
      assigneeId: row.owner_id,
      ...(row.owner_id ? {} : { role: 'security-officer' }),
      openedAt: context.now,
      dueAt: row.due_at,
      detail: { campaign: row.name, origin: row.kind, system: row.system, items: row.orders },
      path: `/console/revoke-orders?batch=${originId}&system=${row.system_id}`,
    })),
  );
}

/** The owners' tasks are done when no order of theirs is open: proven or withdrawn, not said to be done. */
export async function completeOrderTasks(
  tx: Tx,
  originIds: readonly string[],
  at: Instant,
): Promise<void> {
  const { rows } = await sql<{ subject: string }>`
    select subject from task
    where kind = ${ordersTask} and done_at is null and missed_at is null and cancelled_at is null
      and split_part(subject, '/', 2) = any(${originIds}::text[])
      and not exists (
        select from revoke_order o
        where o.origin_id = split_part(subject, '/', 2)::uuid and o.system_id = split_part(subject, '/', 3)::uuid
          and o.proven_at is null and o.withdrawn_at is null)`.execute(tx);
  for (const { subject } of rows) await completeTasks(tx, { kind: ordersTask, subject }, null, at);
}

export async function loadCarriedOut(
  tx: Tx,
  command: MarkCarriedOut,
  { actor }: Context,
): Promise<CarriedOutState> {
  const personId = personOf(actor);
  const system = await sql<{ owner_id: string | null }>`
    select owner_id from system where id = ${command.systemId}`.execute(tx);
  const some = command.nos ? sql`and no = any(${command.nos}::int[])` : sql``;
  const { rows } = await sql<{ count: number; lines: string | null }>`
    select count(*)::int as count, string_agg(origin_id || E'\\t' || no || E'\\n', '' order by no) as lines
    from (
      select origin_id, no from revoke_order
      where origin_id = ${command.originId} and system_id = ${command.systemId} ${some}
        and proven_at is null and withdrawn_at is null and carried_out_at is null
      for update
    ) open`.execute(tx);
  const [owner] = system.rows;
  return {
    systemExists: owner !== undefined,
    personId,
    answerable: holdsOfficerRole(actor) || (personId !== null && owner?.owner_id === personId),
    count: rows[0]?.count ?? 0,
    evidence: evidenceOf(rows[0]?.lines ?? null),
  };
}

/** Those of the orders that are open still, with the system they are all to be of. */
export async function loadCarriedOutBy(
  tx: Tx,
  { systemId, orders }: RecordCarriedOut,
): Promise<RecordedState> {
  const { rows } = await sql<{ count: number; lines: string | null }>`
    select count(*)::int as count, string_agg(origin_id || E'\\t' || no || E'\\n', '' order by origin_id, no) as lines
    from (
      select origin_id, no from revoke_order
      join unnest(${orders.map((order) => order.originId)}::uuid[], ${orders.map((order) => order.no)}::int[])
        as said (origin_id, no) using (origin_id, no)
      where system_id = ${systemId} and proven_at is null and withdrawn_at is null and carried_out_at is null
      for update of revoke_order
    ) open`.execute(tx);
  return { count: rows[0]?.count ?? 0, evidence: evidenceOf(rows[0]?.lines ?? null) };
}

/** Orders in a piece of evidence, lines `origin<TAB>no`, as a table. */
function ordersIn(blob: Uint8Array) {
  return sql`(select split_part(line, E'\\t', 1)::uuid as origin_id, split_part(line, E'\\t', 2)::int as no
    from string_to_table(${linesOf(blob)}::text, E'\\n') as line)`;
}

export async function projectCarriedOut(
  tx: Tx,
  event: OrdersCarriedOut,
  context: Context,
): Promise<void> {
  await planForMany(tx, event.body.count);
  await sql`
    update revoke_order o set carried_out_at = ${context.now}, carried_out_by = ${event.body.by},
      carried_out_how = ${event.body.how}
    from ${ordersIn(event.blobs.ordersBlob)} said
    where o.origin_id = said.origin_id and o.no = said.no`.execute(tx);
}

/**
 * Whether a complete read proves that the account of `o` is at an end: nothing is left of it, its
 * credentials could be read, and no incomplete read since has changed what is known of it.
 */
const isEnded = (readAt: Instant) => sql<boolean>`(exists (
    select from account where account.id = o.account_id and not ${isLeft}
      and (account.absent_since is not null or not ${misses(sql`o.system_id`, ['credentials'])}))
  and not exists (select from read later where later.system_id = o.system_id and later.at > ${readAt}))`;

/**
 * Orders of a system that its newest complete read proves: given before that read, and the access
 * no longer observed, or the account at an end. An incomplete read can only show access, so one
 * since then unproves nothing but what it saw.
 */
export async function loadProving(tx: Tx, { systemId }: ProveOrders): Promise<ProvingState> {
  const read = await sql<{ id: string; at: Instant }>`
    select id, at from read where system_id = ${systemId} and complete order by at desc limit 1`.execute(
    tx,
  );
  const [newest] = read.rows;
  if (!newest) return { read: null, count: 0, evidence: evidenceOf(null) };
  const { rows } = await sql<{ count: number; lines: string | null }>`
    select count(*)::int as count, string_agg(origin_id || E'\\t' || no || E'\\n', '' order by origin_id, no) as lines
    from (
      select origin_id, no from revoke_order o
      where system_id = ${systemId} and proven_at is null and withdrawn_at is null and ordered_at < ${newest.at}
        and case when o.entitlement_id is null then ${isEnded(newest.at)} else not exists (
          select from observation seen
          where seen.account_id = o.account_id and seen.entitlement_id = o.entitlement_id and seen.gone_at is null) end
      for update
    ) gone`.execute(tx);
  return { read: newest, count: rows[0]?.count ?? 0, evidence: evidenceOf(rows[0]?.lines ?? null) };
}

export async function projectProven(tx: Tx, event: OrdersProven, context: Context): Promise<void> {
  await planForMany(tx, event.body.count);
  const { rows } = await sql<{ origin_id: string }>`
    with proven as (
      update revoke_order o set proven_at = ${context.now}, proven_read_id = ${event.body.read}
      from ${ordersIn(event.blobs.ordersBlob)} gone
      where o.origin_id = gone.origin_id and o.no = gone.no
      returning o.origin_id
    )
    select distinct origin_id from proven`.execute(tx);
  await completeOrderTasks(
    tx,
    rows.map((row) => row.origin_id),
    context.now,
  );
}
