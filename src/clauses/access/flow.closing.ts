import { lastDayOf } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type {
  Campaign,
  CampaignClosed,
  CloseCampaign,
  RefusalCode,
  Remind,
  ReviewersReminded,
  Waiting,
} from './facts.ts';
import { mailsTo } from './flow.opening.ts';

/** A reviewer who is late, and the person above them. */
export interface Late extends Waiting {
  readonly name: string;
  readonly managerId: string | null;
}

export interface ClosingState {
  readonly campaign: Campaign | null;
  readonly late: readonly Late[];
  readonly officers: readonly string[];
}

/**
 * Closes a campaign. By hand only once every item is decided. By the clock always, at its deadline:
 * with undecided items it closes incomplete, and the review of its quarter was missed.
 */
export function decideClosing(
  state: ClosingState,
  _command: CloseCampaign,
  { actor }: Context,
): Result<readonly CampaignClosed[], Refusal<RefusalCode>> {
  const { campaign } = state;
  const byClock = actor.kind === 'system';
  if (!campaign) return byClock ? ok([]) : refuse('notFound');
  if (campaign.state !== 'open') return byClock ? ok([]) : refuse('campaignClosed');
  const { items, undecided, quarter } = campaign;
  if (!byClock && undecided > 0) return refuse('undecidedItems', { count: undecided });
  const closed = undecided > 0 ? 'incomplete' : 'complete';
  return ok([
    {
      type: 'CampaignClosed',
      subject: `campaign/${campaign.id}`,
      body: { state: closed, items, undecided, quarter },
    },
  ]);
}

/** Escalation: those above the late reviewers, and the security officers, learn what was missed. */
export function mailsOfClosing(event: CampaignClosed, state: ClosingState): readonly Effect[] {
  const { campaign } = state;
  if (!campaign || event.body.state === 'complete') return [];
  const path = `/console/reviews/${campaign.id}`;
  const toManagers: Effect[] = state.late
    .filter((each) => each.reviewerId && each.managerId)
    .map(({ managerId, name, items }) => ({
      kind: 'mail',
      to: managerId as string,
      template: 'access.reviewMissed',
      params: { campaign: campaign.name, reviewer: name, items },
      path,
    }));
  const toOfficers: Effect[] = state.officers.map((to) => ({
    kind: 'mail',
    to,
    template: 'access.campaignIncomplete',
    params: { campaign: campaign.name, undecided: event.body.undecided, items: event.body.items },
    path,
  }));
  return [...toManagers, ...toOfficers];
}

export interface ReminderState {
  readonly campaign: Campaign | null;
  readonly remindedDays: readonly number[];
  readonly waiting: readonly Waiting[];
  readonly officers: readonly string[];
}

/** Reminds whoever has not decided; once for each of the campaign's reminders. */
export function decideReminder(
  state: ReminderState,
  { days }: Remind,
  _context: Context,
): Result<readonly ReviewersReminded[], Refusal<RefusalCode>> {
  const { campaign, waiting } = state;
  if (campaign?.state !== 'open' || state.remindedDays.includes(days) || waiting.length === 0)
    return ok([]);
  return ok([
    {
      type: 'ReviewersReminded',
      subject: `campaign/${campaign.id}`,
      body: { days, reviewers: waiting.length, undecided: campaign.undecided },
    },
  ]);
}

export function mailsOfReminder(
  event: ReviewersReminded,
  state: ReminderState,
  context: Context,
): readonly Effect[] {
  const { campaign } = state;
  if (!campaign) return [];
  const due = lastDayOf(campaign.dueAt, context.zone).toString();
  return mailsTo(state.waiting, state.officers, (to, items) => ({
    kind: 'mail',
    to,
    template: 'access.reviewReminder',
    params: { campaign: campaign.name, items, due, days: event.body.days },
    path: `/console/reviews/${campaign.id}`,
  }));
}
