import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Context } from '../../policy/event.ts';
import { completeLate, completeTasks, missTasks, unschedule } from '../../registers/tasks/store.ts';
import type { Deviation } from './facts.terms.ts';
import type {
  CaseDutyMissed,
  CaseReconciled,
  CaseReviewed,
  CustomerTold,
  OneCase,
} from './facts.ts';
import type { ReconcilingState } from './flow.closing.ts';
import {
  idOf,
  loadCase,
  projectTold,
  reconcileMissKind,
  reconcileTask,
  reviewMissKind,
  reviewTask,
} from './store.cases.ts';

/**
 * In what a read differs from what was approved; null where it does not. Over the tables `read`
 * (of case_read) and `it` (of customer_case).
 */
export const deviationOf: RawBuilder<Deviation | null> = sql<Deviation | null>`case
  when read.person_id <> it.requester_id then 'notRequester'
  when it.opened_at is null or read.at < it.opened_at or read.at >= it.ends_at
    or read.at > coalesce(it.ended_at, read.at) then 'outsideTime'
  when not exists (
    select from case_scope scope
    where scope.case_id = it.id and scope.collection = read.collection
      and (scope.item_id is null or scope.item_id = read.item_id))
    or read.changed_at < it.from_at or read.changed_at >= it.to_at then 'outsideScope'
  when read.copied and not it.copy then 'copied' end`;

/**
 * Uses of the customer's key for a case that no read stands for: counted by the vault, and not in
 * the list. `it` is customer_case. Reads are counted by the vault within a minute or two of them.
 */
const unlisted = sql`(
  select coalesce(sum(used.operations), 0)::int - (select count(*)::int from case_read where case_id = it.id)
  from vault_unwrap used where used.by_kind = 'case' and used.by_id = it.id::text)`;

export interface ReadLine {
  readonly id: string;
  readonly what: string;
  readonly collection: string;
  readonly itemId: string | null;
  readonly copied: boolean;
  readonly at: Temporal.Instant;
  readonly deviation: Deviation | null;
}

/** Every read of a case, each held against what was approved: the whole of them, in one query. */
export async function readsOf(db: Db, caseId: string): Promise<readonly ReadLine[]> {
  const { rows } = await sql<ReadLine>`
    select read.id, read.what, read.collection, read.item_id as "itemId", read.copied, read.at,
      ${deviationOf} as deviation
    from case_read read join customer_case it on it.id = read.case_id
    where read.case_id = ${caseId} order by read.at, read.id`.execute(db);
  return rows;
}

/** Uses of the key beyond the reads that are listed; 0 where all is well. */
export async function unlistedUses(db: Db, caseId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select greatest(0, ${unlisted}) as n from customer_case it where it.id = ${caseId}`.execute(db);
  return rows[0]?.n ?? 0;
}

/** `documents (3), settings (1)`: collections in the clear, and how often something was read there. */
export function summaryOf(reads: readonly Pick<ReadLine, 'collection'>[]): string {
  const counts = new Map<string, number>();
  for (const { collection } of reads) counts.set(collection, (counts.get(collection) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([collection, count]) => `${collection} (${count})`)
    .join(', ');
}

export async function loadReconciling(
  tx: Tx,
  command: OneCase,
  context: Context,
): Promise<ReconcilingState> {
  const inHand = await loadCase(tx, command, context);
  const reads = await readsOf(tx, command.id);
  const unseen = await unlistedUses(tx, command.id);
  const lines = reads.map(({ id, what, collection, itemId, deviation }) =>
    [id, what, collection, itemId ?? '*', deviation ?? 'within'].join(' '),
  );
  if (unseen > 0) lines.push(`unlisted ${unseen}`);
  const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
  const deviating = reads.filter(({ deviation }) => deviation !== null).length;
  return {
    ...inHand,
    list: {
      reads: reads.length,
      deviations: deviating + unseen,
      sha256: sha256Hex(bytes),
      bytes,
    },
    summary: summaryOf(reads),
  };
}

export async function projectReconciling(
  tx: Tx,
  event: CaseReconciled | CustomerTold,
  context: Context,
): Promise<void> {
  if (event.type === 'CustomerTold') return projectTold(tx, event, context);
  const { by, deviations } = event.body;
  await sql`
    update customer_case set state = 'reconciled', reconciled_at = ${context.now}, reconciled_by = ${by},
      deviations = ${deviations}, note = ${event.private.note}
    where id = ${idOf(event.subject)}`.execute(tx);
  await completeTasks(tx, { kind: reconcileTask, subject: event.subject }, by, context.now);
  await completeLate(tx, { kind: reconcileTask, subject: event.subject }, by, context.now);
  await unschedule(tx, event.subject, reconcileMissKind);
}

export async function projectReviewed(
  tx: Tx,
  event: CaseReviewed,
  { now }: Context,
): Promise<void> {
  const { by, verdict } = event.body;
  await sql`
    update customer_case set reviewed_at = ${now}, reviewed_by = ${by}, verdict = ${verdict},
      review_note = ${event.private.note}
    where id = ${idOf(event.subject)}`.execute(tx);
  await completeTasks(tx, { kind: reviewTask, subject: event.subject }, by, now);
  await completeLate(tx, { kind: reviewTask, subject: event.subject }, by, now);
  await unschedule(tx, event.subject, reviewMissKind);
}

/** The task stands as missed; doing it is possible still, and late. */
export async function projectMissed(
  tx: Tx,
  { subject, body }: CaseDutyMissed,
  { now }: Context,
): Promise<void> {
  const kind = body.duty === 'reconcile' ? reconcileTask : reviewTask;
  await missTasks(tx, { kind, subject }, now);
}
