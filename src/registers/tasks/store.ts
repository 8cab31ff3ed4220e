import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';

/** A line of Today that is to be opened. */
export interface NewTask {
  readonly id: string;
  readonly kind: string;
  readonly promise: string;
  /** `kind/id` of the thing it is about. */
  readonly subject: string;
  readonly assigneeId: PersonId | null;
  readonly role?: string;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly detail?: JsonObject;
  /** Where in the console it is done. */
  readonly path?: string;
}

/** Opens tasks in one statement; a task whose id exists is left alone. */
export async function openTasks(tx: Tx, tasks: readonly NewTask[]): Promise<void> {
  if (tasks.length === 0) return;
  const rows = tasks.map((task) => ({
    id: task.id,
    kind: task.kind,
    promise: task.promise,
    subject: task.subject,
    assignee_id: task.assigneeId,
    role: task.role ?? null,
    opened_at: task.openedAt.toString(),
    due_at: task.dueAt.toString(),
    detail: task.detail ?? {},
    path: task.path ?? '',
  }));
  await write(
    tx,
    sql`
    insert into task (id, kind, promise, subject, assignee_id, role, opened_at, due_at, detail, path)
    select id, kind, promise, subject, assignee_id, role, opened_at, due_at, detail, path
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t
      (id uuid, kind text, promise text, subject text, assignee_id uuid, role text,
       opened_at timestamptz, due_at timestamptz, detail jsonb, path text)
    on conflict (id) do nothing`,
  );
}

/** Which open tasks: of a kind, about a subject or several, perhaps one assignee's or those of several. */
export interface TaskSelection {
  readonly kind: string;
  readonly subject: string | readonly string[];
  /** Null: those that a role holds. */
  readonly assigneeId?: PersonId | null;
  readonly assigneeIds?: readonly PersonId[];
}

const open = sql`done_at is null and missed_at is null and cancelled_at is null`;

function selected(selection: TaskSelection) {
  const { assigneeId } = selection;
  const mine =
    assigneeId === undefined
      ? sql``
      : sql`and assignee_id is not distinct from ${assigneeId}::uuid`;
  const theirs = selection.assigneeIds
    ? sql`and assignee_id = any(${selection.assigneeIds}::uuid[])`
    : sql``;
  const { kind, subject } = selection;
  const about =
    typeof subject === 'string'
      ? sql`subject = ${subject}`
      : sql`subject = any(${subject}::text[])`;
  return sql`kind = ${kind} and ${about} ${mine} ${theirs} and ${open}`;
}

/** Closes open tasks as done. */
export async function completeTasks(
  tx: Tx,
  selection: TaskSelection,
  by: PersonId | null,
  at: Instant,
): Promise<void> {
  await write(
    tx,
    sql`update task set done_at = ${at}, done_by = ${by} where ${selected(selection)}`,
  );
}

/** Closes what stands as missed once it is done after all. */
export async function completeLate(
  tx: Tx,
  { kind, subject }: { readonly kind: string; readonly subject: string },
  by: PersonId | null,
  at: Instant,
): Promise<void> {
  await write(
    tx,
    sql`update task set done_at = ${at}, done_by = ${by}
      where kind = ${kind} and subject = ${subject} and missed_at is not null and done_at is null`,
  );
}

/** What is kept of a subject no longer leaves no tasks about it, whose details bear names. */
export async function forgetTasksOf(tx: Tx, subjects: readonly string[]): Promise<void> {
  await write(tx, sql`delete from task where subject = any(${subjects}::text[])`);
}

/** Closes open tasks as missed: their time passed and nobody did them. */
export async function missTasks(tx: Tx, selection: TaskSelection, at: Instant): Promise<void> {
  await write(tx, sql`update task set missed_at = ${at} where ${selected(selection)}`);
}

/** Closes open tasks that no longer need doing. */
export async function cancelTasks(tx: Tx, selection: TaskSelection, at: Instant): Promise<void> {
  await write(tx, sql`update task set cancelled_at = ${at} where ${selected(selection)}`);
}

/** Gives the open tasks of some subjects another due date, in one statement. */
export async function redateTasks(
  tx: Tx,
  moved: readonly { readonly subject: string; readonly dueAt: Instant }[],
): Promise<void> {
  if (moved.length === 0) return;
  await write(
    tx,
    sql`
    update task set due_at = m.due_at
    from unnest(${moved.map(({ subject }) => subject)}::text[],
      ${moved.map(({ dueAt }) => dueAt)}::timestamptz[]) as m (subject, due_at)
    where task.subject = m.subject and ${open}`,
  );
}

/**
 * Passes the open tasks of somebody on to a role: of these kinds, for a person who is no longer there.
 *
 * @returns how many were passed on
 */
export async function handOver(
  tx: Tx,
  from: PersonId,
  kinds: readonly string[],
  role: string,
): Promise<number> {
  const handed = await sql`
    update task set assignee_id = null, role = ${role}
    where assignee_id = ${from} and kind = any(${kinds}::text[]) and ${open}`.execute(tx);
  return Number(handed.numAffectedRows ?? 0);
}

/** Something Kept itself must do at a time. */
export interface NewObligation {
  readonly id: string;
  readonly clause: string;
  readonly kind: string;
  readonly subject: string;
  readonly dueAt: Instant;
}

/** Schedules obligations; the tick hands them to their clause when due. */
export async function schedule(tx: Tx, obligations: readonly NewObligation[]): Promise<void> {
  if (obligations.length === 0) return;
  const rows = obligations.map((it) => ({ ...it, due_at: it.dueAt.toString() }));
  await write(
    tx,
    sql`
    insert into obligation (id, clause, kind, subject, due_at)
    select id, clause, kind, subject, due_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t
      (id uuid, clause text, kind text, subject text, due_at timestamptz)
    on conflict (id) do nothing`,
  );
}

/**
 * Puts what comes round on the clock, unless it is there: later than now and not after its time. What
 * has just fallen due does not count. One journey, in a transaction of its own.
 */
export async function scheduleNext(
  db: Db,
  { id, clause, kind, subject, dueAt }: NewObligation,
  now: Instant,
): Promise<void> {
  await sql`
    insert into obligation (id, clause, kind, subject, due_at)
    select ${id}, ${clause}, ${kind}, ${subject}, ${dueAt}
    where not exists (
      select from obligation
      where kind = ${kind} and subject = ${subject} and done_at is null
        and due_at > ${now} and due_at <= ${dueAt})`.execute(db);
}

/** Takes back what is scheduled about a subject, or several: all of it, or of one kind. */
export async function unschedule(
  tx: Tx,
  subject: string | readonly string[],
  kind?: string,
): Promise<void> {
  const subjects = typeof subject === 'string' ? [subject] : subject;
  const ofKind = kind ? sql`and kind = ${kind}` : sql``;
  await write(
    tx,
    sql`
    delete from obligation where subject = any(${subjects}::text[]) ${ofKind} and done_at is null`,
  );
}

/** Whether something of this kind is already scheduled: openers use it to stay idempotent. */
export async function isScheduled(db: Db, kind: string, subject: string): Promise<boolean> {
  const { rows } = await sql<{ one: number }>`
    select 1 as one from obligation where kind = ${kind} and subject = ${subject} and done_at is null
    limit 1`.execute(db);
  return rows.length > 0;
}
