import { sql } from 'kysely';
import type { Check, Violation } from '../../policy/check.ts';
import {
  aspectSources,
  connectionsChanged,
  identityProviders,
  sourcesOf,
} from './checks.aspects.ts';
import { accessObserved } from './checks.ts';

/**
 * What upholds ACC-2 outside Kept: password policies as connections read them. Kept's own accounts
 * are guarded where passwords are set.
 */

/**
 * Long enough by itself (CIS AWS Foundations Benchmark, minimum length), or with known passwords
 * refused (NIST SP 800-63B, section 3.1.1.2, for passwords beside a second factor).
 */
const [longCharacters, screenedCharacters] = [14, 8];

/**
 * Microsoft's own rule for accounts of a managed domain: eight characters of three kinds, with known
 * passwords refused. It applies by itself and no interface shows it, so it is stated here and judged
 * like any other; who is exempt from it is read of each user.
 */
const microsoftsOwn = { minimumLength: 8, knownPasswordsRefused: true };

/** Settings that say what a password must be: one of a system, or one of each of its parts. */
const policies = sql`
  system_setting setting join system on system.id = setting.system_id and system.retired_at is null
  where (setting.name = 'passwordPolicy' or setting.name like 'passwordPolicy/%')`;

/** Accounts of AWS in which an IAM user has a password; the policy of another applies to nobody. */
const withPasswords = sql`(
  select credential.system_id, split_part(credential.key, ':', 5) as account
  from credential where kind = 'password' and active and key like 'arn:%:user/%')`;

/** What is wrong with each policy. A federated domain's is kept elsewhere. */
const judged = sql`
  select asked.*, (asked.rule ->> 'minimumLength')::int as length,
    case
      when exists (
        select from jsonb_array_elements(asked.rule -> 'domains') domain
        where (domain ->> 'isVerified')::boolean and domain ->> 'authenticationType' = 'Federated')
        then 'federated'
      when asked.rule ->> 'minimumLength' is null then 'silent'
      when (asked.rule ->> 'minimumLength')::int >= ${longCharacters} then null
      when (asked.rule ->> 'minimumLength')::int >= ${screenedCharacters}
        and (asked.rule ->> 'knownPasswordsRefused')::boolean is true then null
      else 'short'
    end as problem
  from (
    select setting.system_id, setting.name, system.name as system, system.owner_id,
      setting.value ->> 'account' as account,
      setting.value || case when setting.value ? 'domains'
        then ${JSON.stringify(microsoftsOwn)}::jsonb else '{}'::jsonb end as rule
    from ${policies}
  ) asked`;

/** Accounts that may have a weaker password than the provider's own rule asks for. */
const exempt = sql`
  select account.id, system.name || ' · ' || account.name as label, system.owner_id
  from system_setting setting
  join system on system.id = setting.system_id and system.retired_at is null
  join account on account.system_id = setting.system_id and account.source_key = setting.value ->> 'account'
    and account.active and account.absent_since is null
  where setting.name like 'weakPassword/%'`;

export const passwordPoliciesAreStrong: Check = {
  id: 'access.passwordPoliciesAreStrong',
  promise: 'ACC-2',
  states: {
    en: 'The identity provider, and every system with passwords of its own that can be read, asks for fourteen characters, or for eight where known passwords are refused. In Entra ID the latter is Microsoft’s own rule, which applies by itself and cannot be read; no account there is exempt from it.',
    ja: '認証基盤と、独自のパスワードを持つシステムのうち読み取れるものすべてが、14文字以上、または既知のパスワードを拒否したうえで8文字以上を求めている。Entra IDでは後者がMicrosoft独自の規則として自動的に適用され（規則自体は読み取れない）、その適用を免除されたアカウントはない。',
  },
  finding: {
    en: '{label}: {why}.',
    ja: '{label}：{whyJa}。',
  },
  changedBy: [...accessObserved, ...connectionsChanged],
  async sources(db) {
    const provider = await sourcesOf(
      db,
      ['passwordPolicy', 'accounts'],
      sql`system.id in ${identityProviders}`,
      'identityProvider',
    );
    const others = sql`system.id not in ${identityProviders}
      and (system.id in (select system_id from aspect_read where aspect = 'passwordPolicy')
        or system.id in (select system_id from read_gap where aspect = 'passwordPolicy'))`;
    return [...provider, ...(await aspectSources(db, ['passwordPolicy'], others))];
  },
  population: () => sql`
    select (
      (select count(*) from ${policies})
      + (select count(*) from account
        where account.system_id in ${identityProviders} and account.active and account.absent_since is null)
    )::int as examined`,
  violations: () => sql<Violation>`
    select 'setting' as subject_kind, judged.system_id || '/' || judged.name as subject_id,
      judged.system || coalesce(' · ' || judged.account, '') as label,
      jsonb_build_object('problem', judged.problem, 'length', judged.length,
        'why', format(said.why, judged.length), 'whyJa', format(said.why_ja, judged.length)) as detail,
      judged.owner_id
    from (${judged}) judged
    join (values
      ('short', 'passwords of %s characters are enough', '%s文字のパスワードで足ります'),
      ('silent', 'nothing is said of how long a password must be', 'パスワードの長さの定めがありません'),
      ('federated', 'a federated domain keeps its passwords elsewhere, where they are not read',
        'フェデレーションされたドメインのパスワードは別の場所で管理され、読み取れません')
    ) said (problem, why, why_ja) on said.problem = judged.problem
    where judged.account is null or ${sql`judged.system_id`} in (
        select system_id from read_gap where aspect = 'credentials')
      or (judged.system_id, judged.account) in ${withPasswords}
    union all
    select 'account', exempt.id::text, exempt.label,
      jsonb_build_object('problem', 'exempt',
        'why', 'may have a weak password: DisableStrongPassword takes the account out of the provider''s rule',
        'whyJa', 'DisableStrongPasswordにより認証基盤のパスワード規則が適用されず、弱いパスワードを設定できます'),
      exempt.owner_id
    from (${exempt}) exempt`,
  deadlineDays: 14,
  path: '/console/systems',
};
