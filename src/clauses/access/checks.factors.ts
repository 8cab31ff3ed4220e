import { sql } from 'kysely';
import type { Check, Violation } from '../../policy/check.ts';
import { notConnected } from '../../policy/unconnected.ts';
import { systemsChanged } from '../../registers/systems/facts.ts';
import { aspectSources, connectionsChanged, identityProviders, misses } from './checks.aspects.ts';
import { accessObserved, readsOf } from './checks.ts';

/** What upholds ACC-3 outside Kept: second factors over every system's accounts of people. */

/** Whether a connection tells of each account of a system, by itself, if it has a second factor. */
const tellsFactors = sql`(
  system.id in (select system_id from aspect_read where aspect = 'secondFactors')
  or ${misses(sql`system.id`, ['secondFactors'])})`;

/**
 * Accounts that somebody can sign in with: those of people, and those for emergencies. What lists
 * brought is there where access of it was in the newest read.
 */
const accountsOfPeople = sql`
  account join system on system.id = account.system_id and system.retired_at is null
  where account.kind <> 'service' and account.active and account.absent_since is null
    -- one look into an index for each account; an \`exists\` would be read as a list of all access there is
    and (account.source_key is not null or (
      select true from observation seen
      where seen.system_id = account.system_id and seen.account_id = account.id and seen.gone_at is null
      limit 1))`;

/** People with a second factor at the identity provider. */
const protectedThere = sql`(
  select there.person_id from account there
  where there.system_id in ${identityProviders} and there.second_factor and there.active
    and there.absent_since is null and there.person_id is not null)`;

/** Whether one enters with the identity provider's account, and with no password of the system's own. */
const entersByProvider = sql`(
  system.single_sign_on is true and system.id not in ${identityProviders}
  and account.id not in (select account_id from credential where kind = 'password' and active))`;

/** Whether the identity provider itself cannot tell: then nothing that rests on it can be told. */
const providerSilent = sql`(
  not exists (select from connection where system_id in ${identityProviders})
  or exists (
    select from read_gap where aspect in ('accounts', 'secondFactors') and system_id in ${identityProviders}))`;

export const everyAccountHasASecondFactor: Check = {
  id: 'access.everyAccountHasASecondFactor',
  promise: 'ACC-3',
  states: {
    en: 'Every account of a person, and every account for emergencies, is known to have a second factor, of its own or by single sign-on.',
    ja: '個人と緊急用のすべてのアカウントについて、それ自体またはシングルサインオンによる二要素認証が確認されている。',
  },
  finding: {
    en: '{label}: {why}.',
    ja: '{label}：{whyJa}。',
  },
  changedBy: [
    ...accessObserved,
    ...connectionsChanged,
    ...systemsChanged,
    'AccountLinked',
    'AccountMarked',
    // Nothing else of people is looked at: an account has a second factor or not, whoever comes and goes.
    'PersonErased',
  ],
  async sources(db) {
    const told = await aspectSources(db, ['accounts', 'secondFactors']);
    const listed = await readsOf(
      db,
      sql`not exists (select from aspect_read seen where seen.system_id = system.id)
        and system.id not in (select system_id from connection where removed_at is null)`,
    );
    const { rows } = await sql<{ lacking: boolean }>`
      select exists (select from system where single_sign_on and retired_at is null)
        and not exists (select from connection where system_id in ${identityProviders}) as lacking`.execute(
      db,
    );
    const sources = [...told, ...listed];
    if (sources.length === 0) return [notConnected('systems')];
    return rows[0]?.lacking ? [...sources, notConnected('identityProvider')] : sources;
  },
  items: () => sql`
    select account.id, account.name, account.system_id, account.person_id, account.kind, account.second_factor
    from ${accountsOfPeople}`,
  population: () => sql`select count(*)::int as examined from item`,
  violations: () => sql<Violation>`
    select 'account' as subject_kind, found.id as subject_id, found.system || ' · ' || found.name as label,
      jsonb_build_object('person', found.person_id, 'kind', found.kind, 'problem', found.problem,
        'why', said.why || case found.kind when 'break-glass' then ' (an account for emergencies)' else '' end,
        'whyJa', said.why_ja || case found.kind when 'break-glass' then '（緊急用アカウント）' else '' end) as detail,
      found.owner_id
    from (
      select lacking.*, case
          when by_provider and person_id is null then 'nobodys'
          when by_provider then 'notThere'
          when second_factor is false then 'none'
          else 'unknown'
        end as problem
      from (
        select account.id, account.name, account.person_id, account.kind, account.second_factor,
          system.name as system, system.owner_id, ${entersByProvider} as by_provider,
          ${misses(sql`system.id`, ['secondFactors'])} as silent
        from item account join system on system.id = account.system_id
        where account.second_factor is not true
          -- where nothing is read of each account, the register of systems says how people enter
          and not (system.second_factor is true and not ${tellsFactors})
      ) lacking
      where case
        when by_provider and person_id is null then true
        when by_provider then person_id not in ${protectedThere} and not ${providerSilent}
        else not silent
      end
    ) found
    join (values
      ('none', 'has no second factor', '二要素認証が登録されていません'),
      ('unknown', 'is not known to have a second factor, which counts as none',
        '二要素認証を確認できず、ないものとして扱われます'),
      ('nobodys', 'is nobody''s, so that no second factor at the identity provider speaks for it',
        '所有者が不明のため、認証基盤の二要素認証を確認できません'),
      ('notThere', 'has no second factor at the identity provider, by which it is entered',
        '認証基盤のアカウントに二要素認証がありません')
    ) said (problem, why, why_ja) on said.problem = found.problem`,
  deadlineDays: 7,
  path: '/console/accounts/{id}',
};
