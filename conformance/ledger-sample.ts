import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { appendLeaves, emptyEdge, type TreeEdge } from '../src/ledger/append.ts';
import { signCheckpoint } from '../src/ledger/checkpoint.ts';
import { commitment, type Entry, encodeEntry } from '../src/ledger/entry.ts';
import type { ExportSink, ExportSource, PrivateValue } from '../src/ledger/exported.ts';
import { leafHash } from '../src/ledger/hash.ts';
import { type NoteSigner, signerOfSeed } from '../src/ledger/note.ts';
import { rotationBody, rotationClause, rotationType } from '../src/ledger/rotation.ts';
import { encodeBundle, tilePath, tileWidth } from '../src/ledger/tile.ts';

/** A made-up ledger, the same for the same plan: entries are computed again whenever they are read. */
export interface SamplePlan {
  readonly size: number;
  /** Indices of the entries that rotate the key. */
  readonly rotations?: readonly number[];
  /** Every how many entries one has private values, and one names a blob. 0: none. */
  readonly privateEvery?: number;
  readonly blobEvery?: number;
}

const origin = 'ledger.example.com/kept';
const epoch = Date.UTC(2026, 0, 5, 8);

function sha256(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/** Test keys: anyone can make them, nobody may trust them. */
export function sampleSigner(number: number): NoteSigner {
  return signerOfSeed(origin, sha256(`sample key ${number}`));
}

function sampleBlob(index: number): Uint8Array {
  return Buffer.from(`Sample evidence ${index}\n`.repeat(1 + (index % 7) * 40));
}

function privateValuesOf(plan: SamplePlan, index: number): readonly PrivateValue[] {
  if (!plan.privateEvery || index % plan.privateEvery !== 0 || plan.rotations?.includes(index))
    return [];
  const salt = (field: string) => sha256(`salt ${index} ${field}`);
  return [
    { index, field: 'email', salt: salt('email'), value: `person${index}@example.com` },
    { index, field: 'name', salt: salt('name'), value: { family: '例', given: `花子 ${index}` } },
  ];
}

/** Entry `index` of the ledger that a plan describes; about 300 bytes. */
export function sampleEntry(plan: SamplePlan, index: number): Entry {
  const millisecond = epoch + index * 61_001;
  const time = millisecond.toString(16).padStart(12, '0');
  const tail = index.toString(16).padStart(12, '0');
  const key = plan.rotations?.indexOf(index) ?? -1;
  const base = {
    v: 1 as const,
    id: `${time.slice(0, 8)}-${time.slice(8)}-7a5e-8c0d-${tail}`,
    at: new Date(millisecond).toISOString(),
  };
  if (key >= 0) {
    const body = rotationBody(sampleSigner(key + 1).key);
    return {
      ...base,
      actor: 'system/sequencer',
      clause: rotationClause,
      type: rotationType,
      subject: '',
      body,
      private: {},
    };
  }
  const blob = plan.blobEvery && index % plan.blobEvery === 0;
  return {
    ...base,
    actor: `person/018f-${index % 97}`,
    clause: 'access',
    type: 'AccessReviewed',
    subject: `grant/${index % 1009}`,
    body: {
      campaign: '2026-Q1',
      decision: index % 3 === 0 ? 'revoke' : 'keep',
      reason: index % 5 === 0 ? 'no longer needed — 退職' : 'needed for the work of the team',
      items: index,
      ...(blob
        ? {
            evidence: {
              snapshotBlob: createHash('sha256').update(sampleBlob(index)).digest('hex'),
            },
          }
        : {}),
    },
    private: Object.fromEntries(
      privateValuesOf(plan, index).map((v) => [v.field, commitment(v.salt, v.value)]),
    ),
  };
}

/** A grown sample ledger; tiles are kept, entries are not. */
export interface SampleLedger {
  readonly source: ExportSource;
  readonly firstKey: string;
  readonly edge: TreeEdge;
}

/** Grows the ledger, signing a checkpoint by both keys after each rotation, and one at the end. */
export async function growSample(plan: SamplePlan): Promise<SampleLedger> {
  const tiles = new Map<string, Uint8Array>();
  const rotations: string[] = [];
  let edge: TreeEdge = emptyEdge;
  const growTo = (size: number): Uint8Array => {
    let root = appendLeaves(edge, new Uint8Array(0)).root;
    while (edge.size < size) {
      const batch = Math.min(4096, size - edge.size);
      const leaves = Array.from({ length: batch }, (_, i) =>
        leafHash(encodeEntry(sampleEntry(plan, edge.size + i))),
      );
      const appended = appendLeaves(edge, Buffer.concat(leaves));
      for (const tile of appended.tiles) tiles.set(tilePath(tile), tile.bytes);
      ({ edge, root } = appended);
    }
    return root;
  };
  for (const [place, index] of (plan.rotations ?? []).entries()) {
    const root = growTo(index + 1);
    rotations.push(
      await signCheckpoint({ origin, size: index + 1, root }, [
        sampleSigner(place),
        sampleSigner(place + 1),
      ]),
    );
  }
  const root = growTo(plan.size);
  const signer = sampleSigner(rotations.length);
  const checkpoint = await signCheckpoint({ origin, size: plan.size, root }, [signer]);
  const firstKey = sampleSigner(0).key.text;
  return {
    source: sampleSource(plan, { firstKey, checkpoint, rotations, signer }, tiles),
    firstKey,
    edge,
  };
}

function sampleSource(
  plan: SamplePlan,
  signed: Pick<ExportSource, 'firstKey' | 'checkpoint' | 'rotations' | 'signer'>,
  tiles: ReadonlyMap<string, Uint8Array>,
): ExportSource {
  return {
    ...signed,
    madeAt: '2026-11-23T00:00:00.000Z',
    promises: [{ id: 'ACC-5', status: 'kept' }],
    readTile: async (tile) => tiles.get(tilePath(tile)) as Uint8Array,
    readBundle: async ({ index, width }) =>
      encodeBundle(
        Array.from({ length: width }, (_, i) =>
          encodeEntry(sampleEntry(plan, index * tileWidth + i)),
        ),
      ),
    privateValues: async function* () {
      for (let index = 0; index < plan.size; index++) yield* privateValuesOf(plan, index);
    },
    blobs: async function* () {
      const step = plan.blobEvery || Number.POSITIVE_INFINITY;
      for (let index = 0; index < plan.size; index += step) {
        if (plan.rotations?.includes(index)) continue;
        const bytes = sampleBlob(index);
        const content = (async function* () {
          yield bytes;
        })();
        yield { digest: createHash('sha256').update(bytes).digest('hex'), content };
      }
    },
  };
}

/** Writes an export into a folder. */
export function folderSink(folder: string): ExportSink {
  return {
    create: async (path) => {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      const file: FileHandle = await open(target, 'wx');
      return {
        write: async (bytes) => {
          await file.writeFile(bytes);
        },
        close: () => file.close(),
      };
    },
  };
}
