import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import type { Words } from '../../kernel/language.ts';
import type { Event } from '../../policy/event.ts';

/** What people may ask of us about their data. */
export const requestKinds = ['access', 'export', 'correct', 'delete', 'close'] as const;
export type RequestKind = (typeof requestKinds)[number];
export const channels = ['portal', 'letter', 'mail', 'telephone'] as const;
export type Channel = (typeof channels)[number];

/**
 * How who asks was made sure of. `signedIn` is the portal's and nobody else's; the others are what
 * staff may do: call the number of the contract, answer to the address in the register, see a
 * document, compare what only the contract says.
 */
export const methods = ['signedIn', 'calledBack', 'knownAddress', 'document', 'contract'] as const;
export const staffMethods = ['calledBack', 'knownAddress', 'document', 'contract'] as const;
export const outcomes = ['done', 'partly', 'refused', 'withdrawn', 'unverified'] as const;
export type Outcome = (typeof outcomes)[number];

/** Outcomes that say nothing to anybody, and so need nobody's identity. */
export const silentOutcomes: readonly Outcome[] = ['withdrawn', 'unverified'];

/** What a kind is called in mails and in Today. */
export const kindTitles: Readonly<Record<RequestKind, Words>> = {
  access: { en: 'to see their data', ja: 'データの開示' },
  export: { en: 'to receive an export', ja: 'データのエクスポート' },
  correct: { en: 'to have data corrected', ja: 'データの訂正' },
  delete: { en: 'to have data deleted', ja: 'データの削除' },
  close: { en: 'to close the account', ja: 'アカウントの閉鎖' },
};

export interface RequestSettings {
  /** Days from the day it arrived until it is answered. */
  readonly answerDays: number;
  /** Days by which it may be extended, once, with a reason. */
  readonly extensionDays: number;
}
export const shippedRequestSettings: RequestSettings = { answerDays: 30, extensionDays: 30 };

const anId = z.string().refine(isUuid);
const prose = z.string().trim().min(1).max(5000);
const from = { fromName: z.string().trim().max(200), fromAddress: z.string().trim().max(500) };

export const requestSettings = z.object({
  answerDays: z.int().min(1).max(90),
  extensionDays: z.int().min(1).max(90),
});

export const openRequest = z.object({
  /** Null for intake: who wrote is not found in the register yet. */
  customerId: anId.nullable().default(null),
  contactId: anId.nullable().default(null),
  kind: z.enum(requestKinds),
  channel: z.enum(channels),
  what: prose,
  fromName: from.fromName.default(''),
  fromAddress: from.fromAddress.default(''),
  /** Day on which it arrived; today where nothing is said. */
  receivedOn: z.iso.date().nullable().default(null),
});

export const requestCommand = z.discriminatedUnion('do', [
  openRequest.extend({ do: z.literal('openRequest') }),
  z.object({
    do: z.literal('matchRequest'),
    requestId: anId,
    customerId: anId,
    contactId: anId.nullable().default(null),
  }),
  z.object({ do: z.literal('assignRequest'), requestId: anId, ownerId: anId }),
  z.object({
    do: z.literal('verifyIdentity'),
    requestId: anId,
    method: z.enum(staffMethods),
    note: prose,
  }),
  z.object({ do: z.literal('extendRequest'), requestId: anId, reason: prose }),
  z.object({
    do: z.literal('answerRequest'),
    requestId: anId,
    outcome: z.enum(outcomes),
    answer: prose,
  }),
  z.object({ do: z.literal('changeRequestSettings'), settings: requestSettings }),
]);
export type RequestCommand = z.infer<typeof requestCommand>;

export interface RequestOpened extends Event {
  readonly type: 'RequestOpened';
  readonly body: {
    readonly number: number;
    readonly customer: string | null;
    readonly contact: string | null;
    readonly kind: RequestKind;
    readonly channel: Channel;
    readonly receivedOn: string;
    readonly dueAt: string;
    /** Made sure of by signing in; null where staff has to. */
    readonly method: 'signedIn' | null;
  };
  readonly private: {
    readonly what: string;
    readonly fromName: string;
    readonly fromAddress: string;
  };
}
export interface RequestMatched extends Event {
  readonly type: 'RequestMatched';
  readonly body: { readonly customer: string; readonly contact: string | null };
}
export interface RequestAssigned extends Event {
  readonly type: 'RequestAssigned';
  readonly body: { readonly owner: string };
}
export interface IdentityVerified extends Event {
  readonly type: 'IdentityVerified';
  readonly body: { readonly method: (typeof methods)[number]; readonly by: string };
  readonly private: { readonly note: string };
}
export interface RequestExtended extends Event {
  readonly type: 'RequestExtended';
  readonly body: { readonly dueAt: string };
  readonly private: { readonly reason: string };
}
export interface RequestAnswered extends Event {
  readonly type: 'RequestAnswered';
  readonly body: {
    readonly outcome: Outcome;
    readonly by: string | null;
    /** Whole days from the day it arrived. */
    readonly days: number;
    readonly late: boolean;
  };
  readonly private: { readonly answer: string };
}
export interface RequestSettingsChanged extends Event {
  readonly type: 'RequestSettingsChanged';
  readonly body: { readonly answerDays: number; readonly extensionDays: number };
}

/** Subject `request/ID`. Who asked, what, and what they were told is private, about the request. */
export type RequestEvent =
  | RequestOpened
  | RequestMatched
  | RequestAssigned
  | IdentityVerified
  | RequestExtended
  | RequestAnswered
  | RequestSettingsChanged;

export type RequestRefusal =
  | 'notFound'
  | 'customerUnknown'
  | 'contactUnknown'
  | 'receivedInFuture'
  | 'requestMatched'
  | 'requestUnmatched'
  | 'requestAnswered'
  | 'alreadyVerified'
  | 'identityNotVerified'
  | 'alreadyExtended'
  | 'extensionTooLate'
  | 'ownerUnknown'
  | 'needsPerson'
  | 'nothingToChange';

/** Types of entries after which open requests or their dates may differ. */
export const requestsChanged = ['RequestOpened', 'RequestExtended', 'RequestAnswered'] as const;

export const requestTask = 'retention.answerRequest';
