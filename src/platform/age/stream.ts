import { randomBytes } from 'node:crypto';
import { handOver } from '../memory.ts';
import type { AgeIdentity, AgeRecipient } from './identity.ts';
import { Intake } from './intake.ts';
import { readPayloadKey } from './opening.ts';
import { beginAgeFile, chunksOf, type Random } from './parts.ts';
import { openChunk } from './payload.ts';
import { chunkBytes, sealedChunkBytes } from './sizes.ts';

/** Chunks sealed into one piece: fewer and larger writes; with more of them only the memory grows. */
const chunksAtOnce = 2;

/**
 * Encrypts a stream into one age v1 file for some recipients, in constant memory (age.md). Pieces of
 * 128 KiB come out, of whatever length they went in; they are handed over (`../memory.ts`).
 *
 * @param random for file key, nonce and ephemeral secrets; of the system where not said
 * @throws AgeFault `header` where there is no recipient, or one of low order
 */
export async function* encryptStream(
  recipients: readonly AgeRecipient[],
  source: AsyncIterable<Uint8Array>,
  random: Random = randomBytes,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = beginAgeFile(recipients, random);
  const intake = new Intake(source);
  try {
    yield file.header;
    let first = 0;
    for (let ended = false; !ended; ) {
      const chunks = chunksOf(await intake.take(chunksAtOnce * chunkBytes));
      ended = await intake.atEnd();
      yield handOver(file.seal(first, chunks, ended));
      first += chunks.length;
    }
  } finally {
    await intake.close();
  }
}

/**
 * Decrypts an age v1 file in constant memory. Every piece that comes out is authenticated; that the
 * file is whole is known only when the stream ends without a fault. Pieces are handed over.
 *
 * @throws AgeFault with code and place, from the first step on
 */
export async function* decryptStream(
  identities: readonly AgeIdentity[],
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const intake = new Intake(source);
  try {
    const key = await readPayloadKey(intake, identities);
    for (let chunk = 0, last = false; !last; chunk++) {
      const byte = intake.offset;
      const sealed = await intake.take(sealedChunkBytes);
      last = await intake.atEnd();
      const plaintext = openChunk(key, chunk, last, sealed, byte);
      if (plaintext.length > 0) yield handOver(plaintext);
    }
  } finally {
    await intake.close();
  }
}
