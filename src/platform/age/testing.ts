import { handOver } from '../memory.ts';
import type { SeekableSource } from './range.ts';

/** Bytes that differ everywhere and repeat from run to run. */
export function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * 7 + (at >> 16)) & 0xff);
}

/** A stream of pieces of such lengths, in turn, each handed over: whoever uses one too long reads nothing. */
export async function* piecesOf(
  bytes: Uint8Array,
  lengths: readonly number[] = [bytes.length],
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let from = 0, n = 0; from < bytes.length; n++) {
    const length = Math.max(1, lengths[n % lengths.length] ?? 1);
    yield handOver(Uint8Array.from(bytes.subarray(from, from + length)));
    from += length;
  }
}

export async function gather(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Uint8Array.from(Buffer.concat(await Array.fromAsync(source)));
}

/** An age file in memory that counts what is read of it. */
export function seekable(file: Uint8Array): SeekableSource & { bytesRead(): number } {
  let read = 0;
  return {
    size: file.length,
    stream: (from, to) => {
      read += to - from;
      return piecesOf(file.subarray(from, to), [1000]);
    },
    bytesRead: () => read,
  };
}
