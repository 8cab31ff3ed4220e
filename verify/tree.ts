import { hash } from 'node:crypto';

/** Bytes of a hash, and hashes in a full tile. */
export const hashBytes = 32;
export const tileWidth = 256;

/**
 * Hashes `room[start .. end)` and puts the digest at `at` in `into`. One-shot hashing into a
 * latin-1 string is the fastest way that Node offers for short inputs: no Buffer is made.
 */
export function hashInto(room: Buffer, start: number, end: number, into: Buffer, at: number): void {
  into.write(hash('sha256', room.subarray(start, end), 'latin1'), at, hashBytes, 'latin1');
}

const pairRoom = Buffer.alloc(1 + 2 * hashBytes);

/** RFC 6962: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  pairRoom[0] = 1;
  left.copy(pairRoom, 1);
  right.copy(pairRoom, 1 + hashBytes);
  const node = Buffer.alloc(hashBytes);
  hashInto(pairRoom, 0, pairRoom.length, node, 0);
  return node;
}

const foldRoom = Buffer.alloc(1 + tileWidth * hashBytes);

/**
 * Root over `count` hashes (a power of two, at most 256) that begin at `first` in `row`. Folds in
 * place: pairs lie side by side and the byte before a pair has been used up by the time it is
 * needed for the 0x01 of RFC 6962, so nothing is copied between the rounds.
 */
export function wholeRoot(row: Buffer, first: number, count: number): Buffer {
  row.copy(foldRoom, 1, first * hashBytes, (first + count) * hashBytes);
  for (let left = count; left > 1; left /= 2) {
    for (let pair = 0; pair < left / 2; pair++) {
      const at = pair * 2 * hashBytes;
      foldRoom[at] = 1;
      hashInto(foldRoom, at, at + 1 + 2 * hashBytes, foldRoom, 1 + pair * hashBytes);
    }
  }
  return Buffer.from(foldRoom.subarray(1, 1 + hashBytes));
}

/**
 * The levels of a verified tree: `levels[0]` are the hashes of full bundles (tile level 1),
 * `levels[1]` those of full level-1 tiles, and so on. Leaf hashes are too many to keep; whoever
 * asks for a root brings those of the unfinished bundle.
 */
export type Levels = readonly Buffer[];

/** What a verified export leaves behind for comparing it with another. */
export interface VerifiedTree {
  readonly folder: string;
  readonly origin: string;
  readonly size: number;
  readonly levels: Levels;
  readonly unfinished: Buffer;
}

/** Builds the levels above from the hashes of the full bundles. */
export function levelsAbove(bundleHashes: Buffer): Levels {
  const levels = [bundleHashes];
  for (let below = bundleHashes; below.length >= tileWidth * hashBytes; ) {
    const full = Math.floor(below.length / (tileWidth * hashBytes));
    const level = Buffer.alloc(full * hashBytes);
    for (let i = 0; i < full; i++)
      wholeRoot(below, i * tileWidth, tileWidth).copy(level, i * hashBytes);
    levels.push(level);
    below = level;
  }
  return levels;
}

/** Root of the first `size` entries; `leaves`: the leaf hashes behind the last full bundle of that size. */
export function rootAt(size: number, levels: Levels, leaves: Buffer): Buffer {
  if (size === 0) return Buffer.from(hash('sha256', '', 'hex'), 'hex');
  const peaks = peaksOf(leaves, 0, size % tileWidth);
  for (
    let level = 0, whole = Math.floor(size / tileWidth);
    whole > 0;
    level++, whole = Math.floor(whole / tileWidth)
  ) {
    const row = levels[level] as Buffer;
    peaks.unshift(...peaksOf(row, whole - (whole % tileWidth), whole % tileWidth));
  }
  return peaks.reduceRight((right, left) => nodeHash(left, right));
}

/** The whole subtrees, largest first, over `count` hashes of a row. */
function peaksOf(row: Buffer, first: number, count: number): Buffer[] {
  const peaks: Buffer[] = [];
  let at = first;
  for (let width = tileWidth / 2; width >= 1; width /= 2) {
    if (first + count - at < width) continue;
    peaks.push(wholeRoot(row, at, width));
    at += width;
  }
  return peaks;
}

/** C2SP tlog-tiles path of a tile of hashes or a bundle of entries. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  let elements = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    elements = `x${String(rest % 1000).padStart(3, '0')}/${elements}`;
  }
  return `tile/${level}/${elements}${width < tileWidth ? `.p/${width}` : ''}`;
}
