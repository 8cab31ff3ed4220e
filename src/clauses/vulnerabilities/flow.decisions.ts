import { dateIn, endOfDay, isBefore } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type {
  AskDecision,
  DecideDecisions,
  DecisionAsked,
  DecisionRefusal,
  DecisionsDecided,
  DecisionsEnded,
  ExpireDecisions,
  WithdrawDecision,
} from './facts.decisions.ts';
import { type DecisionKind, longestNotAffectedDays } from './facts.terms.ts';
import { type Evidence, touchedBy } from './flow.settling.ts';
import type { KnownItem } from './flow.ts';

export interface AskingState {
  readonly items: readonly (KnownItem & { readonly pending: boolean })[];
  readonly callerId: string | null;
  /** Longest that an accepted risk may last, by the policy in force. */
  readonly acceptanceDays: number;
  readonly evidenceOf: (ids: readonly string[]) => Evidence;
  /** Who may approve, without who asks: they are told. */
  readonly officers: readonly string[];
}

/** Asks for items not to count: because they do not affect us, or because the risk is accepted for a time. */
export function decideAsking(
  state: AskingState,
  command: AskDecision,
  context: Context,
): Result<readonly DecisionAsked[], Refusal<DecisionRefusal>> {
  const { items, callerId, evidenceOf } = state;
  if (!callerId) return refuse('needsPerson');
  if (items.length !== new Set(command.ids).size) return refuse('notFound');
  const unfit = unfitForAsking(state, command, context);
  if (unfit) return unfit;
  const actId = context.newId();
  const decisions = items.map(({ id }) => ({ id: context.newId(), itemId: id }));
  const { bytes, sha256 } = evidenceOf(decisions.map(({ id, itemId }) => `${id} ${itemId}`));
  const { kind, justification, until } = command;
  return ok([
    {
      type: 'DecisionAsked',
      subject: items.length === 1 ? `backlog/${items[0]?.id}` : 'backlog/bulk',
      body: { kind, justification, until, count: items.length, decisionsBlob: sha256 },
      private: { reason: command.reason },
      blobs: { decisionsBlob: bytes },
      touches: touchedBy(decisions.map(({ itemId }) => itemId)),
      command,
      actId,
      decisions,
      askedBy: callerId,
      until: endOfDay(Temporal.PlainDate.from(until), context.zone),
    },
  ]);
}

function unfitForAsking(
  { items, acceptanceDays }: AskingState,
  { kind, justification, until }: AskDecision,
  { now, zone }: Context,
) {
  for (const { state, number, pending } of items) {
    if (state === 'fixed' || state === 'lapsed') return refuse('itemClosed', { number });
    if (state === 'notAffected' || state === 'accepted') return refuse('itemDecided', { number });
    if (pending) return refuse('decisionPending', { number });
  }
  if (kind === 'notAffected' && !justification) return refuse('justificationMissing');
  if (kind === 'accepted' && justification) return refuse('justificationUnfit');
  const today = dateIn(now, zone);
  const last = Temporal.PlainDate.from(until);
  if (Temporal.PlainDate.compare(last, today) < 0) return refuse('untilPast');
  const days = kind === 'accepted' ? acceptanceDays : longestNotAffectedDays;
  return today.until(last).days > days ? refuse('untilTooLate', { days }) : null;
}

export function mailsOfAsking(
  { decisions }: DecisionAsked,
  { officers }: AskingState,
): readonly Effect[] {
  return officers.map((to) => ({
    kind: 'mail',
    to,
    template: 'vulnerabilities.asked',
    params: { count: decisions.length },
    path: '/console/backlog-decisions?state=asked',
  }));
}

/** A decision as it was asked for. */
export interface KnownDecision {
  readonly id: string;
  readonly itemId: string;
  readonly number: number;
  readonly kind: DecisionKind;
  readonly state: string;
  readonly askedBy: string | null;
  readonly until: Temporal.Instant;
}

export interface DecidingState {
  readonly decisions: readonly KnownDecision[];
  readonly callerId: string | null;
  readonly evidenceOf: (ids: readonly string[]) => Evidence;
}

