import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import {
  dateIn,
  type Instant,
  quarterName,
  quarterStart,
  startOfDay,
} from '../../kernel/instant.ts';
import type { Check, Source, Violation } from '../../policy/check.ts';
import { notConnected } from '../../policy/unconnected.ts';
import { isLeft } from '../../registers/accounts/standing.ts';
import { systemsChanged } from '../../registers/systems/facts.ts';
import { misses } from './checks.aspects.ts';

/** What upholds ACC-5 and ACC-6. */

/** Types of entries of the registers after which an answer here may differ. */
export const accessObserved = ['AccessObserved'];
export const approvalsChanged = [
  'GrantApproved',
  'GrantEnded',
  'GrantsImported',
  'RequestsDecided',
  'GrantsExpired',
  'AccessGivenBack',
  'EmergencyTaken',
  'EmergencyEnded',
];

/** Each of these systems with its last complete read. */
export async function readsOf(db: Db, condition: RawBuilder<unknown>): Promise<readonly Source[]> {
  const { rows } = await sql<Source>`
    select system.name, newest.at as "readAt", system.stale_after_hours as "staleAfterHours"
    from system
    left join lateral (
      select at from read where read.system_id = system.id and complete order by at desc limit 1
    ) newest on true
    where system.retired_at is null and ${condition}
    order by system.name`.execute(db);
  return rows;
}

/** Where no system is registered there is nothing to judge by: a source that was never read. */
export async function everySystem(db: Db): Promise<readonly Source[]> {
  const sources = await readsOf(db, sql`true`);
  return sources.length > 0 ? sources : [notConnected('systems')];
}

/** ACC-5: every system that was there for the whole of last quarter has been reviewed since it began. */
export const everyQuarterIsReviewed: Check = {
  id: 'access.everyQuarterIsReviewed',
  promise: 'ACC-5',
  states: {
    en: 'Every system has been reviewed, item by item, since the beginning of last quarter.',
    ja: 'すべてのシステムが、前の四半期の初日以降に、全項目について棚卸しされている。',
  },
  finding: {
    en: '{label}: no completed access review since the beginning of {quarter}.',
    ja: '{label}：{quarter} の初日以降に完了した棚卸しがありません。',
  },
  changedBy: [
    'CampaignOpened',
    'ItemsDecided',
    'CampaignClosed',
    ...accessObserved,
    ...systemsChanged,
  ],
  sources: everySystem,
  population: () => sql`select count(*)::int as examined from system where retired_at is null`,
  violations: (now, zone) => {
    const { start, name } = lastQuarter(now, zone);
    return sql<Violation>`
      select 'system' as subject_kind, system.id as subject_id, system.name as label,
        jsonb_build_object('quarter', ${name}::text) as detail, system.owner_id
      from system
      where retired_at is null
        and exists (select from read where read.system_id = system.id and complete and read.at < ${start})
        and not exists (
          select from review_system reviewed join review_campaign campaign on campaign.id = reviewed.campaign_id
          where reviewed.system_id = system.id and campaign.opened_at >= ${start} and campaign.undecided = 0)`;
  },
  nextChange: async (_db, now, zone) =>
    startOfDay(quarterStart(dateIn(now, zone)).add({ months: 3 }), zone),
  deadlineDays: 14,
  path: '/console/reviews',
};

function lastQuarter(
  now: Instant,
  zone: string,
): { readonly start: Instant; readonly name: string } {
  const first = quarterStart(dateIn(now, zone)).subtract({ months: 3 });
  return { start: startOfDay(first, zone), name: quarterName(first) };
}

/** Orders of the last so many days keep their systems among the sources: what was proven must stay true. */
const recentDays = 400;

/**
 * ACC-6: past its deadline, no order is without the proof of a later complete read, and nothing that
 * was proven gone is back without a grant given since. An order whose system was not read again is
 * a violation too: a decision alone proves nothing.
 */
