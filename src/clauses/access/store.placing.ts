import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { isLeft } from '../../registers/accounts/standing.ts';
import type { AnnounceOrders, OrderOrigin } from './facts.ts';
import type { Announced, Silent } from './flow.orders.ts';
import { evidenceOf } from './store.campaign.ts';
import { openOrderTasks } from './store.orders.ts';

/** Orders that do not come from a review: placed set-based, each access once while its order is open. */

export interface Placing {
  readonly originId: string;
  readonly kind: Exclude<OrderOrigin, 'review'>;
  /** Whose access it is, where it is one person's. */
  readonly personId: string | null;
  /** Who has it placed; null: Kept itself. */
  readonly placedBy: string | null;
  readonly dueAt: Instant;
}

/** Condition: `o` is of the access of `held`, or both are of the whole account. Ids are of one thing alone. */
const ofTheSame = sql`o.account_id = held.account_id
  and coalesce(o.entitlement_id, o.account_id) = coalesce(held.entitlement_id, held.account_id)`;

/** Condition: an order is open for the access of `held`. */
const isOrdered = sql`exists (
  select from revoke_order o where ${ofTheSame} and o.proven_at is null and o.withdrawn_at is null)`;

/**
 * Orders the accesses of a selection to go, and gives the systems' owners their tasks. An access
 * that is ordered to go already gets no second order: its deadline comes forward where this one is
 * earlier.
 *
 * @param accesses a query in parentheses with columns `account_id, entitlement_id, system_id`, each pair once;
 *   without an entitlement it is the account as a whole
 * @returns how many orders were placed
 */
export async function placeFor(
  tx: Tx,
  placing: Placing,
  accesses: RawBuilder<unknown>,
  context: Context,
): Promise<number> {
  const { originId, kind, personId, placedBy, dueAt } = placing;
  await sql`
    update revoke_order o set due_at = ${dueAt} from ${accesses} held
    where ${ofTheSame} and o.proven_at is null and o.withdrawn_at is null and o.due_at > ${dueAt}`.execute(
    tx,
  );
  const placed = await sql`
    insert into revoke_order (origin_id, no, account_id, entitlement_id, system_id, ordered_at, due_at)
    select ${originId}, row_number() over (order by system_id, account_id, entitlement_id nulls first), account_id,
      entitlement_id, system_id, ${context.now}, ${dueAt}
    from ${accesses} held where not ${isOrdered}
    on conflict (account_id) where entitlement_id is null and proven_at is null and withdrawn_at is null do nothing`.execute(
    tx,
  );
  const count = Number(placed.numAffectedRows ?? 0);
  if (count === 0) return 0;
  await sql`
    insert into revoke_origin (id, kind, person_id, placed_at, placed_by)
    values (${originId}, ${kind}, ${personId}, ${context.now}, ${placedBy})`.execute(tx);
  await openOrderTasks(tx, originId, context);
  return count;
}

/**
 * What may be there of a selection: what the newest reads show, and what was granted since its
 * system was last read whole, which no read rules out.
 *
 * @param chosen a condition on an alias with `account_id` and `entitlement_id`, beside `account`
 */
export function present(
  chosen: (access: RawBuilder<unknown>) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`(
    select seen.account_id, seen.entitlement_id, seen.system_id
    from observation seen join account on account.id = seen.account_id
    where seen.gone_at is null and ${chosen(sql`seen`)}
    union
    select given.account_id, given.entitlement_id, given.system_id
    from access_grant given join account on account.id = given.account_id
    where given.revoked_at is null and ${chosen(sql`given`)} and not exists (
      select from read where read.system_id = given.system_id and complete and read.at > given.granted_at))`;
}

/**
 * Everything of leavers that may be there still: each access, and each account as a whole, because one
 * that holds nothing may be entered all the same.
 *
 * @param chosen a condition on `account`
 */
export function allOf(chosen: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    with held as materialized ${present(() => chosen)}
    select account_id, entitlement_id, system_id from held
    union select account_id, null, system_id from held
    union select account.id, null, account.system_id
    from account join system on system.id = account.system_id and system.retired_at is null
    where ${chosen} and ${isLeft})`;
}

/** Origins that the ledger was not told of yet, each with its orders as evidence. */
export async function loadSilent(tx: Tx, _command: AnnounceOrders): Promise<readonly Silent[]> {
  const { rows } = await sql<Omit<Silent, 'evidence'> & { lines: string | null }>`
    with silent as (
      select id, kind, person_id, placed_at from revoke_origin where announced_at is null for update
    )
    select silent.id as "originId", silent.kind, silent.person_id as "personId",
      coalesce(sum(ordered.count), 0)::int as count,
      coalesce(jsonb_agg(jsonb_build_object('system', ordered.system_id, 'count', ordered.count)
        order by ordered.system_id) filter (where ordered.system_id is not null), '[]') as systems,
      string_agg(ordered.lines, '' order by ordered.system_id) as lines
    from silent left join lateral (
      select system_id, count(*) as count,
        string_agg(concat_ws(E'\t', no, system_id, account_id, entitlement_id) || E'\n', '' order by no) as lines
      from revoke_order o where o.origin_id = silent.id group by system_id
    ) ordered on true
    group by silent.id, silent.kind, silent.person_id, silent.placed_at
    order by silent.placed_at, silent.id`.execute(tx);
  return rows.map(({ lines, ...origin }) => ({ ...origin, evidence: evidenceOf(lines) }));
}

export async function projectAnnounced(tx: Tx, event: Announced, context: Context): Promise<void> {
  await sql`
    update revoke_origin set announced_at = ${context.now}
    where id = ${event.subject.slice('orders/'.length)}`.execute(tx);
}

/** An access that is to go, once, however many orders say so. */
export interface OpenOrder {
  readonly accountId: string;
  readonly account: string;
  /** Null: the account as a whole. */
  readonly entitlementId: string | null;
  readonly entitlement: string | null;
  readonly dueAt: Instant;
  /** The orders that say so, for `recordCarriedOut`. */
  readonly orders: readonly { readonly originId: string; readonly no: number }[];
}

/** What is ordered to go in a system and not yet said to be carried out, the most urgent first. */
export async function openOrdersOf(db: Db, systemId: string): Promise<readonly OpenOrder[]> {
  const { rows } = await sql<OpenOrder>`
    select o.account_id as "accountId", account.name as account, o.entitlement_id as "entitlementId",
      entitlement.name as entitlement, min(o.due_at) as "dueAt",
      jsonb_agg(jsonb_build_object('originId', o.origin_id, 'no', o.no) order by o.ordered_at, o.origin_id) as orders
    from revoke_order o
    join account on account.id = o.account_id
    left join entitlement on entitlement.id = o.entitlement_id
    where o.system_id = ${systemId} and o.proven_at is null and o.withdrawn_at is null and o.carried_out_at is null
    group by o.account_id, account.name, o.entitlement_id, entitlement.name
    order by min(o.due_at), account.name, entitlement.name`.execute(db);
  return rows;
}
