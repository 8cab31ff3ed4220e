import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
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

/** Leavers, and people who will leave, whose erasure is not on the clock yet. */
export async function erasuresUnplanned(
  db: Db,
): Promise<readonly { readonly id: PersonId; readonly endsOn: Temporal.PlainDate }[]> {
  const { rows } = await sql<{ id: PersonId; endsOn: Temporal.PlainDate }>`
    select p.id, p.ends_on as "endsOn" from person p
    where p.ends_on is not null and p.erased_at is null and not exists (
      select from obligation o
      where o.kind = 'people.erase' and o.subject = 'person/' || p.id and o.done_at is null)
    order by p.id`.execute(db);
  return rows;
}

/** The last day of somebody's employment; null where there is none, or nobody any more. */
export async function lastDayOf(db: Db, id: PersonId): Promise<Temporal.PlainDate | null> {
  const { rows } = await sql<{ endsOn: Temporal.PlainDate | null }>`
    select ends_on as "endsOn" from person where id = ${id} and erased_at is null`.execute(db);
  return rows[0]?.endsOn ?? null;
}
