import { AgeFault } from './fault.ts';

/** Plaintext of one chunk of the payload (age.md, "Payload"). */
export const chunkBytes = 65_536;
/** Poly1305 tag behind each chunk. */
export const tagBytes = 16;
/** One whole chunk as it is stored. */
export const sealedChunkBytes = chunkBytes + tagBytes;
/** Random bytes between header and first chunk. */
export const nonceBytes = 16;
/**
 * Header of a file for one X25519 recipient, as we and the reference program write it, without the
 * nonce: version line, one stanza of two lines, MAC line.
 */
const lineBytes = { version: 22, share: 54, body: 44, mac: 48 } as const;

/** Bytes of a header that names so many X25519 recipients, without the nonce that follows it. */
export function headerSize(recipients = 1): number {
  return lineBytes.version + recipients * (lineBytes.share + lineBytes.body) + lineBytes.mac;
}

/** Chunks that a plaintext of so many bytes is cut into: at least one, which may be empty. */
export function chunkCount(plaintextBytes: number): number {
  return Math.max(1, Math.ceil(plaintextBytes / chunkBytes));
}

/**
 * Bytes of the age file that a plaintext of so many bytes becomes.
 *
 * @param header bytes of the header without the nonce; that of one X25519 recipient where not said
 */
export function ciphertextSize(plaintextBytes: number, header = headerSize()): number {
  return header + nonceBytes + plaintextBytes + chunkCount(plaintextBytes) * tagBytes;
}

/**
 * Bytes of plaintext in an age file of so many bytes.
 *
 * @throws AgeFault `truncated` where no age file with such a header has this size
 */
export function plaintextSize(ciphertextBytes: number, header = headerSize()): number {
  const payload = ciphertextBytes - header - nonceBytes;
  const chunks = Math.ceil(payload / sealedChunkBytes);
  const plaintext = payload - chunks * tagBytes;
  if (chunks < 1 || plaintext < 0 || chunkCount(plaintext) !== chunks) {
    throw new AgeFault('truncated', `no age file has ${ciphertextBytes} bytes`, {
      byte: ciphertextBytes,
    });
  }
  return plaintext;
}
