import { instantText } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import { type CaseState, reviewWithinHours } from './facts.terms.ts';
import type {
  AskExtension,
  CaseDecided,
  CaseEnded,
  CaseOpened,
  CaseRefusal,
  CustomerDecided,
  CustomerDecides,
  CustomerTold,
  DecideCase,
  ExtensionAsked,
  ExtensionDecided,
  OneCase,
} from './facts.ts';

type Refused = Refusal<CaseRefusal>;

/** A case, locked, and what the caller is to it. */
export interface CaseInHand {
  readonly callerId: string | null;
  readonly callerLacksUndertaking: boolean;
  readonly found: FoundCase | null;
  /** More hours that somebody asked for and nobody decided on yet. */
  readonly extension: {
    readonly id: string;
    readonly hours: number;
    readonly customerDecided: boolean;
  } | null;
  /** The contact of the customer who asks, where one does and is an owner of this very account. */
  readonly owner: string | null;
  /** Whom to tell at the customer. */
  readonly contacts: readonly string[];
  readonly longestHours: number;
  readonly reconcileDays: number;
}

export interface FoundCase {
  readonly id: string;
  readonly customerId: string;
  readonly customer: string;
  /** The key is gone: there is nothing left that a case could be about. */
  readonly customerGone: boolean;
  readonly requesterId: string;
  readonly requesterGone: boolean;
  /** Who approved it; of an emergency the second officer. */
  readonly approverId: string | null;
  readonly role: string;
  readonly purpose: string;
  readonly basis: 'terms' | 'contract' | 'consent';
  readonly state: CaseState;
  readonly emergency: boolean;
  readonly hours: number;
  readonly customerNeeded: boolean;
  readonly customerDecided: boolean;
  /** By the contract, the customer is told when a case opens and not only at its end. */
  readonly toldAtOnce: boolean;
  readonly lapsesAt: Temporal.Instant;
  readonly openedAt: Temporal.Instant | null;
  readonly endsAt: Temporal.Instant | null;
  readonly endedAt: Temporal.Instant | null;
  readonly reads: number;
  readonly reconcileDueAt: Temporal.Instant | null;
  readonly reviewDueAt: Temporal.Instant | null;
  readonly reviewed: boolean;
  /** Kinds of tasks about it that wait in Today. */
  readonly waitingTasks: readonly string[];
}

export type Deciding = CaseDecided | CaseOpened | CustomerTold;

/**
 * Approves or refuses a case. CUS-3, nobodyApprovesTheirOwnCase. An emergency opens with the word of
 * the second officer; the customer is told in the same moment.
 */
export function decideOnCase(
  state: CaseInHand,
  { decision, reason }: DecideCase,
  context: Context,
): Result<readonly Deciding[], Refused> {
  const { callerId, found } = state;
  if (!found) return refuse('notFound');
  if (!callerId) return refuse('needsPerson');
  if (callerId === found.requesterId) return refuseByGuard('CUS-3', 'ownCase');
  if (found.state !== 'asked') return refuse('caseNotWaiting');
  if (decision === 'refuse' && reason === '') return refuse('caseReasonMissing');
  if (decision === 'approve') {
    if (found.customerNeeded && !found.customerDecided)
      return refuseByGuard('CUS-3', 'customerFirst');
    if (found.requesterGone) return refuseByGuard('CUS-3', 'requesterGone');
    if (found.customerGone) return refuse('customerGone');
  }
  const decided: CaseDecided = {
    type: 'CaseDecided',
    subject: `case/${found.id}`,
    body: { decision, by: callerId },
    private: { reason },
  };
  const opens = decision === 'approve' && found.emergency;
  return ok(opens ? [decided, ...opening(state, found, context)] : [decided]);
}

/** The clock starts; whom the contract wants told at once is told. */
function opening(
  { contacts }: CaseInHand,
  { id, customerId, hours, emergency, toldAtOnce }: FoundCase,
  { now }: Context,
): readonly (CaseOpened | CustomerTold)[] {
  const subject = `case/${id}`;
  const opened: CaseOpened = {
    type: 'CaseOpened',
    subject,
    body: {
      customer: customerId,
      endsAt: instantText(now.add({ hours })),
      emergency,
      reviewDueAt: emergency ? instantText(now.add({ hours: reviewWithinHours })) : null,
    },
  };
  if (!(toldAtOnce || emergency) || contacts.length === 0) return [opened];
  return [
    opened,
    {
      type: 'CustomerTold',
      subject,
      body: { customer: customerId, when: 'atOpening', contacts: contacts.length },
    },
  ];
}

