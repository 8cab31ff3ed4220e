import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { dateIn, type Instant } from '../../kernel/instant.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { stands } from '../../registers/accounts/fragments.ts';
import { systemsChanged } from '../../registers/systems/facts.ts';
import { connectedBy, connectionsChanged, misses, sourcesOf } from './checks.aspects.ts';
import { accessObserved, approvalsChanged } from './checks.ts';

/** What upholds ACC-4 in AWS: access by role, no more than is needed, nothing forgotten, all named. */

/** Days after which a key is old, and after which what nobody used is not needed. */
export const oldDays = 90;
const oldBefore = (now: Instant) => now.subtract({ hours: 24 * oldDays });

const inAws = sql`system.id in ${connectedBy('aws')}`;
const changedBy = [...accessObserved, ...connectionsChanged, ...systemsChanged];

/** The next instant at which a time column of rows is `oldDays` ago. */
async function nextOld(db: Db, now: Instant, times: RawBuilder<unknown>): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant | null }>`
    select min(at) as at from (${times}) as t (at) where at > ${oldBefore(now)}`.execute(db);
  return rows[0]?.at?.add({ hours: 24 * oldDays }) ?? null;
}

/** What entitlements allow too much of. */
export const entitlementsAllowNoMoreThanNeeded: Check = {
  id: 'access.entitlementsAllowNoMoreThanNeeded',
  promise: 'ACC-4',
  states: {
    en: 'No role, group or policy allows everything, wildcards, services that nobody uses, or principals from outside.',
    ja: '管理者権限、ワイルドカード、未使用サービスを許し、または外部から引き受けられるロール・グループ・ポリシーはない。',
  },
  finding: {
    en: '{label}: {why}.',
    ja: '{label}：{whyJa}。',
  },
  changedBy,
  sources: (db) => sourcesOf(db, ['entitlements', 'risks', 'trust', 'lastAccessed'], inAws, 'aws'),
  population: () => sql`
    select count(*)::int as examined
    from entitlement join system on system.id = entitlement.system_id and system.retired_at is null
    where entitlement.absent_since is null and (${inAws} or entitlement.risks <> '{}')`,
  violations: () => sql<Violation>`
    select 'entitlement' as subject_kind, entitlement.id as subject_id,
      system.name || ' · ' || entitlement.name as label,
      jsonb_build_object('risks', to_jsonb(entitlement.risks), 'system', system.key,
        'why', string_agg(said.why, '; ' order by said.rank),
        'whyJa', string_agg(said.why_ja, '・' order by said.rank)) as detail,
      system.owner_id
    from entitlement
    join system on system.id = entitlement.system_id and system.retired_at is null
    join (values
      (1, 'administrator', 'allows everything', 'すべての操作を許可'),
      (2, 'wildcardAction', 'allows all actions of a service', 'サービスの全操作を許可'),
      (3, 'wildcardResource', 'changes all resources of a kind', '同種の全リソースの変更を許可'),
      (4, 'externalTrust', 'can be assumed from outside the organisation', '組織外から引き受け可能'),
      (5, 'unusedServices', 'allows services not used for 90 days', '90日間使われていないサービスを許可')
    ) said (rank, risk, why, why_ja) on said.risk = any(entitlement.risks)
    where entitlement.absent_since is null
    group by entitlement.id, system.id`,
  deadlineDays: 30,
  path: '/console/access',
};

