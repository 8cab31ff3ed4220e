import { handOver } from '../memory.ts';
import { AgeFault } from './fault.ts';
import { headerLimit } from './header.ts';
import type { AgeIdentity } from './identity.ts';
import { Intake } from './intake.ts';
import { readPayloadKey } from './opening.ts';
import { openChunk } from './payload.ts';
import { chunkBytes, nonceBytes, plaintextSize, sealedChunkBytes } from './sizes.ts';

/** An age file that can be read from anywhere. */
export interface SeekableSource {
  /** Bytes of the age file. */
  readonly size: number;
  /** Its bytes from `from` up to, not including, `to`. */
  stream(from: number, to: number): AsyncIterable<Uint8Array>;
}

/** A header for one recipient fits; a longer one is read again from its beginning. */
const headerProbeBytes = 1024;

/**
 * Decrypts bytes of an age file, reading nothing but the header and the chunks that they lie in
 * (age.md, "Payload": seeking). Whether the file is whole shows only where its last chunk is read;
 * whoever needs the file's length has to know it from elsewhere.
 *
 * @param from first byte of plaintext
 * @param to byte behind the last one
 * @throws AgeFault `range` where the plaintext does not have these bytes, else as `decryptStream`
 */
export async function* decryptRange(
  identities: readonly AgeIdentity[],
  source: SeekableSource,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { key, payload } = await openFile(identities, source);
  const plaintext = plaintextSize(source.size, payload - nonceBytes);
  if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to)) {
    throw new AgeFault('range', `not a range of bytes: ${from} to ${to}`);
  }
  if (to > plaintext) {
    throw new AgeFault('range', `bytes ${from} to ${to} of a plaintext of ${plaintext}`);
  }
  if (from === to) return;
  const first = Math.floor(from / chunkBytes);
  const end = Math.ceil(to / chunkBytes);
  const count = Math.ceil(plaintext / chunkBytes);
  const byteOf = (chunk: number) => Math.min(source.size, payload + chunk * sealedChunkBytes);
  const intake = new Intake(source.stream(byteOf(first), byteOf(end)));
  try {
    for (let chunk = first; chunk < end; chunk++) {
      const sealed = await intake.take(byteOf(chunk + 1) - byteOf(chunk));
      const opened = openChunk(key, chunk, chunk === count - 1, sealed, byteOf(chunk));
      const begins = chunk * chunkBytes;
      yield handOver(opened.subarray(Math.max(0, from - begins), to - begins));
    }
  } finally {
    await intake.close();
  }
}

interface OpenFile {
  readonly key: Uint8Array;
  /** Where the first chunk begins. */
  readonly payload: number;
}

async function openFile(
  identities: readonly AgeIdentity[],
  source: SeekableSource,
): Promise<OpenFile> {
  const probe = Math.min(source.size, headerProbeBytes);
  try {
    return await openHead(identities, source, probe);
  } catch (fault) {
    const longer = fault instanceof AgeFault && fault.code === 'header' && source.size > probe;
    if (!longer) throw fault;
    return openHead(identities, source, Math.min(source.size, headerLimit));
  }
}

async function openHead(
  identities: readonly AgeIdentity[],
  source: SeekableSource,
  length: number,
): Promise<OpenFile> {
  const intake = new Intake(source.stream(0, length));
  try {
    return { key: await readPayloadKey(intake, identities), payload: intake.offset };
  } finally {
    await intake.close();
  }
}
