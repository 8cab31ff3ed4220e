import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { dateIn, endOfDay, type Instant } from '../../kernel/instant.ts';
import type { Check, Source } from '../../policy/check.ts';
import { peopleChanged } from '../../registers/people/facts.ts';
import { lacksUndertakingSql } from '../../registers/people/store.undertakings.ts';
import { current } from './store.staff.ts';
import { owedSignatures } from './store.undertaking.ts';

/** Who owes what is looked up at least daily; nobody can be said to be done while nobody looks. */
const staleAfterHours = 36;

const grantsChanged = [
  'GrantApproved',
  'GrantEnded',
  'GrantsImported',
  'ItemsDecided',
  'CampaignClosed',
  'AccessGranted',
  'AccessEnded',
  'RequestsDecided',
  'EmergencyTaken',
  'EmergencyEnded',
  'GrantsExpired',
  'AccessGivenBack',
] as const;

/** PEO-2: every grant of access states its purpose. Who was erased took their grants' purposes along. */
export const everyGrantStatesItsPurpose: Check = {
  id: 'everyGrantStatesItsPurpose',
  promise: 'PEO-2',
  states: {
    en: 'Every grant of access in force states the purpose it was given for.',
    ja: '有効なアクセス権の付与には、すべて目的が記載されています。',
  },
  finding: {
    en: 'The grant of {entitlement} on {system} to {label} states no purpose.',
    ja: '{label}に付与された{system}の{entitlement}に、目的の記載がありません。',
  },
  changedBy: [...grantsChanged, 'PersonErased'],
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from access_grant where revoked_at is null`,
  violations: () => sql`
    select 'account' as subject_kind, a.id::text as subject_id, a.name as label, s.owner_id,
      jsonb_build_object('system', s.name, 'entitlement', min(e.name), 'grants', count(*)) as detail
    from access_grant g
    join account a on a.id = g.account_id join system s on s.id = g.system_id
    join entitlement e on e.id = g.entitlement_id
    left join person p on p.id = a.person_id
    where g.revoked_at is null and btrim(g.purpose) = '' and p.erased_at is null
    group by a.id, s.id`,
  deadlineDays: 14,
  path: '/console/accounts/{id}',
};

/** PEO-3: what a leaver had saved or printed is on the register of disposal, or was said not to be. */
export const leaversDisposedOfTheirs: Check = {
  id: 'leaversDisposedOfTheirs',
  promise: 'PEO-3',
  states: {
    en: 'For everyone who left there is a record of what they disposed of, or their statement that nothing was kept, within the days set after their last.',
    ja: '退職者全員について、廃棄の記録、または手元に何も残っていないという申告が、最終日から定められた日数以内に登録されています。',
  },
  finding: {
    en: 'Nothing is recorded of what {label}, who left on {endsOn}, disposed of.',
    ja: '{endsOn}に退職した{label}さんについて、廃棄の記録も申告もありません。',
  },
  changedBy: [
    ...peopleChanged,
    'DisposalRecorded',
    'UndertakingPublished',
    'PeopleSettingsChanged',
  ],
  sources: (db) => publishedSource(db, 'guidance', 'disposal guidance'),
  population: (now, zone) => sql<{ examined: number }>`
    select count(*)::int as examined from (${leaversOfGuidance(now, zone)}) p`,
  violations: (now, zone) => sql`
    select 'person' as subject_kind, p.id::text as subject_id, p.name as label,
      p.manager_id as owner_id, jsonb_build_object('endsOn', p.ends_on) as detail
    from (${leaversOfGuidance(now, zone)}) p
    where p.ends_on + ${setting('disposalDays', 7)} < ${dateIn(now, zone)}::date
      and not exists (select from disposal d
        where d.holder_id = p.id and d.disposed_on >= p.ends_on - 60)`,
  nextChange: (db, now, zone) =>
    endOf(
      db,
      sql`select min(ends_on + ${setting('disposalDays', 7)}) as day from person
        where ends_on + ${setting('disposalDays', 7)} >= ${dateIn(now, zone)}::date`,
      zone,
    ),
  deadlineDays: 7,
  path: '/console/disposals?holder={id}',
};

/** Leavers since the guidance was first published; before it nobody was told how. */
function leaversOfGuidance(now: Instant, zone: string) {
  return sql`
    select id, name, ends_on, manager_id from person
    where erased_at is null and ends_on < ${dateIn(now, zone)}::date
      and ends_on >= (select min(published_at at time zone ${zone})::date from undertaking_version
        where kind = 'guidance')`;
}

/** PEO-3: who a leaver was is erased on its day; what is in the way is said. */
export const leaversAreErased: Check = {
  id: 'leaversAreErased',
  promise: 'PEO-3',
  states: {
    en: 'The personal data of those who left is erased when its time has come.',
    ja: '退職者の個人データは、定められた期間の経過後に消去されています。',
  },
  finding: {
    en: 'The data of {label}, who left on {endsOn}, should be erased and is not: {held} accesses still show.',
    ja: '{endsOn}に退職した{label}さんの個人データの消去期限を過ぎています。残っているアクセス権：{held}件。',
  },
  changedBy: [...peopleChanged, 'ErasureBlocked', 'PeopleSettingsChanged'],
  population: (now, zone) => sql<{ examined: number }>`
    select count(*)::int as examined from person where ends_on < ${dateIn(now, zone)}::date`,
  violations: (now, zone) => sql`
    select 'person' as subject_kind, p.id::text as subject_id, p.name as label, null::uuid as owner_id,
      jsonb_build_object('endsOn', p.ends_on, 'held', coalesce(b.count, 0),
        'code', coalesce(b.code, '')) as detail
    from person p left join erasure_block b on b.person_id = p.id
    where p.erased_at is null
      and p.ends_on + ${setting('erasureDays', 1095)} + ${graceDays} < ${dateIn(now, zone)}::date`,
  nextChange: (db, now, zone) =>
    endOf(
      db,
      sql`select min(ends_on + ${setting('erasureDays', 1095)} + ${graceDays}) as day from person
        where erased_at is null
          and ends_on + ${setting('erasureDays', 1095)} + ${graceDays} >= ${dateIn(now, zone)}::date`,
      zone,
    ),
  deadlineDays: 30,
  path: '/console/people/{id}',
};

/** Days in which what blocks an erasure may be put right. */
const graceDays = sql.lit(14);

/** PEO-4: whoever is on the staff has signed what is in force, in the days set. */
export const everyoneHasSigned: Check = {
  id: 'everyoneHasSigned',
  promise: 'PEO-4',
  states: {
    en: 'Everyone on the staff has signed every undertaking in force within the days set.',
    ja: 'すべての従業員が、施行中のすべての誓約書に、定められた日数以内に署名しています。',
  },
  finding: {
    en: '{label} has not signed “{en}”, due on {dueOn}.',
    ja: '{label}さんが「{ja}」に署名していません（期限{dueOn}）。',
  },
  changedBy: [...peopleChanged, ...signaturesChanged()],
  sources: (db) => publishedSource(db, 'undertaking', 'undertakings'),
  population: (now, zone) => sql<{ examined: number }>`
    select count(*)::int as examined from person p where ${current(dateIn(now, zone))}`,
  violations: (now, zone) => sql`
    select 'person' as subject_kind, p.id::text as subject_id, p.name as label, p.id as owner_id,
      jsonb_build_object('document', min(owed.document), 'dueOn', min(owed.due_on),
        'en', string_agg(owed.titles ->> 'en', ', ' order by owed.document),
        'ja', string_agg(owed.titles ->> 'ja', '」「' order by owed.document)) as detail
    from (${owedSignatures(dateIn(now, zone), zone)}) owed join person p on p.id = owed.person_id
    where owed.kind = 'undertaking' and owed.due_on < ${dateIn(now, zone)}::date
    group by p.id`,
  nextChange: (db, now, zone) =>
    endOf(
      db,
      sql`select min(due_on) as day from (${owedSignatures(dateIn(now, zone), zone)}) owed
        where owed.due_on >= ${dateIn(now, zone)}::date`,
      zone,
    ),
  deadlineDays: 7,
  path: '/console/undertakings/signatures?person={id}',
};

/** PEO-4: no access that somebody approved rests on an undertaking that is not there. */
export const accessRestsOnUndertakings: Check = {
  id: 'accessRestsOnUndertakings',
  promise: 'PEO-4',
  states: {
    en: 'Whoever holds granted access has signed the undertakings in force, or still has time to.',
    ja: 'アクセス権を付与されている人は、施行中の誓約書に署名しているか、署名の期限内です。',
  },
  finding: {
    en: '{label} holds {grants} granted accesses without a signed undertaking.',
    ja: '{label}さんは、署名済みの誓約書がないまま{grants}件のアクセス権を付与されています。',
  },
  changedBy: [...peopleChanged, ...signaturesChanged(), ...grantsChanged],
  sources: (db) => publishedSource(db, 'undertaking', 'undertakings'),
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from access_grant where revoked_at is null`,
  violations: (now, zone) => sql`
    with late as (
      select distinct owed.person_id from (${owedSignatures(dateIn(now, zone), zone)}) owed
      where owed.kind = 'undertaking' and owed.due_on < ${dateIn(now, zone)}::date)
    select 'person' as subject_kind, p.id::text as subject_id, p.name as label,
      p.manager_id as owner_id, jsonb_build_object('grants', count(*)) as detail
    from late join person p on p.id = late.person_id
    join account a on a.person_id = p.id
    join access_grant g on g.account_id = a.id and g.revoked_at is null
    where ${lacksUndertakingSql(sql`p.id`)}
    group by p.id`,
  deadlineDays: 7,
  path: '/console/people/{id}',
};

