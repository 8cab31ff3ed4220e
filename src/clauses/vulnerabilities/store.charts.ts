import { sql } from 'kysely';
import type { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import { dateIn, type Instant, startOfDay } from '../../kernel/instant.ts';
import { together } from '../../kernel/together.ts';
import type { backlogFigures } from './facts.shown.ts';

type Figures = z.output<typeof backlogFigures>;

const weeks = 52;
const months = 12;
/** Upper ends of the stretches of age, in days; the last has none. */
const ageLimits = [7, 30, 90, 180, 365] as const;

/** Everything that the charts of the backlog are drawn from. */
export async function backlogCharts(db: Db, now: Instant, zone: string): Promise<Figures> {
  const one = together(db);
  const today = dateIn(now, zone);
  const firstMonth = today.with({ day: 1 }).subtract({ months: months - 1 });
  const [standing, open, ages, attained, fixed] = await Promise.all([
    standingOf(one, now),
    openByWeek(one, today),
    openByAge(one, now),
    attainedByMonth(one, firstMonth, now, zone),
    fixedByMonth(one, firstMonth, zone),
  ]);
  return { now: standing, open, ages, attained, fixed };
}

async function standingOf(db: Db, now: Instant): Promise<Figures['now']> {
  const { rows } = await sql<Figures['now']>`
    select count(*) filter (where state in ('open', 'working'))::int as open,
      count(*) filter (where state in ('open', 'working') and due_at < ${now})::int as overdue,
      count(*) filter (where state in ('open', 'working') and exploited)::int as exploited,
      (select count(*)::int from backlog_decision where state = 'asked') as asked
    from backlog_item`.execute(db);
  return rows[0] ?? { open: 0, overdue: 0, asked: 0, exploited: 0 };
}

/** A class without an effect counts as low, so that the sum is the sum. */
async function openByWeek(db: Db, today: Temporal.PlainDate): Promise<Figures['open']> {
  const first = today.subtract({ weeks: weeks - 1 });
  const { rows } = await sql<Figures['open'][number] & { on: Temporal.PlainDate }>`
    select week.on,
      coalesce(sum(known.open) filter (where class = 'critical'), 0)::int as critical,
      coalesce(sum(known.open) filter (where class = 'high'), 0)::int as high,
      coalesce(sum(known.open) filter (where class = 'medium'), 0)::int as medium,
      coalesce(sum(known.open) filter (where class in ('low', 'none')), 0)::int as low,
      coalesce(sum(known.open) filter (where class = 'unrated'), 0)::int as unrated,
      coalesce(sum(known.overdue), 0)::int as overdue
    from (select (${first}::date + 7 * step) as on from generate_series(0, ${weeks - 1}) step) week
    left join lateral (
      select distinct on (backlog_day.class) backlog_day.class, backlog_day.open, backlog_day.overdue
      from backlog_day where backlog_day.day <= week.on
      order by backlog_day.class, backlog_day.day desc) known on true
    group by week.on order by week.on`.execute(db);
  return rows.map(({ on, ...counts }) => ({ ...counts, day: on.toString() }));
}

async function openByAge(db: Db, now: Instant): Promise<Figures['ages']> {
  const { rows } = await sql<Figures['ages'][number] & { stretch: number }>`
    select width_bucket(extract(epoch from ${now}::timestamptz - counts_from) / 86400,
        ${[...ageLimits]}::float8[]) as stretch,
      count(*) filter (where class = 'critical')::int as critical,
      count(*) filter (where class = 'high')::int as high,
      count(*) filter (where class = 'medium')::int as medium,
      count(*) filter (where class in ('low', 'none'))::int as low,
      count(*) filter (where class = 'unrated')::int as unrated
    from backlog_item where state in ('open', 'working') group by 1`.execute(db);
  const none = { critical: 0, high: 0, medium: 0, low: 0, unrated: 0 };
  return [...ageLimits, null].map((upToDays, place) => {
    const { stretch: _, ...counts } = rows.find(({ stretch }) => stretch === place) ?? {
      stretch: place,
      ...none,
    };
    return { ...counts, upToDays };
  });
}

/** Of what fell due in each month: put right before it was due, after, and not yet. */
async function attainedByMonth(
  db: Db,
  first: Temporal.PlainDate,
  now: Instant,
  zone: string,
): Promise<Figures['attained']> {
  const { rows } = await sql<Figures['attained'][number]>`
    select to_char(due_at at time zone ${zone}, 'YYYY-MM') as month,
      count(*) filter (where closed_at <= due_at)::int as "inTime",
      count(*) filter (where closed_at > due_at)::int as late,
      count(*) filter (where closed_at is null)::int as open
    from backlog_item where due_at >= ${startOfDay(first, zone)} and due_at < ${now}
    group by 1`.execute(db);
  return monthsFrom(first).map(
    (month) => rows.find((row) => row.month === month) ?? { month, inTime: 0, late: 0, open: 0 },
  );
}

async function fixedByMonth(
  db: Db,
  first: Temporal.PlainDate,
  zone: string,
): Promise<Figures['fixed']> {
  const days = sql`extract(epoch from closed_at - counts_from)::float8 / 86400`;
  const { rows } = await sql<Figures['fixed'][number]>`
    select to_char(closed_at at time zone ${zone}, 'YYYY-MM') as month, count(*)::int as fixed,
      percentile_cont(0.5) within group (order by ${days}) as median,
      percentile_cont(0.9) within group (order by ${days}) as ninth
    from backlog_item where state = 'fixed' and closed_at >= ${startOfDay(first, zone)}
    group by 1`.execute(db);
  const tenth = (value: number | null) => (value === null ? null : Math.round(value * 10) / 10);
  return monthsFrom(first).map((month) => {
    const row = rows.find((each) => each.month === month);
    return row
      ? { ...row, median: tenth(row.median), ninth: tenth(row.ninth) }
      : { month, fixed: 0, median: null, ninth: null };
  });
}

function monthsFrom(first: Temporal.PlainDate): string[] {
  return Array.from({ length: months }, (_, n) =>
    first.add({ months: n }).toPlainYearMonth().toString(),
  );
}
