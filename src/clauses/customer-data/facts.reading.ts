import { z } from 'zod';
import type { Instant } from '../../kernel/instant.ts';
import type { Event } from '../../policy/event.ts';

/** Reading under a case (CUS-3): what the door asks, and what the ledger says of each read. */

/** `names` is one listing of names; `name` the name of a single object or record. */
export const readables = ['object', 'record', 'name', 'names'] as const;
export type Readable = (typeof readables)[number];

export const collection = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

export const readUnderCase = z.object({
  caseId: z.uuid(),
  /** Whose vault was opened; a case of another customer allows nothing in it. */
  customerId: z.uuid(),
  what: z.enum(readables),
  collection,
  /** Object or record; null for a listing of names. */
  itemId: z.uuid().nullable(),
  /** When that was last changed, RFC 3339; null for a listing of names. */
  changedAt: z.iso.datetime({ offset: true }).nullable(),
  /** Names in a listing; otherwise 1. */
  count: z.int().min(1).default(1),
  /** It is to be saved, not only looked at. */
  copy: z.boolean().default(false),
});
export type ReadUnderCase = z.output<typeof readUnderCase>;

/** Why a case does not allow a read. */
export type CaseReadRefusal =
  | 'caseUnknown'
  | 'caseNotYours'
  | 'caseOfAnother'
  | 'caseNotOpen'
  | 'caseExpired'
  | 'readerGone'
  | 'outsideScope'
  | 'copyNotGranted';

/** One read of a customer's data by a member of staff. Subject: `case/<id>`. */
export interface StaffDecrypted extends Event {
  readonly type: 'StaffDecrypted';
  readonly body: {
    readonly customer: string;
    readonly person: string;
    readonly what: Readable;
    readonly collection: string;
    readonly item: string | null;
    readonly changedAt: string | null;
    readonly count: number;
    readonly copy: boolean;
  };
  /** The moment at which the case allowed it. */
  readonly readAt: Instant;
}
