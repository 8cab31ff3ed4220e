import type { Instant } from '../../kernel/instant.ts';

/** What is known of an object without its customer's key. */
export interface ObjectRow {
  readonly id: string;
  readonly customerId: string;
  readonly collection: string;
  readonly nameIndex: Uint8Array;
  readonly sealedName: Uint8Array;
  /** Name in the object storage: two UUIDs. */
  readonly storedAs: string;
  readonly keyId: string;
  /** Version of the customer's key in the keystore. */
  readonly keyVersion: number;
  /** Bytes of plaintext. */
  readonly size: number;
  readonly storedSize: number;
  readonly storedSha256: Uint8Array;
  readonly sealedDigest: Uint8Array;
  readonly sealedMetadata: Uint8Array | null;
  readonly revision: number;
  readonly madeAt: Instant;
  readonly changedAt: Instant;
}
