import { createCipheriv, createDecipheriv } from 'node:crypto';
import { KeystoreFault } from './fault.ts';
import { placeText, type WrapPlace } from './kek.ts';

const nonceBytes = 12;
const tagBytes = 16;

/**
 * Wraps a key under 32 bytes of key-encryption key: AES-256-GCM (NIST SP 800-38D) with a random
 * nonce, customer and version authenticated.
 */
export function wrapUnder(
  kek: Uint8Array,
  plaintext: Uint8Array,
  place: WrapPlace,
  random: (bytes: number) => Uint8Array,
): Uint8Array {
  const nonce = random(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', kek, nonce).setAAD(Buffer.from(placeText(place)));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @throws KeystoreFault `damaged` where it was not wrapped under this key for this place */
export function unwrapUnder(kek: Uint8Array, wrapped: Uint8Array, place: WrapPlace): Uint8Array {
  try {
    const nonce = wrapped.subarray(0, nonceBytes);
    const decipher = createDecipheriv('aes-256-gcm', kek, nonce, { authTagLength: tagBytes })
      .setAAD(Buffer.from(placeText(place)))
      .setAuthTag(wrapped.subarray(-tagBytes));
    return Buffer.concat([
      decipher.update(wrapped.subarray(nonceBytes, -tagBytes)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new KeystoreFault(
      'damaged',
      `version ${place.version} of the key of customer ${place.customer} does not open: changed, or another's`,
      cause,
    );
  }
}
