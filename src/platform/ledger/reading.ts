import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Json } from '../../kernel/json.ts';
import { type Entry, parseEntry } from '../../ledger/entry.ts';
import { hashBytes } from '../../ledger/hash.ts';
import { consistencyProof, inclusionProof } from '../../ledger/merkle.ts';
import {
  encodeBundle,
  nodesFromTiles,
  type TileName,
  tileWidth,
  widthOfTile,
} from '../../ledger/tile.ts';

export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly at: Instant;
}

/** The newest signed checkpoint; null while nothing was sequenced. */
export async function newestCheckpoint(db: Db): Promise<StoredCheckpoint | null> {
  const { rows } = await sql<StoredCheckpoint>`
    select size, root, note, at from ledger_checkpoint order by size desc limit 1`.execute(db);
  return rows[0] ?? null;
}

/** The checkpoint signed at a size; null where none was. */
export async function checkpointAt(db: Db, size: number): Promise<StoredCheckpoint | null> {
  const { rows } = await sql<StoredCheckpoint>`
    select size, root, note, at from ledger_checkpoint where size = ${size}`.execute(db);
  return rows[0] ?? null;
}

/** The checkpoints that carry key rotations, in order. */
export async function rotationNotes(db: Db, size: number): Promise<readonly string[]> {
  const { rows } = await sql<{ note: string }>`
    select note from ledger_checkpoint where rotation is not null and size <= ${size} order by rotation`.execute(
    db,
  );
  return rows.map((row) => row.note);
}

/**
 * The hashes of a tile at a width the tree has had; null where it never had them. A partial tile is
 * the beginning of what the tile holds now.
 */
export async function readTile(
  db: Db,
  tile: TileName & { readonly level: number },
): Promise<Uint8Array | null> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from ledger_tile where level = ${tile.level} and n = ${tile.index}`.execute(db);
  const bytes = rows[0]?.bytes;
  const wanted = tile.width * hashBytes;
  return bytes && bytes.length >= wanted ? bytes.subarray(0, wanted) : null;
}

/** An entry bundle; null where the ledger has not that many entries. */
export async function readBundle(db: Db, bundle: TileName): Promise<Uint8Array | null> {
  const start = bundle.index * tileWidth;
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from ledger_entry
    where index >= ${start} and index < ${start + bundle.width} order by index`.execute(db);
  return rows.length === bundle.width ? encodeBundle(rows.map((row) => row.bytes)) : null;
}

/** Reads hashes of the tree for proofs at a size. */
function nodesAt(db: Db, size: number) {
  return nodesFromTiles(size, async (tile) => {
    const width = widthOfTile(size, tile.level, tile.index);
    const bytes = await readTile(db, { ...tile, width });
    if (!bytes) throw new Error(`tile ${tile.level}/${tile.index} of a signed tree is missing`);
    return bytes;
  });
}

/** RFC 6962 inclusion proof of an entry in the tree of `size`, lowest sibling first. */
export async function proveInclusion(
  db: Db,
  index: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  return inclusionProof(index, size, nodesAt(db, size));
}

/** RFC 6962 consistency proof between two sizes of the tree. */
export async function proveConsistency(
  db: Db,
  older: number,
  newer: number,
): Promise<readonly Uint8Array[]> {
  return consistencyProof(older, newer, nodesAt(db, newer));
}

export interface ReadEntry {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly entry: Entry;
  /** What is private in it and not erased: value and salt open the commitment. */
  readonly opened: readonly {
    readonly field: string;
    readonly salt: Uint8Array;
    readonly value: Json;
  }[];
}

/** One entry with the private values that are still there. */
export async function readEntry(db: Db, index: number): Promise<ReadEntry | null> {
  const { rows } = await sql<{ id: string; bytes: Buffer }>`
    select id, bytes from ledger_entry where index = ${index}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const parsed = parseEntry(row.bytes);
  if (!parsed.ok) throw new Error(`entry ${index}: ${parsed.reason}`);
  const { rows: opened } = await sql<{ field: string; salt: Buffer; value: Json }>`
    select field, salt, value from ledger_private where entry_id = ${row.id} order by field`.execute(
    db,
  );
  return { index, bytes: row.bytes, entry: parsed.value, opened };
}

/** Erases what the ledger holds in plaintext about a person. Commitments, and every proof, stay. */
export async function erasePrivate(db: Db, personId: string): Promise<number> {
  const { numAffectedRows } =
    await sql`delete from ledger_private where about = ${personId}`.execute(db);
  return Number(numAffectedRows ?? 0);
}
