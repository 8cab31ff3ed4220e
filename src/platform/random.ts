import { randomBytes } from 'node:crypto';

const pieceBytes = 16_384;

/**
 * Random bytes of the system. Asking it costs far more than the few bytes of an id, so it is asked
 * for a piece at a time; no byte is given twice, and what was given is not kept.
 */
export function systemRandom(): (count: number) => Uint8Array {
  let piece = new Uint8Array(0);
  let used = 0;
  return (count) => {
    if (count > pieceBytes / 16) return randomBytes(count);
    if (used + count > piece.length) {
      piece = new Uint8Array(randomBytes(pieceBytes));
      used = 0;
    }
    const given = piece.slice(used, used + count);
    piece.fill(0, used, used + count);
    used += count;
    return given;
  };
}
