import { hash } from 'node:crypto';
import { join } from 'node:path';
import { EntryReader } from './entry.ts';
import type { Listed } from './manifest.ts';
import { PrivatePart } from './private.ts';
import { type CheckName, type Problem, Problems } from './problem.ts';
import { DigestedReader, WholeReader } from './stream.ts';
import { hashBytes, hashInto, tilePath, tileWidth, wholeRoot } from './tree.ts';

/** Entries to a part: 256 bundles, one part of the register, one of the private values. */
export const entriesPerPart = tileWidth * tileWidth;

export interface PartJob {
  readonly folder: string;
  readonly part: number;
  /** Size of the whole tree. */
  readonly size: number;
  /** What MANIFEST says of the files of this part. */
  readonly listed: ReadonlyMap<string, Listed>;
}

export interface PartResult {
  /** Hashes of the full bundles, one after the other. */
  readonly bundleHashes: Uint8Array;
  /** Leaf hashes of the last bundle when it is not full. */
  readonly unfinished: Uint8Array;
  readonly rotations: readonly { readonly index: number; readonly newKey: string }[];
  readonly blobs: readonly string[];
  readonly privateValues: number;
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly failed: readonly CheckName[];
}

export function registerPath(part: number): string {
  return `register/${String(part).padStart(4, '0')}.jsonl`;
}

export function privatePath(part: number): string {
  return `private/${String(part).padStart(4, '0')}.jsonl`;
}

/** Reads one part of an export from end to end and checks all that can be checked within it. */
export function verifyPart(job: PartJob): PartResult {
  return new PartVerifier(job).run();
}

const lineStart = Buffer.from('{"entry":');

class PartVerifier {
  readonly #job: PartJob;
  readonly #problems = new Problems();
  readonly #reader = new EntryReader();
  readonly #bundleHashes: Buffer[] = [];
  readonly #rotations: { index: number; newKey: string }[] = [];
  readonly #leaves = Buffer.alloc(tileWidth * hashBytes);
  /** Where in the bundle the entries start and end. */
  readonly #starts = new Uint32Array(tileWidth);
  readonly #ends = new Uint32Array(tileWidth);
  #lines = Buffer.allocUnsafeSlow(1 << 17);
  readonly #bundles = new WholeReader();
  readonly #tiles = new WholeReader();
  #register: DigestedReader | null = null;
  #private: PrivatePart | null = null;

  constructor(job: PartJob) {
    this.#job = job;
  }

  run(): PartResult {
    const { folder, part, size, listed } = this.#job;
    const register = registerPath(part);
    const held = privatePath(part);
    // A file that is missing has been reported by whoever compared MANIFEST with the folder.
    this.#register = listed.has(register) ? open(join(folder, register)) : null;
    const values = listed.has(held) ? open(join(folder, held)) : null;
    if (values)
      this.#private = new PrivatePart(values, held, part * entriesPerPart, this.#problems);
    const first = part * tileWidth;
    const last = Math.min(first + tileWidth, Math.ceil(size / tileWidth));
    let unfinished: Uint8Array = new Uint8Array(0);
    let whole = true;
    for (let bundle = first; bundle < last && whole; bundle++) {
      const width = Math.min(tileWidth, size - bundle * tileWidth);
      whole = this.#bundle(bundle, width);
      if (!whole) break;
      if (width === tileWidth) this.#bundleHashes.push(wholeRoot(this.#leaves, 0, tileWidth));
      else unfinished = Uint8Array.from(this.#leaves.subarray(0, width * hashBytes));
    }
    if (whole) this.#private?.finishEntries();
    this.#digest('register', register, this.#register, whole);
    this.#digest('private', held, values, whole);
    return {
      bundleHashes: Uint8Array.from(Buffer.concat(this.#bundleHashes)),
      unfinished,
      rotations: this.#rotations,
      blobs: [...this.#reader.blobs],
      privateValues: this.#private?.count ?? 0,
      problems: this.#problems.listed,
      problemCount: this.#problems.count,
      failed: [...this.#problems.failed],
    };
  }

  /** False where the bundle cannot be read at all: what follows it has then no place in the tree. */
  #bundle(bundle: number, width: number): boolean {
    const path = tilePath('entries', bundle, width);
    const bytes = this.#file(path, this.#bundles);
    if (bytes === null || !this.#split(bytes, path, width)) return false;
    const first = bundle * tileWidth;
    this.#checkEntries(bytes, path, first, width);
    this.#checkRegister(bytes, first, width);
    this.#private?.checkBundle(bytes, first, this.#starts, this.#ends, width);
    // Last, for it writes into the bytes of the bundle.
    this.#hashLeaves(bytes, width);
    this.#checkTile(bundle, width);
    return true;
  }

  /** The bytes of a listed file, its digest checked; null where it is missing. */
  #file(path: string, reader: WholeReader): Buffer | null {
    const listed = this.#job.listed.get(path);
    if (listed === undefined) return null;
    const bytes = reader.read(join(this.#job.folder, path));
    if (bytes !== null) this.#compareDigest(path, listed, hash('sha256', bytes, 'hex'));
    return bytes;
  }

  #digest(check: CheckName, path: string, reader: DigestedReader | null, whole: boolean): void {
    const listed = this.#job.listed.get(path);
    if (listed === undefined || reader === null) return;
    if (whole && reader.take(1).length > 0 && !this.#problems.failed.has(check)) {
      this.#problems.add({
        check,
        file: path,
        message: 'lines follow the last entry of this part',
      });
    }
    this.#compareDigest(path, listed, reader.finish());
  }

  #compareDigest(file: string, listed: Listed, found: string): void {
    if (found === listed.digest) return;
    const message = 'the file is not the one that MANIFEST lists';
    this.#problems.add({ check: 'files', file, message, expected: listed.digest, found });
  }

  #split(bytes: Buffer, file: string, width: number): boolean {
    let at = 0;
    let count = 0;
    while (at + 2 <= bytes.length && count < width) {
      const end = at + 2 + bytes.readUInt16BE(at);
      if (end > bytes.length) break;
      this.#starts[count] = at + 2;
      this.#ends[count] = end;
      count += 1;
      at = end;
    }
    if (count === width && at === bytes.length) return true;
    const message = `the bundle does not consist of ${width} entries: ${count} whole ones end at byte ${at} of ${bytes.length}`;
    this.#problems.add({ check: 'entries', file, message });
    return false;
  }

  #checkEntries(bytes: Buffer, file: string, first: number, width: number): void {
    for (let i = 0; i < width; i++) {
      const start = this.#starts[i] as number;
      const end = this.#ends[i] as number;
      const fault = this.#reader.read(bytes, start, end);
      if (fault !== null)
        this.#problems.add({ check: 'entries', file, index: first + i, message: fault });
      else if (this.#reader.isRotation)
        this.#rotation(bytes.toString('utf8', start, end), file, first + i);
    }
  }

  #rotation(text: string, file: string, index: number): void {
    const { newKey } = (JSON.parse(text) as { readonly body: { readonly newKey?: unknown } }).body;
    if (typeof newKey === 'string') this.#rotations.push({ index, newKey });
    else
      this.#problems.add({ check: 'keys', file, index, message: 'the rotation names no new key' });
  }

