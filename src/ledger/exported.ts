import { createHash, type Hash } from 'node:crypto';
import type { Json } from '../kernel/json.ts';
import { canonicalJson } from './canonical.ts';
import { peekCheckpoint } from './checkpoint.ts';
import { isKeyName, type NoteSigner, parseNoteKey, signNote } from './note.ts';
import { bundlesOf, parseBundle, type TileName, tilePath, tilesOf, tileWidth } from './tile.ts';
import { LedgerRefusal } from './verdict.ts';

/** Entries to a part of the register and of the private values: what one level-1 tile spans. */
export const entriesPerPart = tileWidth * tileWidth;

/** The first line of MANIFEST; no checkpoint begins so, which keeps the two kinds of note apart. */
export const manifestTitle = 'kept export v1';

/** A private value that has not been erased, with what opens its commitment. */
export interface PrivateValue {
  readonly index: number;
  readonly field: string;
  readonly salt: Uint8Array;
  readonly value: Json;
}

export interface ExportedBlob {
  /** SHA-256 of the content, lower-case hex. */
  readonly digest: string;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Where an export reads from. Everything is read as of the size of `checkpoint`. */
export interface ExportSource {
  /** The text of the ledger's first key: the one that strangers were told to trust. */
  readonly firstKey: string;
  /** The signed checkpoint to export at. */
  readonly checkpoint: string;
  /** The checkpoints signed by two keys, in order; one for each rotation in the tree. */
  readonly rotations: readonly string[];
  readonly readTile: (tile: TileName & { readonly level: number }) => Promise<Uint8Array>;
  readonly readBundle: (bundle: TileName) => Promise<Uint8Array>;
  /** In ascending order of index; each field of an entry once. */
  readonly privateValues: () => AsyncIterable<PrivateValue>;
  /** Every blob that an exported entry names, each once, in any order. */
  readonly blobs: () => AsyncIterable<ExportedBlob>;
  /** The promises with their statuses at the time of the export. */
  readonly promises: Json;
  /** RFC 3339; when the export was made. */
  readonly madeAt: string;
  /** The key that signs today. */
  readonly signer: NoteSigner;
}

/** A file being written. */
export interface ExportFile {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Where an export goes: a folder, an archive. Two files at most are open at a time. */
export interface ExportSink {
  readonly create: (path: string) => Promise<ExportFile>;
}

export interface Exported {
  readonly size: number;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Writes an export: `checkpoint`, `key`, `rotations/NNNN`, `tile/…`, `register/NNNN.jsonl`,
 * `private/NNNN.jsonl`, `blob/aa/<digest>`, `promises.json`, and last `MANIFEST`, the signed list
 * of all of them. An export without MANIFEST was not finished. Memory does not grow with the
 * ledger, but for one line of MANIFEST a file (two files per 256 entries).
 *
 * Throws `LedgerRefusal` where the source contradicts itself. `onProgress` is told the entries written.
 */
export async function writeExport(
  source: ExportSource,
  sink: ExportSink,
  onProgress: (written: number, size: number) => void = () => undefined,
): Promise<Exported> {
  const key = parseNoteKey(source.firstKey);
  if (!key.ok) throw new LedgerRefusal(`the first key: ${key.reason}`);
  const checkpoint = peekCheckpoint(source.checkpoint);
  if (!checkpoint.ok) throw new LedgerRefusal(`the checkpoint: ${checkpoint.reason}`);
  const { size, origin } = checkpoint.value;
  const listed = new ListedSink(sink);
  await listed.whole('key', `${source.firstKey}\n`);
  await listed.whole('checkpoint', source.checkpoint);
  for (const [place, note] of source.rotations.entries()) {
    await listed.whole(`rotations/${String(place + 1).padStart(4, '0')}`, note);
  }
  for (const tile of tilesOf(size)) await listed.whole(tilePath(tile), await source.readTile(tile));
  await writeEntries(source, listed, size, onProgress);
  await writePrivateValues(source, listed, size);
  for await (const blob of source.blobs()) await writeBlob(blob, listed);
  await listed.whole('promises.json', `${canonicalJson(source.promises)}\n`);
  const { files, bytes } = listed;
  await writeManifest(origin, source, sink, listed.lines());
  return { size, files: files + 1, bytes };
}

/** Bundles as they are, and the same entries readable, one a line with its index. */
async function writeEntries(
  source: ExportSource,
  sink: ListedSink,
  size: number,
  onProgress: (written: number, size: number) => void,
): Promise<void> {
  let register: DigestedFile | null = null;
  for (const bundle of bundlesOf(size)) {
    const bytes = await source.readBundle(bundle);
    const entries = parseBundle(bytes, bundle.width);
    if (!entries.ok) throw new LedgerRefusal(`${tilePath(bundle)}: ${entries.reason}`);
    const start = bundle.index * tileWidth;
    if (start % entriesPerPart === 0) {
      await register?.close();
      register = await sink.create(partPath('register', start));
    }
    await sink.whole(tilePath(bundle), bytes);
    await register?.write(registerLines(entries.value, start));
    onProgress(start + bundle.width, size);
  }
  await register?.close();
}

const lineStart = Buffer.from('{"entry":');

function registerLines(entries: readonly Uint8Array[], start: number): Uint8Array {
  return Buffer.concat(
    entries.flatMap((entry, i) => [lineStart, entry, Buffer.from(`,"index":${start + i}}\n`)]),
  );
}

/** `register/0000.jsonl` holds the entries 0 to 65,535, and so on; the same for `private`. */
function partPath(folder: 'register' | 'private', index: number): string {
  return `${folder}/${String(Math.floor(index / entriesPerPart)).padStart(4, '0')}.jsonl`;
}

/** A part without values is not written: absent and empty mean the same to nobody. */
async function writePrivateValues(
  source: ExportSource,
  sink: ListedSink,
  size: number,
): Promise<void> {
  let part = null as { readonly path: string; readonly file: DigestedFile } | null;
  let last = 0;
  for await (const { index, field, salt, value } of source.privateValues()) {
    if (index < last || index >= size)
      throw new LedgerRefusal(`private value of entry ${index} after ${last} of ${size}`);
    last = index;
    const path = partPath('private', index);
    if (part?.path !== path) {
      await part?.file.close();
      part = { path, file: await sink.create(path) };
    }
    await part.file.write(
      Buffer.from(`${canonicalJson({ field, index, salt: salt.toHex(), value })}\n`),
    );
  }
  await part?.file.close();
}

async function writeBlob(blob: ExportedBlob, sink: ListedSink): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(blob.digest))
    throw new LedgerRefusal(`${JSON.stringify(blob.digest)} names no blob`);
  const file = await sink.create(`blob/${blob.digest.slice(0, 2)}/${blob.digest}`);
  for await (const chunk of blob.content) await file.write(chunk);
  const digest = await file.close();
  if (digest !== blob.digest)
    throw new LedgerRefusal(`blob ${blob.digest} has content of digest ${digest}`);
}

async function writeManifest(
  origin: string,
  source: ExportSource,
  sink: ExportSink,
  lines: readonly string[],
): Promise<void> {
  if (!isKeyName(origin) || source.signer.key.name !== origin) {
    throw new LedgerRefusal(
      `the log ${origin} is exported by the key of ${source.signer.key.name}`,
    );
  }
  const text = `${manifestTitle}\n${origin}\n${source.madeAt}\n${lines.map((line) => `${line}\n`).join('')}`;
  const file = await sink.create('MANIFEST');
  await file.write(Buffer.from(await signNote(text, [source.signer])));
  await file.close();
}

/** A file whose closing tells the digest of what was written. */
interface DigestedFile {
  readonly write: ExportFile['write'];
  readonly close: () => Promise<string>;
}

/** Writes files through to the sink and remembers the digest and size of each. */
class ListedSink {
  readonly #sink: ExportSink;
  /** path → `sha256 size path`. */
  readonly #listed = new Map<string, string>();
  bytes = 0;

  constructor(sink: ExportSink) {
    this.#sink = sink;
  }

  get files(): number {
    return this.#listed.size;
  }

  async create(path: string): Promise<DigestedFile> {
    if (this.#listed.has(path)) throw new LedgerRefusal(`${path} would be written twice`);
    this.#listed.set(path, '');
    const file = await this.#sink.create(path);
    const hash: Hash = createHash('sha256');
    let size = 0;
    return {
      write: async (bytes) => {
        hash.update(bytes);
        size += bytes.length;
        await file.write(bytes);
      },
      close: async () => {
        await file.close();
        const digest = hash.digest('hex');
        this.bytes += size;
        this.#listed.set(path, `${digest} ${size} ${path}`);
        return digest;
      },
    };
  }

  async whole(path: string, content: Uint8Array | string): Promise<void> {
    const file = await this.create(path);
    await file.write(typeof content === 'string' ? Buffer.from(content) : content);
    await file.close();
  }

  /** Sorted by path, in the order of its bytes (paths are ASCII). */
  lines(): readonly string[] {
    return [...this.#listed.keys()].sort().map((path) => this.#listed.get(path) as string);
  }
}
