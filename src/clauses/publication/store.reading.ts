import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { dateIn, type Instant } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import type { List } from '../../registers/list.ts';
import type { Ask, Concern, VersionState } from './facts.ts';
import { current } from './store.current.ts';

/** What pages and strangers are shown of versions: reading only. */

export interface VersionRow {
  readonly id: string;
  readonly number: number;
  readonly state: VersionState;
  readonly origin: 'published' | 'shipped' | 'import';
  readonly languages: readonly Language[];
  readonly createdAt: Instant;
  readonly createdBy: string | null;
  readonly proposedAt: Instant | null;
  readonly effectiveOn: Temporal.PlainDate | null;
  readonly summary: Readonly<Partial<Record<Language, string>>>;
  readonly digest: string | null;
  readonly approvedAt: Instant | null;
  readonly approvedBy: string | null;
  readonly ask: Ask | null;
  readonly rejection: string | null;
  readonly publishedAt: Instant | null;
  readonly supersededAt: Instant | null;
}

const versionColumns = sql`v.id, v.number, v.state, v.origin, v.languages, v.created_at as "createdAt",
  creator.name as "createdBy", v.proposed_at as "proposedAt", v.effective_on as "effectiveOn", v.summary,
  v.digest, v.approved_at as "approvedAt", approver.name as "approvedBy", v.ask, v.rejection,
  v.published_at as "publishedAt", v.superseded_at as "supersededAt"`;
const versionJoins = sql`
  left join person creator on creator.id = v.created_by
  left join person approver on approver.id = v.approved_by`;

export const versionSorts = {
  number: { sql: sql`v.number`, type: 'integer' },
  createdAt: { sql: sql`v.created_at`, type: 'timestamptz' },
} as const;

/** Versions; `from` narrows them before any filter: strangers and staff see no drafts. */
export function versionList<Item>(item: (row: VersionRow) => Item): List<VersionRow, Item> {
  return {
    source: {
      from: [sql`policy_version v`],
      key: { id: sql`v.id` },
      sorts: versionSorts,
      defaultSort: '-createdAt',
      select: versionColumns,
      details: sql`join policy_version v on v.id = page.id ${versionJoins}`,
    },
    item,
    csv: [],
    filename: 'policy-versions',
  };
}

export const shownToStaff = sql`v.state in ('published', 'superseded')`;
export const notDiscarded = sql`v.state <> 'discarded'`;

export async function versionRow(db: Db, id: string): Promise<VersionRow | null> {
  const { rows } = await sql<VersionRow>`
    select ${versionColumns} from policy_version v ${versionJoins} where v.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Published versions, newest first, with the promises each one added and removed. */
export interface PublishedRow {
  readonly id: string;
  readonly number: number;
  readonly effectiveOn: Temporal.PlainDate;
  readonly publishedAt: Instant;
  readonly supersededAt: Instant | null;
  readonly digest: string;
  readonly languages: readonly Language[];
  readonly summary: Readonly<Partial<Record<Language, string>>>;
  readonly promises: readonly PublishedPromise[];
}

export interface PublishedPromise {
  readonly id: string;
  readonly words: Readonly<Partial<Record<Language, string>>>;
}

export async function publishedVersions(db: Db): Promise<readonly PublishedRow[]> {
  const { rows } = await sql<PublishedRow>`
    select v.id, v.number, v.effective_on as "effectiveOn", v.published_at as "publishedAt",
      v.superseded_at as "supersededAt", v.digest,
      v.languages, v.summary,
      (select coalesce(jsonb_agg(jsonb_build_object('id', promise, 'words', words) order by position), '[]')
       from policy_promise p where p.version_id = v.id) as promises
    from policy_version v where v.state in ('published', 'superseded')
    order by v.number desc`.execute(db);
  return rows;
}

export async function authorNames(
  db: Db,
  versionId: string,
): Promise<readonly { id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select p.id, p.name from policy_author a join person p on p.id = a.person_id
    where a.version_id = ${versionId} order by p.name, p.id`.execute(db);
  return rows;
}

