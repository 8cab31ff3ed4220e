import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { dateIn, endOfDay, type Instant } from '../../kernel/instant.ts';
import type { Check, Source, Violation } from '../../policy/check.ts';
import { notConnected } from '../../policy/unconnected.ts';
import { peopleChanged } from '../../registers/people/facts.ts';
import { systemsChanged } from '../../registers/systems/facts.ts';

/**
 * What upholds ACC-1, and ACC-3 as far as Kept's own logins go: Kept is one of the systems that staff
 * sign in to. `staff_login` and `sign_in_standing` are what the platform shows of its logins.
 */

/** Types of entries after which a login of Kept may be another. */
const loginsChanged = [
  'SignInProviderChanged',
  'IdentityLinked',
  'IdentityUnlinked',
  'LocalLoginDropped',
  'BreakGlassNamed',
  'BreakGlassUnnamed',
  'OrganisationFounded',
  'InvitationAccepted',
  'SecondFactorEnrolled',
  'SecondFactorRemoved',
  'AccessEnded',
  ...peopleChanged,
];

/** ACC-1: nobody on the staff signs in to Kept but by the identity provider, save who is named. */
export const loginsBelongToProvider: Check = {
  id: 'access.loginsBelongToProvider',
  promise: 'ACC-1',
  states: {
    en: 'Everyone on the staff signs in to Kept by the identity provider, except named break-glass logins.',
    ja: '緊急用に指定したログインを除き、従業者は全員、IDプロバイダーでKeptにサインインする。',
  },
  finding: {
    en: '{label}: {why}.',
    ja: '{label}：{whyJa}。',
  },
  changedBy: loginsChanged,
  async sources(db, now) {
    const { rows } = await sql<{ label: string }>`select label from sign_in_standing`.execute(db);
    const [provider] = rows;
    // What Kept knows of its own logins is never stale; that there is no provider it must say.
    return [
      provider
        ? { name: provider.label, readAt: now, staleAfterHours: 24 }
        : notConnected('signIn'),
    ];
  },
  population: (now, zone) => sql`
    select count(*)::int as examined from staff_login
    where ends_on is null or ends_on >= ${dateIn(now, zone)}`,
  violations: (now, zone) => sql<Violation>`
    select 'person' as subject_kind, login.person_id as subject_id, login.name as label,
      jsonb_build_object('why', said.why, 'whyJa', said.why_ja) as detail, null::uuid as owner_id
    from staff_login login
    join (values
      (false, 'the login is not linked to the identity provider',
        'IDプロバイダーと関連付けられていないログインです'),
      (true, 'the login also opens beside the identity provider, by a password or a passkey of its own',
        'IDプロバイダー以外に、独自のパスワードまたはパスキーでもサインインできます')
    ) said (linked, why, why_ja) on said.linked = login.linked
    where exists (select from sign_in_standing)
      and not login.break_glass and (not login.linked or login.local)
      and (login.ends_on is null or login.ends_on >= ${dateIn(now, zone)})`,
  async nextChange(db, now, zone) {
    const { rows } = await sql<{ day: Temporal.PlainDate | null }>`
      select min(ends_on) as day from staff_login where ends_on >= ${dateIn(now, zone)}`.execute(
      db,
    );
    const day = rows[0]?.day;
    return day ? endOfDay(day, zone) : null;
  },
  deadlineDays: 14,
  path: '/console/sign-in',
};

/** Systems that are the corporate identity provider: those that a connection to Entra ID reads. */
const providers = sql`(select system_id from connection where kind = 'entra' and removed_at is null)`;

/** Active accounts of the staff in systems other than the provider itself. */
const staffAccounts = sql`
  account join system on system.id = account.system_id and system.retired_at is null
    and system.id not in ${providers}
  where account.kind = 'staff' and account.active and account.absent_since is null`;

/**
 * ACC-1: accounts of the staff elsewhere belong to the provider's: their people have an account
 * there, and they open by no password of their own. How a system is entered is what its credentials
 * show where they are read, and what its entry in the register says; of a system of which neither is
 * known, nothing is known.
 */
