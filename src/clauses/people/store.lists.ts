import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Condition, List } from '../../registers/list.ts';
import type { Occasion } from './facts.checklist.ts';
import type { Because } from './facts.training.ts';
import type { Words } from './facts.ts';
import { current } from './store.staff.ts';
import { owedSignatures } from './store.undertaking.ts';

/** The clause's lists, for pages and their downloads: reading only. */

type Csv<Item> = List<never, Item>['csv'];

const personOf = (id: string) => sql`left join person p on p.id = ${sql.ref(id)}`;

const searchPerson = (like: string): Condition => ({
  sql: sql`lower(p.name) like ${like} or lower(p.reading) like ${like}`,
  needs: ['p'],
});

export const trainingStates = ['overdue', 'open', 'completed', 'released'] as const;
export type TrainingState = (typeof trainingStates)[number];

export interface TrainingRow {
  readonly id: string;
  readonly personId: PersonId;
  readonly name: string;
  readonly department: string;
  readonly course: string;
  readonly titles: Words | null;
  readonly because: Because;
  readonly state: TrainingState;
  readonly assignedAt: Instant;
  readonly dueOn: Temporal.PlainDate;
  readonly completedOn: Temporal.PlainDate | null;
  readonly version: string | null;
  readonly score: number | null;
  readonly asked: number | null;
  readonly attempts: number;
  readonly certificate: string | null;
}

const trainingState = (today: Temporal.PlainDate) => sql`case
  when t.closed_as is not null then t.closed_as when t.due_on < ${today}::date then 'overdue'
  else 'open' end`;

export const trainingSorts = {
  dueOn: { sql: sql`t.due_on`, type: 'date' },
  assignedAt: { sql: sql`t.assigned_at`, type: 'timestamptz' },
  completedOn: { sql: sql`t.completed_on`, type: 'date', nullable: true },
  name: { sql: sql`p.name`, type: 'text', nullable: true, needs: ['p'] },
  department: { sql: sql`p.department`, type: 'text', nullable: true, needs: ['p'] },
} as const;

/** Every occurrence of everyone's trainings. */
export function trainingList<Item>(
  item: (row: TrainingRow) => Item,
  csv: Csv<Item>,
  today: Temporal.PlainDate,
): List<TrainingRow, Item> {
  return {
    source: {
      from: [sql`training t`],
      joins: { p: personOf('t.person_id') },
      key: { id: sql`t.id` },
      sorts: trainingSorts,
      defaultSort: '-assignedAt',
      search: searchPerson,
      select: sql`t.id, t.person_id as "personId", p.name, p.department, t.course, v.titles, t.because,
        ${trainingState(today)} as state, t.assigned_at as "assignedAt", t.due_on as "dueOn",
        t.completed_on as "completedOn", done.major || '.' || done.minor as version, t.score, t.asked,
        (select count(*)::int from course_attempt a where a.training_id = t.id and a.marked_at is not null)
          as attempts, t.certificate`,
      details: sql`join training t on t.id = page.id ${personOf('t.person_id')}
        left join course_version done on done.id = t.version_id
        left join lateral (select titles from course_version v where v.course = t.course
          order by major desc, minor desc limit 1) v on true`,
    },
    item,
    csv,
    filename: 'training',
  };
}

export interface TrainingFilters {
  readonly state?: TrainingState | undefined;
  readonly course?: string | undefined;
  readonly person?: string | undefined;
  readonly department?: string | undefined;
  readonly because?: Because | undefined;
}

export function trainingConditions(
  filters: TrainingFilters,
  today: Temporal.PlainDate,
): Condition[] {
  const conditions: Condition[] = [];
  if (filters.state) conditions.push({ sql: sql`${trainingState(today)} = ${filters.state}` });
  if (filters.course) conditions.push({ sql: sql`t.course = ${filters.course}` });
  if (filters.person) conditions.push({ sql: sql`t.person_id = ${filters.person}` });
  if (filters.because) conditions.push({ sql: sql`t.because = ${filters.because}` });
  if (filters.department)
    conditions.push({ sql: sql`p.department = ${filters.department}`, needs: ['p'] });
  return conditions;
}

