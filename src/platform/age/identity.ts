import type { KeyObject } from 'node:crypto';

/** What opens age files: an X25519 secret (age.md, "The X25519 recipient type"). */
export interface AgeIdentity {
  readonly kind: 'X25519';
  /** 32 bytes, secret. Never logged, never stored unwrapped. */
  readonly secret: Uint8Array;
  readonly recipient: AgeRecipient;
  /** The same secret as Node's cryptography wants it. */
  readonly key: KeyObject;
}

/** Whom age files are made for: an X25519 public key. */
export interface AgeRecipient {
  readonly kind: 'X25519';
  /** 32 bytes. */
  readonly point: Uint8Array;
  readonly key: KeyObject;
}
