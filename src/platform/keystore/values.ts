import type { AgeIdentity } from '../age/identity.ts';

/** What a sealed value is bound to; opening it under any other of these fails. */
export interface ValuePlace {
  /** UUID of the customer. */
  readonly customer: string;
  /** What sort of value: `record/orders`, `objectName`. */
  readonly kind: string;
  /** Which one. */
  readonly id: string;
}

/**
 * Keys for a customer's small values (names, JSON records), derived from one version of the
 * customer's key: gone when it is. To be dropped after use, as the identity is.
 */
export interface ValueKeys {
  readonly sealing: Uint8Array;
  readonly index: Uint8Array;
}
