import { copyOf, hashBytes, nodeHash } from './hash.ts';
import { foldRight, type NodeReader } from './merkle.ts';
import type { TreeNode } from './steps.ts';
import { fails, LedgerRefusal, type Parsed, read } from './verdict.ts';

/** Hashes in a full tile: eight levels of the tree (C2SP tlog-tiles). */
export const tileWidth = 256;
const tileHeight = 8;

/** The longest entry that a bundle can carry: its length is a 16-bit number. */
export const entryLimitBytes = 65_535;

/** A tile of hashes (`level` ≥ 0) or a bundle of entries (`level` 'entries'); `width` 256 is a full one. */
export interface TileName {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

/** `tile/0/x001/x234/067`, `tile/1/000.p/17`, `tile/entries/000.p/3` (C2SP tlog-tiles, "Merkle Tree"). */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const elements = padded.match(/.{3}/g) ?? [];
  const spelt = elements
    .map((element, i) => (i < elements.length - 1 ? `x${element}` : element))
    .join('/');
  return `tile/${level}/${spelt}${width === tileWidth ? '' : `.p/${width}`}`;
}

const tileSyntax = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Reads a tile path; only the one spelling that `tilePath` writes is a tile path. */
export function parseTilePath(path: string): Parsed<TileName> {
  const match = tileSyntax.exec(path);
  if (match === null) return fails(`${JSON.stringify(path)} is not the path of a tile`);
  const level = match[1] === 'entries' ? 'entries' : Number(match[1]);
  const index = Number((match[2] ?? '').replaceAll(/[x/]/g, ''));
  const width = match[3] === undefined ? tileWidth : Number(match[3]);
  const name: TileName = { level, index, width };
  const inRange = Number.isSafeInteger(index) && (match[3] === undefined || width < tileWidth);
  if (!inRange || (level !== 'entries' && level > 63))
    return fails(`${path} names a tile out of range`);
  return tilePath(name) === path ? read(name) : fails(`${path} is spelt with needless zeroes`);
}

/** Whole hashes that a tree of `size` has at a tile level: floor(size / 256^level). */
export function hashesAtLevel(size: number, level: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** How wide tile `index` of a level is in a tree of `size`; 0 where there is none. */
export function widthOfTile(size: number, level: number | 'entries', index: number): number {
  const hashes = hashesAtLevel(size, level === 'entries' ? 0 : level) - index * tileWidth;
  return Math.max(0, Math.min(tileWidth, hashes));
}

/** Every hash tile that a tree of `size` consists of, level by level, left to right. */
export function* tilesOf(size: number): Generator<TileName & { readonly level: number }> {
  for (let level = 0; hashesAtLevel(size, level) > 0; level++) {
    for (let index = 0; widthOfTile(size, level, index) > 0; index++) {
      yield { level, index, width: widthOfTile(size, level, index) };
    }
  }
}

/** Every bundle of entries of a tree of `size`. */
export function* bundlesOf(size: number): Generator<TileName & { readonly level: 'entries' }> {
  for (let index = 0; widthOfTile(size, 'entries', index) > 0; index++) {
    yield { level: 'entries', index, width: widthOfTile(size, 'entries', index) };
  }
}

/** An entry bundle: each entry behind its length as a big-endian 16-bit number. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > tileWidth)
    throw new LedgerRefusal(`a bundle holds ${tileWidth} entries, not ${entries.length}`);
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > entryLimitBytes)
      throw new LedgerRefusal(`an entry of ${entry.length} bytes fits no bundle`);
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 0xff;
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** Reads a bundle that must hold exactly `count` entries. The entries are views into `bytes`. */
export function parseBundle(bytes: Uint8Array, count: number): Parsed<readonly Uint8Array[]> {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length)
      return fails(`the bundle ends inside the length of entry ${entries.length}`);
    const end = at + 2 + (((bytes[at] as number) << 8) | (bytes[at + 1] as number));
    if (end > bytes.length) return fails(`the bundle ends inside entry ${entries.length}`);
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (entries.length !== count)
    return fails(`the bundle holds ${entries.length} entries, expected ${count}`);
  return read(entries);
}

/** Gives the bytes of one tile of hashes; throws when it has none. */
export type TileReader = (tile: TileName & { readonly level: number }) => Promise<Uint8Array>;

/** Reads any whole subtree of a tree of `size` from its tiles, each tile fetched once per call. */
export function nodesFromTiles(size: number, readTile: TileReader): NodeReader {
  return async (nodes) => {
    const fetched = new Map<string, Promise<Uint8Array>>();
    return Promise.all(
      nodes.map(async (node) => {
        const place = placeOf(node);
        const tile = {
          level: place.level,
          index: place.tile,
          width: widthOfTile(size, place.level, place.tile),
        };
        const key = `${tile.level}/${tile.index}`;
        const pending = fetched.get(key) ?? readTile(tile);
        fetched.set(key, pending);
        return hashInTile(await pending, place.first, place.count, tile);
      }),
    );
  };
}

/** Where a node lies: `count` neighbouring hashes from `first` in one tile. */
function placeOf(node: TreeNode): { level: number; tile: number; first: number; count: number } {
  const level = Math.floor(node.height / tileHeight);
  const count = 2 ** (node.height - level * tileHeight);
  const start = node.index * count;
  const tile = Math.floor(start / tileWidth);
  return { level, tile, first: start - tile * tileWidth, count };
}

function hashInTile(bytes: Uint8Array, first: number, count: number, tile: TileName): Uint8Array {
  if (bytes.length !== tile.width * hashBytes) {
    throw new LedgerRefusal(
      `${tilePath(tile)} has ${bytes.length} bytes, expected ${tile.width * hashBytes}`,
    );
  }
  if (first + count > tile.width)
    throw new LedgerRefusal(`${tilePath(tile)} has no hash ${first + count - 1}`);
  return perfectRoot(bytes, first, count);
}

/** Root of a whole subtree over `count` (a power of two) neighbouring hashes of a tile. */
function perfectRoot(bytes: Uint8Array, first: number, count: number): Uint8Array {
  if (count === 1) return copyOf(bytes, first * hashBytes, (first + 1) * hashBytes);
  const half = count / 2;
  return nodeHash(perfectRoot(bytes, first, half), perfectRoot(bytes, first + half, half));
}

/** Root of the hashes in a tile as a tree of their own; of a full tile, its hash in the level above. */
export function rootOfTile(bytes: Uint8Array): Uint8Array {
  const peaks: Uint8Array[] = [];
  let at = 0;
  const width = bytes.length / hashBytes;
  for (let count = tileWidth; count >= 1; count /= 2) {
    if (at + count > width) continue;
    peaks.push(perfectRoot(bytes, at, count));
    at += count;
  }
  return foldRight(peaks);
}
