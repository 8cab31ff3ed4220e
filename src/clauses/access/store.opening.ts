import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { openTasks, schedule } from '../../registers/tasks/store.ts';
import type { CampaignOpened, ReviewerRule, Waiting } from './facts.ts';
import { defaults } from './facts.ts';

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
    select count(*)::int as found from system where id = any(${ids}::uuid[]) and retired_at is null`.execute(
    tx,
  );
  return rows[0]?.found === new Set(ids).size;
}

/**
 * Takes the snapshot: every access that is observed now or granted now, numbered in the order of
 * system, account and entitlement, with its reviewer, in one statement. It lands in a temporary
 * table of the transaction, so that the digest and the campaign are made of the same rows whatever
 * is imported meanwhile, and a refusal leaves nothing.
 */
export async function takeSnapshot(
  tx: Tx,
  order: SnapshotOrder,
  context: Context,
): Promise<Snapshot> {
  const chosen =
    order.systems === 'all' ? sql`true` : sql`system.id = any(${order.systems}::uuid[])`;
  const today = dateIn(context.now, context.zone);
  // Sorts of this size belong in memory; the setting ends with the transaction.
  await sql`set local work_mem = '64MB'`.execute(tx);
  await sql`
    create temporary table snapshot_system on commit drop as
    select system.id as system_id, system.key, system.owner_id, newest.id as read_id, newest.at as read_at
    from system
    left join lateral (
      select id, at from read where read.system_id = system.id and complete order by at desc limit 1
    ) newest on true
    where retired_at is null and ${chosen}`.execute(tx);
  await createItems(tx, order, today);
  const salt = (context.newId() + context.newId()).replaceAll('-', '');
  return { salt, ...(await describe(tx, salt)), waiting: await waitingOf(tx) };
}

/**
 * Nobody reviews their own access: a candidate who is the account's person is passed over, as is
 * one who is not employed today. Nobody left is null, the role of security officer. Accounts and
 * entitlements are ranked by name first, so that the items themselves are sorted by two integers.
 */
async function createItems(tx: Tx, order: SnapshotOrder, today: Temporal.PlainDate): Promise<void> {
  const byRule = order.reviewerRule === 'manager' ? sql`holder.manager_id` : sql`s.owner_id`;
  const otherwise = order.reviewerRule === 'manager' ? sql`s.owner_id` : sql`holder.manager_id`;
  await sql`
    create temporary table snapshot_item on commit drop as
    with able as materialized (
      select id from person
      where erased_at is null and (starts_on is null or starts_on <= ${today})
        and (ends_on is null or ends_on >= ${today})
    ),
    ranked_account as materialized (
      select account.id, account.system_id, account.person_id, s.read_id,
        row_number() over (order by s.key collate "C", account.name collate "C") as rank,
        coalesce(
          nullif(first.id, account.person_id), nullif(second.id, account.person_id), nullif(third.id, account.person_id)
        ) as reviewer_id
      from account
      join snapshot_system s on s.system_id = account.system_id
      left join person holder on holder.id = account.person_id
      left join able first on first.id = ${byRule}
      left join able second on second.id = ${order.fallback}::uuid
      left join able third on third.id = ${otherwise}
    ),
    ranked_entitlement as materialized (
      select entitlement.id, row_number() over (order by entitlement.name collate "C", entitlement.id) as rank
      from entitlement join snapshot_system s on s.system_id = entitlement.system_id
    )
    select row_number() over (order by a.rank, e.rank)::integer as no,
      a.system_id, access.account_id, access.entitlement_id, a.person_id, a.reviewer_id, a.read_id,
      access.observed, access.granted
    from (${currentAccess(today)}) access
    join ranked_account a on a.id = access.account_id
    join ranked_entitlement e on e.id = access.entitlement_id`.execute(tx);
}

/** Observed, granted or both, as of now. */
function currentAccess(today: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`
    select account_id, entitlement_id,
      seen.account_id is not null as observed, approved.account_id is not null as granted
    from (
      select account_id, entitlement_id from observation where gone_at is null
    ) seen
    full join (
      select account_id, entitlement_id from access_grant
      where revoked_at is null and (ends_on is null or ends_on >= ${today})
    ) approved using (account_id, entitlement_id)`;
}

/**
 * One line an item, tabs between its columns: number, system, account, entitlement, person, what
 * it rests on, and the read. The same columns stand in the campaign's CSV; only ids are digested,
 * so that erasing who somebody was leaves the digest recomputable.
 */
export const snapshotLine: RawBuilder<string> = sql`
  no || E'\\t' || system_id || E'\\t' || account_id || E'\\t' || entitlement_id || E'\\t' ||
  coalesce(person_id::text, 'none') || E'\\t' ||
  case when observed and granted then 'both' when observed then 'observed' else 'granted' end || E'\\t' ||
  coalesce(read_id::text, 'none')`;

async function describe(
  tx: Tx,
  salt: string,
): Promise<{ digest: string; items: number; systems: number }> {
  const { rows } = await sql<{ digest: string; items: number; systems: number }>`
    select
      encode(sha256(convert_to(${salt}::text || E'\\n' || coalesce(string_agg(${snapshotLine}, E'\\n' order by no), '') || E'\\n', 'UTF8')), 'hex') as digest,
      count(*)::int as items,
      (select count(*)::int from snapshot_system) as systems
    from snapshot_item`.execute(tx);
  return rows[0] as { digest: string; items: number; systems: number };
}

async function waitingOf(tx: Tx): Promise<readonly Waiting[]> {
  const { rows } = await sql<Waiting>`
    select reviewer_id as "reviewerId", count(*)::int as items
    from snapshot_item group by reviewer_id order by reviewer_id`.execute(tx);
  return rows;
}

/** Puts the snapshot of this transaction into the campaign that was opened. */
export async function projectOpened(
  tx: Tx,
  event: CampaignOpened,
  context: Context,
): Promise<void> {
  const id = campaignIdOf(event.subject);
  const { body } = event;
  await sql`
    insert into review_campaign (id, name, quarter, automatic, reviewer_rule, fallback_id, opened_at, due_at,
      revoke_within_hours, salt, snapshot_digest, items, undecided)
    values (${id}, ${event.private.name}, ${body.quarter}, ${body.automatic}, ${body.reviewerRule}, ${body.fallback},
      ${context.now}, ${body.dueAt}::timestamptz, ${body.revokeWithinHours}, ${event.private.salt},
      ${body.snapshotDigest}, ${body.items}, ${body.items})`.execute(tx);
  await sql`
    insert into review_system (campaign_id, system_id, read_id, read_at)
    select ${id}, system_id, read_id, read_at from snapshot_system`.execute(tx);
  await sql`
    insert into review_item
      (campaign_id, no, system_id, account_id, entitlement_id, person_id, reviewer_id, observed, granted)
    select ${id}, no, system_id, account_id, entitlement_id, person_id, reviewer_id, observed, granted
    from snapshot_item`.execute(tx);
  const waiting = await waitingOf(tx);
  await sql`drop table snapshot_item, snapshot_system`.execute(tx);
  await openReviewTasks(tx, event, waiting, context);
  await scheduleCampaign(tx, id, Temporal.Instant.from(body.dueAt), context);
}

async function openReviewTasks(
  tx: Tx,
  event: CampaignOpened,
  waiting: readonly Waiting[],
  context: Context,
): Promise<void> {
  const dueAt = Temporal.Instant.from(event.body.dueAt);
  const common = { promise: 'ACC-5', subject: event.subject, openedAt: context.now, dueAt };
  const reviewers = waiting.map((each) => reviewTask(each, common, event.private.name, context));
  // Only a campaign over every system is the quarter's review; one over a few cannot stand for it.
  const whole = event.body.quarter
    ? [
        {
          ...common,
          id: context.newId(),
          kind: 'access.quarterlyReview',
          assigneeId: null,
          role: 'security-officer',
          detail: { campaign: event.private.name, quarter: event.body.quarter },
          path: `/console/reviews/${campaignIdOf(event.subject)}?tab=progress`,
        },
      ]
    : [];
  await openTasks(tx, [...reviewers, ...whole]);
}

interface CampaignTask {
  readonly promise: string;
  readonly subject: string;
  readonly openedAt: Temporal.Instant;
  readonly dueAt: Temporal.Instant;
}

/** The task of one reviewer, or of the role where nobody could be found. */
export function reviewTask(
  waiting: Waiting,
  common: CampaignTask,
  campaign: string,
  context: Context,
) {
  return {
    ...common,
    id: context.newId(),
    kind: 'access.review',
    assigneeId: waiting.reviewerId,
    ...(waiting.reviewerId ? {} : { role: 'security-officer' }),
    detail: { campaign, items: waiting.items },
    path: `/console/reviews/${campaignIdOf(common.subject)}?mine=true&undecided=true`,
  };
}

/** Reminders at their days before the deadline, as far as they still lie ahead, and the closing. */
async function scheduleCampaign(
  tx: Tx,
  id: string,
  dueAt: Temporal.Instant,
  context: Context,
): Promise<void> {
  const clause = 'access';
  const reminders = defaults.reminderDays
    .map((days) => ({ days, at: dueAt.subtract({ hours: 24 * days }) }))
    .filter(({ at }) => Temporal.Instant.compare(at, context.now) > 0)
    .map(({ days, at }) => ({
      id: context.newId(),
      clause,
      kind: 'access.remind',
      subject: `campaign/${id}/${days}`,
      dueAt: at,
    }));
  const closing = {
    id: context.newId(),
    clause,
    kind: 'access.closeCampaign',
    subject: `campaign/${id}`,
    dueAt,
  };
  await schedule(tx, [...reminders, closing]);
}

/** The id in `campaign/<id>`. */
export function campaignIdOf(subject: string): string {
  return subject.split('/')[1] ?? '';
}
