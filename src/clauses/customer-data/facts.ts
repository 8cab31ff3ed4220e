import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { collection } from './facts.reading.ts';
import { type Basis, bases, type Verdict, verdicts } from './facts.terms.ts';

/** A case from its request to the day on which the customer was told: commands and what follows. */

const id = z.uuid();
const sentence = z.string().trim().max(2000);

export const scope = z
  .array(
    z.object({
      collection,
      /** Object or record; null: everything in the collection. */
      itemId: id.nullable(),
    }),
  )
  .min(1)
  .max(500);

/** A record of consent is a page or two, scanned. */
export const consentLimitBytes = 5 * 1024 * 1024;

export const requestCase = z.object({
  customerId: id,
  purpose: sentence.min(1),
  basis: z.enum(bases),
  /** Version of the terms, clause of the contract, or where the record of consent is. */
  basisReference: z.string().trim().min(1).max(200),
  /** The record of consent itself, in base64; null where the reference says where it is. */
  consent: z.base64().nullable().default(null),
  scope,
  /** Days in the organisation's zone, both included; what was last changed outside them stays shut. */
  fromOn: z.iso.date().nullable().default(null),
  toOn: z.iso.date().nullable().default(null),
  hours: z.int().min(1).max(168),
  /** Copies are wanted, not only a look. */
  copy: z.boolean().default(false),
  /** At once, by two officers; reviewed within a day. */
  emergency: z.boolean().default(false),
});
export type RequestCase = z.output<typeof requestCase>;

export const oneCase = z.object({ id });
export type OneCase = z.output<typeof oneCase>;

export const decisions = ['approve', 'refuse'] as const;
export type Decision = (typeof decisions)[number];

export const decideCase = z.object({
  id,
  decision: z.enum(decisions),
  /** Required to refuse. */
  reason: sentence.default(''),
});
export type DecideCase = z.output<typeof decideCase>;

/** Executed by the portal as the contact who signed in there. */
export const customerDecides = z.object({
  id,
  decision: z.enum(decisions),
  reason: sentence.default(''),
});
export type CustomerDecides = z.output<typeof customerDecides>;

export const askExtension = z.object({
  id,
  hours: z.int().min(1).max(168),
  why: sentence.min(1),
});
export type AskExtension = z.output<typeof askExtension>;

export const reconcileCase = z.object({
  id,
  /** Required where a read differs from what was approved. */
  note: sentence.default(''),
});
export type ReconcileCase = z.output<typeof reconcileCase>;

export const reviewCase = z.object({ id, verdict: z.enum(verdicts), note: sentence.min(1) });
export type ReviewCase = z.output<typeof reviewCase>;

export const caseSettings = z.object({
  longestHours: z.int().min(1).max(168),
  reconcileDays: z.int().min(1).max(30),
  lapseDays: z.int().min(1).max(90),
});
export type CaseSettings = z.output<typeof caseSettings>;

export type CaseRefusal =
  | 'notFound'
  | 'needsPerson'
  | 'noUndertaking'
  | 'requesterGone'
  | 'customerUnknown'
  | 'customerGone'
  | 'caseTooLong'
  | 'caseDatesTurned'
  | 'emergencyForOfficers'
  | 'consentUnreadable'
  | 'ownCase'
  | 'ownConfirmation'
  | 'notYourCase'
  | 'caseNotWaiting'
  | 'customerFirst'
  | 'contactNotOwner'
  | 'caseReasonMissing'
  | 'caseNotApproved'
  | 'caseClosed'
  | 'extensionAsked'
  | 'noExtension'
  | 'caseNotEnded'
  | 'readerReconciles'
  | 'deviationUnexplained'
  | 'notAnEmergency'
  | 'caseReviewed'
  | 'nobodyToTell';

