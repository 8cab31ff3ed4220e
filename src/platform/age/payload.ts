import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { handOver, letGo } from '../memory.ts';
import { AgeFault } from './fault.ts';
import { sealedChunkBytes, tagBytes } from './sizes.ts';

const cipherName = 'chacha20-poly1305';
const options = { authTagLength: tagBytes };

/** The key of a payload, from the file key and the nonce before the first chunk (age.md, "Payload"). */
export function payloadKeyOf(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}

/** Counter of 11 bytes, big endian, then 1 for the last chunk. JavaScript counts to 2^53 of them. */
function nonceOf(chunk: number, last: boolean): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(chunk, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** Seals one chunk into `target` at an offset: ciphertext, then tag. */
function sealChunkInto(
  target: Uint8Array,
  at: number,
  key: Uint8Array,
  chunk: number,
  last: boolean,
  plaintext: Uint8Array,
): void {
  const cipher = createCipheriv(cipherName, key, nonceOf(chunk, last), options);
  const sealed = handOver(cipher.update(plaintext));
  target.set(sealed, at);
  letGo(sealed);
  cipher.final();
  target.set(cipher.getAuthTag(), at + plaintext.length);
}

/**
 * Seals consecutive chunks, each of 64 KiB but possibly the last, into one piece of memory.
 *
 * @param first number of the first of them
 * @param last whether the last of them ends the file
 */
export function sealChunks(
  key: Uint8Array,
  first: number,
  chunks: readonly Uint8Array[],
  last: boolean,
): Buffer {
  const plaintext = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const sealed = Buffer.allocUnsafeSlow(plaintext + chunks.length * tagBytes);
  let at = 0;
  chunks.forEach((chunk, n) => {
    sealChunkInto(sealed, at, key, first + n, last && n === chunks.length - 1, chunk);
    at += chunk.length + tagBytes;
  });
  return sealed;
}

/**
 * Opens one chunk.
 *
 * @param byte where it begins in the file, for the fault
 * @throws AgeFault `payload` where it is not this chunk of this file, `truncated` where it is cut short
 */
export function openChunk(
  key: Uint8Array,
  chunk: number,
  last: boolean,
  sealed: Uint8Array,
  byte: number,
): Buffer {
  const place = { chunk, byte };
  if (sealed.length < tagBytes) throw new AgeFault('truncated', 'the file ends early', place);
  if (sealed.length === tagBytes && chunk > 0) {
    throw new AgeFault('payload', 'the last chunk is empty though it is not the only one', place);
  }
  const opened = tryChunk(key, chunk, last, sealed);
  if (opened) return opened;
  throw whyNot(key, chunk, last, sealed, place);
}

function tryChunk(
  key: Uint8Array,
  chunk: number,
  last: boolean,
  sealed: Uint8Array,
): Buffer | null {
  const decipher = createDecipheriv(cipherName, key, nonceOf(chunk, last), options);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
    return plaintext;
  } catch {
    // What did not authenticate is nobody's to see.
    plaintext.fill(0);
    return null;
  }
}

/** Tells a changed chunk from a file that was cut, or added to, at a chunk's border. */
function whyNot(
  key: Uint8Array,
  chunk: number,
  last: boolean,
  sealed: Uint8Array,
  place: { readonly chunk: number; readonly byte: number },
): AgeFault {
  if (last && sealed.length < sealedChunkBytes) {
    return new AgeFault('payload', 'the last chunk was changed, or the file was cut in it', place);
  }
  if (tryChunk(key, chunk, !last, sealed)) {
    return last
      ? new AgeFault('truncated', 'the file ends before its last chunk', place)
      : new AgeFault('trailing', 'something follows the last chunk', place);
  }
  return new AgeFault(
    'payload',
    'the chunk was changed, or is not the one that belongs here',
    place,
  );
}
