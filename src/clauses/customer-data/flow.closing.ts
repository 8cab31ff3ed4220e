import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  CaseDutyMissed,
  CaseReconciled,
  CaseRefusal,
  CaseReviewed,
  CustomerTold,
  OneCase,
  ReconcileCase,
  ReviewCase,
} from './facts.ts';
import type { CaseInHand, FoundCase } from './flow.cases.ts';

type Refused = Refusal<CaseRefusal>;

export interface ReconcilingState extends CaseInHand {
  /** Every read of the case, with its deviation if it has one. */
  readonly list: {
    readonly reads: number;
    readonly deviations: number;
    readonly sha256: string;
    readonly bytes: Uint8Array;
  };
  /** `documents (3), settings (1)`: what the customer is told was read. */
  readonly summary: string;
}

/**
 * What was read is held against what was approved, by somebody else than who read it; what differs
 * needs a sentence. The customer is told in the same act. CUS-3, nobodyReconcilesTheirOwnReads.
 */
export function decideReconciliation(
  state: ReconcilingState,
  { note }: ReconcileCase,
  _context: Context,
): Result<readonly (CaseReconciled | CustomerTold)[], Refused> {
  const { callerId, found, list } = state;
  if (!found) return refuse('notFound');
  if (!callerId) return refuse('needsPerson');
  if (callerId === found.requesterId) return refuseByGuard('CUS-3', 'readerReconciles');
  if (found.state !== 'ended') return refuse('caseNotEnded');
  if (list.deviations > 0 && note === '')
    return refuseByGuard('CUS-3', 'deviationUnexplained', { count: list.deviations });
  const reconciled: CaseReconciled = {
    type: 'CaseReconciled',
    subject: `case/${found.id}`,
    body: {
      by: callerId,
      reads: list.reads,
      deviations: list.deviations,
      listBlob: list.sha256,
    },
    private: { note },
    blobs: { listBlob: list.bytes },
  };
  return ok(state.contacts.length > 0 ? [reconciled, toldAtEnd(state, found)] : [reconciled]);
}

/** Told again, or for the first time, where there was nobody to tell before. */
export function decideTelling(
  state: ReconcilingState,
  _command: OneCase,
  _context: Context,
): Result<readonly CustomerTold[], Refused> {
  const { found, contacts } = state;
  if (!found) return refuse('notFound');
  if (found.state !== 'reconciled') return refuse('caseNotEnded');
  if (contacts.length === 0) return refuse('nobodyToTell');
  return ok([toldAtEnd(state, found)]);
}

function toldAtEnd({ contacts }: CaseInHand, { id, customerId }: FoundCase): CustomerTold {
  const body = { customer: customerId, when: 'atEnd', contacts: contacts.length } as const;
  return { type: 'CustomerTold', subject: `case/${id}`, body };
}

/** Whether an emergency was one, said by somebody who neither declared nor confirmed it. */
export function decideReview(
  { callerId, found }: CaseInHand,
  { verdict, note }: ReviewCase,
  _context: Context,
): Result<readonly CaseReviewed[], Refused> {
  if (!found) return refuse('notFound');
  if (!callerId) return refuse('needsPerson');
  if (!found.emergency || !found.reviewDueAt) return refuse('notAnEmergency');
  if (callerId === found.requesterId) return refuseByGuard('CUS-3', 'ownCase');
  if (callerId === found.approverId) return refuseByGuard('CUS-3', 'ownConfirmation');
  if (found.reviewed) return refuse('caseReviewed');
  return ok([
    {
      type: 'CaseReviewed',
      subject: `case/${found.id}`,
      body: { by: callerId, verdict },
      private: { note },
    },
  ]);
}

/** Run by the clock: the time for reconciling has passed. It is possible still, and late. */
export function decideReconciliationMissed(
  { found }: CaseInHand,
  _command: OneCase,
  { now }: Context,
): Result<readonly CaseDutyMissed[], Refused> {
  return ok(found ? missed(found, 'reconcile', found.reconcileDueAt, now) : []);
}

/** Run by the clock: the time for reviewing an emergency has passed. */
export function decideReviewMissed(
  { found }: CaseInHand,
  _command: OneCase,
  { now }: Context,
): Result<readonly CaseDutyMissed[], Refused> {
  return ok(found ? missed(found, 'review', found.reviewDueAt, now) : []);
}

const taskOf = {
  reconcile: 'customer-data.reconcile',
  review: 'customer-data.reviewEmergency',
} as const;

/** Missed is what still waits at its time; once is enough. */
function missed(
  { id, waitingTasks }: FoundCase,
  duty: keyof typeof taskOf,
  due: Temporal.Instant | null,
  now: Temporal.Instant,
): readonly CaseDutyMissed[] {
  if (!due || Temporal.Instant.compare(now, due) < 0) return [];
  if (!waitingTasks.includes(taskOf[duty])) return [];
  return [{ type: 'CaseDutyMissed', subject: `case/${id}`, body: { duty } }];
}
