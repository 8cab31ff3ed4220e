import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/** All occurrences of a duty, summed up. */
export interface DutyRecord {
  readonly kind: string;
  readonly total: number;
  readonly overdue: number;
  /** When the oldest overdue one fell due. */
  readonly overdueSince: Instant | null;
  readonly nextDueAt: Instant | null;
  readonly lastDoneAt: Instant | null;
  readonly lastMissedAt: Instant | null;
  /** Missed, and not done since. */
  readonly owed: number;
  readonly owedSince: Instant | null;
}

/** The record of each kind of duty, at an instant. */
export async function dutyRecords(
  db: Db,
  kinds: readonly string[],
  now: Instant,
): Promise<ReadonlyMap<string, DutyRecord>> {
  if (kinds.length === 0) return new Map();
  const { rows } = await sql<DutyRecord>`
    select kind,
      count(*)::int as total,
      count(*) filter (where open and due_at <= ${now})::int as overdue,
      min(due_at) filter (where open and due_at <= ${now}) as "overdueSince",
      min(due_at) filter (where open and due_at > ${now}) as "nextDueAt",
      max(done_at) as "lastDoneAt",
      max(missed_at) as "lastMissedAt",
      count(*) filter (where missed_at is not null and done_at is null)::int as owed,
      min(missed_at) filter (where done_at is null) as "owedSince"
    from (select *, done_at is null and missed_at is null as open from task
          where kind = any(${kinds}::text[]) and cancelled_at is null) as occurrence
    group by kind`.execute(db);
  return new Map(rows.map((row) => [row.kind, row]));
}
