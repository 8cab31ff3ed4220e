import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import {
  type Entry,
  fromRandomAccessReaderPromise,
  type LocalFileHeader,
  RandomAccessReader,
  type ZipFile,
} from 'yauzl';
import { type ArchivedText, ArchiveFault, type ArchiveLimits, damaged } from './archived.ts';

const windowBytes = 1024 * 1024;
/** Methods of compression (PKWARE APPNOTE, section 4.4.5). */
const stored = 0;
const deflated = 8;

/**
 * The JSON files of a zip archive in the order of its directory. The files of an archive of advisories
 * are small and many: they are read through a window over the file and unpacked at once each, where
 * a stream for every one of them would cost more than all the rest.
 *
 * @throws ArchiveFault where a file is not what the directory says of it
 */
export async function* readZip(
  path: string,
  from: number,
  limits: ArchiveLimits,
): AsyncGenerator<ArchivedText> {
  const file = openSync(path, 'r');
  try {
    const zip = await opened(file);
    const content = new Window(file);
    let [files, total] = [0, 0];
    for await (const entry of entriesOf(zip)) {
      if (!entry.fileName.endsWith('.json')) continue;
      files += 1;
      if (files > limits.files)
        throw new ArchiveFault('archiveTooLarge', `it has more than ${limits.files} files`);
      if (files <= from) continue;
      const bytes = Math.max(entry.uncompressedSize, entry.compressedSize);
      if (bytes > limits.fileBytes) {
        yield { name: entry.fileName, reason: `${bytes} bytes are more than an advisory has` };
        continue;
      }
      total += entry.uncompressedSize;
      if (total > limits.totalBytes)
        throw new ArchiveFault(
          'archiveTooLarge',
          'unpacked it is larger than all advisories there are',
        );
      yield { name: entry.fileName, text: await textOf(zip, entry, content) };
    }
  } finally {
    closeSync(file);
  }
}

async function opened(file: number): Promise<ZipFile> {
  const size = fstatSync(file).size;
  try {
    return await fromRandomAccessReaderPromise(new Windowed(file), size, {
      lazyEntries: true,
      autoClose: false,
    });
  } catch (cause) {
    throw damaged((cause as Error).message, cause);
  }
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  try {
    yield* zip.eachEntry();
  } catch (cause) {
    throw cause instanceof ArchiveFault ? cause : damaged((cause as Error).message, cause);
  }
}

async function textOf(zip: ZipFile, entry: Entry, window: Window): Promise<string> {
  const { fileName, compressedSize, uncompressedSize, compressionMethod } = entry;
  if (entry.isEncrypted() || ![stored, deflated].includes(compressionMethod))
    throw new ArchiveFault('archiveUnknown', `${fileName} is packed in a way that is not read`);
  let content: Buffer;
  try {
    const head = await zip.readLocalFileHeaderPromise(entry);
    if (!isOf(head, entry)) throw new Error('its head says otherwise than the directory');
    const packed = window.read(head.fileDataStart, compressedSize);
    content =
      compressionMethod === stored
        ? packed
        : inflateRawSync(packed, { maxOutputLength: Math.max(1, uncompressedSize) });
  } catch (cause) {
    throw damaged(`${fileName}: ${(cause as Error).message}`, cause);
  }
  if (content.length !== uncompressedSize || crc32(content) !== entry.crc32)
    throw damaged(`${fileName} is not as the archive says it is`);
  return content.toString('utf8');
}

/** Whether the head before a file's bytes says what the directory says; it may leave out what it did not know. */
function isOf(head: LocalFileHeader, entry: Entry): boolean {
  const leftOut = (entry.generalPurposeBitFlag & 8) !== 0;
  const same = (theirs: number, ours: number): boolean =>
    theirs === ours || (leftOut && theirs === 0) || theirs === 0xffffffff;
  return (
    head.compressionMethod === entry.compressionMethod &&
    head.generalPurposeBitFlag === entry.generalPurposeBitFlag &&
    same(head.crc32, entry.crc32) &&
    same(head.compressedSize, entry.compressedSize) &&
    same(head.uncompressedSize, entry.uncompressedSize) &&
    head.fileName.equals(entry.fileNameRaw)
  );
}

/** A file of which a stretch is held in memory: neighbours are read together. */
class Window {
  readonly #file: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(file: number) {
    this.#file = file;
  }

  /** @throws Error where the file ends before */
  read(position: number, length: number): Buffer {
    if (position < this.#at || position + length > this.#at + this.#bytes.length)
      this.#move(position, length);
    const start = position - this.#at;
    if (start + length > this.#bytes.length) throw new Error('the archive ends too early');
    return this.#bytes.subarray(start, start + length);
  }

  #move(position: number, length: number): void {
    const bytes = Buffer.alloc(Math.max(windowBytes, length));
    let filled = 0;
    for (;;) {
      const read = readSync(this.#file, bytes, filled, bytes.length - filled, position + filled);
      filled += read;
      if (read === 0 || filled === bytes.length) break;
    }
    this.#at = position;
    this.#bytes = bytes.subarray(0, filled);
  }
}

/** As yauzl reads: two windows, for the directory and for the heads of files lie far apart. */
class Windowed extends RandomAccessReader {
  readonly #windows: readonly [Window, Window];

  constructor(file: number) {
    super();
    this.#windows = [new Window(file), new Window(file)];
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    try {
      // Heads of files have 30 bytes; everything else that is read is of the directory.
      const window = this.#windows[length === 30 ? 1 : 0];
      window.read(position, length).copy(buffer, offset);
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback(null);
  }

  override _readStreamForRange(): never {
    throw new Error('files are read whole');
  }
}
