import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import { together } from '../../kernel/together.ts';
import { appendLeaves, edgeFromTiles, rootOfEdge, type TreeEdge } from '../../ledger/append.ts';
import { signCheckpoint } from '../../ledger/checkpoint.ts';
import { hashBytes, leafHash, sameBytes } from '../../ledger/hash.ts';
import type { NoteSigner } from '../../ledger/note.ts';
import { rotationType } from '../../ledger/rotation.ts';
import { hashesAtLevel, tileWidth } from '../../ledger/tile.ts';
import type { World } from '../world.ts';
import { activateKey, currentSigner, incomingSigner, signerInForce } from './keys.ts';

/** One sequencer works at a time, on whichever node. */
const sequencerLock = 0x6c656467;

/** Entries a batch takes at most: bounds memory and the length of the transaction. */
const batchLimit = 16_384;

/**
 * Gives pending entries their place: reads them in the order of their arrival, extends the tree,
 * signs a checkpoint, all in one transaction. Either the whole batch is in the tree or none of it,
 * so a process killed at any moment leaves neither gap nor duplicate.
 *
 * @returns how many entries got their index; 0 where none waited or another node is at it
 */
export async function sequence(world: World): Promise<number> {
  // Most turns find nothing: that is asked without taking the lock.
  return (await entriesWait(world.database.db)) ? await sequenceWaiting(world) : 0;
}

/** `sequence`, where it is known that entries wait. */
export async function sequenceWaiting(world: World): Promise<number> {
  let total = 0;
  for (;;) {
    const { taken, more } = await world.database.db
      .transaction()
      .execute((tx) => sequenceBatch(world, tx));
    total += taken;
    if (!more) return total;
  }
}

/** Whether there are entries without a place. */
export async function entriesWait(db: Db): Promise<boolean> {
  const { rows } = await sql<{ waits: boolean }>`
    select exists (select from ledger_entry where index is null) as waits`.execute(db);
  return rows[0]?.waits ?? false;
}

interface Sequenced {
  readonly taken: number;
  /** Whether entries were left for a batch of their own. */
  readonly more: boolean;
}

const nothing: Sequenced = { taken: 0, more: false };

async function sequenceBatch(world: World, tx: Tx): Promise<Sequenced> {
  const db = together(tx);
  // One journey; nobody moves the edge while the lock, which is asked for first, is ours.
  const [mine, edge, { pending, rotates, more }, known] = await Promise.all([
    lock(db),
    loadEdge(db),
    pendingBatch(db),
    signerInForce(world, db),
  ]);
  if (!mine || pending.length === 0) return nothing;
  const signer = known ?? (await currentSigner(world, tx));

  const leaves = new Uint8Array(pending.length * hashBytes);
  for (const [n, { bytes }] of pending.entries()) leaves.set(leafHash(bytes), n * hashBytes);
  const appended = appendLeaves(edge, leaves);

  await write(
    tx,
    sql`
    update ledger_entry as e set index = ${edge.size} + p.n - 1
    from unnest(${pending.map(({ seq }) => seq)}::bigint[]) with ordinality as p (seq, n)
    where e.seq = p.seq`,
  );
  await write(
    tx,
    sql`
    insert into ledger_tile (level, n, bytes)
    select * from unnest(
      ${appended.tiles.map((tile) => tile.level)}::smallint[],
      ${appended.tiles.map((tile) => tile.index)}::bigint[],
      ${appended.tiles.map((tile) => tile.bytes)}::bytea[]
    )
    on conflict (level, n) do update set bytes = excluded.bytes`,
  );
  const { root } = appended;
  await writeCheckpoint(world, tx, { size: appended.edge.size, root, rotates, signer });
  return { taken: pending.length, more };
}

