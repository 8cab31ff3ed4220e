import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { completeTasks, missTasks, unschedule } from '../../registers/tasks/store.ts';
import {
  type CampaignClosed,
  type CloseCampaign,
  defaults,
  type Remind,
  type ReviewersReminded,
} from './facts.ts';
import type { ClosingState, Late, ReminderState } from './flow.closing.ts';
import { loadCampaign, securityOfficers, waitingFor } from './store.campaign.ts';
import { campaignIdOf } from './store.opening.ts';

export async function loadClosing(
  tx: Tx,
  { campaignId }: CloseCampaign,
  context: Context,
): Promise<ClosingState> {
  const campaign = await loadCampaign(tx, campaignId);
  const { rows: late } = await sql<Late>`
    select waiting.reviewer_id as "reviewerId", coalesce(person.name, '') as name, person.manager_id as "managerId",
      waiting.items
    from (
      select reviewer_id, count(*)::int as items from review_item
      where campaign_id = ${campaignId} and decision is null group by reviewer_id
    ) waiting
    left join person on person.id = waiting.reviewer_id
    order by waiting.reviewer_id`.execute(tx);
  return {
    campaign,
    late,
    officers: await securityOfficers(tx, dateIn(context.now, context.zone)),
  };
}

/** Closes it; what was open then was missed, and the campaign's reminders are taken back. */
export async function projectClosed(
  tx: Tx,
  event: CampaignClosed,
  context: Context,
): Promise<void> {
  const campaignId = campaignIdOf(event.subject);
  await sql`
    update review_campaign set state = ${event.body.state}, closed_at = ${context.now}
    where id = ${campaignId}`.execute(tx);
  for (const kind of ['access.review', 'access.quarterlyReview']) {
    const selection = { kind, subject: event.subject };
    if (event.body.state === 'complete') await completeTasks(tx, selection, null, context.now);
    else await missTasks(tx, selection, context.now);
  }
  await unschedule(tx, event.subject, 'access.closeCampaign');
  for (const days of defaults.reminderDays)
    await unschedule(tx, `${event.subject}/${days}`, 'access.remind');
}

export async function loadReminder(
  tx: Tx,
  { campaignId }: Remind,
  context: Context,
): Promise<ReminderState> {
  const campaign = await loadCampaign(tx, campaignId);
  const { rows } = await sql<{ reminded_days: number[] }>`
    select reminded_days from review_campaign where id = ${campaignId}`.execute(tx);
  return {
    campaign,
    remindedDays: rows[0]?.reminded_days ?? [],
    waiting: campaign ? await waitingFor(tx, campaignId) : [],
    officers: await securityOfficers(tx, dateIn(context.now, context.zone)),
  };
}

export async function projectReminded(tx: Tx, event: ReviewersReminded): Promise<void> {
  await sql`
    update review_campaign set reminded_days = array_append(reminded_days, ${event.body.days}::smallint)
    where id = ${campaignIdOf(event.subject)}`.execute(tx);
}