/** People on the staff, and how many of them owe what of every course together. */
export async function trainingCounts(db: Db, today: Temporal.PlainDate) {
  const { rows } = await sql<{ people: number; overdue: number; open: number; done: number }>`
    select (select count(*)::int from person p where ${current(today)}) as people,
      count(distinct t.person_id) filter (where t.closed_at is null and t.due_on < ${today}::date)::int as overdue,
      count(distinct t.person_id) filter (where t.closed_at is null and t.due_on >= ${today}::date)::int as open,
      count(*) filter (where t.closed_as = 'completed')::int as done
    from training t`.execute(db);
  return rows[0] ?? { people: 0, overdue: 0, open: 0, done: 0 };
}

export const signatureStates = ['overdue', 'owed', 'signed'] as const;
export type SignatureState = (typeof signatureStates)[number];

export interface SignatureRow {
  readonly personId: PersonId;
  readonly name: string;
  readonly department: string;
  readonly document: string;
  readonly titles: Words;
  readonly state: SignatureState;
  readonly dueOn: Temporal.PlainDate | null;
  readonly signedAt: Instant | null;
  readonly number: number | null;
  readonly how: 'signed' | 'uploaded' | null;
  readonly witness: string | null;
  readonly digest: string | null;
  readonly paper: string | null;
}

export const signatureSorts = {
  name: { sql: sql`p.name`, type: 'text' },
  department: { sql: sql`p.department`, type: 'text' },
  dueOn: { sql: sql`owed.due_on`, type: 'date', nullable: true },
  signedAt: { sql: sql`signed.signed_at`, type: 'timestamptz', nullable: true },
} as const;

/** Everyone on the staff with every document in force: what they signed last, what they owe. */
export function signatureList<Item>(
  item: (row: SignatureRow) => Item,
  csv: Csv<Item>,
  today: Temporal.PlainDate,
  zone: string,
): List<SignatureRow, Item> {
  const everything = sql`
    person p cross join (
      select distinct on (document) id, document, titles from undertaking_version
      where withdrawn_at is null order by document, number desc) v
    left join lateral (
      select u.* from undertaking u where u.person_id = p.id and u.document = v.document
      order by u.number desc limit 1) signed on true
    left join (${owedSignatures(today, zone)}) owed
      on owed.person_id = p.id and owed.document = v.document`;
  return {
    source: {
      from: [everything],
      key: { person: sql`p.id`, version: sql`v.id` },
      sorts: signatureSorts,
      defaultSort: 'name',
      search: (like) => ({ sql: sql`lower(p.name) like ${like} or lower(p.reading) like ${like}` }),
      select: sql`p.id as "personId", p.name, p.department, v.document, v.titles,
        ${signatureState(today)} as state, owed.due_on as "dueOn", signed.signed_at as "signedAt",
        signed.number, signed.how, witness.name as witness, signed.digest, signed.file as paper`,
      details: sql`join person p on p.id = page.person
        join undertaking_version v on v.id = page.version
        left join lateral (
          select u.* from undertaking u where u.person_id = p.id and u.document = v.document
          order by u.number desc limit 1) signed on true
        left join (${owedSignatures(today, zone)}) owed
          on owed.person_id = p.id and owed.document = v.document
        left join person witness on witness.id = signed.witness_id`,
    },
    item,
    csv,
    filename: 'signatures',
  };
}

const signatureState = (today: Temporal.PlainDate) => sql`case
  when owed.due_on < ${today}::date then 'overdue' when owed.due_on is not null then 'owed'
  else 'signed' end`;

export interface SignatureFilters {
  readonly state?: SignatureState | undefined;
  readonly document?: string | undefined;
  readonly person?: string | undefined;
  readonly department?: string | undefined;
}

export function signatureConditions(
  filters: SignatureFilters,
  today: Temporal.PlainDate,
): Condition[] {
  const conditions: Condition[] = [{ sql: current(today) }];
  if (filters.state) conditions.push({ sql: sql`${signatureState(today)} = ${filters.state}` });
  if (filters.document) conditions.push({ sql: sql`v.document = ${filters.document}` });
  if (filters.person) conditions.push({ sql: sql`p.id = ${filters.person}` });
  if (filters.department) conditions.push({ sql: sql`p.department = ${filters.department}` });
  return conditions;
}

export const checklistStates = ['open', 'late', 'done', 'cancelled'] as const;
export type ChecklistStanding = (typeof checklistStates)[number];

