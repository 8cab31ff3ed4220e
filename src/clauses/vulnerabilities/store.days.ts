import { sql } from 'kysely';
import { type Tx, write } from '../../kernel/db.ts';
import { dateIn, startOfDay } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { schedule } from '../../registers/tasks/store.ts';
import { itemClasses } from './facts.terms.ts';

/** The days that the charts of the backlog are drawn from. */

/** Draws the day of the charts anew: open items by class, and those past their deadline. */
export async function drawDay(tx: Tx, { now, zone }: Pick<Context, 'now' | 'zone'>): Promise<void> {
  const day = now.toZonedDateTimeISO(zone).toPlainDate();
  await write(
    tx,
    sql`
    insert into backlog_day (day, class, open, overdue)
    select ${day}::date, c.class, count(i.id)::int, count(i.id) filter (where i.due_at < ${now})::int
    from unnest(${[...itemClasses]}::text[]) as c (class)
    left join backlog_item i on i.class = c.class and i.state in ('open', 'working')
    group by c.class
    on conflict (day, class) do update set open = excluded.open, overdue = excluded.overdue`,
  );
}

export const dayKind = 'vulnerabilities.drawDay';
/** There is only ever one on the clock. */
const daySubject = 'backlog/day';

/** Puts the beginning of the next day on the clock, where it is not yet: a day on which nothing happens has a row as well. */
export async function scheduleDay(tx: Tx, { now, zone, newId }: Context): Promise<void> {
  const { rows } = await sql`
    select from obligation
    where kind = ${dayKind} and subject = ${daySubject} and done_at is null and due_at > ${now} limit 1`.execute(
    tx,
  );
  if (rows.length > 0) return;
  const dueAt = startOfDay(dateIn(now, zone).add({ days: 1 }), zone);
  await schedule(tx, [
    { id: newId(), clause: 'vulnerabilities', kind: dayKind, subject: daySubject, dueAt },
  ]);
}
