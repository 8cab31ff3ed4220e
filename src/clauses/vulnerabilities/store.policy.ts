import { sql } from 'kysely';
import { actorText } from '../../kernel/actor.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { ChangePolicy, PatchPolicy, PatchPolicyChanged } from './facts.policy.ts';
import type { ReclassifiedCounts } from './facts.settling.ts';
import type { PolicyState } from './flow.policy.ts';
import { lockBacklog } from './store.acts.ts';
import { drawDay } from './store.days.ts';
import {
  deadlinesMoved,
  policyInForce,
  ratingEvidence,
  stageRatings,
  writeRatings,
} from './store.rating.ts';

/** The patch policy: a new version rates every item anew, and says beforehand what that changes. */

const everyItem = sql`select id from backlog_item where state not in ('fixed', 'lapsed')`;

/** What a policy would change, were it in force; writes nothing. */
export async function previewPolicy(
  db: Db,
  policy: PatchPolicy,
  context: Pick<Context, 'now' | 'zone'>,
): Promise<ReclassifiedCounts> {
  // What is compared is laid down in temporary tables, which end with the transaction.
  return await db.transaction().execute((tx) => stageRatings(tx, everyItem, policy, context));
}

export async function loadPolicy(
  tx: Tx,
  { policy }: ChangePolicy,
  context: Context,
): Promise<PolicyState> {
  await lockBacklog(tx);
  const counts = await stageRatings(tx, everyItem, policy, context);
  return {
    inForce: await policyInForce(tx),
    counts,
    evidence: await ratingEvidence(tx),
    moved: await deadlinesMoved(tx, context),
  };
}

export async function projectPolicy(
  tx: Tx,
  { body, policy }: PatchPolicyChanged,
  context: Context,
): Promise<void> {
  await write(
    tx,
    sql`
    insert into patch_policy (version, classes, exploited_days, acceptance_days, text_en, text_ja,
      in_force_at, changed_by)
    values (${body.version}, ${JSON.stringify(policy.classes)}::jsonb, ${policy.exploitedDays},
      ${policy.acceptanceDays}, ${policy.textEn}, ${policy.textJa}, ${context.now},
      ${actorText(context.actor)})`,
  );
  await writeRatings(tx, body.version);
  await drawDay(tx, context);
}
