import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import { dateIn, endOfDay, startOfDay } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import {
  cancelTasks,
  completeTasks,
  openTasks,
  schedule,
  unschedule,
} from '../../registers/tasks/store.ts';
import type { ApprovalCommand, ApprovalEvent, Ask, Asked } from './facts.ts';
import { promisesOf } from './facts.version.ts';
import type { ApprovalState } from './flow.approval.ts';
import { projectAsked } from './store.acknowledgement.ts';
import { current } from './store.current.ts';
import { addAuthor } from './store.draft.ts';
import { languagesPublished, projectReviewed, publicationSettingsOf } from './store.office.ts';
import {
  authorsOf,
  lockVersions,
  textsOf,
  upholdersNow,
  versionById,
  versionInForce,
} from './store.version.ts';

export async function loadApproval(
  tx: Tx,
  command: ApprovalCommand,
  context: Context,
): Promise<ApprovalState> {
  await lockVersions(tx);
  const version = await versionById(tx, command.versionId);
  const inForce = await versionInForce(tx);
  const languages = await languagesPublished(tx);
  const ask = command.do === 'approve' ? command.ask : (version?.ask ?? null);
  const publishes =
    command.do === 'approve' || command.do === 'publishNow' || command.do === 'publishDue';
  return {
    version,
    texts: version
      ? await textsOf(tx, version.id, languagesOf(version.state, version.languages, languages))
      : [],
    inForce: inForce && {
      version: inForce,
      texts: await textsOf(tx, inForce.id, inForce.languages),
    },
    authors: version ? await authorsOf(tx, version.id) : [],
    languages,
    asked: publishes && ask ? await askedBy(tx, ask, context) : [],
  };
}

/** What was proposed is fixed, its languages too; a draft follows the organisation. */
function languagesOf<L>(state: string, own: readonly L[], published: readonly L[]): readonly L[] {
  return state === 'draft' ? published : own;
}

/**
 * Whom a version asks if it is published now: those the approver chose, and everyone who still owes
 * an earlier acknowledgement, who keeps the earlier deadline.
 */
export async function askedBy(
  db: Db,
  ask: Ask,
  { now, zone }: Pick<Context, 'now' | 'zone'>,
): Promise<readonly Asked[]> {
  const { acknowledgementDays } = await publicationSettingsOf(db);
  const today = dateIn(now, zone);
  const dueAt = endOfDay(today.add({ days: acknowledgementDays }), zone);
  const { rows } = await sql<Asked>`
    select p.id as "personId", least(r.due_at, ${dueAt}) as "dueAt"
    from person p
    left join acknowledgement_request r on r.person_id = p.id and r.closed_at is null
    where ${current(today)} and (r.person_id is not null or ${chosen(ask)})
    order by p.id`.execute(db);
  return rows;
}

function chosen(ask: Ask) {
  if (ask.kind === 'everyone') return sql`true`;
  if (ask.kind === 'nobody') return sql`false`;
  const roles = ask.concerned.flatMap((concern) => concern.roles);
  const departments = ask.concerned.flatMap((concern) => concern.departments);
  return sql`(p.roles && ${roles}::text[] or p.department = any(${departments}::text[]))`;
}

export async function projectApproval(
  tx: Tx,
  event: ApprovalEvent,
  context: Context,
): Promise<void> {
  const versionId = event.subject.slice(event.subject.indexOf('/') + 1);
  switch (event.type) {
    case 'PolicyProposed':
      return await propose(tx, versionId, event, context);
    case 'ProposalWithdrawn':
    case 'ProposalRejected':
      return await backToDraft(tx, versionId, event, context);
    case 'PolicyApproved':
      return await approve(tx, versionId, event, context);
    case 'PolicyPublished':
      return await publish(tx, versionId, event, context);
    case 'PolicyReviewed':
      return await projectReviewed(tx, event, context);
    case 'AcknowledgementsAsked':
      return await projectAsked(tx, event, context);
  }
}

const approvalTask = 'publication.approval';
/** Days that an approval may wait before Today shows it as overdue. */
const approvalDays = 7;