export const revokedAccessIsGone: Check = {
  id: 'access.revokedAccessIsGone',
  promise: 'ACC-6',
  states: {
    en: 'Access that was ordered to go is gone by its deadline, shown by a later complete read of its system.',
    ja: '取り消すと決めたアクセス権は、期限までになくなっており、そのことがその後の完全な読み取りで確認されている。',
  },
  finding: {
    en: '{label}: {why} (ordered on {orderedOn}).',
    ja: '{label}：{whyJa}（取消指示：{orderedOn}）。',
  },
  changedBy: [
    'ItemsDecided',
    'OrdersPlaced',
    'OrdersProven',
    ...accessObserved,
    ...approvalsChanged,
  ],
  async sources(db, now) {
    const since = now.subtract({ hours: 24 * recentDays });
    const systems = await readsOf(
      db,
      sql`exists (select from revoke_order o where o.system_id = system.id and o.withdrawn_at is null
        and (o.proven_at is null or o.proven_at >= ${since}))`,
    );
    return systems.length > 0 || (await anyCampaign(db)) ? systems : [notConnected('review')];
  },
  population: () =>
    sql`select count(*)::int as examined from revoke_order where withdrawn_at is null`,
  violations: (now, zone) => sql<Violation>`
    select 'order' as subject_kind, o.origin_id || '/' || o.no as subject_id,
      concat_ws(' · ', system.name, account.name, entitlement.name) as label,
      jsonb_build_object(
        'system', system.name, 'account', account.name, 'entitlement', entitlement.name, 'problem', o.problem,
        'orderedOn', to_char(o.ordered_at at time zone ${zone}, 'YYYY-MM-DD'),
        'dueOn', to_char(o.due_at at time zone ${zone}, 'YYYY-MM-DD'), 'why', said.why, 'whyJa', said.why_ja) as detail,
      system.owner_id
    from (${ordersUnproven(now)} union all ${ordersReturned()}) o
    join account on account.id = o.account_id
    left join entitlement on entitlement.id = o.entitlement_id
    join system on system.id = o.system_id
    join (values
      ('stillThere', 'still there after its deadline', '期限を過ぎても残っています'),
      ('notReadSince', 'not proven gone: its system has not been read since the order',
        'システムが指示後に読み取られておらず、なくなったことを確認できません'),
      ('credentialsUnread', 'not proven gone: the credentials of the account could not be read',
        'アカウントの認証情報を読み取れず、使えなくなったことを確認できません'),
      ('returned', 'came back after it was proven gone, without a new grant',
        'いったんなくなった後、新たな付与なしに戻っています')
    ) said (problem, why, why_ja) on said.problem = o.problem`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(due_at) as at from revoke_order
      where proven_at is null and withdrawn_at is null and due_at > ${now}`.execute(db);
    return rows[0]?.at ?? null;
  },
  deadlineDays: 0,
  path: '/console/revoke-orders?order={id}',
};

async function anyCampaign(db: Db): Promise<boolean> {
  const { rows } = await sql`select from review_campaign limit 1`.execute(db);
  return rows.length > 0;
}

function ordersUnproven(now: Instant) {
  return sql`
    select o.origin_id, o.no, o.account_id, o.entitlement_id, o.system_id, o.ordered_at, o.due_at,
      case when newest.at is null or o.ordered_at >= newest.at then 'notReadSince'
        when o.entitlement_id is null and not ${isLeft} and ${misses(sql`o.system_id`, ['credentials'])}
          then 'credentialsUnread'
        else 'stillThere' end as problem
    from revoke_order o join account on account.id = o.account_id
    left join (select system_id, max(at) as at from read where complete group by system_id) newest
      on newest.system_id = o.system_id
    where o.proven_at is null and o.withdrawn_at is null and o.due_at <= ${now}`;
}

function ordersReturned() {
  return sql`
    select o.origin_id, o.no, o.account_id, o.entitlement_id, o.system_id, o.ordered_at, o.due_at,
      'returned' as problem
    from revoke_order o
    join observation seen on seen.account_id = o.account_id and seen.entitlement_id = o.entitlement_id
    where o.proven_at is not null and o.withdrawn_at is null and seen.gone_at is null
      and not exists (
        select from access_grant since where since.account_id = o.account_id
          and since.entitlement_id = o.entitlement_id and since.revoked_at is null and since.granted_at > o.ordered_at)
      and not exists (
        select from revoke_order later where later.account_id = o.account_id
          and later.entitlement_id = o.entitlement_id and later.withdrawn_at is null and later.ordered_at > o.ordered_at)`;
}