/** Whose duties a clause was last said to touch; nothing for clauses never judged. */
export async function lastConcerns(db: Db): Promise<ReadonlyMap<string, Concern>> {
  const { rows } = await sql<{ concern: Concern }>`
    select distinct on (c ->> 'clause') c as concern
    from policy_version v, jsonb_array_elements(v.ask -> 'concerned') as c
    where v.state in ('published', 'superseded') and v.ask ->> 'kind' = 'changed'
    order by c ->> 'clause', v.number desc`.execute(db);
  return new Map(rows.map(({ concern }) => [concern.clause, concern]));
}

/** Departments of people now on the staff, with how many each has. */
export async function departmentsOf(
  db: Db,
  now: Instant,
  zone: string,
): Promise<readonly { name: string; people: number }[]> {
  const { rows } = await sql<{ name: string; people: number }>`
    select p.department as name, count(*)::int as people from person p
    where ${current(dateIn(now, zone))} and p.department <> ''
    group by 1 order by 1`.execute(db);
  return rows;
}

export interface AcknowledgementRow {
  readonly personId: string;
  readonly name: string;
  readonly department: string;
  readonly state: 'acknowledged' | 'waiting' | 'overdue' | 'notAsked';
  readonly version: number | null;
  readonly acknowledgedAt: Instant | null;
  readonly language: Language | null;
  readonly digest: string | null;
  readonly dueAt: Instant | null;
}

/** The newest acknowledgement of a person, and what is asked of them now. */
const latest = sql`left join lateral (
    select a.at, a.language, a.digest, v.number from acknowledgement a
    join policy_version v on v.id = a.version_id
    where a.person_id = p.id order by a.at desc limit 1) a on true`;
const request = sql`left join acknowledgement_request r on r.person_id = p.id and r.closed_at is null`;

export const acknowledgementSorts = {
  name: { sql: sql`p.name`, type: 'text' },
  department: { sql: sql`p.department`, type: 'text' },
  dueAt: { sql: sql`r.due_at`, type: 'timestamptz', nullable: true, needs: ['request'] },
  acknowledgedAt: { sql: sql`a.at`, type: 'timestamptz', nullable: true, needs: ['latest'] },
} as const;

/** `waiting`, `overdue`, `acknowledged` or `notAsked`, as of a time. */
export function acknowledgementState(now: Instant) {
  return sql`case when r.due_at <= ${now} then 'overdue' when r.due_at is not null then 'waiting'
    when a.at is not null then 'acknowledged' else 'notAsked' end`;
}

/** People now on the staff: who has acknowledged, and who has not. */
export function acknowledgementList<Item>(
  item: (row: AcknowledgementRow) => Item,
  csv: List<AcknowledgementRow, Item>['csv'],
  now: Instant,
): List<AcknowledgementRow, Item> {
  return {
    source: {
      from: [sql`person p`],
      joins: { request, latest },
      key: { id: sql`p.id` },
      sorts: acknowledgementSorts,
      defaultSort: 'name',
      search: (like) => ({ sql: sql`lower(p.name) like ${like} or lower(p.reading) like ${like}` }),
      select: sql`p.id as "personId", p.name, p.department, ${acknowledgementState(now)} as state,
        a.number as version, a.at as "acknowledgedAt", a.language, a.digest, r.due_at as "dueAt"`,
      details: sql`join person p on p.id = page.id ${request} ${latest}`,
    },
    item,
    csv,
    filename: 'acknowledgements',
  };
}

export interface AcknowledgementFilters {
  readonly state?: AcknowledgementRow['state'] | undefined;
  readonly department?: string | undefined;
  readonly person?: string | undefined;
}