/** Policies are held by roles and groups, not by users one by one. */
export const accessIsGivenByRole: Check = {
  id: 'access.accessIsGivenByRole',
  promise: 'ACC-4',
  states: {
    en: 'No account is given a policy directly, rather than by a role or a group.',
    ja: 'ロールやグループによらず、ポリシーを直接付与されたアカウントはない。',
  },
  finding: {
    en: '{label}: {policies} given directly ({names}).',
    ja: '{label}：直接付与されたポリシーが {policies} 件あります（{names}）。',
  },
  changedBy,
  sources: (db) => sourcesOf(db, ['accounts', 'held'], inAws, 'aws'),
  population: () => sql`
    select count(*)::int as examined
    from account join system on system.id = account.system_id and system.retired_at is null
    where account.absent_since is null and ${inAws}`,
  violations: () => sql<Violation>`
    select 'account' as subject_kind, account.id as subject_id, system.name || ' · ' || account.name as label,
      jsonb_build_object('person', account.person_id, 'policies', count(*),
        'names', left(string_agg(entitlement.name, ', ' order by entitlement.name), 500)) as detail,
      system.owner_id
    from entitlement
    join observation seen on seen.entitlement_id = entitlement.id and seen.gone_at is null
    join account on account.id = seen.account_id
    join system on system.id = entitlement.system_id and system.retired_at is null
    where 'direct' = any(entitlement.risks) and entitlement.absent_since is null
    group by account.id, system.id`,
  deadlineDays: 14,
  path: '/console/accounts/{id}',
};

/** Keys and passwords that one signs in to AWS with. */
const ownCredentials = sql`
  credential join account on account.id = credential.account_id
  join system on system.id = credential.system_id and system.retired_at is null
  where credential.active and credential.kind in ('accessKey', 'password') and ${inAws}`;

export const keysAreYoungAndUsed: Check = {
  id: 'access.keysAreYoungAndUsed',
  promise: 'ACC-4',
  states: {
    en: 'No access key is older than 90 days, and no key or password is left unused for as long.',
    ja: '90日を超えて使い続けているアクセスキーも、90日間使われていないキーやパスワードもない。',
  },
  finding: {
    en: '{label}: {why}.',
    ja: '{label}：{whyJa}。',
  },
  changedBy,
  sources: (db) => sourcesOf(db, ['credentials', 'signIns'], inAws, 'aws'),
  population: () => sql`select count(*)::int as examined from ${ownCredentials}`,
  violations: (now, zone) => {
    const old = oldBefore(now);
    const day = (at: RawBuilder<unknown>) => sql`to_char(${at} at time zone ${zone}, 'YYYY-MM-DD')`;
    return sql<Violation>`
      select 'credential' as subject_kind, found.id as subject_id, found.label,
        jsonb_build_object('person', found.person_id,
          'why', concat_ws('; ',
            case when found.aged then 'an access key made on ' || found.made_on end,
            case when found.idle then coalesce('not used since ' || found.used_on, 'never used since ' || found.made_on) end),
          'whyJa', concat_ws('・',
            case when found.aged then found.made_on || ' に作られたアクセスキーです' end,
            case when found.idle then coalesce(found.used_on || ' 以降', '作成以来') || '使われていません' end)) as detail,
        found.owner_id
      from (
        select credential.id, account.person_id, system.owner_id,
          system.name || ' · ' || account.name || ' · ' || credential.name as label,
          ${day(sql`credential.created_at`)} as made_on, ${day(sql`credential.last_used_at`)} as used_on,
          credential.kind = 'accessKey' and credential.created_at < ${old} as aged,
          -- where last uses were not read, that none is known says nothing
          coalesce(credential.last_used_at, credential.created_at) < ${old}
            and not ${misses(sql`system.id`, ['signIns'])} as idle
        from ${ownCredentials}
      ) found
      where found.aged or found.idle`;
  },
  nextChange: (db, now) =>
    nextOld(
      db,
      now,
      sql`select created_at from credential where active and kind = 'accessKey'
        union all select coalesce(last_used_at, created_at) from credential where active`,
    ),
  deadlineDays: 14,
  path: '/console/systems',
};

/** Root users, as settings of their own: one for each account of AWS. */
const roots = sql`
  system_setting setting
  join system on system.id = setting.system_id and system.retired_at is null
  join account on account.system_id = system.id and account.name = setting.value ->> 'account'
  where setting.name like 'root/%'`;

