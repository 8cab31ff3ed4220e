import { type ArchivedFile, ArchiveFault, type ArchiveLimits } from './archived.ts';

const block = 512;
/** Long names are written as files of their own; longer than this none is. */
const nameLimitBytes = 64 * 1024;

/**
 * The JSON files of a POSIX archive (ustar and pax, IEEE Std 1003.1 under "pax"; long names of GNU),
 * in the order in which they stand. Nothing is written anywhere, so a name is only a name.
 *
 * @throws ArchiveFault where it ends early or a header is damaged
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  from: number,
  limits: ArchiveLimits,
): AsyncGenerator<ArchivedFile> {
  const bytes = new Bytes(source);
  let [files, total, longName] = [0, 0, ''];
  for (;;) {
    const header = await bytes.next(block);
    if (isBlank(header)) {
      // To the very end: what follows may be damaged as well, and a gzip says so in its last bytes.
      await bytes.drain(limits.totalBytes - total);
      return;
    }
    const { size, type } = headerOf(header);
    // Headers count too: of files without a byte there may be any number.
    total += block + size;
    if (total > limits.totalBytes) throw tooLarge();
    const padded = size + ((block - (size % block)) % block);
    if (type === 'L' || type === 'x') {
      if (size > nameLimitBytes)
        throw new ArchiveFault('archiveDamaged', 'a name in it is too long');
      const text = (await bytes.next(padded)).toString('utf8', 0, size);
      longName = type === 'L' ? text.replace(/\0.*$/s, '') : (paxPath(text) ?? longName);
      continue;
    }
    const called = longName || nameOf(header);
    longName = '';
    const isWanted = (type === '0' || type === '\0') && called.endsWith('.json');
    if (isWanted) files += 1;
    if (files > limits.files)
      throw new ArchiveFault('archiveTooLarge', `it has more than ${limits.files} files`);
    if (!isWanted || files <= from) await bytes.skip(padded);
    else if (size > limits.fileBytes) {
      await bytes.skip(padded);
      yield { name: called, reason: `${size} bytes are more than an advisory has` };
    } else {
      yield { name: called, content: (await bytes.next(padded)).subarray(0, size) };
    }
  }
}

function tooLarge(): ArchiveFault {
  return new ArchiveFault('archiveTooLarge', 'unpacked it is larger than all advisories there are');
}

function isBlank(header: Buffer): boolean {
  return header[0] === 0 && header.every((byte) => byte === 0);
}

function headerOf(header: Buffer): { size: number; type: string } {
  // The checksum is of the header with blanks in its own place.
  let sum = 8 * 32;
  for (let at = 0; at < block; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  if (octal(header, 148, 8) !== sum)
    throw new ArchiveFault('archiveDamaged', 'a header of the archive is damaged');
  return { size: octal(header, 124, 12), type: String.fromCharCode(header[156] ?? 0) };
}

function nameOf(header: Buffer): string {
  const isPosix = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = isPosix ? text(header, 345, 155) : '';
  const name = text(header, 0, 100);
  return prefix ? `${prefix}/${name}` : name;
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** A number in octal digits between blanks, ended by a blank or a zero. */
function octal(header: Buffer, start: number, length: number): number {
  const end = start + length;
  let [at, value] = [start, 0];
  while (at < end && header[at] === 0x20) at += 1;
  const first = at;
  for (; at < end; at++) {
    const digit = (header[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  const isEnded = header.subarray(at, end).every((byte) => byte === 0 || byte === 0x20);
  if (at === first || !isEnded)
    throw new ArchiveFault('archiveDamaged', 'a header of the archive is damaged');
  return value;
}

/** `<length> path=<name>\n` among the records of an extended header. */
function paxPath(records: string): string | undefined {
  return /^\d+ path=(.*)$/m.exec(records)?.[1];
}

/** Bytes of a stream, whose pieces are of any size, as many at a time as asked for. */
class Bytes {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async next(count: number): Promise<Buffer> {
    if (this.#rest.length >= count) return this.#cut(count);
    const pieces = [this.#rest];
    for (let have = this.#rest.length; have < count; ) {
      const piece = await this.#more();
      pieces.push(piece);
      have += piece.length;
    }
    this.#rest = Buffer.concat(pieces);
    return this.#cut(count);
  }

  async skip(count: number): Promise<void> {
    let left = count;
    while (left > this.#rest.length) {
      left -= this.#rest.length;
      this.#rest = await this.#more();
    }
    this.#rest = this.#rest.subarray(left);
  }

  /** @throws ArchiveFault where more than so many bytes are left */
  async drain(atMost: number): Promise<void> {
    let left = atMost;
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done) return;
      left -= value.length;
      if (left < 0) throw tooLarge();
    }
  }

  #cut(count: number): Buffer {
    const { buffer, byteOffset } = this.#rest;
    this.#rest = this.#rest.subarray(count);
    return Buffer.from(buffer, byteOffset, count);
  }

  async #more(): Promise<Uint8Array> {
    const { done, value } = await this.#source.next();
    if (done) throw new ArchiveFault('archiveDamaged', 'the archive ends too early');
    return value;
  }
}
