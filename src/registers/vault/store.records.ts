import type { Instant } from '../../kernel/instant.ts';

/** What is known of a record without its customer's key. */
export interface RecordRow {
  readonly id: string;
  readonly customerId: string;
  readonly collection: string;
  readonly keyIndex: Uint8Array;
  readonly sealedKey: Uint8Array;
  readonly sealedValue: Uint8Array;
  readonly keyId: string;
  readonly keyVersion: number;
  readonly revision: number;
  readonly madeAt: Instant;
  readonly changedAt: Instant;
}