export const rootUsersRest: Check = {
  id: 'access.rootUsersRest',
  promise: 'ACC-4',
  states: {
    en: 'No root user of AWS was used in the last 90 days, and none has access keys.',
    ja: 'AWSのルートユーザーは過去90日間使われておらず、アクセスキーも持っていない。',
  },
  finding: {
    en: '{label}: {why}.',
    ja: '{label}：{whyJa}。',
  },
  changedBy,
  sources: (db) => sourcesOf(db, ['root'], inAws, 'aws'),
  population: () => sql`select count(*)::int as examined from ${roots}`,
  violations: (now, zone) => sql<Violation>`
    select 'account' as subject_kind, found.id as subject_id, found.label,
      jsonb_build_object(
        'why', concat_ws('; ',
          case when found.recent then 'used on ' || found.used_on end,
          case when found.keys > 0 then 'has access keys' end),
        'whyJa', concat_ws('・',
          case when found.recent then found.used_on || ' に使われました' end,
          case when found.keys > 0 then 'アクセスキーがあります' end)) as detail,
      found.owner_id
    from (
      select account.id, system.name || ' · ' || account.name as label, system.owner_id,
        (setting.value ->> 'accessKeys')::int as keys,
        (setting.value ->> 'lastUsedAt')::timestamptz >= ${oldBefore(now)} as recent,
        to_char((setting.value ->> 'lastUsedAt')::timestamptz at time zone ${zone}, 'YYYY-MM-DD') as used_on
      from ${roots}
    ) found
    where found.recent or found.keys > 0`,
  nextChange: (db, now) =>
    nextOld(
      db,
      now,
      sql`select (value ->> 'lastUsedAt')::timestamptz from system_setting where name like 'root/%'`,
    ),
  deadlineDays: 7,
  path: '/console/accounts/{id}',
};

/** Role and system are in every grant; what may be missing is why, by whom and until when. */
export const everyGrantIsNamed: Check = {
  id: 'access.everyGrantIsNamed',
  promise: 'ACC-4',
  states: {
    en: 'Every grant of access to AWS names its purpose, its approver and the date on which it ends.',
    ja: 'AWSへのアクセス権の付与には、すべて目的、承認者、終了日が記載されている。',
  },
  finding: {
    en: '{label}: {grants} grants without {missing}.',
    ja: '{label}：{missingJa}の記載がない付与が {grants} 件あります。',
  },
  changedBy: [...approvalsChanged, ...connectionsChanged, ...systemsChanged],
  sources: (db) => sourcesOf(db, ['accounts'], inAws, 'aws'),
  population: (now, zone) => sql`
    select count(distinct given.account_id)::int as examined
    from access_grant given join system on system.id = given.system_id and system.retired_at is null
    where ${stands('given', dateIn(now, zone))} and ${inAws}`,
  violations: (now, zone) => sql<Violation>`
    select 'account' as subject_kind, account.id as subject_id, system.name || ' · ' || account.name as label,
      jsonb_build_object('person', account.person_id, 'grants', count(*),
        'missing', concat_ws(', ',
          case when bool_or(given.purpose = '') then 'a purpose' end,
          case when bool_or(given.approver_id is null) then 'an approver' end,
          case when bool_or(given.ends_on is null) then 'an end' end),
        'missingJa', concat_ws('・',
          case when bool_or(given.purpose = '') then '目的' end,
          case when bool_or(given.approver_id is null) then '承認者' end,
          case when bool_or(given.ends_on is null) then '終了日' end)) as detail,
      system.owner_id
    from access_grant given
    join account on account.id = given.account_id
    join system on system.id = given.system_id and system.retired_at is null
    where ${stands('given', dateIn(now, zone))} and ${inAws}
      and (given.purpose = '' or given.approver_id is null or given.ends_on is null)
    group by account.id, system.id`,
  deadlineDays: 30,
  path: '/console/accounts/{id}',
};