  /** The register's lines follow from the entries byte for byte; they are made again and compared. */
  #checkRegister(bytes: Buffer, first: number, width: number): void {
    if (this.#register === null || this.#problems.failed.has('register')) return;
    const length = this.#writeLines(bytes, first, width);
    const found = this.#register.take(length);
    if (found.length === length && this.#lines.compare(found, 0, length, 0, length) === 0) return;
    this.#reportRegister(first, width, found, length);
  }

  #writeLines(bytes: Buffer, first: number, width: number): number {
    const most = bytes.length + width * 48;
    if (this.#lines.length < most) this.#lines = Buffer.allocUnsafeSlow(most);
    const lines = this.#lines;
    let at = 0;
    for (let i = 0; i < width; i++) {
      lines.set(lineStart, at);
      at += lineStart.length;
      at += bytes.copy(lines, at, this.#starts[i], this.#ends[i]);
      at += lines.write(`,"index":${first + i}}\n`, at, 'latin1');
    }
    return at;
  }

  /** Finds the first line that differs. Later lines may be shifted, so the register is compared no further. */
  #reportRegister(first: number, width: number, found: Buffer, length: number): void {
    const expected = this.#lines.subarray(0, length);
    let at = 0;
    for (let i = 0; i < width; i++) {
      const end = expected.indexOf(0x0a, at) + 1;
      const line = found.subarray(at, end);
      if (!line.equals(expected.subarray(at, end))) {
        this.#problems.add({
          check: 'register',
          file: registerPath(this.#job.part),
          index: first + i,
          message: 'the line is not the entry as it stands in its bundle',
          expected: expected.toString('utf8', at, end - 1),
          found: line.toString('utf8').trimEnd(),
        });
        return;
      }
      at = end;
    }
  }

  /**
   * RFC 6962 leaf hashes. The byte before an entry is the low byte of its length, which is known
   * by now: it becomes the 0x00 of the leaf, and no entry is copied.
   */
  #hashLeaves(bytes: Buffer, width: number): void {
    for (let i = 0; i < width; i++) {
      const start = (this.#starts[i] as number) - 1;
      bytes[start] = 0;
      hashInto(bytes, start, this.#ends[i] as number, this.#leaves, i * hashBytes);
    }
  }

  #checkTile(bundle: number, width: number): void {
    const file = tilePath(0, bundle, width);
    const tile = this.#file(file, this.#tiles);
    if (tile === null || tile.compare(this.#leaves, 0, width * hashBytes) === 0) return;
    if (tile.length !== width * hashBytes) {
      const message = `the tile has ${tile.length} bytes, expected ${width * hashBytes}`;
      this.#problems.add({ check: 'tree', file, message });
      return;
    }
    for (let i = 0; i < width; i++) {
      const found = tile.toString('hex', i * hashBytes, (i + 1) * hashBytes);
      const expected = this.#leaves.toString('hex', i * hashBytes, (i + 1) * hashBytes);
      const index = bundle * tileWidth + i;
      const message = 'the leaf hash in the tile is not that of the entry';
      if (found !== expected)
        this.#problems.add({ check: 'tree', file, index, message, expected, found });
    }
  }
}

function open(path: string): DigestedReader | null {
  try {
    return new DigestedReader(path);
  } catch {
    return null; // missing or unreadable: reported with the other files
  }
}