function signaturesChanged(): readonly string[] {
  return [
    'UndertakingPublished',
    'UndertakingWithdrawn',
    'UndertakingSigned',
    'UndertakingFiled',
    'StaffRead',
  ];
}

/** PEO-5: nobody on the staff is late with a training. */
export const everyoneIsTrained: Check = {
  id: 'everyoneIsTrained',
  promise: 'PEO-5',
  states: {
    en: 'Everyone on the staff has completed the introduction within the days set after starting, and every refresher by its day.',
    ja: 'すべての従業員が、入社後定められた日数以内に導入研修を、期限までに更新研修を修了しています。',
  },
  finding: {
    en: '{label} has not completed “{en}”, due on {dueOn}.',
    ja: '{label}さんが「{ja}」を修了していません（期限{dueOn}）。',
  },
  changedBy: [
    ...peopleChanged,
    'StaffRead',
    'TrainingAssigned',
    'TrainingReleased',
    'TrainingCompleted',
    'CoursePublished',
    'CourseWithdrawn',
  ],
  sources: async (db) => [
    { name: 'training roster', readAt: await trainedFrom(db), staleAfterHours },
  ],
  population: (now, zone) => sql<{ examined: number }>`
    select count(*)::int as examined from person p where ${current(dateIn(now, zone))}`,
  violations: (now, zone) => sql`
    select 'person' as subject_kind, p.id::text as subject_id, p.name as label, p.id as owner_id,
      jsonb_build_object('dueOn', min(t.due_on), 'courses', count(*),
        'en', string_agg(v.titles ->> 'en', ', ' order by t.course),
        'ja', string_agg(v.titles ->> 'ja', '」「' order by t.course)) as detail
    from training t join person p on p.id = t.person_id
    join lateral (select titles from course_version v where v.course = t.course
      order by major desc, minor desc limit 1) v on true
    where t.closed_at is null and t.due_on < ${dateIn(now, zone)}::date and ${current(dateIn(now, zone))}
    group by p.id`,
  nextChange: (db, now, zone) =>
    endOf(
      db,
      sql`select min(due_on) as day from training
        where closed_at is null and due_on >= ${dateIn(now, zone)}::date`,
      zone,
    ),
  deadlineDays: 14,
  path: '/console/courses?person={id}',
};

