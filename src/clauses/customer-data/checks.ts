import { sql } from 'kysely';
import type { Instant } from '../../kernel/instant.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { deviationOf } from './store.closing.ts';

/** What upholds CUS-2 and CUS-3 beside the guards: every case and every read of the whole log. */

/** Whoever was erased is named no more. */
const label = sql`coalesce(customer.name, customer.key) || coalesce(' · ' || person.name, '')`;
const caseAndPeople = sql`customer_case it
  join customer on customer.id = it.customer_id
  join person on person.id = it.requester_id`;

const casesChanged = [
  'CaseDecided',
  'CaseOpened',
  'CaseEnded',
  'CaseReconciled',
  'CaseReviewed',
  'CustomerTold',
  'ExtensionDecided',
];

/** A moment as text in a violation. */
const timeIn = (column: ReturnType<typeof sql>, zone: string) =>
  sql`to_char(${column} at time zone ${zone}, 'YYYY-MM-DD HH24:MI')`;

/**
 * CUS-2: every decryption by staff, in the whole log, was under a case that was open at that moment
 * and theirs. Two logs are held against each other: what the vault counted, and what was read.
 */
export const staffDecryptsOnlyUnderCase: Check = {
  id: 'customer-data.staffDecryptsOnlyUnderCase',
  promise: 'CUS-2',
  states: {
    en: 'No member of staff has ever decrypted customers’ data without a case open at that moment.',
    ja: '従業員によるお客様データの復号は、その時点で開いている案件のもとでのみ行われ、それ以外には一度もない。',
  },
  finding: {
    en: '{label}: data was decrypted at {at} without an open case of theirs.',
    ja: '{label}：{at} に、本人の案件が開いていない状態でデータが復号されました。',
  },
  changedBy: ['StaffDecrypted', 'UnwrapsCounted', 'CaseEnded'],
  population: () => sql`
    select (select count(*)::int from case_read)
      + (select count(*)::int from vault_unwrap where person_id is not null or by_kind = 'case') as examined`,
  violations: (_now, zone) => sql<Violation>`
    select 'read' as subject_kind, read.id as subject_id, ${label} as label,
      jsonb_build_object('case', it.id, 'at', ${timeIn(sql`read.at`, zone)}) as detail, null::uuid as owner_id
    from case_read read join ${caseAndPeople} on it.id = read.case_id
    where ${deviationOf} in ('notRequester', 'outsideTime')
    union all
    select 'unwrap', used.id, coalesce(customer.name, customer.key) || ' · ' || coalesce(person.name, used.by_kind),
      jsonb_build_object('at', ${timeIn(sql`used.from_at`, zone)}), null
    from vault_unwrap used
    join customer on customer.id = used.customer_id
    left join person on person.id = used.person_id
    left join customer_case it on it.id::text = used.by_id and used.by_kind = 'case'
      and it.customer_id = used.customer_id and it.requester_id = used.person_id
    where (used.person_id is not null or used.by_kind = 'case')
      and (it.opened_at is null or used.from_at < it.opened_at or used.from_at >= it.ends_at
        or used.from_at > coalesce(it.ended_at, used.from_at))`,
  deadlineDays: 0,
  path: '/console/cases',
};

/** CUS-3: no case was opened without the approval of somebody else, and of the customer where theirs is needed. */
export const casesAreApprovedByAnother: Check = {
  id: 'customer-data.casesAreApprovedByAnother',
  promise: 'CUS-3',
  states: {
    en: 'Every case was approved by somebody else than who asked for it, after the customer where their contract says so.',
    ja: 'すべての案件は申請者以外の者が承認し、契約に定めがあればその前にお客様が承認している。',
  },
  finding: {
    en: '{label}: opened at {at} without the approval that it needs.',
    ja: '{label}：必要な承認のないまま {at} に開かれました。',
  },
  changedBy: casesChanged,
  population: () =>
    sql`select count(*)::int as examined from customer_case where opened_at is not null`,
  violations: (_now, zone) => sql<Violation>`
    select 'case' as subject_kind, it.id as subject_id, ${label} as label,
      jsonb_build_object('at', ${timeIn(sql`it.opened_at`, zone)}) as detail, null::uuid as owner_id
    from ${caseAndPeople}
    where it.opened_at is not null and (
      it.decided_by is null or it.decided_by = it.requester_id or it.decided_at > it.opened_at
      or (it.customer_needed and (it.customer_decided_at is null or it.customer_decided_at > it.decided_at))
      or exists (
        select from case_extension more
        where more.case_id = it.id and more.state = 'approved'
          and (more.decided_by is null or more.decided_by = it.requester_id)))`,
  deadlineDays: 0,
  path: '/console/cases/{id}',
};

