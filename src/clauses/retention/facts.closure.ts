import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import { dateIn, endOfDay, type Instant } from '../../kernel/instant.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Event } from '../../policy/event.ts';
import { eraseDays, reopenDays } from './facts.terms.ts';

/** Days that the deletion may take, counted from when it may begin. */
export const deletionDays = eraseDays - reopenDays;
/** Between two looks at the clock before what cannot be taken back: a clock that jumped is put right by then. */
export const secondLookMinutes = 10;

/** The calendar of a closure: days of the organisation's zone, each to its end. */
export interface ClosureClock {
  readonly requestedOn: Temporal.PlainDate;
  /** First instant at which it cannot be rolled back any more. */
  readonly reopenUntil: Instant;
  /** First instant at which the promise is broken. */
  readonly eraseBy: Instant;
}

export function closureClock(at: Instant, zone: string): ClosureClock {
  const requestedOn = dateIn(at, zone);
  return {
    requestedOn,
    reopenUntil: endOfDay(requestedOn.add({ days: reopenDays }), zone),
    eraseBy: endOfDay(requestedOn.add({ days: eraseDays }), zone),
  };
}

/** By when the deletion must be over that a lifted hold lets begin now; never earlier than it was. */
export function eraseByAfterHold(liftedAt: Instant, eraseBy: Instant, zone: string): Instant {
  const later = endOfDay(dateIn(liftedAt, zone).add({ days: deletionDays }), zone);
  return Temporal.Instant.compare(later, eraseBy) > 0 ? later : eraseBy;
}

/** Which day of its closure an account is at: 0 is the day of the request. */
export function dayOfClosure(requestedOn: Temporal.PlainDate, now: Instant, zone: string): number {
  return requestedOn.until(dateIn(now, zone), { largestUnit: 'days' }).days;
}

const anId = z.string().refine(isUuid);
/** A backup of the keystore with the key in it: when it was made, and by when it expires. */
const backup = z.object({ madeAt: z.iso.datetime(), expiresAt: z.iso.datetime() });
export type KeyBackup = z.infer<typeof backup>;

export const closureCommand = z.discriminatedUnion('do', [
  /**
   * Day 0. `confirmation`: the account's key, typed once more. An owner at the customer asks (an
   * actor of kind `contact`), or staff on behalf (`requestId` of a verified request).
   */
  z.object({
    do: z.literal('requestClosure'),
    customerId: anId,
    confirmation: z.string().trim().min(1).max(200),
    requestId: anId.nullable().default(null),
  }),
  /** Until the end of day 30: everything is as it was. */
  z.object({ do: z.literal('reopen'), customerId: anId }),
  /** From here on for the clock alone. */
  z.object({ do: z.literal('beginErasure'), customerId: anId }),
  /** The last hold was lifted after day 30: the deletion has its days from now on. */
  z.object({ do: z.literal('resume'), customerId: anId }),
  /** The keystore was asked after destroying, and has no key of the customer. */
  z.object({
    do: z.literal('destroyKey'),
    customerId: anId,
    /** When each backup was made that still holds the key, and by when it expires. */
    backups: z.array(backup),
  }),
  /** The object storage was asked after removing, and has no file of the customer. */
  z.object({ do: z.literal('finish'), customerId: anId }),
  /** Backups that still hold the key; of those known before, what is not among them and past its day is gone. */
  z.object({ do: z.literal('followBackups'), customerId: anId, backups: z.array(backup) }),
  z.object({ do: z.literal('certify'), customerId: anId }),
]);
export type ClosureCommand = z.infer<typeof closureCommand>;
export type RequestClosure = Extract<ClosureCommand, { do: 'requestClosure' }>;

/** What is held of a customer, to the bit: its SHA-256 and how much it is. */
export interface Seal {
  readonly digest: string;
  readonly objects: number;
  readonly records: number;
  readonly bytes: number;
}

/** Subject `customer/ID`; `closure` is the id of the closure. Only ids, dates, numbers and digests. */
export type ClosureEvent =
  | CustomerClosureRequested
  | CustomerReopened
  | CustomerErasureBegun
  | ClosureResumed
  | CustomerKeyDestroyed
  | CustomerDataErased
  | KeyBackupsExpired
  | ErasureCertified;

