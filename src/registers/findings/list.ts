import { sql } from 'kysely';
import type { PersonId } from '../../kernel/id.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { fill, type Language } from '../../kernel/language.ts';
import type { Check } from '../../policy/check.ts';
import type { Condition, List, SortColumn } from '../list.ts';
import { scalars } from '../tasks/list.ts';

export const findingStates = ['open', 'overdue', 'excepted', 'closed'] as const;
export type FindingState = (typeof findingStates)[number];

export interface FindingRow {
  readonly id: string;
  readonly check: string;
  readonly promise: string;
  readonly subject_kind: string;
  readonly subject_id: string;
  readonly label: string;
  readonly detail: JsonObject;
  readonly ownerId: PersonId | null;
  readonly owner: string | null;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly closedAt: Instant | null;
  readonly exceptedUntil: Instant | null;
  readonly exceptedBy: string | null;
  readonly exceptionReason: string | null;
  readonly state: FindingState;
}

export interface FindingItem {
  readonly id: string;
  readonly check: string;
  readonly promise: string;
  readonly subject: string;
  readonly label: string;
  readonly sentence: string;
  readonly path: string | null;
  readonly ownerId: PersonId | null;
  readonly owner: string | null;
  readonly openedAt: string;
  readonly dueAt: string;
  readonly closedAt: string | null;
  readonly exceptedUntil: string | null;
  readonly exceptedBy: string | null;
  readonly exceptionReason: string | null;
  readonly state: FindingState;
}

export const findingSorts = {
  dueAt: { sql: sql`finding.due_at`, type: 'timestamptz' },
  openedAt: { sql: sql`finding.opened_at`, type: 'timestamptz' },
  closedAt: { sql: sql`finding.closed_at`, type: 'timestamptz', nullable: true },
  promise: { sql: sql`finding.promise`, type: 'text' },
  label: { sql: sql`finding.label`, type: 'text' },
  owner: { sql: sql`owner.name`, type: 'text', nullable: true, needs: ['owner'] },
} satisfies Record<string, SortColumn>;

const owner = sql`left join person owner on owner.id = finding.owner_id`;

/** An exception that has run out is none: the finding is open, or overdue, again. */
function stateOf(now: Instant) {
  return sql`case when finding.closed_at is not null then 'closed'
    when finding.excepted_until > ${now} then 'excepted'
    when finding.due_at < ${now} then 'overdue' else 'open' end`;
}

/** How findings are said to a reader: in the words of their check. */
export interface FindingReader {
  readonly now: Instant;
  readonly language: Language;
  readonly checkOf: (id: string) => Check | undefined;
}

export function findingList(reader: FindingReader): List<FindingRow, FindingItem> {
  return {
    source: {
      from: [sql`finding`],
      joins: { owner },
      key: { id: sql`finding.id` },
      sorts: findingSorts,
      defaultSort: 'dueAt',
      search: (like) => ({
        sql: sql`lower(finding.label) like ${like} or lower(finding.promise) like ${like}
          or lower(owner.name) like ${like} or lower(finding.detail::text) like ${like}`,
        needs: ['owner'],
      }),
      select: sql`finding.id, finding.check_id as check, finding.promise, finding.subject_kind, finding.subject_id,
        finding.label, finding.detail, finding.owner_id as "ownerId", owner.name as owner,
        finding.opened_at as "openedAt", finding.due_at as "dueAt", finding.closed_at as "closedAt",
        finding.excepted_until as "exceptedUntil", approver.name as "exceptedBy",
        finding.exception_reason as "exceptionReason", ${stateOf(reader.now)} as state`,
      details: sql`join finding on finding.id = page.id ${owner}
        left join person approver on approver.id = finding.excepted_by`,
    },
    item: (row) => findingItem(row, reader),
    csv: csvColumns.map((header) => ({ header, cell: (finding: FindingItem) => finding[header] })),
    filename: 'findings',
  };
}

const csvColumns = [
  'promise',
  'check',
  'state',
  'subject',
  'label',
  'sentence',
  'owner',
  'openedAt',
  'dueAt',
  'closedAt',
  'exceptedUntil',
  'exceptedBy',
  'exceptionReason',
] as const;

export function findingItem(row: FindingRow, { language, checkOf }: FindingReader): FindingItem {
  const { subject_kind: kind, subject_id: subjectId, detail, ...rest } = row;
  const check = checkOf(row.check);
  return {
    ...rest,
    subject: `${kind}/${subjectId}`,
    // Whoever it was about is erased: what is left to say is what the check states.
    sentence:
      check && row.label === ''
        ? check.states[language]
        : check
          ? fill(check.finding[language], { ...scalars(detail), label: row.label })
          : row.label,
    path: check?.path ? fill(check.path, { id: subjectId }) : null,
    openedAt: instantText(row.openedAt),
    dueAt: instantText(row.dueAt),
    closedAt: row.closedAt && instantText(row.closedAt),
    exceptedUntil: row.exceptedUntil && instantText(row.exceptedUntil),
  };
}

export interface FindingFilters {
  readonly state?: FindingState | 'standing' | undefined;
  readonly promise?: string | undefined;
  readonly check?: string | undefined;
  readonly owner?: PersonId | undefined;
  readonly subject?: string | undefined;
}

export function findingConditions(filters: FindingFilters, now: Instant): Condition[] {
  const conditions: Condition[] = [];
  const { state, promise, check, owner: ownerId, subject } = filters;
  if (state === 'standing') conditions.push({ sql: sql`finding.closed_at is null` });
  else if (state) conditions.push({ sql: sql`${stateOf(now)} = ${state}` });
  if (promise) conditions.push({ sql: sql`finding.promise = ${promise}` });
  if (check) conditions.push({ sql: sql`finding.check_id = ${check}` });
  if (ownerId) conditions.push({ sql: sql`finding.owner_id = ${ownerId}` });
  if (subject) {
    const [kind = '', ...id] = subject.split('/');
    conditions.push({
      sql: sql`finding.subject_kind = ${kind} and finding.subject_id = ${id.join('/')}`,
    });
  }
  return conditions;
}
