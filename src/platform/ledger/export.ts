import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { Fault } from '../../kernel/fault.ts';
import { instantText } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Json } from '../../kernel/json.ts';
import { blobsOf, parseEntry } from '../../ledger/entry.ts';
import type { ExportedBlob, ExportSource, PrivateValue } from '../../ledger/exported.ts';
import type { World } from '../world.ts';
import { currentSigner, ledgerKeys } from './keys.ts';
import { newestCheckpoint, readBundle, readTile, rotationNotes } from './reading.ts';

/** Entries read at a time; flat memory however long the ledger is. */
const page = 2_000;

/**
 * The ledger as an export reads it, as of its newest checkpoint.
 *
 * @param promises the promises with their statuses, to be read beside the ledger
 */
export async function exportSource(world: World, promises: Json): Promise<ExportSource> {
  const { db } = world.database;
  const checkpoint = await newestCheckpoint(db);
  if (!checkpoint) throw new Fault('the ledger has no signed checkpoint yet', { retryable: true });
  const [first] = await ledgerKeys(db);
  invariant(first, 'a signed ledger has a key');
  const signer = await db.transaction().execute((tx) => currentSigner(world, tx));
  return {
    firstKey: first.vkey,
    checkpoint: checkpoint.note,
    rotations: await rotationNotes(db, checkpoint.size),
    readTile: async (tile) => present(await readTile(db, tile), `tile ${tile.level}/${tile.index}`),
    readBundle: async (bundle) => present(await readBundle(db, bundle), `bundle ${bundle.index}`),
    privateValues: () => privateValues(db, checkpoint.size),
    blobs: () => blobs(world, checkpoint.size),
    promises,
    madeAt: instantText(world.now()),
    signer,
  };
}

function present(bytes: Uint8Array | null, name: string): Uint8Array {
  invariant(bytes, `${name} of a signed tree is stored`);
  return bytes;
}

async function* privateValues(db: Db, size: number): AsyncGenerator<PrivateValue> {
  for (let from = 0; from < size; from += page) {
    const { rows } = await sql<PrivateValue>`
      select e.index, p.field, p.salt, p.value
      from ledger_entry e join ledger_private p on p.entry_id = e.id
      where e.index >= ${from} and e.index < ${Math.min(from + page, size)}
      order by e.index, p.field`.execute(db);
    yield* rows;
  }
}

async function* blobs(world: World, size: number): AsyncGenerator<ExportedBlob> {
  const { db } = world.database;
  const written = new Set<string>();
  for (let from = 0; from < size; from += page) {
    const { rows } = await sql<{ bytes: Buffer }>`
      select bytes from ledger_entry where index >= ${from} and index < ${Math.min(from + page, size)}
      order by index`.execute(db);
    for (const { bytes } of rows) {
      // Most entries name no blob: their bytes say so without being parsed.
      if (!bytes.includes('Blob"')) continue;
      const entry = parseEntry(bytes);
      invariant(entry.ok, 'a stored entry parses');
      for (const digest of blobsOf(entry.value)) {
        if (written.has(digest)) continue;
        written.add(digest);
        yield { digest, content: once(await readBlob(world, digest)) };
      }
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The content of a blob. */
export async function readBlob(world: World, digest: string): Promise<Uint8Array> {
  const { rows } = await sql<{ sealed: Buffer }>`
    select sealed from blob where sha256 = decode(${digest}, 'hex')`.execute(world.database.db);
  const [row] = rows;
  invariant(row, `blob ${digest} is stored`);
  return world.keys.open('blob', row.sealed);
}
