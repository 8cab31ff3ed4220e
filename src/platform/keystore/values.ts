import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { AgeIdentity } from '../age/identity.ts';
import { KeystoreFault } from './fault.ts';

/** What a sealed value is bound to; opening it under any other of these fails. */
export interface ValuePlace {
  /** UUID of the customer. */
  readonly customer: string;
  /** What sort of value: `objectName`, `record/orders`. */
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

const format = 1;
const nonceBytes = 12;
const tagBytes = 16;
/** Bytes that a sealed value is longer than what is in it. */
export const valueOverheadBytes = 1 + nonceBytes + tagBytes;

/** Derives the keys of small values from an identity (HKDF-SHA-256, RFC 5869), one for each use. */
export function valueKeysOf({ secret }: AgeIdentity): ValueKeys {
  const derive = (use: string) => new Uint8Array(hkdfSync('sha256', secret, '', use, 32));
  return { sealing: derive('kept/values/v1/seal'), index: derive('kept/values/v1/index') };
}

/**
 * Seals a small value: AES-256-GCM (NIST SP 800-38D) under a key of its own for this place, so that
 * random nonces only ever meet those of the same value's earlier versions.
 *
 * @returns format byte, nonce, ciphertext, tag
 */
export function sealValue(
  keys: ValueKeys,
  place: ValuePlace,
  plaintext: Uint8Array,
  random: (bytes: number) => Uint8Array,
): Uint8Array {
  const bound = boundTo(place);
  const nonce = random(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyFor(keys, bound), nonce).setAAD(bound);
  return Buffer.concat([
    Buffer.of(format),
    nonce,
    cipher.update(plaintext),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** @throws KeystoreFault `damaged` where the bytes were not sealed with these keys for this place */
export function openValue(keys: ValueKeys, place: ValuePlace, sealed: Uint8Array): Uint8Array {
  const bound = boundTo(place);
  try {
    if (sealed[0] !== format || sealed.length < valueOverheadBytes) throw new Error('no such form');
    const nonce = sealed.subarray(1, 1 + nonceBytes);
    const decipher = createDecipheriv('aes-256-gcm', keyFor(keys, bound), nonce, {
      authTagLength: tagBytes,
    })
      .setAAD(bound)
      .setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([
      decipher.update(sealed.subarray(1 + nonceBytes, -tagBytes)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new KeystoreFault(
      'damaged',
      `the value ${place.kind}/${place.id} does not open: changed, moved, or sealed with another key`,
      cause,
    );
  }
}

/**
 * Under which a text (a name, a record's key) is looked up without being stored: HMAC-SHA-256, 32
 * bytes. Equal texts of one customer, kind and key version give equal bytes, and nothing else does.
 */
export function indexOf(
  keys: ValueKeys,
  place: Pick<ValuePlace, 'customer' | 'kind'>,
  text: string,
): Uint8Array {
  return createHmac('sha256', keys.index)
    .update(JSON.stringify([place.customer, place.kind, text]))
    .digest();
}

/** A JSON array, so that no two places read the same. */
function boundTo({ customer, kind, id }: ValuePlace): Buffer {
  return Buffer.from(JSON.stringify([customer, kind, id]));
}

function keyFor({ sealing }: ValueKeys, bound: Uint8Array): Uint8Array {
  return createHmac('sha256', sealing).update(bound).digest();
}
