import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { CliFault, exit } from '../exit.ts';

/** A file of a ZIP archive. */
export interface ZippedFile {
  readonly name: string;
  /** As the archive says, which may be a lie: `content` holds to it. */
  readonly bytes: number;
  /** @throws CliFault where it is damaged, encrypted, or larger than `bytes` */
  content(): Buffer;
}

const windowBytes = 1024 * 1024;

/**
 * The files of a ZIP archive in the order of its directory. An archive of advisories is some hundred
 * thousand files of a few kilobytes: a stream for each would take minutes, so pieces of the archive are
 * read ahead and each file is inflated in one go.
 *
 * @throws CliFault where it is no archive
 */
export async function* readZip(path: string): AsyncGenerator<ZippedFile> {
  const reader = new AheadReader(path);
  try {
    const archive = await fromRandomAccessReaderPromise(reader, reader.size, {
      lazyEntries: true,
      autoClose: false,
    });
    for await (const entry of archive.eachEntry()) {
      const { fileDataStart } = await archive.readLocalFileHeaderPromise(entry, { minimal: true });
      yield {
        name: entry.fileName,
        bytes: entry.uncompressedSize,
        content: () => inflated(entry, reader.at(fileDataStart, entry.compressedSize)),
      };
    }
  } catch (cause) {
    if (cause instanceof CliFault) throw cause;
    throw new CliFault(exit.refused, `${path} is no whole ZIP: ${(cause as Error).message}`, cause);
  } finally {
    reader.done();
  }
}

function inflated(entry: Entry, stored: Buffer): Buffer {
  const { fileName, uncompressedSize, compressionMethod } = entry;
  if (!entry.canDecodeFileData()) {
    throw new CliFault(
      exit.refused,
      `${fileName} is encrypted or packed in a way that is not read`,
    );
  }
  let content: Buffer;
  try {
    content =
      compressionMethod === 0
        ? stored
        : inflateRawSync(stored, { maxOutputLength: Math.max(1, uncompressedSize) });
  } catch (cause) {
    throw new CliFault(
      exit.refused,
      `${fileName} in the ZIP is damaged or larger than it says: ${(cause as Error).message}`,
      cause,
    );
  }
  if (content.length !== uncompressedSize || crc32(content) !== entry.crc32) {
    throw new CliFault(exit.refused, `${fileName} in the ZIP is damaged`);
  }
  return content;
}

interface Window {
  from: number;
  bytes: Buffer;
}

/** Reads a file by pieces: one window goes along the directory, the other along what is archived. */
class AheadReader extends RandomAccessReader {
  readonly size: number;
  readonly #file: number;
  #latest: Window = { from: 0, bytes: Buffer.alloc(0) };
  #other: Window = { from: 0, bytes: Buffer.alloc(0) };

  constructor(path: string) {
    super();
    this.#file = openSync(path, 'r');
    this.size = fstatSync(this.#file).size;
  }

  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const found = this.at(position, length);
    done(null, found.copy(into, offset));
  }

  /** So many bytes from a place; fewer at the end of the file. */
  at(position: number, length: number): Buffer {
    if (!holds(this.#latest, position, length)) {
      [this.#latest, this.#other] = [this.#other, this.#latest];
    }
    if (!holds(this.#latest, position, length)) {
      const wanted = Math.min(Math.max(length, windowBytes), this.size - position);
      const bytes = Buffer.allocUnsafe(Math.max(0, wanted));
      const read = readSync(this.#file, bytes, 0, bytes.length, position);
      this.#latest = { from: position, bytes: bytes.subarray(0, read) };
    }
    const { from, bytes } = this.#latest;
    return bytes.subarray(position - from, position - from + length);
  }

  done(): void {
    closeSync(this.#file);
  }
}

function holds({ from, bytes }: Window, position: number, length: number): boolean {
  return position >= from && position + length <= from + bytes.length;
}