async function propose(
  tx: Tx,
  versionId: string,
  event: Extract<ApprovalEvent, { type: 'PolicyProposed' }>,
  context: Context,
): Promise<void> {
  const { digest, effectiveOn } = event.body;
  await sql`
    update policy_version set state = 'proposed', digest = ${digest}, proposed_at = ${context.now},
      effective_on = ${effectiveOn}, summary = ${JSON.stringify(event.private?.summary ?? {})}::jsonb,
      rejection = null, languages = ${await languagesPublished(tx)}
    where id = ${versionId}`.execute(tx);
  await addAuthor(tx, versionId, context);
  const dueOn = dateIn(context.now, context.zone).add({ days: approvalDays });
  // Whoever wrote it cannot approve it; both offices see that it waits, and either ends it for both.
  await openTasks(
    tx,
    (['security-officer', 'commercial-officer'] as const).map((role) => ({
      id: context.newId(),
      kind: approvalTask,
      promise: 'PUB-1',
      subject: event.subject,
      assigneeId: null,
      role,
      openedAt: context.now,
      dueAt: endOfDay(dueOn, context.zone),
      detail: { number: event.body.number },
      path: '/console/policy/edit',
    })),
  );
}

async function backToDraft(
  tx: Tx,
  versionId: string,
  event: Extract<ApprovalEvent, { type: 'ProposalWithdrawn' | 'ProposalRejected' }>,
  context: Context,
): Promise<void> {
  const reason = event.type === 'ProposalRejected' ? (event.private?.reason ?? null) : null;
  await sql`
    update policy_version set state = 'draft', digest = null, approved_at = null, approved_by = null,
      ask = null, rejection = ${reason}
    where id = ${versionId}`.execute(tx);
  await cancelTasks(tx, { kind: approvalTask, subject: event.subject }, context.now);
  await unschedule(tx, event.subject, 'publication.publish');
}

async function approve(
  tx: Tx,
  versionId: string,
  event: Extract<ApprovalEvent, { type: 'PolicyApproved' }>,
  context: Context,
): Promise<void> {
  const effectiveOn = Temporal.PlainDate.from(event.body.effectiveOn);
  await sql`
    update policy_version set state = 'approved', approved_at = ${context.now},
      approved_by = ${personOf(context.actor)}, effective_on = ${effectiveOn},
      ask = ${JSON.stringify(event.private?.ask ?? { kind: 'everyone' })}::jsonb
    where id = ${versionId}`.execute(tx);
  await completeTasks(
    tx,
    { kind: approvalTask, subject: event.subject },
    personOf(context.actor),
    context.now,
  );
  await schedule(tx, [
    {
      id: context.newId(),
      clause: 'publication',
      kind: 'publication.publish',
      subject: event.subject,
      dueAt: startOfDay(effectiveOn, context.zone),
    },
  ]);
}

async function publish(
  tx: Tx,
  versionId: string,
  event: Extract<ApprovalEvent, { type: 'PolicyPublished' }>,
  context: Context,
): Promise<void> {
  await sql`
    update policy_version set state = 'superseded', superseded_at = ${context.now}
    where state = 'published'`.execute(tx);
  await sql`
    update policy_version set state = 'published', published_at = ${context.now},
      effective_on = ${event.body.effectiveOn}
    where id = ${versionId}`.execute(tx);
  const upholders = await upholdersNow(tx);
  const promises = promisesOf(await textsOf(tx, versionId, event.body.languages)).map(
    (promise, position) => ({
      promise: promise.id,
      clause: promise.clause,
      position,
      words: promise.words,
      upholders: upholders.get(promise.id) ?? [],
    }),
  );
  await sql`
    insert into policy_promise (version_id, promise, clause, position, words, upholders)
    select ${versionId}, promise, clause, position, words, upholders
    from jsonb_to_recordset(${JSON.stringify(promises)}::jsonb)
      as p (promise text, clause text, position integer, words jsonb, upholders text[])`.execute(
    tx,
  );
  await unschedule(tx, event.subject, 'publication.publish');
}
