/**
 * The arithmetic of RFC 6962 proofs without any hashing, so that a page in a browser can fold a
 * proof with WebCrypto and a program on a server with its own hash. Imports nothing.
 *
 * Sizes and indices are safe integers; all of it is division, never 32-bit operators.
 */

/** Where the proof's hash stands in a fold: `left` means node(hash, so far), `right` node(so far, hash). */
export type ProofSide = 'left' | 'right';

/**
 * The sides of an inclusion proof of entry `index` in a tree of `size`, from the leaf up; its
 * length is the length that the proof must have (RFC 9162, section 2.1.3.2). Null where there is
 * no such entry.
 */
export function inclusionSteps(index: number, size: number): readonly ProofSide[] | null {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    return null;
  const steps: ProofSide[] = [];
  let node = index;
  let last = size - 1;
  while (last > 0) {
    if (node % 2 === 1) steps.push('left');
    else if (node < last) steps.push('right');
    // else: the right-most node of an odd row has no sibling and moves up as it is.
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return steps;
}

/** A whole subtree: the `index`-th node at `height` above the leaves, over 2^height entries. */
export interface TreeNode {
  readonly height: number;
  readonly index: number;
}

/**
 * The whole subtrees, left to right, that make up the entries `[start, end)`. The hash of the
 * range is their fold from the right, which is how RFC 6962 splits it, provided that `start` is a
 * multiple of the largest power of two below the length (true of every range in a proof).
 */
export function subtrees(start: number, end: number): readonly TreeNode[] {
  const nodes: TreeNode[] = [];
  let at = start;
  while (at < end) {
    let height = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      width *= 2;
      height += 1;
    }
    nodes.push({ height, index: at / width });
    at += width;
  }
  return nodes;
}

/** A range of entries whose hash is one element of a proof. */
export interface EntryRange {
  readonly start: number;
  readonly end: number;
}

/** The ranges of PATH(index, D[size]) of RFC 6962, section 2.1.1, from the leaf up. */
export function inclusionRanges(index: number, size: number): readonly EntryRange[] {
  const ranges: EntryRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const split = start + splitPoint(end - start);
    if (index < split) {
      ranges.push({ start: split, end });
      end = split;
    } else {
      ranges.push({ start, end: split });
      start = split;
    }
  }
  return ranges.reverse();
}

/** The ranges of PROOF(older, D[newer]) of RFC 6962, section 2.1.2, from the bottom up. */
export function consistencyRanges(older: number, newer: number): readonly EntryRange[] {
  const ranges: EntryRange[] = [];
  let start = 0;
  let end = newer;
  let wholeFromStart = true;
  while (older !== end) {
    const split = start + splitPoint(end - start);
    if (older <= split) {
      ranges.push({ start: split, end });
      end = split;
    } else {
      ranges.push({ start, end: split });
      start = split;
      wholeFromStart = false;
    }
  }
  // The verifier knows the older root already; any other whole subtree it must be given.
  if (!wholeFromStart) ranges.push({ start, end });
  return ranges.reverse();
}

/** The largest power of two smaller than `length` (which is at least 2). */
function splitPoint(length: number): number {
  let width = 1;
  while (width * 2 < length) width *= 2;
  return width;
}