export interface CustomerClosureRequested extends Event {
  readonly type: 'CustomerClosureRequested';
  readonly body: {
    readonly closure: string;
    readonly requestedOn: string;
    readonly reopenUntil: string;
    readonly eraseBy: string;
    readonly contact: string | null;
    readonly request: string | null;
    readonly seal: string;
    readonly objects: number;
    readonly records: number;
    readonly bytes: number;
  };
}
/** `same`: what is held is, to the bit, what was held when the closure was requested. */
export interface CustomerReopened extends Event {
  readonly type: 'CustomerReopened';
  readonly body: {
    readonly closure: string;
    readonly contact: string | null;
    readonly sealAtClosure: string;
    readonly sealNow: string;
    readonly same: boolean;
  };
}
export interface CustomerErasureBegun extends Event {
  readonly type: 'CustomerErasureBegun';
  readonly body: { readonly closure: string; readonly dueAt: string; readonly day: number };
}
export interface ClosureResumed extends Event {
  readonly type: 'ClosureResumed';
  readonly body: { readonly closure: string; readonly dueAt: string; readonly eraseBy: string };
}
export interface CustomerKeyDestroyed extends Event {
  readonly type: 'CustomerKeyDestroyed';
  readonly body: {
    readonly closure: string;
    readonly day: number;
    /** Keys that there were, by their ids in the register. */
    readonly keys: readonly string[];
    readonly backups: readonly KeyBackup[];
  };
}
interface CustomerDataErased extends Event {
  readonly type: 'CustomerDataErased';
  readonly body: {
    readonly closure: string;
    readonly day: number;
    /** How much of each was removed in every room, and `files` in the storage. */
    readonly counts: Readonly<Record<string, number>>;
  };
}
export interface KeyBackupsExpired extends Event {
  readonly type: 'KeyBackupsExpired';
  readonly body: {
    readonly closure: string;
    readonly gone: readonly string[];
    /** Found since, which nobody knew of: made while the key was being destroyed. */
    readonly found: readonly KeyBackup[];
    readonly remaining: number;
  };
}
export interface ErasureCertified extends Event {
  readonly type: 'ErasureCertified';
  readonly body: {
    readonly closure: string;
    readonly day: number;
    /** SHA-256 of the code: whoever holds a certificate finds this entry, nobody the certificate. */
    readonly codeDigest: string;
    readonly method: 'NIST SP 800-88 Rev. 1 cryptographic erase';
    readonly keyDestroyedAt: string;
    readonly erasedAt: string;
    readonly lastBackupGoneAt: string | null;
  };
  /** The code itself: projected, never in the entry. */
  readonly code: string;
}

export type ClosureRefusal =
  | 'customerUnknown'
  | 'confirmationDiffers'
  | 'contactNotOwner'
  | 'needsVerifiedRequest'
  | 'alreadyClosing'
  | 'notClosing'
  | 'reopeningOver'
  | 'erasureBegun'
  | 'closureHeld'
  | 'erasureNotDue'
  | 'secondLook'
  | 'keyNotDestroyed'
  | 'contentsRemain'
  | 'backupsRemain';

/** Types of entries after which the state of closures may differ. */
export const closuresChanged = [
  'CustomerClosureRequested',
  'CustomerReopened',
  'CustomerErasureBegun',
  'ClosureResumed',
  'CustomerKeyDestroyed',
  'CustomerDataErased',
  'KeyBackupsExpired',
  'ErasureCertified',
  'HoldPlaced',
  'HoldLifted',
] as const;

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What a certificate of erasure is found by: sixteen letters of Crockford's base 32, from a fresh id. */
export function erasureCode(id: string): string {
  const hash = Buffer.from(sha256Hex(Buffer.from(`erasure/${id}`)), 'hex');
  const letters = [...hash.subarray(0, 16)].map((byte) => alphabet[byte % 32] ?? '0').join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}

export const erasureCodePattern = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/;

/** What the ledger says of a code: enough for whoever has the certificate to find its entry. */
export function codeDigest(code: string): string {
  return sha256Hex(Buffer.from(code));
}