/** Null while there is no course: then nobody can have been trained. */
async function trainedFrom(db: Db): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant }>`
    select read_at as at from people_roster
    where exists (select from course_version where withdrawn_at is null)`.execute(db);
  return rows[0]?.at ?? null;
}

/** PEO-6: sensitive data is entered by single sign-on and a second factor, and somebody answers for it. */
export const sensitiveSystemsHaveStrictEntry: Check = {
  id: 'sensitiveSystemsHaveStrictEntry',
  promise: 'PEO-6',
  states: {
    en: 'Every system with confidential or restricted data is entered by single sign-on with a second factor, and has a named owner.',
    ja: '機密または極秘のデータを保有するすべてのシステムは、シングルサインオンと第二要素を入口とし、所有者が定められています。',
  },
  finding: {
    en: '{label} ({classification}): {missing}.',
    ja: '{label}（{classificationJa}）：{missingJa}。',
  },
  changedBy: [
    'SystemRegistered',
    'SystemUpdated',
    'SystemRetired',
    'SystemsImported',
    'PersonErased',
  ],
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from system
    where retired_at is null and classification in ('confidential', 'restricted')`,
  violations: () => sql`
    select 'system' as subject_kind, s.id::text as subject_id, s.name as label, s.owner_id,
      jsonb_build_object('classification', s.classification,
        'classificationJa', case s.classification when 'restricted' then '極秘' else '機密' end,
        'missing', concat_ws(', ',
          case when s.single_sign_on is not true then 'no single sign-on' end,
          case when s.second_factor is not true then 'no second factor' end,
          case when s.owner_id is null then 'no owner' end),
        'missingJa', concat_ws('、',
          case when s.single_sign_on is not true then 'シングルサインオンなし' end,
          case when s.second_factor is not true then '第二要素なし' end,
          case when s.owner_id is null then '所有者なし' end)) as detail
    from system s
    where s.retired_at is null and s.classification in ('confidential', 'restricted')
      and (s.single_sign_on is not true or s.second_factor is not true or s.owner_id is null)`,
  deadlineDays: 30,
  path: '/console/systems?system={id}',
};

/** A number of the clause's settings, or its default, in SQL. */
function setting(name: string, otherwise: number) {
  return sql`coalesce((select (settings ->> ${name})::int from people_setting), ${otherwise}::int)`;
}

/** Known since something was published; before that nothing can be said. */
async function publishedSource(db: Db, kind: string, name: string): Promise<readonly Source[]> {
  const { rows } = await sql<{ at: Instant | null }>`
    select case when exists (select from undertaking_version where kind = ${kind} and withdrawn_at is null)
      then (select read_at from people_roster) end as at`.execute(db);
  return [{ name, readAt: rows[0]?.at ?? null, staleAfterHours }];
}

/** The end of the first day that a query finds. */
async function endOf(db: Db, query: ReturnType<typeof sql>, zone: string): Promise<Instant | null> {
  const { rows } = await query.execute(db);
  const day = (rows[0] as { day: Temporal.PlainDate | null } | undefined)?.day;
  return day ? endOfDay(day, zone) : null;
}
