import { emptyRoot, hashBytes, hex, nodeHash, sameBytes } from './hash.ts';
import type { EntryRange, TreeNode } from './steps.ts';
import { consistencyRanges, inclusionRanges, inclusionSteps, subtrees } from './steps.ts';
import { fails, holds, LedgerRefusal, type Verdict } from './verdict.ts';

/**
 * Gives the hashes of whole subtrees, in the order asked. Throws when it cannot: a log that has
 * lost a tile has no proof to give.
 */
export type NodeReader = (nodes: readonly TreeNode[]) => Promise<readonly Uint8Array[]>;

/** The root of the first `size` entries. */
export async function treeRoot(size: number, read: NodeReader): Promise<Uint8Array> {
  if (size === 0) return emptyRoot;
  const [root] = await rangeHashes([{ start: 0, end: size }], read);
  return root as Uint8Array;
}

/** RFC 6962, section 2.1.1: the proof that entry `index` stands in the tree of `size` entries. */
export async function inclusionProof(
  index: number,
  size: number,
  read: NodeReader,
): Promise<readonly Uint8Array[]> {
  if (inclusionSteps(index, size) === null)
    throw new LedgerRefusal(`no entry ${index} in a tree of ${size}`);
  return rangeHashes(inclusionRanges(index, size), read);
}

/** RFC 6962, section 2.1.2: the proof that the first `older` of `newer` entries are the older tree. */
export async function consistencyProof(
  older: number,
  newer: number,
  read: NodeReader,
): Promise<readonly Uint8Array[]> {
  if (!Number.isSafeInteger(older) || !Number.isSafeInteger(newer) || older < 1 || older > newer) {
    throw new LedgerRefusal(`no consistency proof from size ${older} to size ${newer}`);
  }
  return rangeHashes(consistencyRanges(older, newer), read);
}

async function rangeHashes(
  ranges: readonly EntryRange[],
  read: NodeReader,
): Promise<readonly Uint8Array[]> {
  const parts = ranges.map(({ start, end }) => subtrees(start, end));
  const hashes = await read(parts.flat());
  let at = 0;
  return parts.map((nodes) => {
    const folded = foldRight(hashes.slice(at, at + nodes.length));
    at += nodes.length;
    return folded;
  });
}

/** Hash of neighbouring whole subtrees of falling size: the right-most two first. */
export function foldRight(hashes: readonly Uint8Array[]): Uint8Array {
  let folded = hashes.at(-1);
  if (folded === undefined) return emptyRoot;
  for (let i = hashes.length - 2; i >= 0; i--) folded = nodeHash(hashes[i] as Uint8Array, folded);
  return folded;
}

/** Checks an inclusion proof (RFC 9162, section 2.1.3.2). Never throws. */
export function verifyInclusion(
  claim: {
    readonly index: number;
    readonly size: number;
    readonly leaf: Uint8Array;
    readonly root: Uint8Array;
  },
  proof: readonly Uint8Array[],
): Verdict {
  const steps = inclusionSteps(claim.index, claim.size);
  if (steps === null) return fails(`there is no entry ${claim.index} in a tree of ${claim.size}`);
  if (claim.leaf.length !== hashBytes)
    return fails(`the leaf hash has ${claim.leaf.length} bytes, not ${hashBytes}`);
  const shape = wellShaped(proof, steps.length);
  if (!shape.ok) return shape;
  let folded = claim.leaf;
  for (let i = 0; i < steps.length; i++) {
    const other = proof[i] as Uint8Array;
    folded = steps[i] === 'left' ? nodeHash(other, folded) : nodeHash(folded, other);
  }
  return sameRoot(folded, claim.root, 'the proof');
}

/**
 * Checks a consistency proof (RFC 9162, section 2.1.4.2). Never throws. An older size of 0 is
 * refused: an empty tree commits to nothing, so there is nothing to be consistent with.
 */
export function verifyConsistency(
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): Verdict {
  if (!Number.isSafeInteger(older.size) || !Number.isSafeInteger(newer.size))
    return fails('a size is not an integer');
  if (older.size < 1) return fails(`the older size is ${older.size}; a proof starts at size 1`);
  if (older.size > newer.size)
    return fails(`the older size ${older.size} is larger than the newer ${newer.size}`);
  const shape = wellShaped(proof, consistencyRanges(older.size, newer.size).length);
  if (!shape.ok) return shape;
  // Two equal sizes need no fold: the roots are compared as they are.
  if (older.size === newer.size) return sameRoot(older.root, newer.root, 'the older tree');
  if (older.root.length !== hashBytes)
    return fails(`the older root has ${older.root.length} bytes, not ${hashBytes}`);
  const folded = foldConsistency(older, newer.size, proof);
  const first = sameRoot(folded.older, older.root, `the proof at size ${older.size}`);
  return first.ok ? sameRoot(folded.newer, newer.root, `the proof at size ${newer.size}`) : first;
}

function foldConsistency(
  older: { readonly size: number; readonly root: Uint8Array },
  newerSize: number,
  proof: readonly Uint8Array[],
): { readonly older: Uint8Array; readonly newer: Uint8Array } {
  let node = older.size - 1;
  let last = newerSize - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  // When the older tree is one whole subtree its root starts the fold; else the proof brings the start.
  const rest = node === 0 ? proof : proof.slice(1);
  let olderFold = node === 0 ? older.root : (proof[0] as Uint8Array);
  let newerFold = olderFold;
  for (const hash of rest) {
    while (node % 2 === 0 && node === last && node > 0) {
      node /= 2;
      last /= 2;
    }
    if (node % 2 === 1) {
      olderFold = nodeHash(hash, olderFold);
      newerFold = nodeHash(hash, newerFold);
    } else {
      newerFold = nodeHash(newerFold, hash);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return { older: olderFold, newer: newerFold };
}

function wellShaped(proof: readonly Uint8Array[], expected: number): Verdict {
  if (proof.length !== expected)
    return fails(`the proof has ${proof.length} hashes; ${expected} are needed`);
  const odd = proof.findIndex((hash) => hash.length !== hashBytes);
  if (odd >= 0)
    return fails(`hash ${odd} of the proof has ${proof[odd]?.length} bytes, not ${hashBytes}`);
  return holds;
}

function sameRoot(found: Uint8Array, expected: Uint8Array, what: string): Verdict {
  if (sameBytes(found, expected)) return holds;
  return fails(`${what} gives root ${hex(found)}, expected ${hex(expected)}`);
}
