import { type ArchivedText, ArchiveFault, type ArchiveLimits } from './archived.ts';

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
): AsyncGenerator<ArchivedText> {
  const bytes = new Bytes(source);
  let [files, total, longName] = [0, 0, ''];
  for (;;) {
    const header = await bytes.next(block);
    if (header.every((byte) => byte === 0)) {
      // To the very end: what follows may be damaged as well, and a gzip says so in its last bytes.
      await bytes.drain(limits.totalBytes - total);
      return;
    }
    const { name, size, type } = headerOf(header);
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
    const called = longName || name;
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
      yield { name: called, text: (await bytes.next(padded)).toString('utf8', 0, size) };
    }
  }
}

function tooLarge(): ArchiveFault {
  return new ArchiveFault('archiveTooLarge', 'unpacked it is larger than all advisories there are');
}

function headerOf(header: Buffer): { name: string; size: number; type: string } {
  // The checksum is of the header with blanks in its own place.
  let sum = 8 * 32;
  for (let at = 0; at < block; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  if (octal(header, 148, 8) !== sum)
    throw new ArchiveFault('archiveDamaged', 'a header of the archive is damaged');
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? text(header, 345, 155) : '';
  const name = text(header, 0, 100);
  return {
    name: prefix ? `${prefix}/${name}` : name,
    size: octal(header, 124, 12),
    type: String.fromCharCode(header[156] ?? 0),
  };
}

function text(header: Buffer, start: number, length: number): string {
  return header.toString('utf8', start, start + length).replace(/\0.*$/s, '');
}

function octal(header: Buffer, start: number, length: number): number {
  const digits = header
    .toString('latin1', start, start + length)
    .replace(/[\0 ]+$/, '')
    .trim();
  if (!/^[0-7]+$/.test(digits))
    throw new ArchiveFault('archiveDamaged', 'a header of the archive is damaged');
  return Number.parseInt(digits, 8);
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
