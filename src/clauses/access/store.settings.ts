import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import { dateIn, quarterName } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { schedule, unschedule } from '../../registers/tasks/store.ts';
import {
  type ReviewScheduled,
  type ReviewSettingsChanged,
  type Settings,
  shippedSettings,
} from './facts.ts';
import type { QuarterState, ScheduleState, SettingsState } from './flow.opening.ts';
import { isEmployed } from './store.campaign.ts';

const openingKind = 'access.openQuarter';
/** What the opening of the next quarter is about: there is only ever one on the clock. */
const openingSubject = 'review/quarter';

/** The settings in force: the organisation's own, or those that ship. */
export async function reviewSettings(db: Db): Promise<Settings> {
  const { rows } = await sql<Settings>`
    select open_by_itself as "openByItself", day_offset as "dayOffset", length_days as "lengthDays",
      revoke_within_hours as "revokeWithinHours", reviewer_rule as "reviewerRule", fallback_id as fallback
    from review_setting`.execute(db);
  return rows[0] ?? shippedSettings;
}

/** When the next campaign opens by itself; null where none is on the clock. */
export async function nextOpeningAt(
  db: Db,
  now: Temporal.Instant,
): Promise<Temporal.Instant | null> {
  const { rows } = await sql<{ due_at: Temporal.Instant }>`
    select due_at from obligation
    where kind = ${openingKind} and subject = ${openingSubject} and done_at is null and due_at > ${now}
    order by due_at limit 1`.execute(db);
  return rows[0]?.due_at ?? null;
}

/** The opening that has just fallen due is not yet marked done: only a later one counts. */
export async function loadSchedule(
  tx: Tx,
  _command: unknown,
  { now }: Context,
): Promise<ScheduleState> {
  return { settings: await reviewSettings(tx), scheduled: (await nextOpeningAt(tx, now)) !== null };
}

export async function projectScheduled(
  tx: Tx,
  event: ReviewScheduled,
  context: Context,
): Promise<void> {
  await scheduleOpening(tx, event.body.opensAt, context);
}

export async function loadSettings(
  tx: Tx,
  command: Settings,
  { now, zone }: Context,
): Promise<SettingsState> {
  return {
    fallbackAble:
      command.fallback === null || (await isEmployed(tx, command.fallback, dateIn(now, zone))),
  };
}

export async function projectSettings(
  tx: Tx,
  { body }: ReviewSettingsChanged,
  context: Context,
): Promise<void> {
  await sql`
    insert into review_setting
      (open_by_itself, day_offset, length_days, revoke_within_hours, reviewer_rule, fallback_id)
    values (${body.openByItself}, ${body.dayOffset}, ${body.lengthDays}, ${body.revokeWithinHours},
      ${body.reviewerRule}, ${body.fallback})
    on conflict (single) do update set open_by_itself = excluded.open_by_itself, day_offset = excluded.day_offset,
      length_days = excluded.length_days, revoke_within_hours = excluded.revoke_within_hours,
      reviewer_rule = excluded.reviewer_rule, fallback_id = excluded.fallback_id`.execute(tx);
  await unschedule(tx, openingSubject, openingKind);
  if (body.nextOpensAt) await scheduleOpening(tx, body.nextOpensAt, context);
}

async function scheduleOpening(tx: Tx, opensAt: string, context: Context): Promise<void> {
  const dueAt = Temporal.Instant.from(opensAt);
  await schedule(tx, [
    { id: context.newId(), clause: 'access', kind: openingKind, subject: openingSubject, dueAt },
  ]);
}

/** Whether a campaign over every system stands for the quarter of now: open, or closed complete. */
export async function quarterCovered(
  tx: Tx,
  { now, zone }: Context,
): Promise<QuarterState['covered']> {
  const { rows } = await sql`
    select from review_campaign
    where quarter = ${quarterName(dateIn(now, zone))} and (automatic or state <> 'incomplete') limit 1`.execute(
    tx,
  );
  return rows.length > 0;
}
