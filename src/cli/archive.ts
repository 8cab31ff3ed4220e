/** What is wrong with an archive; nothing of it is used. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
}

export interface ArchivedFile {
  /** Relative, with `/`, without `..`. */
  readonly path: string;
  readonly bytes: number;
  /** To be read to its end before the next file is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

const block = 512;

/**
 * The files of an uncompressed POSIX archive (ustar, IEEE Std 1003.1 under "pax"), as they come. An
 * archive that ends early is refused, and so are links, devices, extended headers and paths that lead
 * elsewhere, as befits what is going to be written to a folder.
 *
 * @throws ArchiveFault
 */
export async function* readArchive(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<ArchivedFile> {
  const reader = new BlockReader(source);
  for (;;) {
    const header = await reader.exactly(block);
    if (isZero(header)) {
      if (!isZero(await reader.exactly(block)))
        throw new ArchiveFault('the archive has a blank in its middle');
      return;
    }
    const { path, bytes, isFolder } = readHeader(header);
    if (isFolder) continue;
    const content = reader.upTo(bytes);
    yield { path, bytes, content };
    // A reader that stopped early is moved on to the next header.
    for await (const _ of content);
    await reader.exactly((block - (bytes % block)) % block);
  }
}

function readHeader(header: Buffer): { path: string; bytes: number; isFolder: boolean } {
  if (octal(header, 148, 8) !== checksum(header))
    throw new ArchiveFault('a header of the archive is damaged');
  if (header.toString('latin1', 257, 262) !== 'ustar')
    throw new ArchiveFault('this is no POSIX archive');
  const prefix = text(header, 345, 155);
  const path = prefix ? `${prefix}/${text(header, 0, 100)}` : text(header, 0, 100);
  const type = String.fromCharCode(header[156] ?? 0);
  if (type === '5') return { path: plainPath(path.replace(/\/$/, '')), bytes: 0, isFolder: true };
  if (type !== '0' && type !== '\0')
    throw new ArchiveFault(`${shown(path)} in the archive is not a plain file`);
  return { path: plainPath(path), bytes: octal(header, 124, 12), isFolder: false };
}

/**
 * A path that stays inside the folder it is unpacked in, on every system: no root, no drive, no step
 * up, nothing but names.
 */
export function plainPath(path: string): string {
  const names = path.split('/');
  const plain = names.every((name) => /^[^\\:\0]+$/.test(name) && name !== '.' && name !== '..');
  if (!plain)
    throw new ArchiveFault(
      `the archive would write to ${shown(path)}, which is not inside the folder`,
    );
  return path;
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 200));
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** A number in octal digits, ended by a blank or a zero. */
function octal(header: Buffer, start: number, length: number): number {
  const digits = header
    .toString('latin1', start, start + length)
    .replace(/[\0 ]+$/, '')
    .trimStart();
  if (!/^[0-7]+$/.test(digits)) throw new ArchiveFault('a header of the archive is damaged');
  return Number.parseInt(digits, 8);
}

/** Sum of the bytes, those of the checksum itself taken as blanks. */
function checksum(header: Buffer): number {
  let sum = 8 * 32;
  for (let at = 0; at < block; at += 1) sum += header[at] ?? 0;
  for (let at = 148; at < 156; at += 1) sum -= header[at] ?? 0;
  return sum;
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Cuts a stream, whose pieces are of any size, where the archive wants it cut. */
class BlockReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async exactly(bytes: number): Promise<Buffer> {
    if (bytes <= this.#rest.length) {
      const piece = this.#rest.subarray(0, bytes);
      this.#rest = this.#rest.subarray(bytes);
      return Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of this.upTo(bytes)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** The next so many bytes, in pieces. Read twice, the second time gives what the first has left. */
  upTo(bytes: number): AsyncIterable<Uint8Array> {
    let wanted = bytes;
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      if (wanted === 0) return { done: true, value: undefined };
      if (this.#rest.length === 0) this.#rest = await this.#more();
      const piece = this.#rest.subarray(0, wanted);
      this.#rest = this.#rest.subarray(piece.length);
      wanted -= piece.length;
      return { done: false, value: piece };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async #more(): Promise<Uint8Array> {
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done) throw new ArchiveFault('the archive ends too early');
      if (value.length > 0) return value;
    }
  }
}
