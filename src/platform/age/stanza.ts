import { createCipheriv, createDecipheriv, diffieHellman, hkdfSync } from 'node:crypto';
import { fromBase64, toBase64 } from './base64.ts';
import { AgeFault } from './fault.ts';
import {
  type AgeIdentity,
  type AgeRecipient,
  identityOf,
  keyBytes,
  publicKeyOf,
} from './identity.ts';

/** One recipient's copy of the file key in the header (age.md, "Recipient stanza"). */
export interface Stanza {
  /** At least one; the first says which type. */
  readonly arguments: readonly string[];
  readonly body: Uint8Array;
}

export const fileKeyBytes = 16;
const bodyBytes = fileKeyBytes + 16;
const purpose = 'age-encryption.org/v1/X25519';
/** Safe because each wrap key is used once. */
const zeroNonce = new Uint8Array(12);
const cipherName = 'chacha20-poly1305';

/** Wraps a file key for a recipient (age.md, "X25519 recipient stanza"). */
export function wrapFileKey(
  fileKey: Uint8Array,
  recipient: AgeRecipient,
  random: (bytes: number) => Uint8Array,
): Stanza {
  const ephemeral = identityOf(random(keyBytes));
  const share = ephemeral.recipient.point;
  const wrapKey = wrapKeyOf(ephemeral, recipient, share, recipient.point);
  const cipher = createCipheriv(cipherName, wrapKey, zeroNonce, { authTagLength: 16 });
  const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
  return { arguments: ['X25519', toBase64(share)], body };
}

/**
 * The file key from one stanza.
 *
 * @returns null where the stanza is of another type or for somebody else
 * @throws AgeFault `header` where it calls itself X25519 and is malformed, or its share is of low order
 */
export function unwrapFileKey(stanza: Stanza, identity: AgeIdentity): Uint8Array | null {
  const [type, text = '', ...rest] = stanza.arguments;
  if (type !== 'X25519') return null;
  const share = fromBase64(text);
  if (rest.length > 0 || share?.length !== keyBytes) {
    throw new AgeFault('header', 'an X25519 stanza has one argument, a share of 32 bytes');
  }
  // Before any key touches it: a body of another length would tell an attacker which key fits.
  if (stanza.body.length !== bodyBytes) {
    throw new AgeFault('header', 'the body of an X25519 stanza has 32 bytes');
  }
  const sender = { key: publicKeyOf(share) };
  const wrapKey = wrapKeyOf(identity, sender, share, identity.recipient.point);
  const decipher = createDecipheriv(cipherName, wrapKey, zeroNonce, { authTagLength: 16 });
  decipher.setAuthTag(stanza.body.subarray(fileKeyBytes));
  try {
    return Buffer.concat([
      decipher.update(stanza.body.subarray(0, fileKeyBytes)),
      decipher.final(),
    ]);
  } catch {
    return null;
  }
}

function wrapKeyOf(
  own: Pick<AgeIdentity, 'key'>,
  other: Pick<AgeRecipient, 'key'>,
  share: Uint8Array,
  recipient: Uint8Array,
): Uint8Array {
  const secret = sharedSecret(own, other);
  return new Uint8Array(hkdfSync('sha256', secret, Buffer.concat([share, recipient]), purpose, 32));
}

function sharedSecret(own: Pick<AgeIdentity, 'key'>, other: Pick<AgeRecipient, 'key'>): Buffer {
  const lowOrder = 'the share is a point of low order, which would give everybody the same secret';
  let secret: Buffer;
  try {
    secret = diffieHellman({ privateKey: own.key, publicKey: other.key });
  } catch (cause) {
    // OpenSSL refuses an all-zero result itself (RFC 7748, section 6.1).
    throw new AgeFault('header', lowOrder, {}, cause);
  }
  if (secret.every((byte) => byte === 0)) throw new AgeFault('header', lowOrder);
  return secret;
}