export interface ChecklistRow {
  readonly id: string;
  readonly kind: Occasion;
  readonly titles: Words;
  readonly personId: PersonId;
  readonly name: string;
  readonly on: Temporal.PlainDate;
  readonly openedAt: Instant;
  readonly state: ChecklistStanding;
  readonly done: number;
  readonly items: number;
  readonly nextDueOn: Temporal.PlainDate | null;
}

const checklistState = (today: Temporal.PlainDate) => sql`case
  when c.closed_as is not null then c.closed_as
  when exists (select from checklist_item i where i.checklist_id = c.id and i.done_at is null
    and i.due_on < ${today}::date) then 'late'
  else 'open' end`;

export const checklistSorts = {
  on: { sql: sql`c.on_date`, type: 'date' },
  openedAt: { sql: sql`c.opened_at`, type: 'timestamptz' },
  name: { sql: sql`p.name`, type: 'text', nullable: true, needs: ['p'] },
} as const;

export function checklistList<Item>(
  item: (row: ChecklistRow) => Item,
  csv: Csv<Item>,
  today: Temporal.PlainDate,
): List<ChecklistRow, Item> {
  return {
    source: {
      from: [sql`checklist c`],
      joins: { p: personOf('c.person_id') },
      key: { id: sql`c.id` },
      sorts: checklistSorts,
      defaultSort: '-openedAt',
      search: searchPerson,
      select: sql`c.id, c.kind, c.titles, c.person_id as "personId", p.name, c.on_date as "on",
        c.opened_at as "openedAt", ${checklistState(today)} as state,
        (select count(*)::int from checklist_item i where i.checklist_id = c.id and i.done_at is not null) as done,
        (select count(*)::int from checklist_item i where i.checklist_id = c.id) as items,
        (select min(i.due_on) from checklist_item i where i.checklist_id = c.id and i.done_at is null)
          as "nextDueOn"`,
      details: sql`join checklist c on c.id = page.id ${personOf('c.person_id')}`,
    },
    item,
    csv,
    filename: 'checklists',
  };
}

export interface ChecklistFilters {
  readonly state?: ChecklistStanding | undefined;
  readonly kind?: Occasion | undefined;
  readonly person?: string | undefined;
}

export function checklistConditions(
  filters: ChecklistFilters,
  today: Temporal.PlainDate,
): Condition[] {
  const conditions: Condition[] = [];
  if (filters.state) conditions.push({ sql: sql`${checklistState(today)} = ${filters.state}` });
  if (filters.kind) conditions.push({ sql: sql`c.kind = ${filters.kind}` });
  if (filters.person) conditions.push({ sql: sql`c.person_id = ${filters.person}` });
  return conditions;
}

export interface DisposalRow {
  readonly id: string;
  readonly medium: string;
  readonly what: string;
  readonly method: string;
  readonly how: string;
  readonly disposedOn: Temporal.PlainDate;
  readonly holderId: PersonId;
  readonly holder: string;
  readonly witness: string | null;
  readonly recordedBy: string | null;
  readonly recordedAt: Instant;
}

export const disposalSorts = {
  disposedOn: { sql: sql`d.disposed_on`, type: 'date' },
  recordedAt: { sql: sql`d.recorded_at`, type: 'timestamptz' },
} as const;

export function disposalList<Item>(
  item: (row: DisposalRow) => Item,
  csv: Csv<Item>,
): List<DisposalRow, Item> {
  return {
    source: {
      from: [sql`disposal d`],
      joins: { p: personOf('d.holder_id') },
      key: { id: sql`d.id` },
      sorts: disposalSorts,
      defaultSort: '-disposedOn',
      search: (like) => ({
        sql: sql`lower(d.what) like ${like} or lower(p.name) like ${like}`,
        needs: ['p'],
      }),
      select: sql`d.id, d.medium, d.what, d.method, d.how, d.disposed_on as "disposedOn",
        d.holder_id as "holderId", p.name as holder, w.name as witness, r.name as "recordedBy",
        d.recorded_at as "recordedAt"`,
      details: sql`join disposal d on d.id = page.id ${personOf('d.holder_id')}
        left join person w on w.id = d.witness_id left join person r on r.id = d.recorded_by`,
    },
    item,
    csv,
    filename: 'disposals',
  };
}
