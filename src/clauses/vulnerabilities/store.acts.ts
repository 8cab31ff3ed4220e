import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { lockSources } from '../../registers/sources/store.ts';
import { completeTasks } from '../../registers/tasks/store.ts';
import type { Evidence } from './flow.settling.ts';

/** What every act on the backlog needs. */

/** The backlog changes one act at a time, audits and settlings among them: nothing is decided on what is about to change. */
export const lockBacklog = lockSources;

/** Lines of evidence with their digest. */
export function evidenceOf(lines: readonly string[]): Evidence {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Condition on `person`: work may be given to them. */
export function employedOn(day: Temporal.PlainDate) {
  return sql`(person.erased_at is null and coalesce(person.starts_on, '-infinity') <= ${day}::date
    and coalesce(person.ends_on, 'infinity') >= ${day}::date)`;
}

/** Kind of the task of deciding on what was asked for in one act. */
export const decideTask = 'vulnerabilities.decide';

/** Closes the tasks of acts of which nothing is left to be decided. */
export async function closeTasks(
  tx: Tx,
  acts: readonly string[],
  by: PersonId | null,
  now: Temporal.Instant,
): Promise<void> {
  if (acts.length === 0) return;
  const { rows } = await sql<{ act: string }>`
    select distinct act::text from unnest(${acts}::uuid[]) as act
    where not exists (select from backlog_decision d where d.asked_in = act and d.state = 'asked')`.execute(
    tx,
  );
  const subject = rows.map(({ act }) => `decisions/${act}`);
  if (subject.length > 0) await completeTasks(tx, { kind: decideTask, subject }, by, now);
}
