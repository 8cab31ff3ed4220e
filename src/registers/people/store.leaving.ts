import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { endOfDay, type Instant, isBefore } from '../../kernel/instant.ts';
import type { Leaving } from '../../policy/clause.ts';
import type { Context } from '../../policy/event.ts';
import { schedule } from '../tasks/store.ts';

/** What the register of people knows of leaving (ACC-7): who is to leave when, and who may not enter. */

/** The obligation that falls due when somebody's last day is over. */
export const leaveKind = 'people.leave';

/** By what it comes that everything is taken from a person. */
export const leavingTriggers = ['endDate', 'provisioning', 'button'] as const;
export type LeavingTrigger = (typeof leavingTriggers)[number];

/**
 * Puts the end of last days on the clock. An older obligation stays where a date moves: whoever
 * fulfils it looks at the date again, and a person's last day may be that of many in an import.
 */
export async function scheduleLeaving(
  tx: Tx,
  leavers: readonly { readonly id: PersonId; readonly endsOn: string | null }[],
  { now, zone, newId }: Context,
): Promise<void> {
  await schedule(
    tx,
    leavers.flatMap(({ id, endsOn }) => {
      if (endsOn === null) return [];
      const over = endOfDay(Temporal.PlainDate.from(endsOn), zone);
      // Of a day that has passed, the seconds count from when it became known.
      const dueAt = isBefore(over, now) ? now : over;
      return [{ id: newId(), clause: 'people', kind: leaveKind, subject: `person/${id}`, dueAt }];
    }),
  );
}

/** A person as far as leaving goes. */
export interface Leaver {
  readonly id: PersonId;
  readonly startsOn: Temporal.PlainDate | null;
  readonly endsOn: Temporal.PlainDate | null;
  readonly leftAt: Instant | null;
  readonly suspendedAt: Instant | null;
  readonly erased: boolean;
}

/** Locks a person's row: nobody invites them or gives them a role meanwhile. */
export async function lockLeaver(tx: Tx, id: PersonId): Promise<Leaver | null> {
  const { rows } = await sql<Leaver>`
    select id, starts_on as "startsOn", ends_on as "endsOn", left_at as "leftAt",
      suspended_at as "suspendedAt", erased_at is not null as erased
    from person where id = ${id} for update`.execute(tx);
  return rows[0] ?? null;
}

/** Those whose last day is over and from whom not everything was taken yet. */
export async function overdueLeavers(
  db: Db,
  today: Temporal.PlainDate,
): Promise<readonly { readonly id: PersonId; readonly endsOn: Temporal.PlainDate }[]> {
  const { rows } = await sql<{ id: PersonId; endsOn: Temporal.PlainDate }>`
    select id, ends_on as "endsOn" from person
    where ends_on < ${today}::date and left_at is null and erased_at is null
    order by ends_on, id`.execute(db);
  return rows;
}

/** A leaver's roles in Kept. */
export const leaving: Leaving = async (tx, personId, { now }) => {
  const { rows } = await sql<{ roles: number }>`
    with held as (select id, cardinality(roles) as roles from person where id = ${personId} for update)
    update person set roles = '{}', left_at = coalesce(left_at, ${now}), suspended_at = null,
      modified_at = ${now}, version = version + 1
    from held where person.id = held.id returning held.roles`.execute(tx);
  return { roles: rows[0]?.roles ?? 0 };
};

/** Writes down that everything was taken, and how much it was; from now on they have left. */
export async function recordDeparture(
  tx: Tx,
  id: PersonId,
  departure: {
    readonly at: Instant;
    readonly trigger: LeavingTrigger;
    readonly triggeredAt: Instant;
    readonly counts: Readonly<Record<string, number>>;
  },
): Promise<void> {
  await write(
    tx,
    sql`
    insert into departure (person_id, at, trigger, triggered_at, counts)
    values (${id}, ${departure.at}, ${departure.trigger}, ${departure.triggeredAt},
      ${JSON.stringify(departure.counts)}::jsonb)
    on conflict (person_id, at) do update set counts = excluded.counts`,
  );
  await write(
    tx,
    sql`
    update person set left_at = ${departure.at}, suspended_at = null, roles = '{}', version = version + 1
    where id = ${id} and left_at is null`,
  );
}

/** Lets a person enter no more for a while, or again. */
export async function setSuspended(
  tx: Tx,
  id: PersonId,
  since: Instant | null,
  now: Instant,
): Promise<void> {
  await sql`
    update person set suspended_at = ${since}::timestamptz, modified_at = ${now}, version = version + 1
    where id = ${id}`.execute(tx);
}

/**
 * Whoever comes back gets nothing back: they may be invited again, and start with what everyone
 * starts with. Whose end was withdrawn before it came has lost nothing.
 */
export async function letReturn(tx: Tx, id: PersonId, now: Instant): Promise<void> {
  await sql`
    update person set ends_on = null, left_at = null, suspended_at = null,
      roles = case when left_at is null then roles else '{employee}' end,
      modified_at = ${now}, version = version + 1
    where id = ${id}`.execute(tx);
}
