import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import { openTasks, schedule } from '../../registers/tasks/store.ts';
import type { CampaignOpened, Waiting } from './facts.ts';
import { defaults } from './facts.ts';
import { copySnapshot } from './store.snapshot.ts';

/** Puts the snapshot of this transaction into the campaign that was opened. */
export async function projectOpened(
  tx: Tx,
  event: CampaignOpened,
  context: Context,
): Promise<void> {
  const id = campaignIdOf(event.subject);
  const { body } = event;
  await sql`
    insert into review_campaign (id, name, quarter, automatic, reviewer_rule, fallback_id, opened_at, due_at,
      revoke_within_hours, salt, snapshot_digest, items, undecided)
    values (${id}, ${event.private.name}, ${body.quarter}, ${body.automatic}, ${body.reviewerRule}, ${body.fallback},
      ${context.now}, ${body.dueAt}::timestamptz, ${body.revokeWithinHours}, ${event.private.salt},
      ${body.snapshotDigest}, ${body.items}, ${body.items})`.execute(tx);
  await copySnapshot(tx, id);
  await openReviewTasks(tx, event, context);
  await scheduleCampaign(tx, id, Temporal.Instant.from(body.dueAt), context);
}

async function openReviewTasks(tx: Tx, event: CampaignOpened, context: Context): Promise<void> {
  const dueAt = Temporal.Instant.from(event.body.dueAt);
  const common = { promise: 'ACC-5', subject: event.subject, openedAt: context.now, dueAt };
  const reviewers = event.waiting.map((each) =>
    reviewTask(each, common, event.private.name, context),
  );
  // Only a campaign over every system is the quarter's review; one over a few cannot stand for it.
  const whole = event.body.quarter
    ? [
        {
          ...common,
          id: context.newId(),
          kind: 'access.quarterlyReview',
          assigneeId: null,
          role: 'security-officer',
          detail: { campaign: event.private.name, quarter: event.body.quarter },
          path: `/console/reviews/${campaignIdOf(event.subject)}?tab=progress`,
        },
      ]
    : [];
  await openTasks(tx, [...reviewers, ...whole]);
}

interface CampaignTask {
  readonly promise: string;
  readonly subject: string;
  readonly openedAt: Temporal.Instant;
  readonly dueAt: Temporal.Instant;
}

/** The task of one reviewer, or of the role where nobody could be found. */
export function reviewTask(
  waiting: Waiting,
  common: CampaignTask,
  campaign: string,
  context: Context,
) {
  return {
    ...common,
    id: context.newId(),
    kind: 'access.review',
    assigneeId: waiting.reviewerId,
    ...(waiting.reviewerId ? {} : { role: 'security-officer' }),
    detail: { campaign, items: waiting.items },
    path: `/console/reviews/${campaignIdOf(common.subject)}?mine=true&undecided=true`,
  };
}

/** Reminders at their days before the deadline, as far as they still lie ahead, and the closing. */
async function scheduleCampaign(
  tx: Tx,
  id: string,
  dueAt: Temporal.Instant,
  context: Context,
): Promise<void> {
  const clause = 'access';
  const reminders = defaults.reminderDays
    .map((days) => ({ days, at: dueAt.subtract({ hours: 24 * days }) }))
    .filter(({ at }) => Temporal.Instant.compare(at, context.now) > 0)
    .map(({ days, at }) => ({
      id: context.newId(),
      clause,
      kind: 'access.remind',
      subject: `campaign/${id}/${days}`,
      dueAt: at,
    }));
  const closing = {
    id: context.newId(),
    clause,
    kind: 'access.closeCampaign',
    subject: `campaign/${id}`,
    dueAt,
  };
  await schedule(tx, [...reminders, closing]);
}

/** The id in `campaign/<id>`. */
export function campaignIdOf(subject: string): string {
  return subject.split('/')[1] ?? '';
}
