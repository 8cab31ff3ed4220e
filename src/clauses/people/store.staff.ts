import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { type PeopleSettings, peopleSettings } from './facts.ts';

/**
 * Whether a person `p` is on the staff on a day: an employee who has started and not yet left.
 * Whoever has no start date was here before Kept was.
 */
export function current(today: Temporal.PlainDate): RawBuilder<boolean> {
  return sql<boolean>`('employee' = any(p.roles) and p.erased_at is null
    and (p.starts_on is null or p.starts_on <= ${today}::date)
    and (p.ends_on is null or p.ends_on >= ${today}::date))`;
}

/** What is set, or its defaults. */
export async function peopleSettingsOf(db: Db): Promise<PeopleSettings> {
  const { rows } = await sql<{ settings: unknown }>`select settings from people_setting`.execute(
    db,
  );
  return peopleSettings.parse(rows[0]?.settings ?? {});
}