/** How late the clock may be before a case that has run out counts as not ended. */
const clockGraceMinutes = 60;

/** CUS-3: a case ends when its hours are over, and what was read stayed within what was approved. */
export const casesKeepWithinTheirBounds: Check = {
  id: 'customer-data.casesKeepWithinTheirBounds',
  promise: 'CUS-3',
  states: {
    en: 'Every case ended when its hours were over, and every read stayed within its scope or was accounted for.',
    ja: 'すべての案件は期限どおりに終了し、閲覧はすべて範囲内にあるか、逸脱の理由が記録されている。',
  },
  finding: {
    en: '{label}: {what} (it was to end at {at}).',
    ja: '{label}：{whatJa}（期限 {at}）。',
  },
  changedBy: ['StaffDecrypted', ...casesChanged],
  population: () =>
    sql`select count(*)::int as examined from customer_case where opened_at is not null`,
  violations: (now, zone) => sql<Violation>`
    select 'case' as subject_kind, it.id as subject_id, ${label} as label,
      jsonb_build_object('at', ${timeIn(sql`it.ends_at`, zone)},
        'what', case it.state when 'open' then 'still open' else 'read outside of what was approved' end,
        'whatJa', case it.state when 'open' then 'まだ開いています' else '承認された範囲を超えて閲覧されました' end) as detail,
      null::uuid as owner_id
    from ${caseAndPeople}
    where (it.state = 'open' and it.ends_at <= ${now.subtract({ minutes: clockGraceMinutes })})
      or (it.note = '' and exists (
        select from case_read read where read.case_id = it.id and ${deviationOf} is not null))`,
  nextChange: (db, now) => nextOf(db, now, 'ends_at', `state = 'open'`, clockGraceMinutes),
  deadlineDays: 0,
  path: '/console/cases/{id}',
};

/** CUS-3: what was read is reconciled in time by somebody else, and the customer knows. */
export const customersAreTold: Check = {
  id: 'customer-data.customersAreTold',
  promise: 'CUS-3',
  states: {
    en: 'No case that ended waits past its time to be reconciled, nobody reconciled their own reads, and every customer was told.',
    ja: '終了した案件に、期限を過ぎて突合を待つものはなく、突合は閲覧者以外の者が行い、お客様にはすべてお知らせしている。',
  },
  finding: {
    en: '{label}: ended at {at}; {what}.',
    ja: '{label}：{at} に終了。{whatJa}。',
  },
  changedBy: casesChanged,
  population: () =>
    sql`select count(*)::int as examined from customer_case where opened_at is not null`,
  violations: (now, zone) => sql<Violation>`
    select 'case' as subject_kind, id as subject_id, label,
      jsonb_build_object('at', at, 'what', case why when 'reconcile' then 'not reconciled in time'
          when 'self' then 'reconciled by its reader' else 'its customer was not told' end,
        'whatJa', case why when 'reconcile' then '期限内に突合が行われていません'
          when 'self' then '閲覧者自身が突合しています' else 'お客様へのお知らせがありません' end) as detail,
      null::uuid as owner_id
    from (
      select it.id, ${label} as label, coalesce(${timeIn(sql`it.ended_at`, zone)}, '') as at,
        case when it.state = 'ended' and it.reconcile_due_at <= ${now} then 'reconcile'
          when it.reconciled_by = it.requester_id then 'self'
          when it.state = 'reconciled' and (it.told_at is null or it.told_at < it.reconciled_at) then 'told'
          when it.told_at_once and it.told_at is null then 'told' end as why
      from ${caseAndPeople} where it.opened_at is not null
    ) each where why is not null`,
  nextChange: (db, now) => nextOf(db, now, 'reconcile_due_at', `state = 'ended'`, 0),
  deadlineDays: 0,
  path: '/console/cases/{id}',
};

/** The next moment at which a time of cases passes. */
async function nextOf(
  db: Parameters<NonNullable<Check['nextChange']>>[0],
  now: Instant,
  column: 'ends_at' | 'reconcile_due_at',
  condition: `state = '${string}'`,
  graceMinutes: number,
): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant | null }>`
    select min(${sql.ref(column)}) as at from customer_case
    where ${sql.raw(condition)} and ${sql.ref(column)} > ${now.subtract({ minutes: graceMinutes })}`.execute(
    db,
  );
  return rows[0]?.at?.add({ minutes: graceMinutes }) ?? null;
}
