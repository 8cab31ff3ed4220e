import { type RawBuilder, sql } from 'kysely';
import type { Check, Source, Violation } from '../../policy/check.ts';
import { connectionsChanged, identityProviders, misses } from './checks.aspects.ts';
import { accessObserved } from './checks.ts';

/**
 * What upholds ACC-3 at the identity provider: that a second factor is asked for, and not only there.
 * Conditional access policies are as Microsoft Graph shows them (`conditionalAccessPolicy`, v1.0).
 */

/** Connected tenants. */
const tenants = sql`(
  select id, name, owner_id, stale_after_hours from system
  where retired_at is null and id in ${identityProviders})`;

/** Of tenants of which the newest read shows it: a setting, and when it was read. */
function shown(name: 'conditionalAccess' | 'securityDefaults'): RawBuilder<unknown> {
  return sql`(
    select setting.system_id, setting.value, setting.at from system_setting setting
    where setting.name = ${name} and setting.system_id in ${identityProviders}
      and not ${misses(sql`setting.system_id`, [name])})`;
}

/** Tenants with Microsoft's own settings on, which ask everybody for a second factor. */
const byDefault = sql`(
  select system_id from ${shown('securityDefaults')} said where (said.value ->> 'enabled')::boolean)`;

/** A list of Graph, where an absent one is empty. */
function listed(value: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(case jsonb_typeof(${value}) when 'array' then ${value} else '[]'::jsonb end)`;
}

/** Each policy with its parts. */
const policies = sql`(
  select said.system_id, policy ->> 'displayName' as name, policy ->> 'state' as state,
    policy -> 'conditions' as conditions, policy #> '{conditions,users}' as users,
    policy #> '{conditions,applications}' as applications, policy -> 'grantControls' as controls
  from ${shown('conditionalAccess')} said
  cross join jsonb_array_elements(${listed(sql`said.value -> 'policies'`)}) policy)`;

/** How many controls a policy grants access by. */
const controlsOf = sql`(
  jsonb_array_length(${listed(sql`controls -> 'builtInControls'`)})
  + jsonb_array_length(${listed(sql`controls -> 'customAuthenticationFactors'`)})
  + jsonb_array_length(${listed(sql`controls -> 'termsOfUse'`)})
  + (jsonb_typeof(controls -> 'authenticationStrength') is not distinct from 'object')::int)`;

/**
 * Whether nobody passes a policy without a second factor: it must not be one of several controls of
 * which any suffices, and an authentication strength must be one of second factors.
 */
const asksForIt = sql`(
  (${listed(sql`controls -> 'builtInControls'`)} ? 'mfa'
    or coalesce(controls #>> '{authenticationStrength,requirementsSatisfied}', '') like '%mfa%')
  and (controls ->> 'operator' = 'AND' or ${controlsOf} = 1))`;

const everybody = sql`${listed(sql`users -> 'includeUsers'`)} ? 'All'`;

const everywhere = sql`(
  ${listed(sql`applications -> 'includeApplications'`)} ? 'All'
  and jsonb_typeof(applications -> 'applicationFilter') is distinct from 'object')`;

/** Conditions that leave nothing out. */
const noCondition = ['null', '[]', '{}', '""', '["all"]'];
const anywhere = [
  '{"includeLocations": ["All"], "excludeLocations": []}',
  '{"includePlatforms": ["all"], "excludePlatforms": []}',
];

/**
 * Whether a policy applies to every sign-in of those that it is for. A condition that is not known
 * here (Microsoft adds some) may leave any sign-in out, so it counts as doing so.
 */
const always = sql`not exists (
  select from jsonb_each(jsonb_strip_nulls(conditions)) condition
  where condition.key not in ('users', 'applications') and condition.key not like '%@odata%'
    and condition.value <> all(${[...noCondition, ...anywhere]}::text[]::jsonb[]))`;

/**
 * Whom and what a policy leaves out, by name where it is known. Accounts that are recorded as being
 * for emergencies are meant to be left out: without them a tenant can lock itself out.
 */
const leftOut = sql`(
  select string_agg(each, ', ' order by each) from (
    select coalesce(account.name, excluded)
    from jsonb_array_elements_text(${listed(sql`users -> 'excludeUsers'`)}) excluded
    left join account on account.system_id = policy.system_id and account.source_key = excluded
    where account.kind is distinct from 'break-glass'
    union all
    select coalesce(entitlement.name, 'group/' || excluded)
    from jsonb_array_elements_text(${listed(sql`users -> 'excludeGroups'`)}) excluded
    left join entitlement on entitlement.system_id = policy.system_id and entitlement.source_key = excluded
    union all
    select 'role/' || excluded
    from jsonb_array_elements_text(${listed(sql`users -> 'excludeRoles'`)}) excluded
    union all
    select 'GuestsOrExternalUsers'
    where jsonb_typeof(users -> 'excludeGuestsOrExternalUsers') = 'object'
    union all
    select 'application/' || excluded
    from jsonb_array_elements_text(${listed(sql`applications -> 'excludeApplications'`)}) excluded
  ) as t (each))`;

/** Policies that ask for a second factor, with what each lacks; the nearest to all that is needed first. */
const judged = sql`(
  select asking.*, case
      when state <> 'enabled' then 'reportOnly'
      when not everybody then 'someUsers'
      when not everywhere then 'someApplications'
      when not always then 'someSignIns'
      when left_out is not null then 'leavesOut'
    end as problem
  from (
    select policy.system_id, policy.name, policy.state, ${everybody} as everybody, ${everywhere} as everywhere,
      ${always} as always, left(${leftOut}, 1000) as left_out
    from ${policies} policy
    where policy.state in ('enabled', 'enabledForReportingButNotEnforced') and ${asksForIt}
  ) asking)`;

/** Tenants with a policy that asks everybody, always and everywhere. */
const byPolicy = sql`(select system_id from ${judged} judged where problem is null)`;

/** Reasons, the nearest to what is needed first; filled with the policy's name and what it leaves out. */
const reasons = sql`(values
  (1, 'leavesOut', 'the conditional access policy “%1$s” asks for a second factor, and leaves out %2$s',
    '条件付きアクセスポリシー「%1$s」は二要素認証を求めていますが、次を対象から除外しています：%2$s'),
  (2, 'someSignIns', 'the conditional access policy “%1$s” asks for a second factor under conditions only',
    '条件付きアクセスポリシー「%1$s」は、一定の条件のもとでしか二要素認証を求めていません'),
  (3, 'someApplications', 'the conditional access policy “%1$s” asks for a second factor for some applications only',
    '条件付きアクセスポリシー「%1$s」は、一部のアプリケーションでしか二要素認証を求めていません'),
  (4, 'someUsers', 'the conditional access policy “%1$s” asks some users only for a second factor',
    '条件付きアクセスポリシー「%1$s」は、一部のユーザーにしか二要素認証を求めていません'),
  (5, 'reportOnly', 'the conditional access policy “%1$s” would ask for a second factor, and only reports',
    '条件付きアクセスポリシー「%1$s」はレポート専用で、二要素認証を強制していません'),
  (6, 'nothing', 'neither a conditional access policy nor security defaults ask for a second factor',
    '条件付きアクセスポリシーでもセキュリティの既定値群でも、二要素認証を求めていません')
) said (rank, problem, why, why_ja)`;

/**
 * ACC-3: a tenant's own rules ask for a second factor. That people have enrolled one says only that
 * they could use it. It is about tenants that are connected; that there is none, others say.
 */
export const signInsAskForASecondFactor: Check = {
  id: 'access.signInsAskForASecondFactor',
  promise: 'ACC-3',
  states: {
    en: 'Every connected Microsoft Entra tenant asks everybody for a second factor in every application, by an enforced conditional access policy or by security defaults.',
    ja: '接続しているMicrosoft Entraテナントはすべて、強制されている条件付きアクセスポリシーまたはセキュリティの既定値群により、すべてのアプリケーションで全員に二要素認証を求めている。',
  },
  finding: {
    en: '{label}: {why}.',
    ja: '{label}：{whyJa}。',
  },
  changedBy: [...accessObserved, ...connectionsChanged, 'AccountMarked'],
  /** Either of both suffices where it asks for a second factor; where it does not, the other must be known. */
  async sources(db) {
    const { rows } = await sql<Source>`
      select tenant.name || ' · ' || coalesce(nullif(gap.permission, ''), wanted.aspect) as name,
        said.at as "readAt", tenant.stale_after_hours as "staleAfterHours"
      from ${tenants} tenant
      cross join (values ('conditionalAccess'), ('securityDefaults')) wanted (aspect)
      left join read_gap gap on gap.system_id = tenant.id and gap.aspect = wanted.aspect
      left join (
        select 'conditionalAccess' as aspect, system_id, at from ${shown('conditionalAccess')} rules
        union all
        select 'securityDefaults', system_id, at from ${shown('securityDefaults')} defaults
      ) said on said.system_id = tenant.id and said.aspect = wanted.aspect
      where case wanted.aspect
        when 'conditionalAccess' then tenant.id not in ${byDefault}
        else tenant.id in ${byDefault} or tenant.id not in ${byPolicy}
      end
      order by 1`.execute(db);
    return rows;
  },
  population: () => sql`select count(*)::int as examined from ${tenants} tenant`,
  violations: () => sql<Violation>`
    select 'system' as subject_kind, tenant.id as subject_id, tenant.name as label,
      jsonb_build_object('problem', nearest.problem,
        'why', format(nearest.why, nearest.name, nearest.left_out),
        'whyJa', format(nearest.why_ja, nearest.name, nearest.left_out)) as detail,
      tenant.owner_id
    from ${tenants} tenant
    join ${shown('conditionalAccess')} rules on rules.system_id = tenant.id
    join ${shown('securityDefaults')} defaults on defaults.system_id = tenant.id
    cross join lateral (
      select said.*, judged.name, judged.left_out
      from ${reasons} left join ${judged} judged
        on judged.system_id = tenant.id and judged.problem = said.problem
      where judged.system_id is not null or said.problem = 'nothing'
      order by said.rank, judged.name limit 1
    ) nearest
    where tenant.id not in ${byDefault} and tenant.id not in ${byPolicy}`,
  deadlineDays: 7,
  path: '/console/systems',
};
