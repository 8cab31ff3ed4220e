import { AgeFault } from './fault.ts';
import { formatHeader } from './header.ts';
import type { AgeIdentity, AgeRecipient } from './identity.ts';
import { Intake } from './intake.ts';
import { readPayloadKey } from './opening.ts';
import { payloadKeyOf, sealChunks } from './payload.ts';
import { chunkBytes, nonceBytes } from './sizes.ts';
import { fileKeyBytes, wrapFileKey } from './stanza.ts';

export type Random = (bytes: number) => Uint8Array;

/** An age file that is being written: what stands at its beginning, and how its chunks are sealed. */
export interface AgeFile {
  /** Header and nonce: the first bytes of the file. Holds no secret; with an identity it is resumed. */
  readonly header: Uint8Array;

  /**
   * Seals consecutive chunks of the file.
   *
   * The caller must never let a chunk be sealed twice with different content: both would use one
   * key and nonce, and whoever sees the two reads both. An upload in parts therefore records the
   * digest of each part before sealing it, and refuses the same part with another digest.
   *
   * @param first number of the first chunk: its offset in the plaintext divided by 64 KiB
   * @param chunks of 64 KiB each, save that the last of the file may be shorter (empty: only alone)
   * @param last whether the last of them ends the file
   */
  seal(first: number, chunks: readonly Uint8Array[], last: boolean): Uint8Array;
}

/** Begins a new file with a file key of its own. */
export function beginAgeFile(recipients: readonly AgeRecipient[], random: Random): AgeFile {
  if (recipients.length === 0) throw new AgeFault('header', 'a file is for somebody');
  const fileKey = random(fileKeyBytes);
  const stanzas = recipients.map((recipient) => wrapFileKey(fileKey, recipient, random));
  const nonce = random(nonceBytes);
  const header = Buffer.concat([formatHeader(stanzas, fileKey), nonce]);
  return fileWith(header, payloadKeyOf(fileKey, nonce));
}

/**
 * Goes on with a file that was begun, from its header and nonce.
 *
 * @throws AgeFault as reading a file does
 */
export async function resumeAgeFile(
  identities: readonly AgeIdentity[],
  header: Uint8Array,
): Promise<AgeFile> {
  const intake = new Intake(once(header));
  return fileWith(header, await readPayloadKey(intake, identities));
}

/** Cuts bytes into chunks as `seal` takes them; no bytes are one empty chunk. */
export function chunksOf(bytes: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let from = 0; from === 0 || from < bytes.length; from += chunkBytes) {
    chunks.push(bytes.subarray(from, from + chunkBytes));
  }
  return chunks;
}

function fileWith(header: Uint8Array, key: Uint8Array): AgeFile {
  return {
    header,
    seal(first, chunks, last) {
      chunks.forEach(({ length }, n) => {
        const ending = last && n === chunks.length - 1;
        const fits = ending
          ? length <= chunkBytes && (length > 0 || first + n === 0)
          : length === chunkBytes;
        if (!fits)
          throw new AgeFault('payload', `a chunk of ${length} bytes`, { chunk: first + n });
      });
      return sealChunks(key, first, chunks, last);
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
