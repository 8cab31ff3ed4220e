import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { ReviewerRule, Waiting } from './facts.ts';

/** What a snapshot is taken of, and who is to decide on it. */
export interface SnapshotOrder {
  readonly systems: 'all' | readonly string[];
  readonly reviewerRule: ReviewerRule;
  readonly fallback: string | null;
}

/** A snapshot that was taken, but not yet put into a campaign. */
export interface Snapshot {
  /** Secret that the digest is made with. */
  readonly salt: string;
  readonly digest: string;
  readonly items: number;
  readonly systems: number;
  readonly waiting: readonly Waiting[];
}

/** Whether each of these systems exists and is in use. */
export async function systemsExist(tx: Tx, ids: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ found: number }>`
    select count(*)::int as found from system
    where id = any(${ids}::uuid[]) and retired_at is null`.execute(tx);
  return rows[0]?.found === new Set(ids).size;
}

/**
 * Takes the snapshot: every access that is observed now or granted now, numbered in the order of
 * system, account and entitlement, with its reviewer. It lands in temporary tables of the
 * transaction, so that the digest and the campaign are made of the same rows whatever is imported
 * meanwhile, and a refusal leaves nothing. What is the same for all items of an account stands once,
 * beside them: the large table is narrow, and sorted and joined by integers.
 */
export async function takeSnapshot(
  tx: Tx,
  order: SnapshotOrder,
  context: Context,
): Promise<Snapshot> {
  const today = dateIn(context.now, context.zone);
  // Sorts of this size belong in memory; the setting ends with the transaction.
  await sql`set local work_mem = '64MB'`.execute(tx);
  await chooseSystems(tx, order);
  await assignAccounts(tx, order, today);
  await numberItems(tx, order, today);
  const salt = (context.newId() + context.newId()).replaceAll('-', '');
  return { salt, ...(await describe(tx, salt)), waiting: await waitingOf(tx) };
}

/** The systems in question, each with the complete read that its items are seen in. */
async function chooseSystems(tx: Tx, { systems }: SnapshotOrder): Promise<void> {
  const chosen = systems === 'all' ? sql`true` : sql`system.id = any(${systems}::uuid[])`;
  await sql`
    create temporary table snapshot_system on commit drop as
    select system.id as system_id, system.key, system.owner_id, newest.id as read_id, newest.at as read_at
    from system
    left join lateral (
      select id, at from read where read.system_id = system.id and complete order by at desc limit 1
    ) newest on true
    where retired_at is null and ${chosen}`.execute(tx);
}

/**
 * Accounts in their order, each with its reviewer. Nobody reviews their own access: a candidate who
 * is the account's person is passed over, as is one who is not employed today. Nobody left is null,
 * the role of security officer.
 */
async function assignAccounts(
  tx: Tx,
  { reviewerRule, fallback }: SnapshotOrder,
  today: Temporal.PlainDate,
): Promise<void> {
  const manager = sql`holder.manager_id`;
  const owner = sql`s.owner_id`;
  const [byRule, otherwise] = reviewerRule === 'manager' ? [manager, owner] : [owner, manager];
  await sql`
    create temporary table snapshot_account on commit drop as
    with able as materialized (
      select id from person
      where erased_at is null and (starts_on is null or starts_on <= ${today})
        and (ends_on is null or ends_on >= ${today})
    )
    select row_number() over (order by s.key collate "C", account.name collate "C")::integer as rank,
      account.id as account_id, account.system_id, account.person_id,
      coalesce(
        nullif(first.id, account.person_id), nullif(second.id, account.person_id), nullif(third.id, account.person_id)
      ) as reviewer_id,
      concat_ws(E'\\t', account.system_id, account.id, coalesce(account.person_id::text, 'none'),
        coalesce(s.read_id::text, 'none')) as line
    from account
    join snapshot_system s on s.system_id = account.system_id
    left join person holder on holder.id = account.person_id
    left join able first on first.id = ${byRule}
    left join able second on second.id = ${fallback}::uuid
    left join able third on third.id = ${otherwise}`.execute(tx);
  await sql`analyze snapshot_account`.execute(tx);
}

