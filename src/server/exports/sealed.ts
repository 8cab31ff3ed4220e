import { decryptRange } from '../../platform/age/range.ts';
import { ciphertextSize } from '../../platform/age/sizes.ts';
import { decryptStream } from '../../platform/age/stream.ts';
import type { ExportPart } from '../../registers/portal/store.exports.ts';
import type { PlainRange } from '../vault/door.ts';
import type { Door } from '../vault/reading.ts';
import { readLines, type TraceLine } from './trace.ts';

type Sealed = Pick<ExportPart, 'storedAs' | 'keyVersion' | 'size'>;

/** Plaintext of a part, all of it or a range: it is an age file to the customer's own key. */
export async function* partBytes(
  { world, keyring }: Door,
  { storedAs, keyVersion, size }: Sealed,
  range: PlainRange = { from: 0, to: size },
): AsyncGenerator<Uint8Array> {
  if (range.from >= range.to) return;
  const { identity } = await keyring.of(keyVersion);
  if (range.from === 0 && range.to === size) {
    yield* decryptStream([identity], world.objects.get(storedAs));
    return;
  }
  const source = {
    size: ciphertextSize(size),
    stream: (from: number, to: number) => world.objects.get(storedAs, { from, to }),
  };
  yield* decryptRange([identity], source, range.from, range.to);
}

/** What stands in each part, in order, without holding more than a line. */
export async function* tracesOf(
  door: Door,
  parts: readonly ExportPart[],
): AsyncGenerator<TraceLine> {
  for (const { trailAs: storedAs, keyVersion, trailSize: size } of parts) {
    yield* readLines(partBytes(door, { storedAs, keyVersion, size }));
  }
}

/** Bytes of an archive, from any place to any other: parts are joined where they meet. */
export async function* archiveBytes(
  door: Door,
  parts: readonly ExportPart[],
  { from, to }: PlainRange,
): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    const first = Math.max(from, part.startsAt);
    const last = Math.min(to, part.startsAt + part.size);
    if (first >= last) continue;
    yield* partBytes(door, part, { from: first - part.startsAt, to: last - part.startsAt });
  }
}

export function archiveSize(parts: readonly ExportPart[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}
