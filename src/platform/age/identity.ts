import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { fromBech32, toBech32 } from './bech32.ts';
import { AgeFault } from './fault.ts';

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

export const keyBytes = 32;
const identityPrefix = 'age-secret-key-';
const recipientPrefix = 'age';
/** What stands before the 32 bytes in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410, section 7). */
const privateDer = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicDer = Buffer.from('302a300506032b656e032100', 'hex');

/** The identity of 32 secret bytes; for a new one give it 32 random ones. */
export function identityOf(secret: Uint8Array): AgeIdentity {
  if (secret.length !== keyBytes) throw new AgeFault('key', 'an identity has 32 bytes');
  const key = createPrivateKey({
    key: Buffer.concat([privateDer, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const point = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    kind: 'X25519',
    secret: Uint8Array.from(secret),
    recipient: recipientOf(point.subarray(publicDer.length)),
    key,
  };
}

/** The recipient of a 32-byte public key. */
export function recipientOf(point: Uint8Array): AgeRecipient {
  if (point.length !== keyBytes) throw new AgeFault('key', 'a recipient has 32 bytes');
  return { kind: 'X25519', point: Uint8Array.from(point), key: publicKeyOf(point) };
}

export function publicKeyOf(point: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicDer, point]), format: 'der', type: 'spki' });
}

/** `AGE-SECRET-KEY-1…`: everything that was ever encrypted for it lies in this line. */
export function identityText({ secret }: AgeIdentity): string {
  return toBech32(identityPrefix, secret).toUpperCase();
}

/** @throws AgeFault `key` */
export function parseIdentity(text: string): AgeIdentity {
  return identityOf(fromBech32(identityPrefix, text));
}

/** `age1…`. */
export function recipientText({ point }: AgeRecipient): string {
  return toBech32(recipientPrefix, point);
}

/** @throws AgeFault `key` */
export function parseRecipient(text: string): AgeRecipient {
  return recipientOf(fromBech32(recipientPrefix, text));
}
