import { copyOf, hashBytes, nodeHash } from './hash.ts';
import { foldRight } from './merkle.ts';
import { hashesAtLevel, rootOfTile, type TileName, tileWidth } from './tile.ts';
import { LedgerRefusal } from './verdict.ts';

/**
 * All that is needed to go on appending: the right-most edge of the tree. Two views of the same
 * thing are kept, both small: `rows`, the hashes of the unfinished tile of every level, from which
 * tiles are written; and `peaks`, the roots of the whole subtrees that make up the tree, largest
 * first, from which roots are folded. At most log256(size) rows and log2(size) peaks.
 */
export interface TreeEdge {
  readonly size: number;
  /** Index is the tile level; 0 to 255 hashes of 32 bytes each. */
  readonly rows: readonly Uint8Array[];
  readonly peaks: readonly Uint8Array[];
}

export const emptyEdge: TreeEdge = { size: 0, rows: [], peaks: [] };

/** A tile that an append wrote: full for good, or partial at the new size. */
export interface WrittenTile extends TileName {
  readonly level: number;
  readonly bytes: Uint8Array;
}

export interface Appended {
  readonly edge: TreeEdge;
  readonly root: Uint8Array;
  /** The tiles to store, full ones in the order in which they were filled, then the partial ones. */
  readonly tiles: readonly WrittenTile[];
}

/**
 * The edge of a tree of `size`, from its partial tiles (`rows[level]`, empty where the level has
 * no partial tile). Throws where a row has not the width that the size demands.
 */
export function edgeFromTiles(size: number, rows: readonly Uint8Array[]): TreeEdge {
  const peaks: Uint8Array[] = [];
  const kept: Uint8Array[] = [];
  for (let level = 0; hashesAtLevel(size, level) > 0; level++) {
    const row = rows[level] ?? new Uint8Array(0);
    const width = hashesAtLevel(size, level) % tileWidth;
    if (row.length !== width * hashBytes) {
      throw new LedgerRefusal(
        `the row at level ${level} has ${row.length} bytes, expected ${width * hashBytes}`,
      );
    }
    kept.push(copyOf(row));
    peaks.unshift(...peaksOfRow(row));
  }
  return { size, rows: kept, peaks };
}

function peaksOfRow(row: Uint8Array): readonly Uint8Array[] {
  const peaks: Uint8Array[] = [];
  let at = 0;
  for (let count = tileWidth / 2; count >= 1; count /= 2) {
    const end = at + count * hashBytes;
    if (end > row.length) continue;
    peaks.push(rootOfTile(row.subarray(at, end)));
    at = end;
  }
  return peaks;
}

/** The root of the tree that the edge belongs to. */
export function rootOfEdge(edge: TreeEdge): Uint8Array {
  return foldRight(edge.peaks);
}

/**
 * Appends leaf hashes (32 bytes each, one after the other) and gives the tiles that changed and
 * the new root. One node hash per leaf; `edge` is left as it is. Memory is that of the tiles
 * written, so callers append in batches.
 */
export function appendLeaves(edge: TreeEdge, leaves: Uint8Array): Appended {
  if (leaves.length % hashBytes !== 0)
    throw new LedgerRefusal(`${leaves.length} bytes are no row of hashes`);
  const growing = new GrowingTree(edge);
  for (let at = 0; at < leaves.length; at += hashBytes)
    growing.push(copyOf(leaves, at, at + hashBytes));
  return growing.finish();
}

class GrowingTree {
  #size: number;
  readonly #peaks: Uint8Array[];
  readonly #rows: Row[];
  readonly #tiles: WrittenTile[] = [];

  constructor(edge: TreeEdge) {
    this.#size = edge.size;
    this.#peaks = [...edge.peaks];
    this.#rows = edge.rows.map(
      (row, level) => new Row(Math.floor(hashesAtLevel(edge.size, level) / tileWidth), row),
    );
  }

  push(leaf: Uint8Array): void {
    let node = leaf;
    let height = 0;
    this.#place(0, node);
    // As in binary addition: every trailing one of the size is a peak of equal height to merge with.
    for (let carry = this.#size; carry % 2 === 1; carry = Math.floor(carry / 2)) {
      node = nodeHash(this.#peaks.pop() as Uint8Array, node);
      height += 1;
      if (height % 8 === 0) this.#place(height / 8, node);
    }
    this.#peaks.push(node);
    this.#size += 1;
  }

  #place(level: number, hash: Uint8Array): void {
    const row = this.#rows[level] ?? new Row(0, new Uint8Array(0));
    this.#rows[level] = row;
    const full = row.push(hash);
    if (full !== null)
      this.#tiles.push({ level, index: row.index - 1, width: tileWidth, bytes: full });
  }

  finish(): Appended {
    const rows = this.#rows.map((row) => row.bytes());
    const partial = this.#rows.flatMap(({ changed, width, index }, level) =>
      changed && width > 0 ? [{ level, index, width, bytes: rows[level] as Uint8Array }] : [],
    );
    const edge = { size: this.#size, rows, peaks: this.#peaks };
    return { edge, root: rootOfEdge(edge), tiles: [...this.#tiles, ...partial] };
  }
}

/** The unfinished tile of one level. The hashes it began with are copied only once it grows. */
class Row {
  index: number;
  width: number;
  readonly #begun: Uint8Array;
  #room: Uint8Array | null = null;

  constructor(index: number, hashes: Uint8Array) {
    this.index = index;
    this.width = hashes.length / hashBytes;
    this.#begun = hashes;
  }

  get changed(): boolean {
    return this.#room !== null;
  }

  /** The bytes of the tile if this hash filled it. */
  push(hash: Uint8Array): Uint8Array | null {
    if (this.#room === null) {
      this.#room = new Uint8Array(tileWidth * hashBytes);
      this.#room.set(this.#begun);
    }
    this.#room.set(hash, this.width * hashBytes);
    this.width += 1;
    if (this.width < tileWidth) return null;
    const full = this.#room;
    this.#room = new Uint8Array(tileWidth * hashBytes);
    this.width = 0;
    this.index += 1;
    return full;
  }

  bytes(): Uint8Array {
    return this.#room === null ? this.#begun : copyOf(this.#room, 0, this.width * hashBytes);
  }
}