/** Approves or refuses. Nobody approves what they asked for themselves (VUL-4). */
export function decideDeciding(
  { decisions, callerId, evidenceOf }: DecidingState,
  command: DecideDecisions,
  { now, actor }: Context,
): Result<readonly DecisionsDecided[], Refusal<DecisionRefusal>> {
  // As with a version of the policy: a token has no second factor, and may lie in a pipeline.
  if (!callerId || actor.kind !== 'person') return refuse('decidingNeedsPerson');
  if (decisions.length !== new Set(command.ids).size) return refuse('notFound');
  const { approve, note } = command;
  for (const { state, number, askedBy, until } of decisions) {
    if (state !== 'asked') return refuse('decisionNotOpen', { number });
    if (askedBy === callerId) return refuseByGuard('VUL-4', 'ownDecision', { number });
    if (approve && !isBefore(now, until)) return refuse('untilPast');
  }
  if (!approve && note === '') return refuse('noteMissing');
  const lines = decisions.map(({ id, itemId }) => `${id} ${itemId}`);
  const { bytes, sha256 } = evidenceOf(lines);
  return ok([
    {
      type: 'DecisionsDecided',
      subject: decisions.length === 1 ? `backlog/${decisions[0]?.itemId}` : 'backlog/bulk',
      body: { approve, approverId: callerId, count: decisions.length, decisionsBlob: sha256 },
      private: { note },
      blobs: { decisionsBlob: bytes },
      touches: touchedBy(decisions.map(({ itemId }) => itemId)),
      decisions,
      approve,
      approverId: callerId,
      note,
    },
  ]);
}

/** Whoever asked is told how it was decided, once. */
export function mailsOfDeciding(
  { approve, decisions: decided }: DecisionsDecided,
  { decisions }: DecidingState,
): readonly Effect[] {
  const ids = new Set(decided.map(({ id }) => id));
  const askers = new Map<string, number>();
  for (const { id, askedBy } of decisions) {
    if (askedBy && ids.has(id)) askers.set(askedBy, (askers.get(askedBy) ?? 0) + 1);
  }
  return [...askers].map(([to, count]) => ({
    kind: 'mail',
    to,
    template: approve ? 'vulnerabilities.approved' : 'vulnerabilities.refused',
    params: { count },
    path: '/console/backlog-decisions',
  }));
}

export interface WithdrawingState {
  readonly decision: KnownDecision | null;
  readonly callerId: string | null;
  /** Whether the caller may decide on decisions at all. */
  readonly decides: boolean;
}

/** Takes back what one asked for; an approver also what holds. The item counts again from now on. */
export function decideWithdrawal(
  { decision, callerId, decides }: WithdrawingState,
  _command: WithdrawDecision,
  _context: Context,
): Result<readonly DecisionsEnded[], Refusal<DecisionRefusal>> {
  if (!decision) return refuse('notFound');
  const { id, itemId, state, number, askedBy } = decision;
  if (state !== 'asked' && state !== 'approved') return refuse('decisionNotOpen', { number });
  if (!decides && (askedBy === null || askedBy !== callerId)) return refuse('notYourDecision');
  const reopened = state === 'approved' ? [itemId] : [];
  return ok([
    {
      type: 'DecisionWithdrawn',
      subject: `backlog/${itemId}`,
      body: { decision: id, reopened: reopened.length },
      decisions: [{ id, itemId }],
      reopened,
    },
  ]);
}

export interface ExpiringState {
  readonly expired: readonly KnownDecision[];
  readonly evidenceOf: (ids: readonly string[]) => Evidence;
}

/** What is past its last day no longer holds: its item is open again. */
export function decideExpiry(
  { expired, evidenceOf }: ExpiringState,
  _command: ExpireDecisions,
  { now, zone }: Context,
): Result<readonly DecisionsEnded[], Refusal<DecisionRefusal>> {
  if (expired.length === 0) return ok([]);
  const { bytes, sha256 } = evidenceOf(expired.map(({ id, itemId }) => `${id} ${itemId}`));
  const [only] = expired;
  return ok([
    {
      type: 'DecisionsExpired',
      subject: expired.length === 1 ? `backlog/${only?.itemId}` : 'backlog/bulk',
      body: { day: dateIn(now, zone).toString(), count: expired.length, decisionsBlob: sha256 },
      blobs: { decisionsBlob: bytes },
      touches: touchedBy(expired.map(({ itemId }) => itemId)),
      decisions: expired,
      reopened: expired.map(({ itemId }) => itemId),
    },
  ]);
}