async function lock(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(${sequencerLock}) as mine`.execute(tx);
  return rows[0]?.mine ?? false;
}

interface PendingEntry {
  readonly seq: number;
  readonly type: string;
  readonly bytes: Buffer;
}

interface PendingBatch {
  readonly pending: readonly PendingEntry[];
  readonly rotates: boolean;
  readonly more: boolean;
}

/**
 * A batch ends with an entry that rotates the key: its checkpoint is signed by both keys. Where the
 * lock is another node's nothing is read; where it is ours it is ours once more.
 */
async function pendingBatch(tx: Tx): Promise<PendingBatch> {
  const { rows } = await sql<PendingEntry>`
    select seq, type, bytes from ledger_entry
    where index is null and (select pg_try_advisory_xact_lock(${sequencerLock}))
    order by seq limit ${batchLimit}`.execute(tx);
  const rotation = rows.findIndex(({ type }) => type === rotationType);
  const pending = rotation < 0 ? rows : rows.slice(0, rotation + 1);
  const more = pending.length < rows.length || rows.length === batchLimit;
  return { pending, rotates: rotation >= 0, more };
}

async function writeCheckpoint(
  world: World,
  tx: Tx,
  {
    size,
    root,
    rotates,
    signer,
  }: {
    readonly size: number;
    readonly root: Uint8Array;
    readonly rotates: boolean;
    readonly signer: NoteSigner;
  },
): Promise<void> {
  const incoming = rotates ? await incomingSigner(world, tx) : null;
  const signers = incoming ? [signer, incoming.signer] : [signer];
  // The first key has number 1, so the key that the first rotation brings has number 2.
  const rotation = incoming ? incoming.number - 1 : null;
  await insertCheckpoint(tx, { size, root, at: world.now(), signers, rotation });
  if (incoming) await activateKey(tx, incoming.number, world.now());
}

interface NewCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly at: Instant;
  readonly signers: readonly NoteSigner[];
  /** Number of the key rotation that this checkpoint carries. */
  readonly rotation: number | null;
}

async function insertCheckpoint(
  tx: Tx,
  { size, root, at, signers, rotation }: NewCheckpoint,
): Promise<void> {
  const origin = signers[0]?.key.name;
  invariant(origin, 'a checkpoint has a signer');
  const note = await signCheckpoint({ origin, size, root }, signers);
  await write(
    tx,
    sql`
    insert into ledger_checkpoint (size, root, note, at, rotation) values (${size}, ${root}, ${note}, ${at}, ${rotation})
    on conflict (size) do update set note = excluded.note, rotation = excluded.rotation`,
  );
}

/** Levels that a tree can have: eight bits of its size each. */
const levels = 8;

/**
 * The tree's edge, from the newest checkpoint and the right-most tiles. The tiles must lead to the
 * signed root: a database that was tampered with, or restored in part, is not appended to.
 */
async function loadEdge(tx: Tx): Promise<TreeEdge> {
  const { rows } = await sql<NewestTile>`
    select c.size, c.root, tile.level, tile.n, tile.bytes
    from (select size, root from ledger_checkpoint order by size desc limit 1) c
    left join lateral (
      select last.* from generate_series(0, ${sql.lit(levels - 1)}) as at (level)
      cross join lateral (
        select t.level, t.n, t.bytes from ledger_tile t where t.level = at.level order by t.n desc limit 1) last
    ) tile on true`.execute(tx);
  const [newest] = rows;
  if (!newest) return edgeFromTiles(0, []);
  const edge = edgeFromTiles(newest.size, partialTiles(newest.size, rows));
  invariant(
    sameBytes(rootOfEdge(edge), newest.root),
    `the ledger's tiles lead to the root at size ${newest.size}`,
  );
  return edge;
}

/** The newest checkpoint, with the right-most tile of one of its levels; of none in an empty tree. */
interface NewestTile {
  readonly size: number;
  readonly root: Buffer;
  readonly level: number | null;
  readonly n: number | null;
  readonly bytes: Buffer | null;
}

/** The hashes of the unfinished tile of every level, empty where a level has none. */
function partialTiles(size: number, tiles: readonly NewestTile[]): readonly Uint8Array[] {
  const partial: Uint8Array[] = [];
  for (let level = 0; hashesAtLevel(size, level) > 0; level++) {
    const n = Math.floor(hashesAtLevel(size, level) / tileWidth);
    const width = hashesAtLevel(size, level) % tileWidth;
    const held = tiles.find((tile) => tile.level === level && tile.n === n)?.bytes;
    const bytes = held ?? new Uint8Array(0);
    invariant(bytes.length >= width * hashBytes, `tile ${level}/${n} holds ${width} hashes`);
    partial.push(bytes.subarray(0, width * hashBytes));
  }
  return partial;
}
