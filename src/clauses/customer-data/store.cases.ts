import { sql } from 'kysely';
import { personOf, type Role } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { lacksUndertaking } from '../../registers/people/store.undertakings.ts';
import {
  cancelTasks,
  completeTasks,
  openTasks,
  schedule,
  unschedule,
} from '../../registers/tasks/store.ts';
import type {
  CaseDecided,
  CaseEnded,
  CaseLapsed,
  CaseOpened,
  CaseWithdrawn,
  CustomerDecided,
  CustomerTold,
  OneCase,
} from './facts.ts';
import type { CaseInHand, Deciding, FoundCase } from './flow.cases.ts';
import { toldOf, worksHere } from './store.people.ts';
import { approveTask, detailOf, lapseKind, openApproval } from './store.requesting.ts';
import { caseSettings } from './store.settings.ts';

export const reconcileTask = 'customer-data.reconcile';
export const reviewTask = 'customer-data.reviewEmergency';
export const expireKind = 'customer-data.expireCase';
export const reconcileMissKind = 'customer-data.missReconciliation';
export const reviewMissKind = 'customer-data.missReview';

const clause = 'customer-data';

/** The case, locked: what is decided of it comes one after the other, and none while a read is written. */
export async function loadCase(
  tx: Tx,
  { id }: OneCase,
  { actor, now, zone }: Context,
): Promise<CaseInHand> {
  const callerId = personOf(actor);
  const { rows } = await sql<Omit<FoundCase, 'requesterGone'>>`
    select it.id, it.customer_id as "customerId", coalesce(customer.name, customer.key) as customer,
      customer.state in ('erasing', 'gone') as "customerGone", it.requester_id as "requesterId", it.decided_by as "approverId", it.requester_role as role, it.purpose, it.basis, it.state, it.emergency,
      it.hours, it.customer_needed as "customerNeeded", it.customer_decided_at is not null as "customerDecided",
      customer.told = 'atOnce' as "toldAtOnce", it.lapses_at as "lapsesAt", it.opened_at as "openedAt",
      it.ends_at as "endsAt", it.ended_at as "endedAt",
      (select count(*)::int from case_read where case_id = it.id) as reads,
      it.reconcile_due_at as "reconcileDueAt", it.review_due_at as "reviewDueAt",
      it.reviewed_at is not null as reviewed,
      array(select kind from task where task.subject = 'case/' || it.id
        and done_at is null and missed_at is null and cancelled_at is null) as "waitingTasks"
    from customer_case it join customer on customer.id = it.customer_id
    where it.id = ${id} for update of it`.execute(tx);
  const [row] = rows;
  const settings = await caseSettings(tx);
  const today = dateIn(now, zone);
  const found = row && {
    ...row,
    requesterGone: !(await worksHere(tx, row.requesterId, today)),
  };
  return {
    callerId,
    callerLacksUndertaking: callerId !== null && (await lacksUndertaking(tx, callerId)),
    found: found ?? null,
    extension: found ? await extensionAsked(tx, id) : null,
    owner: found && actor.kind === 'contact' ? await ownerAmong(tx, found.customerId, actor) : null,
    contacts: found ? await toldOf(tx, found.customerId) : [],
    longestHours: settings.longestHours,
    reconcileDays: settings.reconcileDays,
  };
}

async function extensionAsked(tx: Tx, caseId: string): Promise<CaseInHand['extension']> {
  const { rows } = await sql<NonNullable<CaseInHand['extension']>>`
    select id, hours, customer_decided_at is not null as "customerDecided"
    from case_extension where case_id = ${caseId} and state = 'asked'`.execute(tx);
  return rows[0] ?? null;
}

/** A contact speaks for the one account they signed in to, as long as they are an owner there. */
async function ownerAmong(
  tx: Tx,
  customerId: string,
  contact: { readonly id: string; readonly customerId: string },
): Promise<string | null> {
  const { rows } = await sql`
    select from customer_contact
    where id = ${contact.id} and customer_id = ${customerId} and part = 'owner' and removed_at is null`.execute(
    tx,
  );
  return rows.length > 0 && contact.customerId === customerId ? contact.id : null;
}

export const idOf = (subject: string): string => subject.slice('case/'.length);

export async function projectDeciding(tx: Tx, event: Deciding, context: Context): Promise<void> {
  switch (event.type) {
    case 'CaseDecided':
      return projectDecided(tx, event, context);
    case 'CaseOpened':
      return projectOpened(tx, event, context);
    case 'CustomerTold':
      return projectTold(tx, event, context);
  }
}

async function projectDecided(tx: Tx, event: CaseDecided, { now }: Context): Promise<void> {
  const { decision, by } = event.body;
  const state = decision === 'approve' ? 'approved' : 'refused';
  await sql`
    update customer_case set state = ${state}, decided_at = ${now}, decided_by = ${by},
      reason = ${event.private.reason}
    where id = ${idOf(event.subject)}`.execute(tx);
  await completeTasks(tx, { kind: approveTask, subject: event.subject }, by, now);
  if (decision === 'refuse') await unschedule(tx, event.subject, lapseKind);
}

