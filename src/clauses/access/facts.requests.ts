import { z } from 'zod';
import type { Event } from '../../policy/event.ts';

/** Asking for access, deciding on it, and its end. */

const id = z.uuid();
const reason = z.string().trim().max(2000);

export const askAccess = z.object({
  entitlementId: id,
  purpose: z.string().trim().min(1).max(500),
  /** The last day on which it is needed. */
  endsOn: z.iso.date(),
  /** Whose access it is to be; null: the caller's. Managers ask for those who report to them. */
  personId: id.nullable().default(null),
});
export type AskAccess = z.output<typeof askAccess>;

export const requestDecisions = ['approve', 'refuse'] as const;

export const decideRequests = z.object({
  ids: z.array(id).min(1).max(500),
  decision: z.enum(requestDecisions),
  /** Why; required to refuse. */
  reason: reason.default(''),
});
export type DecideRequests = z.output<typeof decideRequests>;

export const withdrawRequest = z.object({ id });
export type WithdrawRequest = z.output<typeof withdrawRequest>;

export const lapseRequest = z.object({ id });
export type LapseRequest = z.output<typeof lapseRequest>;

export const giveBack = z.object({ accountId: id, entitlementId: id });
export type GiveBack = z.output<typeof giveBack>;

/** Ends grants whose day has passed, and tells holders of those whose day comes near. */
export const sweepGrants = z.object({}).strict();
export type SweepGrants = z.output<typeof sweepGrants>;

export type RequestRefusal =
  | 'notFound'
  | 'entitlementUnknown'
  | 'needsPerson'
  | 'personNotAble'
  | 'notYourReport'
  | 'notRequestable'
  | 'endInPast'
  | 'endTooFar'
  | 'alreadyGranted'
  | 'alreadyAsked'
  | 'reasonMissing'
  | 'notYourRequests'
  | 'notOpen'
  | 'ownRequest'
  | 'noUndertaking'
  | 'conflictingDuties'
  | 'notYourAccess';

export interface AccessRequested extends Event {
  readonly type: 'AccessRequested';
  readonly body: {
    readonly person: string;
    readonly requester: string;
    readonly system: string;
    readonly entitlement: string;
    readonly endsOn: string;
    /** The grant that is to last longer. */
    readonly extends: string | null;
    /** Null: the role of security officer. */
    readonly approver: string | null;
    readonly byOfficer: boolean;
    readonly dueAt: string;
    readonly lapsesAt: string;
  };
  readonly private: { readonly purpose: string };
}

/** One act over one request or over hundreds: subject is the request, or the act where there are several. */
export interface RequestsDecided extends Event {
  readonly type: 'RequestsDecided';
  readonly body: {
    readonly act: string;
    readonly decision: (typeof requestDecisions)[number];
    readonly by: string;
    readonly count: number;
    /** In the selection, and left out because of a guard: one's own, PEO-4, conflicting duties. */
    readonly ownExcluded: number;
    readonly undertakingExcluded: number;
    readonly conflictExcluded: number;
    readonly othersExcluded: number;
    /** Digest of the requests' ids, one a line. */
    readonly requestsBlob: string;
  };
  readonly private: { readonly reason: string };
  readonly blobs: { readonly requestsBlob: Uint8Array };
}

export interface RequestWithdrawn extends Event {
  readonly type: 'RequestWithdrawn';
  readonly body: { readonly by: string };
}

export interface RequestLapsed extends Event {
  readonly type: 'RequestLapsed';
  readonly body: { readonly approver: string | null };
}

export interface AccessGivenBack extends Event {
  readonly type: 'AccessGivenBack';
  readonly body: {
    readonly person: string;
    readonly system: string;
    readonly entitlement: string;
    readonly granted: boolean;
  };
}

/** Grants ended with their day; what systems may still show of them is ordered to go. */
export interface GrantsExpired extends Event {
  readonly type: 'GrantsExpired';
  readonly body: {
    readonly day: string;
    readonly count: number;
    /** Digest of the grants' ids, one a line. */
    readonly grantsBlob: string;
  };
  readonly blobs: { readonly grantsBlob: Uint8Array };
}

export interface ExpiryWarned extends Event {
  readonly type: 'ExpiryWarned';
  readonly body: { readonly day: string; readonly grants: number; readonly people: number };
}
