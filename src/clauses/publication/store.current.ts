import { type RawBuilder, sql } from 'kysely';

/**
 * Whether a person `p` is on the staff on a day: an employee who has started and not yet left.
 * Whoever has no start date was here before Kept was.
 */
export function current(today: Temporal.PlainDate): RawBuilder<boolean> {
  return sql<boolean>`('employee' = any(p.roles) and p.erased_at is null
    and (p.starts_on is null or p.starts_on <= ${today})
    and (p.ends_on is null or p.ends_on >= ${today}))`;
}
