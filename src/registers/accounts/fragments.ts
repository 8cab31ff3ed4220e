import { type RawBuilder, sql } from 'kysely';

/** Whether a grant, by its alias, stands on a day. */
export function stands(alias: string, today: Temporal.PlainDate): RawBuilder<boolean> {
  const [revoked, ends] = [sql.ref(`${alias}.revoked_at`), sql.ref(`${alias}.ends_on`)];
  return sql`${revoked} is null and (${ends} is null or ${ends} >= ${today}::date)`;
}