async function numberItems(
  tx: Tx,
  { systems }: SnapshotOrder,
  today: Temporal.PlainDate,
): Promise<void> {
  const within =
    systems === 'all' ? sql`true` : sql`system_id in (select system_id from snapshot_system)`;
  await sql`
    create temporary table snapshot_item on commit drop as
    with ranked_entitlement as materialized (
      select entitlement.id, row_number() over (order by entitlement.name collate "C", entitlement.id) as rank
      from entitlement join snapshot_system s on s.system_id = entitlement.system_id
    )
    select row_number() over (order by (account.rank::bigint << 32) + entitlement.rank)::integer as no,
      account.rank, access.entitlement_id, access.observed, access.granted
    from (${currentAccess(today, within)}) access
    join snapshot_account account on account.account_id = access.account_id
    join ranked_entitlement entitlement on entitlement.id = access.entitlement_id`.execute(tx);
}

/** Observed, granted or both, as of now. */
function currentAccess(
  today: Temporal.PlainDate,
  within: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`
    select account_id, entitlement_id,
      seen.account_id is not null as observed, approved.account_id is not null as granted
    from (
      select account_id, entitlement_id from observation where gone_at is null and ${within}
    ) seen
    full join (
      select account_id, entitlement_id from access_grant
      where revoked_at is null and (ends_on is null or ends_on >= ${today}) and ${within}
    ) approved using (account_id, entitlement_id)`;
}

const basis = sql`case when observed and granted then 'both' when observed then 'observed' else 'granted' end`;

/**
 * One line an item, tabs between its columns: number, system, account, person, the read that it was
 * seen in, entitlement, and what it rests on. The same columns stand in the campaign's CSV; only ids
 * are digested, so that erasing who somebody was leaves the digest recomputable.
 */
export const snapshotLine: RawBuilder<string> = sql`
  concat_ws(E'\\t', no, system_id, account_id, coalesce(person_id::text, 'none'), coalesce(read_id::text, 'none'),
    entitlement_id, ${basis})`;

/** The salt stands before the first line, not around the whole: thirty megabytes are not copied for it. */
async function describe(
  tx: Tx,
  salt: string,
): Promise<{ digest: string; items: number; systems: number }> {
  const { rows } = await sql<{ digest: string | null; items: number; systems: number }>`
    select
      encode(sha256(convert_to(string_agg(concat(
        case when no = 1 then ${salt}::text || E'\\n' end,
        concat_ws(E'\\t', no, line, entitlement_id, ${basis}), E'\\n'), '' order by no), 'UTF8')), 'hex') as digest,
      count(*)::int as items,
      (select count(*)::int from snapshot_system) as systems
    from snapshot_item join snapshot_account using (rank)`.execute(tx);
  const { digest, items = 0, systems = 0 } = rows[0] ?? {};
  return { digest: digest ?? '', items, systems };
}

async function waitingOf(tx: Tx): Promise<readonly Waiting[]> {
  const { rows } = await sql<Waiting>`
    select reviewer_id as "reviewerId", sum(items)::int as items
    from (select rank, count(*) as items from snapshot_item group by rank) counted
    join snapshot_account using (rank)
    group by reviewer_id order by reviewer_id`.execute(tx);
  return rows;
}

/** Puts the snapshot of this transaction into a campaign. */
export async function copySnapshot(tx: Tx, campaignId: string): Promise<void> {
  await sql`
    insert into review_system (campaign_id, system_id, read_id, read_at)
    select ${campaignId}, system_id, read_id, read_at from snapshot_system`.execute(tx);
  await sql`
    insert into review_item
      (campaign_id, no, system_id, account_id, entitlement_id, person_id, reviewer_id, observed, granted)
    select ${campaignId}, no, system_id, account_id, entitlement_id, person_id, reviewer_id, observed, granted
    from snapshot_item join snapshot_account using (rank)`.execute(tx);
  await sql`drop table snapshot_item, snapshot_account, snapshot_system`.execute(tx);
}