export interface CaseRequested extends Event {
  readonly type: 'CaseRequested';
  readonly body: {
    readonly customer: string;
    readonly requester: string;
    readonly role: string;
    readonly basis: Basis;
    /** Digest of the record of consent. */
    readonly consent: string | null;
    readonly collections: readonly string[];
    readonly items: number;
    readonly fromAt: string | null;
    readonly toAt: string | null;
    readonly hours: number;
    readonly copy: boolean;
    readonly emergency: boolean;
    readonly customerNeeded: boolean;
    readonly lapsesAt: string;
    /** Digest of the scope: `collection/item`, one a line. */
    readonly scopeBlob: string;
  };
  readonly private: { readonly purpose: string; readonly reference: string };
  readonly blobs: { readonly scopeBlob: Uint8Array };
  readonly erasable?: { readonly consent: Uint8Array };
}

/** Approved or refused by somebody else than who asked. */
export interface CaseDecided extends Event {
  readonly type: 'CaseDecided';
  readonly body: { readonly decision: Decision; readonly by: string };
  readonly private: { readonly reason: string };
}

/** The customer's own word, where their contract asks for it. */
export interface CustomerDecided extends Event {
  readonly type: 'CustomerDecided';
  readonly body: {
    readonly decision: Decision;
    readonly contact: string;
    /** On more hours, not on the case itself. */
    readonly extension: string | null;
  };
  readonly private: { readonly reason: string };
}

export interface CaseWithdrawn extends Event {
  readonly type: 'CaseWithdrawn';
  readonly body: { readonly by: string };
}

export interface CaseLapsed extends Event {
  readonly type: 'CaseLapsed';
  readonly body: { readonly approved: boolean };
}

export interface CaseOpened extends Event {
  readonly type: 'CaseOpened';
  readonly body: {
    readonly customer: string;
    readonly endsAt: string;
    readonly emergency: boolean;
    readonly reviewDueAt: string | null;
  };
}

export interface ExtensionAsked extends Event {
  readonly type: 'ExtensionAsked';
  readonly body: { readonly extension: string; readonly hours: number };
  readonly private: { readonly why: string };
}

export interface ExtensionDecided extends Event {
  readonly type: 'ExtensionDecided';
  readonly body: {
    readonly extension: string;
    readonly decision: Decision;
    readonly by: string;
    readonly endsAt: string | null;
  };
  readonly private: { readonly reason: string };
}

/** Nothing more is read: closed by the requester, or run out. */
export interface CaseEnded extends Event {
  readonly type: 'CaseEnded';
  readonly body: {
    /** Null: the clock, or the end of the requester's own access. */
    readonly by: string | null;
    readonly reads: number;
    readonly reconcileDueAt: string;
  };
}

/** What was read was held against what was approved, by somebody else. */
export interface CaseReconciled extends Event {
  readonly type: 'CaseReconciled';
  readonly body: {
    readonly by: string;
    readonly reads: number;
    readonly deviations: number;
    /** Digest of the reads: `read what collection item deviation`, one a line. */
    readonly listBlob: string;
  };
  readonly private: { readonly note: string };
  readonly blobs: { readonly listBlob: Uint8Array };
}

/** The customer was told, by mail to so many contacts and in the portal. */
export interface CustomerTold extends Event {
  readonly type: 'CustomerTold';
  readonly body: {
    readonly customer: string;
    readonly when: 'atOpening' | 'atEnd';
    readonly contacts: number;
  };
}

export interface CaseReviewed extends Event {
  readonly type: 'CaseReviewed';
  readonly body: { readonly by: string; readonly verdict: Verdict };
  readonly private: { readonly note: string };
}

/** The time for reconciling or reviewing has passed. */
export interface CaseDutyMissed extends Event {
  readonly type: 'CaseDutyMissed';
  readonly body: { readonly duty: 'reconcile' | 'review' };
}

export interface CaseSettingsChanged extends Event {
  readonly type: 'CaseSettingsChanged';
  readonly body: CaseSettings;
}