/** Opened by whoever asked, when they are ready: hours run from now. */
export function decideOpening(
  state: CaseInHand,
  _command: OneCase,
  context: Context,
): Result<readonly (CaseOpened | CustomerTold)[], Refused> {
  const { callerId, found } = state;
  if (!found) return refuse('notFound');
  if (!callerId) return refuse('needsPerson');
  if (callerId !== found.requesterId) return refuseByGuard('CUS-3', 'notYourCase');
  if (found.state !== 'approved') return refuse('caseNotApproved');
  if (found.customerGone) return refuse('customerGone');
  if (Temporal.Instant.compare(found.lapsesAt, context.now) <= 0) return refuse('caseNotApproved');
  if (state.callerLacksUndertaking) return refuseByGuard('PEO-4', 'noUndertaking', { count: 1 });
  return ok(opening(state, found, context));
}

/** The customer's own word, on the case or on more hours; only an owner's counts. */
export function decideByCustomer(
  { found, extension, owner }: CaseInHand,
  { decision, reason }: CustomerDecides,
  _context: Context,
): Result<readonly CustomerDecided[], Refused> {
  if (!found) return refuse('notFound');
  if (!owner) return refuse('contactNotOwner');
  const onCase = found.state === 'asked' && found.customerNeeded && !found.customerDecided;
  const onMore = found.state === 'open' && found.customerNeeded && extension !== null;
  if (!onCase && !(onMore && !extension.customerDecided)) return refuse('caseNotWaiting');
  return ok([
    {
      type: 'CustomerDecided',
      subject: `case/${found.id}`,
      body: { decision, contact: owner, extension: onCase ? null : (extension?.id ?? null) },
      private: { reason },
    },
  ]);
}

/** More hours are asked for while it is open; until they are approved, nothing changes. */
export function decideExtensionAsked(
  { callerId, found, extension, longestHours }: CaseInHand,
  { hours, why }: AskExtension,
  { now, newId }: Context,
): Result<readonly ExtensionAsked[], Refused> {
  if (!found) return refuse('notFound');
  if (callerId !== found.requesterId) return refuse('notYourCase');
  if (!isOpen(found, now)) return refuse('caseClosed');
  if (extension) return refuse('extensionAsked');
  if (hours > longestHours) return refuse('caseTooLong', { hours: longestHours });
  return ok([
    {
      type: 'ExtensionAsked',
      subject: `case/${found.id}`,
      body: { extension: newId(), hours },
      private: { why },
    },
  ]);
}

/** CUS-3, nobodyApprovesTheirOwnCase: more hours are a decision of their own, by somebody else. */
export function decideOnExtension(
  { callerId, found, extension }: CaseInHand,
  { decision, reason }: DecideCase,
  { now }: Context,
): Result<readonly ExtensionDecided[], Refused> {
  if (!found) return refuse('notFound');
  if (!callerId) return refuse('needsPerson');
  if (callerId === found.requesterId) return refuseByGuard('CUS-3', 'ownCase');
  if (!extension) return refuse('noExtension');
  if (!isOpen(found, now) || !found.endsAt) return refuse('caseClosed');
  if (decision === 'refuse' && reason === '') return refuse('caseReasonMissing');
  const approved = decision === 'approve';
  if (approved && found.customerNeeded && !extension.customerDecided)
    return refuseByGuard('CUS-3', 'customerFirst');
  const endsAt = approved ? instantText(found.endsAt.add({ hours: extension.hours })) : null;
  return ok([
    {
      type: 'ExtensionDecided',
      subject: `case/${found.id}`,
      body: { extension: extension.id, decision, by: callerId, endsAt },
      private: { reason },
    },
  ]);
}

/** Closed by whoever asked, or by the clock at its time or when they have left: nothing more is read. */
export function decideEnd(
  { callerId, found, reconcileDays }: CaseInHand,
  _command: OneCase,
  { now, actor }: Context,
): Result<readonly CaseEnded[], Refused> {
  const byClock = actor.kind === 'system';
  if (!found) return byClock ? ok([]) : refuse('notFound');
  if (!byClock && callerId !== found.requesterId) return refuse('notYourCase');
  if (found.state !== 'open' || !found.endsAt) return byClock ? ok([]) : refuse('caseClosed');
  if (byClock && !found.requesterGone && isOpen(found, now)) return ok([]);
  return ok([
    {
      type: 'CaseEnded',
      subject: `case/${found.id}`,
      body: {
        by: byClock ? null : callerId,
        reads: found.reads,
        reconcileDueAt: instantText(now.add({ hours: 24 * reconcileDays })),
      },
    },
  ]);
}

function isOpen({ state, endsAt }: FoundCase, now: Temporal.Instant): boolean {
  return state === 'open' && endsAt !== null && Temporal.Instant.compare(now, endsAt) < 0;
}
