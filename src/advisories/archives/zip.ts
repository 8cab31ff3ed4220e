import { crc32, inflateRawSync } from 'node:zlib';
import {
  type Entry,
  fromRandomAccessReaderPromise,
  type LocalFileHeader,
  RandomAccessReader,
  type ZipFile,
} from 'yauzl';
import {
  type ArchivedFile,
  ArchiveFault,
  type ArchiveLimits,
  bytesAt,
  damaged,
  type OpenArchive,
} from './archived.ts';

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
  file: OpenArchive,
  from: number,
  limits: ArchiveLimits,
): AsyncGenerator<ArchivedFile> {
  const zip = await opened(file);
  const packed = new Window(file);
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
    yield { name: entry.fileName, content: await contentOf(zip, entry, packed) };
  }
}

async function opened(file: OpenArchive): Promise<ZipFile> {
  const { size } = await file.stat();
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

async function contentOf(zip: ZipFile, entry: Entry, window: Window): Promise<Buffer> {
  const { fileName, compressedSize, uncompressedSize, compressionMethod } = entry;
  if (entry.isEncrypted() || ![stored, deflated].includes(compressionMethod))
    throw new ArchiveFault('archiveUnknown', `${fileName} is packed in a way that is not read`);
  let content: Buffer;
  try {
    const head = await zip.readLocalFileHeaderPromise(entry);
    if (!isOf(head, entry)) throw new Error('its head says otherwise than the directory');
    const packed = await window.read(head.fileDataStart, compressedSize);
    content =
      compressionMethod === stored
        ? packed
        : inflateRawSync(packed, { maxOutputLength: Math.max(1, uncompressedSize) });
  } catch (cause) {
    throw damaged(`${fileName}: ${(cause as Error).message}`, cause);
  }
  if (content.length !== uncompressedSize || crc32(content) !== entry.crc32)
    throw damaged(`${fileName} is not as the archive says it is`);
  return content;
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
  readonly #file: OpenArchive;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(file: OpenArchive) {
    this.#file = file;
  }

  /** What is held of a stretch; null where it is to be read first. */
  held(position: number, length: number): Buffer | null {
    const start = position - this.#at;
    const isHeld = start >= 0 && start + length <= this.#bytes.length;
    return isHeld ? this.#bytes.subarray(start, start + length) : null;
  }

  /** @throws Error where the file ends before */
  async read(position: number, length: number): Promise<Buffer> {
    const held = this.held(position, length);
    if (held) return held;
    this.#bytes = await bytesAt(this.#file, position, Math.max(windowBytes, length));
    this.#at = position;
    if (this.#bytes.length < length) throw new Error('the archive ends too early');
    return this.#bytes.subarray(0, length);
  }
}

/** As yauzl reads: two windows, for the directory and for the heads of files lie far apart. */
class Windowed extends RandomAccessReader {
  readonly #windows: readonly [Window, Window];

  constructor(file: OpenArchive) {
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
    // Heads of files have 30 bytes; everything else that is read is of the directory.
    const window = this.#windows[length === 30 ? 1 : 0];
    const held = window.held(position, length);
    if (held) {
      held.copy(buffer, offset);
      callback(null);
      return;
    }
    window.read(position, length).then(
      (bytes) => {
        bytes.copy(buffer, offset);
        callback(null);
      },
      (error: Error) => callback(error),
    );
  }

  override _readStreamForRange(): never {
    throw new Error('files are read whole');
  }
}
