import { z } from 'zod';

/** What must hold of the present state for a write to happen (RFC 9110, sections 13.1.1 and 13.1.2). */
export type Precondition =
  /** It must be this one, in this revision. */
  | { readonly kind: 'revision'; readonly id: string; readonly revision: number }
  /** There must be one. */
  | { readonly kind: 'present' }
  /** There must be none. */
  | { readonly kind: 'absent' };

/** Whether a precondition holds. `found`: what is there; null where nothing is. */
export function holds(
  precondition: Precondition | undefined,
  found: { readonly id: string; readonly revision: number } | null,
): boolean {
  switch (precondition?.kind) {
    case undefined:
      return true;
    case 'revision':
      return found?.id === precondition.id && found.revision === precondition.revision;
    case 'present':
      return found !== null;
    case 'absent':
      return found === null;
  }
}

/** Kinds of record: chosen by the product, in the clear. */
export const collectionPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const collectionName = z.string().regex(collectionPattern);

/** Bytes of UTF-8 of an object's name, or of a record's key. */
export const nameLimitBytes = 1024;
/** Bytes of an object. */
export const objectLimitBytes = 5 * 1024 ** 3;
/** Bytes of a record's value, as canonical JSON. */
export const recordLimitBytes = 256 * 1024;
/** Records in one call. */
export const batchLimit = 500;
/** Bytes of what is kept beside an object. */
export const metadataLimitBytes = 8 * 1024;
/** Every part of an upload but the last has so many bytes: whole chunks of age, and enough for S3. */
export const partBytes = 8 * 1024 ** 2;
/** An upload that nobody completes is forgotten after so many days. */
export const uploadDays = 7;
/** An idempotency key is remembered for so many days. */
export const answerDays = 7;

/** How much may be held where nothing else was said. */
export interface Quota {
  readonly objects: number;
  readonly bytes: number;
  readonly records: number;
}

export const customerQuota: Quota = { objects: 2_000_000, bytes: 1024 ** 4, records: 20_000_000 };
export const productQuota: Quota = {
  objects: 200_000_000,
  bytes: 100 * 1024 ** 4,
  records: 2_000_000_000,
};

/** How much is held. */
export interface Usage {
  readonly objects: number;
  readonly objectBytes: number;
  readonly records: number;
  readonly recordBytes: number;
}

export const nothingHeld: Usage = { objects: 0, objectBytes: 0, records: 0, recordBytes: 0 };