async function projectOpened(tx: Tx, event: CaseOpened, context: Context): Promise<void> {
  const { subject, body } = event;
  const endsAt = Temporal.Instant.from(body.endsAt);
  const reviewDueAt = body.reviewDueAt === null ? null : Temporal.Instant.from(body.reviewDueAt);
  await sql`
    update customer_case set state = 'open', opened_at = ${context.now}, ends_at = ${endsAt},
      review_due_at = ${reviewDueAt}, told_at_once = emergency or exists (
        select from customer where customer.id = customer_case.customer_id and told = 'atOnce')
    where id = ${idOf(subject)}`.execute(tx);
  await unschedule(tx, subject, lapseKind);
  const expiry = { id: context.newId(), clause, kind: expireKind, subject, dueAt: endsAt };
  await schedule(tx, [expiry]);
  if (!reviewDueAt) return;
  // Of the two officers neither may: whoever has no part in it does.
  const review = { kind: reviewTask, missKind: reviewMissKind, role: 'auditor' } as const;
  await openDuty(tx, subject, review, reviewDueAt, context);
}

export async function projectTold(tx: Tx, event: CustomerTold, { now }: Context): Promise<void> {
  await sql`
    update customer_case set told_at = ${now}, told_contacts = ${event.body.contacts}
    where id = ${idOf(event.subject)}`.execute(tx);
}

/** A duty of the role that is named; else of an officer: of the other one where an officer read. */
async function openDuty(
  tx: Tx,
  subject: string,
  {
    kind,
    missKind,
    role: of,
  }: { readonly kind: string; readonly missKind: string; readonly role?: Role },
  dueAt: Temporal.Instant,
  context: Context,
): Promise<void> {
  const { role, ...detail } = await detailOf(tx, idOf(subject));
  await openTasks(tx, [
    {
      id: context.newId(),
      kind,
      promise: 'CUS-3',
      subject,
      assigneeId: null,
      role: of ?? (role === 'security-officer' ? 'commercial-officer' : 'security-officer'),
      openedAt: context.now,
      dueAt,
      detail,
      path: `/console/cases/${idOf(subject)}`,
    },
  ]);
  await schedule(tx, [{ id: context.newId(), clause, kind: missKind, subject, dueAt }]);
}

export async function projectCustomerDecided(
  tx: Tx,
  event: CustomerDecided,
  context: Context,
): Promise<void> {
  const { decision, contact, extension } = event.body;
  const { now } = context;
  const id = idOf(event.subject);
  const { reason } = event.private;
  if (extension) {
    const refused = decision === 'refuse';
    await sql`
      update case_extension set customer_decided_at = ${now},
        state = case when ${refused}::boolean then 'refused' else state end,
        decided_at = case when ${refused}::boolean then ${now}::timestamptz end,
        reason = case when ${refused}::boolean then ${reason} else reason end
      where id = ${extension}`.execute(tx);
    if (refused) await cancelTasks(tx, { kind: approveTask, subject: event.subject }, now);
    return;
  }
  await sql`
    update customer_case set customer_decided_at = ${now}, customer_contact_id = ${contact} where id = ${id}`.execute(
    tx,
  );
  if (decision === 'approve') return openApproval(tx, id, context);
  await sql`
    update customer_case set state = 'refused', decided_at = ${now}, reason = ${reason} where id = ${id}`.execute(
    tx,
  );
  await unschedule(tx, event.subject, lapseKind);
}

/** Withdrawn or lapsed: nothing came of it, and nobody has anything to do about it any more. */
export async function projectDropped(
  tx: Tx,
  event: CaseWithdrawn | CaseLapsed,
  { now }: Context,
): Promise<void> {
  const state = event.type === 'CaseWithdrawn' ? 'withdrawn' : 'lapsed';
  await sql`
    update customer_case set state = ${state}, ended_at = ${now} where id = ${idOf(event.subject)}`.execute(
    tx,
  );
  await cancelTasks(tx, { kind: approveTask, subject: event.subject }, now);
  await unschedule(tx, event.subject, lapseKind);
}

export async function projectEnded(tx: Tx, event: CaseEnded, context: Context): Promise<void> {
  const { subject, body } = event;
  const dueAt = Temporal.Instant.from(body.reconcileDueAt);
  await sql`
    update customer_case set state = 'ended', ended_at = ${context.now}, ended_by = ${body.by},
      reconcile_due_at = ${dueAt}
    where id = ${idOf(subject)}`.execute(tx);
  await sql`
    update case_extension set state = 'lapsed', decided_at = ${context.now}
    where case_id = ${idOf(subject)} and state = 'asked'`.execute(tx);
  await cancelTasks(tx, { kind: approveTask, subject }, context.now);
  await unschedule(tx, subject, expireKind);
  const reconcile = { kind: reconcileTask, missKind: reconcileMissKind };
  await openDuty(tx, subject, reconcile, dueAt, context);
}

/** Cases of a person that are not over: asked for, approved, or open. */
export async function underWayOf(
  db: Db,
  personId: string,
): Promise<readonly { readonly id: string; readonly open: boolean }[]> {
  const { rows } = await sql<{ id: string; open: boolean }>`
    select id, state = 'open' as open from customer_case
    where requester_id = ${personId} and state in ('asked', 'approved', 'open') order by id`.execute(
    db,
  );
  return rows;
}
