/** Gathers a stream into parts of exactly so many bytes, the last of them shorter. */
export async function* partsOf(
  source: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let part = Buffer.allocUnsafe(length);
  let filled = 0;
  for await (const piece of source) {
    for (let used = 0; used < piece.length; ) {
      const some = piece.subarray(used, used + length - filled);
      part.set(some, filled);
      used += some.length;
      filled += some.length;
      if (filled < length) continue;
      yield part;
      part = Buffer.allocUnsafe(length);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