export const staffAccountsBelongToProvider: Check = {
  id: 'access.staffAccountsBelongToProvider',
  promise: 'ACC-1',
  states: {
    en: 'No staff account in any system opens by a password of its own, or without an account of its person at the identity provider.',
    ja: '独自のパスワードで開く従業者アカウントや、本人のアカウントがIDプロバイダーにない従業者アカウントは、どのシステムにもない。',
  },
  finding: {
    en: '{label}: {why}.',
    ja: '{label}：{whyJa}。',
  },
  changedBy: [
    'AccessObserved',
    'AccountLinked',
    'AccountMarked',
    ...peopleChanged,
    ...systemsChanged,
  ],
  sources: readsNeeded,
  population: () => sql`select count(*)::int as examined from ${staffAccounts}`,
  violations: (now, zone) => sql<Violation>`
    select 'account' as subject_kind, found.id as subject_id, found.label,
      jsonb_build_object('why', said.why, 'whyJa', said.why_ja) as detail, found.owner_id
    from (
      select account.id, system.name || ' · ' || account.name as label, system.owner_id,
        exists (
          select from credential own
          where own.account_id = account.id and own.kind = 'password' and own.active)
          or system.single_sign_on is false as own_password,
        account.person_id is not null and not exists (
          select from account there
          where there.person_id = account.person_id and there.system_id in ${providers}
            and there.active and there.absent_since is null) as nobody_there
      from ${staffAccounts}
        and not exists (
          select from person where person.id = account.person_id and person.ends_on < ${dateIn(now, zone)})
    ) found
    join (values
      (true, 'it opens by a password of its own instead of the identity provider',
        'IDプロバイダーではなく独自のパスワードでサインインできます'),
      (false, 'its person has no active account at the identity provider',
        '本人の有効なアカウントがIDプロバイダーにありません')
    ) said (own_password, why, why_ja) on said.own_password = found.own_password
    where exists ${providers} and (found.own_password or found.nobody_there)`,
  deadlineDays: 14,
  path: '/console/accounts/{id}',
};

/**
 * What must have been read: who has an account at the provider; of every other system that the staff
 * has accounts in these, and where the register does not say how it is entered, what opens them. What could not be read is named by the permission that is missing.
 */
async function readsNeeded(db: Db): Promise<readonly Source[]> {
  const { rows } = await sql<Source & { provider: boolean }>`
    select system.name || coalesce(' · ' || gap.permission, '') as name, system.id in ${providers} as provider,
      case when gap.system_id is null then newest.at end as "readAt", system.stale_after_hours as "staleAfterHours"
    from system
    cross join lateral (
      select case when system.id in ${providers} or system.single_sign_on is not null then 'accounts'
        else 'credentials' end as aspect) needed
    left join lateral (
      select at from aspect_read where system_id = system.id and aspect = needed.aspect
      union all
      select at from read where system_id = system.id and complete and needed.aspect = 'accounts'
      order by at desc limit 1
    ) newest on true
    left join lateral (
      select system_id, nullif(permission, '') as permission from read_gap
      where read_gap.system_id = system.id and read_gap.aspect = needed.aspect limit 1
    ) gap on true
    where system.retired_at is null and (system.id in ${providers} or exists (
      select from account where account.system_id = system.id and account.kind = 'staff'
        and account.active and account.absent_since is null))
    order by system.name`.execute(db);
  const sources = rows.map(({ name, readAt, staleAfterHours }) => ({
    name,
    readAt,
    staleAfterHours,
  }));
  if (rows.some(({ provider }) => provider)) return sources;
  return [notConnected('entra'), ...sources];
}

/** ACC-3 over Kept itself: no password is the only thing that a login of the staff would need. */
export const loginsHaveSecondFactor: Check = {
  id: 'access.loginsHaveSecondFactor',
  promise: 'ACC-3',
  states: {
    en: 'Every login to Kept has a second factor, its own or the identity provider’s.',
    ja: 'Keptのログインはすべて、独自またはIDプロバイダーの二要素認証を備えている。',
  },
  finding: {
    en: '{label}: a password, and no second factor although the time to enrol one is over.',
    ja: '{label}：パスワードのみで、二要素認証の登録期限が過ぎています。',
  },
  changedBy: loginsChanged,
  population: (now, zone) => sql`
    select count(*)::int as examined from staff_login
    where ends_on is null or ends_on >= ${dateIn(now, zone)}`,
  violations: (now, zone) => sql<Violation>`
    select 'person' as subject_kind, person_id as subject_id, name as label, '{}'::jsonb as detail,
      null::uuid as owner_id
    from staff_login
    where has_password and not second_factor and (enrol_by is null or enrol_by <= ${now})
      and (ends_on is null or ends_on >= ${dateIn(now, zone)})`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(enrol_by) as at from staff_login where not second_factor and enrol_by > ${now}`.execute(
      db,
    );
    return rows[0]?.at ?? null;
  },
  deadlineDays: 0,
  path: '/console/people/{id}',
};
