import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { dateIn, type Instant } from '../../kernel/instant.ts';
import type { Basis } from './facts.terms.ts';

/**
 * The last read of customers' data by staff; null where there never was one. What was read and what
 * the vault counted are both asked, and what is remembered of reads whose records have been disposed
 * of: the latest of the three.
 */
export async function lastStaffRead(db: Db): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant | null }>`
    select greatest((select max(at) from case_read),
      (select max(to_at) from vault_unwrap where person_id is not null),
      (select last_at from case_read_past)) as at`.execute(db);
  return rows[0]?.at ?? null;
}

/** Days of the calendar since then; null where nobody ever read anything. */
export async function daysSinceStaffRead(
  db: Db,
  now: Instant,
  zone: string,
): Promise<number | null> {
  const last = await lastStaffRead(db);
  return last ? dateIn(last, zone).until(dateIn(now, zone)).days : null;
}

export interface BasisCount {
  /** `2026-11`. */
  readonly month: string;
  readonly basis: Basis;
  readonly cases: number;
}

/** Cases that were opened, by month and legal basis, from a day on. */
export async function casesByBasis(
  db: Db,
  from: Temporal.PlainDate,
  zone: string,
): Promise<readonly BasisCount[]> {
  const { rows } = await sql<BasisCount>`
    select to_char(opened_at at time zone ${zone}, 'YYYY-MM') as month, basis, count(*)::int as cases
    from customer_case where opened_at >= ${from}::date group by 1, 2 order by 1, 2`.execute(db);
  return rows;
}
