import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import { completeTasks, schedule, unschedule } from '../../registers/tasks/store.ts';
import type { ExtensionAsked, ExtensionDecided } from './facts.ts';
import { expireKind, idOf } from './store.cases.ts';
import { approveTask, openApproval } from './store.requesting.ts';

/** More hours: asked for, and decided on by somebody else. */

export async function projectExtensionAsked(
  tx: Tx,
  event: ExtensionAsked,
  context: Context,
): Promise<void> {
  const { extension, hours } = event.body;
  const id = idOf(event.subject);
  await sql`
    insert into case_extension (id, case_id, hours, why, asked_at)
    values (${extension}, ${id}, ${hours}, ${event.private.why}, ${context.now})`.execute(tx);
  await openApproval(tx, id, context);
}

export async function projectExtensionDecided(
  tx: Tx,
  event: ExtensionDecided,
  context: Context,
): Promise<void> {
  const { extension, decision, by, endsAt } = event.body;
  const { subject } = event;
  await sql`
    update case_extension set state = ${decision === 'approve' ? 'approved' : 'refused'},
      decided_at = ${context.now}, decided_by = ${by}, reason = ${event.private.reason}
    where id = ${extension}`.execute(tx);
  await completeTasks(tx, { kind: approveTask, subject }, by, context.now);
  if (endsAt === null) return;
  const dueAt = Temporal.Instant.from(endsAt);
  await sql`update customer_case set ends_at = ${dueAt} where id = ${idOf(subject)}`.execute(tx);
  await unschedule(tx, subject, expireKind);
  await schedule(tx, [
    { id: context.newId(), clause: 'customer-data', kind: expireKind, subject, dueAt },
  ]);
}