export function acknowledgementConditions(
  filters: AcknowledgementFilters,
  now: Instant,
  zone: string,
) {
  const conditions: { sql: ReturnType<typeof sql>; needs?: readonly string[] }[] = [
    { sql: current(dateIn(now, zone)) },
  ];
  if (filters.state) {
    conditions.push({
      sql: sql`${acknowledgementState(now)} = ${filters.state}`,
      needs: ['request', 'latest'],
    });
  }
  if (filters.department !== undefined)
    conditions.push({ sql: sql`p.department = ${filters.department}` });
  if (filters.person) conditions.push({ sql: sql`p.id = ${filters.person}` });
  return conditions;
}

export interface AcknowledgementCounts {
  readonly people: number;
  readonly acknowledged: number;
  readonly waiting: number;
  readonly overdue: number;
  readonly notAsked: number;
}

export async function acknowledgementCounts(
  db: Db,
  now: Instant,
  zone: string,
): Promise<AcknowledgementCounts> {
  const { rows } = await sql<AcknowledgementCounts>`
    select count(*)::int as people,
      count(*) filter (where r.due_at is null and acknowledged)::int as acknowledged,
      count(*) filter (where r.due_at > ${now})::int as waiting,
      count(*) filter (where r.due_at <= ${now})::int as overdue,
      count(*) filter (where r.due_at is null and not acknowledged)::int as "notAsked"
    from (select p.id, exists (select from acknowledgement a where a.person_id = p.id) as acknowledged
          from person p where ${current(dateIn(now, zone))}) p
    left join acknowledgement_request r on r.person_id = p.id and r.closed_at is null`.execute(db);
  return rows[0] ?? { people: 0, acknowledged: 0, waiting: 0, overdue: 0, notAsked: 0 };
}

export interface OwnAcknowledgement {
  /** Of the version in question. */
  readonly acknowledgedAt: Instant | null;
  readonly dueAt: Instant | null;
  /** The newest version that the person acknowledged. */
  readonly lastId: string | null;
  readonly lastNumber: number | null;
}

/** What a person owes and has done about a version. */
export async function acknowledgementOf(
  db: Db,
  personId: string,
  versionId: string,
): Promise<OwnAcknowledgement> {
  const { rows } = await sql<OwnAcknowledgement>`
    select
      (select at from acknowledgement where person_id = ${personId} and version_id = ${versionId}) as "acknowledgedAt",
      (select due_at from acknowledgement_request where person_id = ${personId} and closed_at is null) as "dueAt",
      last.id as "lastId", last.number as "lastNumber"
    from (select 1) as one left join lateral (
      select v.id, v.number from acknowledgement a join policy_version v on v.id = a.version_id
      where a.person_id = ${personId} order by v.number desc limit 1) last on true`.execute(db);
  return rows[0] ?? { acknowledgedAt: null, dueAt: null, lastId: null, lastNumber: null };
}

export interface ReportRow {
  readonly id: string;
  readonly receivedAt: Instant;
  readonly about: string;
  readonly details: string;
  readonly reporter: string;
  readonly answeredAt: Instant | null;
  readonly answeredBy: string | null;
  readonly outcome: string | null;
  readonly answer: string | null;
}

export const reportSorts = {
  receivedAt: { sql: sql`v.received_at`, type: 'timestamptz' },
} as const;

export function reportList<Item>(item: (row: ReportRow) => Item): List<ReportRow, Item> {
  return {
    source: {
      from: [sql`vulnerability_report v`],
      key: { id: sql`v.id` },
      sorts: reportSorts,
      defaultSort: '-receivedAt',
      search: (like) => ({
        sql: sql`lower(v.about) like ${like} or lower(v.details) like ${like}`,
      }),
      select: sql`v.id, v.received_at as "receivedAt", v.about, v.details, v.reporter,
        v.answered_at as "answeredAt", p.name as "answeredBy", v.outcome, v.answer`,
      details: sql`join vulnerability_report v on v.id = page.id left join person p on p.id = v.answered_by`,
    },
    item,
    csv: [],
    filename: 'vulnerability-reports',
  };
}

export const openReports = sql`v.answered_at is null`;
export const answeredReports = sql`v.answered_at is not null`;
