import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { dateIn, earliest, endOfDay, type Instant } from '../../kernel/instant.ts';
import type { Check } from '../../policy/check.ts';
import { current } from './store.current.ts';

/** PEO-1: whoever is asked has acknowledged in time. People not yet due are no violation. */
export const everyoneAcknowledged: Check = {
  id: 'everyoneAcknowledged',
  promise: 'PEO-1',
  states: {
    en: 'Everyone on the staff has acknowledged the policy within 14 days of starting and within the days set after a version that asks them.',
    ja: 'すべての従業員が、入社後14日以内に、また確認を求める版の公表後は定められた日数以内に、方針の確認を済ませています。',
  },
  finding: {
    en: '{label} has not acknowledged version {number}, due on {dueOn}.',
    ja: '{label}さんが第{number}版の確認を済ませていません（期限{dueOn}）。',
  },
  changedBy: [
    'PolicyPublished',
    'PolicyAcknowledged',
    'AcknowledgementsAsked',
    'AcknowledgementsReleased',
    'RosterRead',
  ],
  // Who joined and who left is looked up at least daily; nobody can be said to have answered while
  // nobody knows who was to be asked.
  sources: async (db) => [{ name: 'roster', readAt: await rosterReadAt(db), staleAfterHours: 36 }],
  population: (now, zone) => sql<{ examined: number }>`
    select count(*)::int as examined from person p where ${current(dateIn(now, zone))}`,
  violations: (now, zone) => sql`
    select 'person' as subject_kind, p.id::text as subject_id, p.name as label, p.id as owner_id,
      jsonb_build_object('number', v.number,
        'dueOn', to_char(r.due_at at time zone ${zone} - interval '1 millisecond', 'YYYY-MM-DD')) as detail
    from acknowledgement_request r
    join person p on p.id = r.person_id
    join policy_version v on v.id = r.version_id
    where r.closed_at is null and r.due_at <= ${now} and ${current(dateIn(now, zone))}`,
  nextChange: async (db, now) => {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(due_at) as at from acknowledgement_request
      where closed_at is null and due_at > ${now}`.execute(db);
    return rows[0]?.at ?? null;
  },
  deadlineDays: 7,
  path: '/console/policy/acknowledgements?person={id}',
};

/** Null before the first publication too: there is then nothing to acknowledge. */
async function rosterReadAt(db: Db): Promise<Instant | null> {
  const { rows } = await sql<{ read_at: Instant }>`
    select read_at from acknowledgement_roster
    where exists (select from policy_version where state = 'published')`.execute(db);
  return rows[0]?.read_at ?? null;
}

const settingsNow = sql`select coalesce((select settings from publication_setting), '{}'::jsonb) as it`;

/** Languages that the policy is to be published in: both where nothing was set. */
const languagesWanted = sql`
  select jsonb_array_elements_text(coalesce(it -> 'languages', '["en", "ja"]'::jsonb)) as language
  from (${settingsNow}) as s`;

/** PUB-1: in every language that the organisation publishes there is a text in force, with its date. */
export const policyIsPublished: Check = {
  id: 'policyIsPublished',
  promise: 'PUB-1',
  states: {
    en: 'A version of the policy is in force, with its date, in every language that the organisation publishes.',
    ja: '組織が公表するすべての言語で、施行日のある方針の版が公表されています。',
  },
  finding: {
    en: 'The policy is not published in {language}.',
    ja: '方針が{language}で公表されていません。',
  },
  changedBy: ['PolicyPublished', 'PublicationSettingsChanged'],
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from (${languagesWanted}) as l`,
  violations: () => sql`
    select 'policy' as subject_kind, l.language as subject_id, l.language as label, null::uuid as owner_id,
      jsonb_build_object('language', l.language) as detail
    from (${languagesWanted}) as l
    where not exists (
      select from policy_version v
      where v.state = 'published' and v.effective_on is not null and l.language = any(v.languages)
        and not exists (
          select from policy_clause c where c.version_id = v.id and not exists (
            select from policy_text t
            where t.version_id = v.id and t.clause = c.clause and t.language = l.language)))`,
  deadlineDays: 7,
  path: '/console/policy/edit',
};

/** PUB-2: questions have a place to go, and security.txt (RFC 9116) counts today. */
export const contactIsPublished: Check = {
  id: 'contactIsPublished',
  promise: 'PUB-2',
  states: {
    en: 'An address or a page for questions is published, and security.txt (RFC 9116) has not expired.',
    ja: 'お問い合わせ先が公表され、security.txt（RFC 9116）が有効期限内です。',
  },
  finding: {
    en: 'Missing or expired: {label}.',
    ja: '未設定または期限切れです：{label}',
  },
  changedBy: ['PublicationSettingsChanged'],
  population: () => sql<{ examined: number }>`select 2 as examined`,
  violations: (now, zone) => sql`
    with publication as (${settingsNow})
    select 'setting' as subject_kind, 'contact' as subject_id, 'contact' as label,
      null::uuid as owner_id, '{}'::jsonb as detail
    from publication
    where coalesce(it ->> 'contactEmail', '') = '' and coalesce(it ->> 'contactUrl', '') = ''
    union all
    select 'setting', 'security.txt', 'security.txt', null::uuid,
      jsonb_build_object('expiresOn', it #>> '{securityTxt,expiresOn}')
    from publication
    where coalesce((it #>> '{securityTxt,expiresOn}')::date < ${dateIn(now, zone)}, true)`,
  nextChange: async (db, now, zone) => {
    const { rows } = await sql<{ on: Temporal.PlainDate | null }>`
      select (settings #>> '{securityTxt,expiresOn}')::date as on from publication_setting`.execute(
      db,
    );
    const ends = rows[0]?.on ? endOfDay(rows[0].on, zone) : null;
    return earliest(
      [ends].filter((at) => at !== null && Temporal.Instant.compare(at, now) > 0) as Instant[],
    );
  },
  deadlineDays: 7,
  path: '/console/policy/settings',
};
