import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { DueObligation } from '../../policy/flow.ts';

/** What Kept itself must do, as the tick sees it. */
export interface AttemptedObligation extends DueObligation {
  /** How often it was tried and failed. */
  readonly attempts: number;
}

/** What has fallen due and is not being waited with after a failure; oldest first. */
export async function dueObligations(
  db: Db,
  now: Instant,
  limit: number,
): Promise<readonly AttemptedObligation[]> {
  const { rows } = await sql<AttemptedObligation>`
    select id, kind, subject, due_at as "dueAt", attempts from obligation
    where done_at is null and due_at <= ${now} and coalesce(retry_at, due_at) <= ${now}
    order by due_at, id limit ${limit}`.execute(db);
  return rows;
}

export async function closeObligations(
  db: Db,
  ids: readonly string[],
  now: Instant,
): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update obligation set done_at = ${now} where id = any(${ids}::uuid[]) and done_at is null`.execute(
    db,
  );
}

/** Keeps an obligation that failed for another try. */
export async function postponeObligation(
  db: Db,
  id: string,
  { error, until }: { readonly error: string; readonly until: Instant },
): Promise<void> {
  await sql`
    update obligation set attempts = attempts + 1, last_error = ${error}, retry_at = ${until}
    where id = ${id}`.execute(db);
}
