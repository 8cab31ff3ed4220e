import { createCipheriv, createDecipheriv, hash, hkdfSync } from 'node:crypto';
import type { AgeIdentity } from '../age/identity.ts';
import { KeystoreFault } from './fault.ts';

/** Keys issued to products that store elsewhere, wrapped under a customer's key with their purpose. */

const format = 1;
const headBytes = 5;
const nonceBytes = 12;
const tagBytes = 16;
const longestKey = 4096;

/** What a wrapped key is bound to. */
export interface IssuedPlace {
  readonly customer: string;
  readonly purpose: string;
  /** Of the customer's key. */
  readonly version: number;
}

/**
 * Wraps a key: AES-256-GCM under a key derived from the customer's (HKDF-SHA-256, RFC 5869), with
 * customer, purpose and version authenticated.
 *
 * @returns format byte, version in four bytes, nonce, ciphertext, tag
 */
export function wrapIssued(
  identity: AgeIdentity,
  place: IssuedPlace,
  plaintext: Uint8Array,
  random: (bytes: number) => Uint8Array,
): Uint8Array {
  if (plaintext.length < 1 || plaintext.length > longestKey) {
    throw new KeystoreFault('purpose', `a key to be wrapped has 1 to ${longestKey} bytes`);
  }
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(format);
  head.writeUInt32BE(place.version, 1);
  const nonce = random(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(identity, place), nonce).setAAD(aad(place));
  return Buffer.concat([
    head,
    nonce,
    cipher.update(plaintext),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** The version of the customer's key that a wrapped key needs. @throws KeystoreFault `purpose` */
export function versionOfIssued(wrapped: Uint8Array): number {
  if (wrapped[0] !== format || wrapped.length <= headBytes + nonceBytes + tagBytes) throw foreign();
  return Buffer.from(wrapped.buffer, wrapped.byteOffset, headBytes).readUInt32BE(1);
}

/** @throws KeystoreFault `purpose` where any of identity, place and bytes is another */
export function unwrapIssued(
  identity: AgeIdentity,
  place: IssuedPlace,
  wrapped: Uint8Array,
): Uint8Array {
  const nonce = wrapped.subarray(headBytes, headBytes + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(identity, place), nonce, {
    authTagLength: tagBytes,
  })
    .setAAD(aad(place))
    .setAuthTag(wrapped.subarray(-tagBytes));
  try {
    return Buffer.concat([
      decipher.update(wrapped.subarray(headBytes + nonceBytes, -tagBytes)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw foreign(cause);
  }
}

/** A key of its own for each purpose, so that random nonces meet only those of the same purpose. */
function keyOf({ secret }: AgeIdentity, { purpose }: IssuedPlace): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', secret, '', `kept/issued/v1/${hash('sha256', purpose)}`, 32),
  );
}

function aad({ customer, purpose, version }: IssuedPlace): Buffer {
  return Buffer.from(JSON.stringify(['kept/issued/v1', customer, purpose, version]));
}

function foreign(cause?: unknown): KeystoreFault {
  return new KeystoreFault(
    'purpose',
    'the wrapped key was not made for this customer and purpose, or was changed',
    cause,
  );
}
