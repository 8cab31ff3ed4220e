import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { bulkLimit, decisionKinds, justifications } from './facts.terms.ts';
import { itemId } from './facts.ts';

/** Not affected, or risk accepted: asked for by one, approved by another, for a time. */

const text = z.string().trim().max(2000);
const ids = z.array(z.uuid()).min(1).max(bulkLimit);

export const askDecision = z.object({
  ids: z.array(itemId).min(1).max(bulkLimit),
  kind: z.enum(decisionKinds),
  /** Of "not affected": why (VEX). */
  justification: z.enum(justifications).nullable().default(null),
  reason: text.min(1),
  /** The last day on which it holds. */
  until: z.iso.date(),
});
export type AskDecision = z.output<typeof askDecision>;

export const decideDecisions = z.object({
  ids,
  approve: z.boolean(),
  /** Why; required to refuse. */
  note: text.default(''),
});
export type DecideDecisions = z.output<typeof decideDecisions>;

export const withdrawDecision = z.object({ id: z.uuid() });
export type WithdrawDecision = z.output<typeof withdrawDecision>;

/** Ends what is approved and past its last day. */
export const expireDecisions = z.object({}).strict();
export type ExpireDecisions = z.output<typeof expireDecisions>;

/** A decision with the item it is about. */
export interface DecisionOn {
  readonly id: string;
  readonly itemId: string;
}

export type DecisionAsked = Event & {
  readonly type: 'DecisionAsked';
  readonly command: AskDecision;
  readonly actId: string;
  readonly decisions: readonly DecisionOn[];
  readonly askedBy: string;
  readonly until: Temporal.Instant;
};

export type DecisionsDecided = Event & {
  readonly type: 'DecisionsDecided';
  readonly decisions: readonly DecisionOn[];
  readonly approve: boolean;
  readonly approverId: string;
  readonly note: string;
};

/** Also where the item is open again because of it. */
export type DecisionsEnded = Event & {
  readonly type: 'DecisionWithdrawn' | 'DecisionsExpired';
  readonly decisions: readonly DecisionOn[];
  /** Items that are open again. */
  readonly reopened: readonly string[];
};

export type DecisionRefusal =
  | 'notFound'
  | 'needsPerson'
  | 'decidingNeedsPerson'
  | 'itemClosed'
  | 'itemDecided'
  | 'decisionPending'
  | 'justificationMissing'
  | 'justificationUnfit'
  | 'untilPast'
  | 'untilTooLate'
  | 'decisionNotOpen'
  | 'ownDecision'
  | 'noteMissing'
  | 'notYourDecision';

export const expireKind = 'vulnerabilities.expireDecisions';
