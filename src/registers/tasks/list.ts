import { sql } from 'kysely';
import type { PersonId } from '../../kernel/id.ts';
import { endOfDay, type Instant, instantText } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Condition, List, SortColumn } from '../list.ts';

export const taskStates = ['open', 'done', 'missed', 'cancelled'] as const;
export type TaskState = (typeof taskStates)[number];

/** How Today groups what is open. The week is the next seven days, today included. */
export const dueGroups = ['overdue', 'today', 'week', 'later'] as const;
export type DueGroup = (typeof dueGroups)[number];

interface TaskRow {
  readonly id: string;
  readonly kind: string;
  readonly promise: string;
  readonly subject: string;
  readonly assigneeId: PersonId | null;
  readonly assignee: string | null;
  readonly role: string | null;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly state: TaskState;
  readonly closedAt: Instant | null;
  readonly doneBy: string | null;
  readonly detail: JsonObject;
  readonly path: string;
}

export interface TaskItem extends Omit<TaskRow, 'openedAt' | 'dueAt' | 'closedAt' | 'detail'> {
  readonly openedAt: string;
  readonly dueAt: string;
  readonly closedAt: string | null;
  readonly group: DueGroup | null;
  /** What fills the task's sentence, `task.<kind>` in the words of its clause. */
  readonly detail: Record<string, string | number>;
}

export const taskSorts = {
  dueAt: { sql: sql`task.due_at`, type: 'timestamptz' },
  openedAt: { sql: sql`task.opened_at`, type: 'timestamptz' },
  assignee: { sql: sql`assignee.name`, type: 'text', nullable: true, needs: ['assignee'] },
} satisfies Record<string, SortColumn>;

const isOpen = sql`task.done_at is null and task.missed_at is null and task.cancelled_at is null`;
const assignee = sql`left join person assignee on assignee.id = task.assignee_id`;

export function taskList(now: Instant, zone: string): List<TaskRow, TaskItem> {
  return {
    source: {
      from: [sql`task`],
      joins: { assignee },
      key: { id: sql`task.id` },
      sorts: taskSorts,
      defaultSort: 'dueAt',
      search: (like) => ({
        sql: sql`lower(assignee.name) like ${like} or lower(task.promise) like ${like} or lower(task.kind) like ${like}`,
        needs: ['assignee'],
      }),
      select: sql`task.id, task.kind, task.promise, task.subject, task.assignee_id as "assigneeId",
        assignee.name as assignee, task.role, task.opened_at as "openedAt", task.due_at as "dueAt",
        case when task.done_at is not null then 'done' when task.missed_at is not null then 'missed'
          when task.cancelled_at is not null then 'cancelled' else 'open' end as state,
        coalesce(task.done_at, task.missed_at, task.cancelled_at) as "closedAt", doer.name as "doneBy",
        task.detail, task.path`,
      details: sql`join task on task.id = page.id ${assignee} left join person doer on doer.id = task.done_by`,
    },
    item: (row) => ({
      ...row,
      openedAt: instantText(row.openedAt),
      dueAt: instantText(row.dueAt),
      closedAt: row.closedAt && instantText(row.closedAt),
      group: row.state === 'open' ? groupOf(row.dueAt, now, zone) : null,
      detail: scalars(row.detail),
    }),
    csv: (
      [
        'dueAt',
        'kind',
        'promise',
        'subject',
        'assignee',
        'role',
        'state',
        'openedAt',
        'closedAt',
        'doneBy',
      ] as const
    ).map((header) => ({ header, cell: (task: TaskItem) => task[header] })),
    filename: 'tasks',
  };
}

/** Values that a sentence can be filled with. */
export function scalars(detail: JsonObject): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(detail).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [],
    ),
  );
}

/** The group of a due date, by the days of the organisation. */
export function groupOf(dueAt: Instant, now: Instant, zone: string): DueGroup {
  const before = (limit: Instant) => Temporal.Instant.compare(dueAt, limit) <= 0;
  const today = now.toZonedDateTimeISO(zone).toPlainDate();
  if (before(now)) return 'overdue';
  if (before(endOfDay(today, zone))) return 'today';
  return before(endOfDay(today.add({ days: 6 }), zone)) ? 'week' : 'later';
}

export interface TaskFilters {
  readonly state?: TaskState | undefined;
  readonly kind?: string | undefined;
  readonly promise?: string | undefined;
  readonly person?: PersonId | undefined;
  readonly subject?: string | undefined;
}

/** Whose tasks: everyone's, or one person's with what anyone of their roles may do. */
export type Whose = 'all' | { readonly person: PersonId | null; readonly roles: readonly string[] };

export function taskConditions(filters: TaskFilters, whose: Whose): Condition[] {
  const conditions: Condition[] = [];
  if (whose !== 'all') {
    conditions.push({
      sql: sql`task.assignee_id = ${whose.person}
        or task.assignee_id is null and task.role = any(${[...whose.roles]}::text[])`,
    });
  }
  const state = filters.state;
  if (state === 'open') conditions.push({ sql: isOpen });
  if (state === 'done') conditions.push({ sql: sql`task.done_at is not null` });
  if (state === 'missed') conditions.push({ sql: sql`task.missed_at is not null` });
  if (state === 'cancelled') conditions.push({ sql: sql`task.cancelled_at is not null` });
  if (filters.kind) conditions.push({ sql: sql`task.kind = ${filters.kind}` });
  if (filters.promise) conditions.push({ sql: sql`task.promise = ${filters.promise}` });
  if (filters.person) conditions.push({ sql: sql`task.assignee_id = ${filters.person}` });
  if (filters.subject) conditions.push({ sql: sql`task.subject = ${filters.subject}` });
  return conditions;
}
