import { sql } from 'kysely';
import { dateIn, endOfDay, type Instant } from '../../kernel/instant.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { stands } from '../../registers/accounts/fragments.ts';
import { isExcepted } from '../../registers/accounts/store.duties.ts';
import { accessObserved, approvalsChanged, readsOf } from './checks.ts';

/** What upholds ACC-4 beside the guards of requests: what they cannot prevent outside is found. */

/** The two sides of every rule in force that forbids. */
const ruled = sql`(
  select first_id as id from duty_rule where ended_at is null and severity = 'forbid'
  union select second_id from duty_rule where ended_at is null and severity = 'forbid')`;

/** Who holds a side of such a rule, granted or shown by a system: `person_id, entitlement_id`. */
function heldOf(today: Temporal.PlainDate) {
  return sql`(
    select account.person_id, seen.entitlement_id
    from observation seen join account on account.id = seen.account_id
    where seen.gone_at is null and account.person_id is not null and seen.entitlement_id in ${ruled}
    union
    select account.person_id, given.entitlement_id
    from access_grant given join account on account.id = given.account_id
    where ${stands('given', today)} and account.person_id is not null and given.entitlement_id in ${ruled})`;
}

/** ACC-4: duties that conflict are held by nobody, whoever gave them and wherever. */
export const conflictingDutiesAreApart: Check = {
  id: 'access.conflictingDutiesAreApart',
  promise: 'ACC-4',
  states: {
    en: 'Nobody holds two entitlements that a rule keeps apart, unless they are excepted for a time.',
    ja: '兼務を禁じた権限の組み合わせを、期限付きの例外を除き、誰も同時に持っていない。',
  },
  finding: {
    en: '{label}: holds both {first} and {second}.',
    ja: '{label}：{first} と {second} を同時に持っています。',
  },
  changedBy: [
    'DutyRuleWritten',
    'DutyRuleEnded',
    'DutyExcepted',
    'DutyExceptionEnded',
    'AccountLinked',
    ...accessObserved,
    ...approvalsChanged,
  ],
  sources: (db) =>
    readsOf(db, sql`system.id in (select system_id from entitlement where id in ${ruled})`),
  // Those who hold one side of a rule at least, once for each rule.
  population: (now, zone) => sql`
    select count(*)::int as examined from (
      select distinct rule.id, held.person_id
      from ${heldOf(dateIn(now, zone))} held
      join duty_rule rule on held.entitlement_id in (rule.first_id, rule.second_id)
      where rule.ended_at is null and rule.severity = 'forbid'
    ) sided`,
  violations: (now, zone) => {
    const today = dateIn(now, zone);
    return sql<Violation>`
      with held as materialized (select * from ${heldOf(today)} all_held)
      select 'duty' as subject_kind, rule.id || '/' || person.id as subject_id,
        person.name || ' · ' || rule.name as label,
        jsonb_build_object('rule', rule.id, 'person', person.id, 'first', one.name || ' · ' || one_system.name,
          'second', two.name || ' · ' || two_system.name) as detail,
        one_system.owner_id
      from duty_rule rule
      join held first on first.entitlement_id = rule.first_id
      join held second on second.entitlement_id = rule.second_id and second.person_id = first.person_id
      join person on person.id = first.person_id
      join entitlement one on one.id = rule.first_id
      join system one_system on one_system.id = one.system_id
      join entitlement two on two.id = rule.second_id
      join system two_system on two_system.id = two.system_id
      where rule.ended_at is null and rule.severity = 'forbid'
        and not ${isExcepted(sql`rule.id`, sql`person.id`, today)}`;
  },
  async nextChange(db, now, zone) {
    const { rows } = await sql<{ day: Temporal.PlainDate | null }>`
      select min(ends_on) as day from duty_exception
      where ended_at is null and ends_on >= ${dateIn(now, zone)}::date`.execute(db);
    const day = rows[0]?.day;
    return day ? endOfDay(day, zone) : null;
  },
  deadlineDays: 7,
  path: '/console/duties',
};

/** ACC-4: what was taken in an emergency was looked at afterwards, in time. */
export const emergenciesAreReviewed: Check = {
  id: 'access.emergenciesAreReviewed',
  promise: 'ACC-4',
  states: {
    en: 'Every access that was taken in an emergency has been reviewed within three days of its end.',
    ja: '緊急時に取得されたアクセス権は、終了から3日以内に、すべて事後確認されている。',
  },
  finding: {
    en: '{label}: taken in an emergency on {takenOn}, and never reviewed.',
    ja: '{label}：{takenOn} に緊急取得されましたが、事後確認がありません。',
  },
  changedBy: ['EmergencyTaken', 'EmergencyEnded', 'EmergencyReviewed', 'EmergencyReviewMissed'],
  population: () => sql`select count(*)::int as examined from emergency_access`,
  violations: (now, zone) => sql<Violation>`
    select 'emergency' as subject_kind, emergency.id as subject_id,
      person.name || ' · ' || system.name || ' · ' || entitlement.name as label,
      jsonb_build_object('person', person.id,
        'takenOn', to_char(emergency.taken_at at time zone ${zone}, 'YYYY-MM-DD')) as detail,
      system.owner_id
    from emergency_access emergency
    join person on person.id = emergency.person_id
    join system on system.id = emergency.system_id
    join entitlement on entitlement.id = emergency.entitlement_id
    where emergency.reviewed_at is null and emergency.review_due_at <= ${now}`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(review_due_at) as at from emergency_access
      where reviewed_at is null and review_due_at > ${now}`.execute(db);
    return rows[0]?.at ?? null;
  },
  deadlineDays: 0,
  path: '/console/emergencies?open={id}',
};
