import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { appendLeaves, emptyEdge } from './append.ts';
import { signCheckpoint } from './checkpoint.ts';
import { type Entry, encodeEntry } from './entry.ts';
import { type ExportSink, type ExportSource, writeExport } from './exported.ts';
import { leafHash } from './hash.ts';
import { openNote, signerOfSeed } from './note.ts';
import { encodeBundle, tilePath } from './tile.ts';

const signer = signerOfSeed('ledger.example.com', new Uint8Array(32).fill(1));
const evidence = Buffer.from('evidence');
const digest = createHash('sha256').update(evidence).digest('hex');

const entries = [0, 1].map((index): Entry => {
  const id = `019b8d2b-8c00-7a5e-8c0d-00000000000${index}`;
  const base = {
    v: 1,
    id,
    at: '2026-01-05T08:00:00.000Z',
    actor: 'system/tick',
    clause: 'access',
    type: 'Seen',
  } as const;
  return { ...base, subject: '', body: { evidenceBlob: digest }, private: {} };
});

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** A ledger of two entries; `over` contradicts it. */
async function sourceWith(over: Partial<ExportSource> = {}): Promise<ExportSource> {
  const bytes = entries.map(encodeEntry);
  const { root, tiles } = appendLeaves(emptyEdge, Buffer.concat(bytes.map(leafHash)));
  return {
    firstKey: signer.key.text,
    checkpoint: await signCheckpoint({ origin: signer.key.name, size: 2, root }, [signer]),
    rotations: [],
    readTile: async (tile) =>
      tiles.find((t) => tilePath(t) === tilePath(tile))?.bytes as Uint8Array,
    readBundle: async () => encodeBundle(bytes),
    privateValues: () =>
      one({ index: 1, field: 'name', salt: new Uint8Array(32), value: 'Ann Example' }),
    blobs: () => one({ digest, content: one(evidence) }),
    promises: { b: 1, a: 2 },
    madeAt: '2026-11-23T00:00:00.000Z',
    signer,
    ...over,
  };
}

function memorySink(): ExportSink & {
  readonly files: Map<string, Buffer>;
  readonly open: Set<string>;
} {
  const files = new Map<string, Buffer>();
  const open = new Set<string>();
  const create: ExportSink['create'] = async (path) => {
    open.add(path);
    const chunks: Uint8Array[] = [];
    return {
      write: async (bytes) => void chunks.push(Uint8Array.from(bytes)),
      close: async () => {
        open.delete(path);
        files.set(path, Buffer.concat(chunks));
      },
    };
  };
  return { files, open, create };
}

describe('writeExport', () => {
  test('writes every file once, MANIFEST last, and lists each', async () => {
    const sink = memorySink();
    const exported = await writeExport(await sourceWith(), sink);
    const paths = [...sink.files.keys()];
    expect(paths.at(-1)).toBe('MANIFEST');
    expect(paths.toSorted()).toEqual([
      'MANIFEST',
      `blob/${digest.slice(0, 2)}/${digest}`,
      'checkpoint',
      'key',
      'private/0000.jsonl',
      'promises.json',
      'register/0000.jsonl',
      'tile/0/000.p/2',
      'tile/entries/000.p/2',
    ]);
    expect(exported).toMatchObject({ size: 2, files: paths.length });
    expect(sink.open.size).toBe(0);
    const manifest = openNote(sink.files.get('MANIFEST') as Buffer, [signer.key]);
    const lines = manifest.ok ? manifest.value.text.trimEnd().split('\n') : [];
    expect(lines.slice(0, 3)).toEqual([
      'kept export v1',
      'ledger.example.com',
      '2026-11-23T00:00:00.000Z',
    ]);
    const expected = paths
      .filter((path) => path !== 'MANIFEST')
      .sort()
      .map((path) => {
        const bytes = sink.files.get(path) as Buffer;
        return `${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} ${path}`;
      });
    expect(lines.slice(3)).toEqual(expected);
  });

  test('writes the register as the entries stand in their bundle', async () => {
    const sink = memorySink();
    await writeExport(await sourceWith(), sink);
    const lines = sink.files.get('register/0000.jsonl')?.toString().trimEnd().split('\n') ?? [];
    expect(lines).toEqual(
      entries.map(
        (entry, index) => `{"entry":${Buffer.from(encodeEntry(entry))},"index":${index}}`,
      ),
    );
    const salt = '00'.repeat(32);
    const line = `{"field":"name","index":1,"salt":"${salt}","value":"Ann Example"}\n`;
    expect(sink.files.get('private/0000.jsonl')?.toString()).toBe(line);
  });

  test.each<[string, Partial<ExportSource>, string]>([
    ['a bundle of another size', { readBundle: async () => encodeBundle([]) }, 'holds 0 entries'],
    [
      'a blob that is not its digest',
      { blobs: () => one({ digest, content: one(Buffer.from('x')) }) },
      'has content of digest',
    ],
    [
      'a blob named oddly',
      { blobs: () => one({ digest: '../x', content: one(evidence) }) },
      'names no blob',
    ],
    [
      'a private value of no entry',
      { privateValues: () => one({ index: 2, field: 'a', salt: evidence, value: 1 }) },
      'entry 2',
    ],
    ['a first key that is none', { firstKey: 'x' }, 'the first key'],
    ['a checkpoint that is none', { checkpoint: 'x' }, 'the checkpoint'],
    [
      'a signer of another ledger',
      { signer: signerOfSeed('b.example.com', new Uint8Array(32)) },
      'exported by the key of b.example.com',
    ],
  ])('refuses %s', async (_, over, message) => {
    await expect(writeExport(await sourceWith(over), memorySink())).rejects.toThrow(message);
  });
});
