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

/** Settings that say what a password must be: one of a system, or one of each of its parts. */
const policies = sql`
  system_setting setting join system on system.id = setting.system_id and system.retired_at is null
  where (setting.name = 'passwordPolicy' or setting.name like 'passwordPolicy/%')`;

/** Accounts of AWS in which an IAM user has a password; the policy of another applies to nobody. */
const withPasswords = sql`(
  select credential.system_id, split_part(credential.key, ':', 5) as account
  from credential where kind = 'password' and active and key like 'arn:%:user/%')`;

/**
 * What is wrong with each policy. That of Entra ID is Microsoft's own for cloud accounts, eight
 * characters with known passwords refused, and a federated domain's is kept elsewhere.
 */
const judged = sql`
  select setting.system_id, setting.name, system.name as system, system.owner_id,
    setting.value ->> 'account' as account,
    (setting.value ->> 'minimumLength')::int as length,
    case
      when setting.value ? 'domains' then case when exists (
        select from jsonb_array_elements(setting.value -> 'domains') domain
        where (domain ->> 'isVerified')::boolean and domain ->> 'authenticationType' = 'Federated')
        then 'federated' end
      when setting.value ->> 'minimumLength' is null then 'silent'
      when (setting.value ->> 'minimumLength')::int >= ${longCharacters} then null
      when (setting.value ->> 'minimumLength')::int >= ${screenedCharacters}
        and (setting.value ->> 'knownPasswordsRefused')::boolean is true then null
      else 'short'
    end as problem
  from ${policies}`;

export const passwordPoliciesAreStrong: Check = {
  id: 'access.passwordPoliciesAreStrong',
  promise: 'ACC-2',
  states: {
    en: 'The identity provider, and every system with passwords of its own that can be read, asks for strong passwords.',
    ja: '認証基盤と、独自のパスワードを持つシステムのうち読み取れるものすべてが、強固なパスワードを求めている。',
  },
  finding: {
    en: '{label}: {why}.',
    ja: '{label}：{whyJa}。',
  },
  changedBy: [...accessObserved, ...connectionsChanged],
  async sources(db) {
    const provider = await sourcesOf(
      db,
      ['passwordPolicy'],
      sql`system.id in ${identityProviders}`,
      'identityProvider',
    );
    const others = sql`system.id not in ${identityProviders}
      and (system.id in (select system_id from aspect_read where aspect = 'passwordPolicy')
        or system.id in (select system_id from read_gap where aspect = 'passwordPolicy'))`;
    return [...provider, ...(await aspectSources(db, ['passwordPolicy'], others))];
  },
  population: () => sql`select count(*)::int as examined from ${policies}`,
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
      or (judged.system_id, judged.account) in ${withPasswords}`,
  deadlineDays: 14,
  path: '/console/systems',
};
