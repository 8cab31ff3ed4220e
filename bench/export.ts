import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { uuidv7 } from '../src/kernel/id.ts';
import { instantText } from '../src/kernel/instant.ts';
import { appendLeaves, emptyEdge } from '../src/ledger/append.ts';
import { signCheckpoint } from '../src/ledger/checkpoint.ts';
import { commitment, encodeEntry } from '../src/ledger/entry.ts';
import { type ExportSink, type ExportSource, writeExport } from '../src/ledger/exported.ts';
import { hashBytes, leafHash } from '../src/ledger/hash.ts';
import { signerOfSeed } from '../src/ledger/note.ts';
import { encodeBundle, tileWidth } from '../src/ledger/tile.ts';

const origin = 'kept.example.com/ledger';
const began = Temporal.Instant.from('2026-01-05T00:00:00Z');

/** One entry in so many has a private value that is still there. */
export const privateEvery = 10;

/** Writes an export of so many made-up entries, as Kept writes its own. */
export async function writeSampleExport(folder: string, size: number): Promise<void> {
  const tiles = new Map<string, Uint8Array>();
  let edge = emptyEdge;
  let root: Uint8Array = new Uint8Array(0);
  for (let from = 0; from < size; from += batch) {
    const appended = appendLeaves(edge, leavesOf(from, Math.min(size, from + batch)));
    for (const tile of appended.tiles) tiles.set(`${tile.level}/${tile.index}`, tile.bytes);
    ({ edge, root } = appended);
  }
  const signer = signerOfSeed(origin, digestOf('seed'));
  const source: ExportSource = {
    firstKey: signer.key.text,
    checkpoint: await signCheckpoint({ origin, size, root }, [signer]),
    rotations: [],
    readTile: async ({ level, index }) => tiles.get(`${level}/${index}`) ?? new Uint8Array(0),
    readBundle: async ({ index, width }) =>
      encodeBundle(Array.from({ length: width }, (_, n) => sampleEntry(index * tileWidth + n))),
    privateValues: () => privateValues(size),
    blobs: () => nothing(),
    promises: [],
    madeAt: instantText(began),
    signer,
  };
  await writeExport(source, folderSink(folder));
}

const batch = 65_536;

function leavesOf(from: number, to: number): Uint8Array {
  const leaves = new Uint8Array((to - from) * hashBytes);
  for (let n = from; n < to; n++) leaves.set(leafHash(sampleEntry(n)), (n - from) * hashBytes);
  return leaves;
}

/** The entry at an index: the decision of somebody on some access. */
export function sampleEntry(n: number): Uint8Array {
  const at = began.add({ milliseconds: n * 40 });
  const { salt, value } = privateValue(n);
  return encodeEntry({
    v: 1,
    id: uuidv7(at, digestOf(`id ${n}`)),
    at: instantText(at),
    actor: `person/${uuidv7(began, digestOf(`person ${n % 100}`))}`,
    clause: 'accounts',
    type: 'AccountLinked',
    subject: `account/${uuidv7(began, digestOf(`account ${n % 10_000}`))}`,
    body: { personId: uuidv7(began, digestOf(`person ${n % 3_000}`)), personBefore: null },
    private: n % privateEvery === 0 ? { reason: commitment(salt, value) } : {},
  });
}

function privateValue(n: number): { salt: Uint8Array; value: string } {
  return { salt: digestOf(`salt ${n}`), value: `Linked on request ${n}` };
}

/** What the commitment to the private value of an entry is the hash of. */
export function committed(n: number): Uint8Array {
  const { salt, value } = privateValue(n);
  return Buffer.concat([salt, Buffer.from(JSON.stringify(value))]);
}

async function* privateValues(size: number) {
  for (let index = 0; index < size; index += privateEvery) {
    yield { index, field: 'reason', ...privateValue(index) };
  }
}

async function* nothing(): AsyncGenerator<never> {
  // No entry of the sample names a blob.
}

function digestOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

function folderSink(root: string): ExportSink {
  return {
    create: async (path) => {
      const file = join(root, path);
      await mkdir(dirname(file), { recursive: true });
      const handle = await open(file, 'w');
      return {
        write: async (bytes) => void (await handle.write(bytes)),
        close: () => handle.close(),
      };
    },
  };
}
