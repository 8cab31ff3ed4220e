import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const chunkBytes = 1 << 18;

/** A file read once from front to back, digested on the way; synchronous, for worker threads. */
export class DigestedReader {
  readonly #file: number;
  readonly #hash: Hash = createHash('sha256');
  #room = Buffer.allocUnsafeSlow(chunkBytes);
  #from = 0;
  #to = 0;
  #ended = false;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** The next `count` bytes, fewer at the end of the file. Valid until the next call. */
  take(count: number): Buffer {
    while (this.#to - this.#from < count && this.#fill(count));
    const end = Math.min(this.#to, this.#from + count);
    const bytes = this.#room.subarray(this.#from, end);
    this.#from = end;
    return bytes;
  }

  /** The next line with its newline; the rest where there is no newline; null at the end. Valid until the next call. */
  line(): Buffer | null {
    let searched = 0;
    for (;;) {
      const held = this.#room.subarray(this.#from + searched, this.#to);
      const newline = held.indexOf(0x0a);
      if (newline >= 0) return this.take(searched + newline + 1);
      searched += held.length;
      if (this.#fill(searched + 1)) continue;
      return searched === 0 ? null : this.take(searched);
    }
  }

  /** Reads what is left, closes, and gives the SHA-256 of the whole file in hex. */
  finish(): string {
    for (this.#from = this.#to; this.#fill(1); this.#from = this.#to);
    closeSync(this.#file);
    return this.#hash.digest('hex');
  }

  /** Brings in more bytes, making room for `wanted`; false at the end of the file. */
  #fill(wanted: number): boolean {
    if (this.#ended) return false;
    const held = this.#to - this.#from;
    if (this.#from > 0) {
      this.#room.copyWithin(0, this.#from, this.#to);
      this.#from = 0;
      this.#to = held;
    }
    if (this.#room.length < Math.max(wanted, held + chunkBytes / 4)) {
      const larger = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#room.length));
      this.#room.copy(larger, 0, 0, held);
      this.#room = larger;
    }
    const got = readSync(this.#file, this.#room, this.#to, this.#room.length - this.#to, null);
    this.#ended = got === 0;
    this.#hash.update(this.#room.subarray(this.#to, this.#to + got));
    this.#to += got;
    return got > 0;
  }
}

/** SHA-256 of a file in hex, in bounded memory. Throws what opening or reading throws. */
export function fileDigest(path: string): string {
  return new DigestedReader(path).finish();
}

/** Reads whole files, one after the other, into the same room: a million entries leave no garbage. */
export class WholeReader {
  #room = Buffer.allocUnsafeSlow(1 << 17);

  /** The bytes of a file, valid until the next call; null where it cannot be read. */
  read(path: string): Buffer | null {
    try {
      const file = openSync(path, 'r');
      try {
        const { size } = fstatSync(file);
        if (this.#room.length < size) this.#room = Buffer.allocUnsafeSlow(size);
        let to = 0;
        for (let got = 1; got > 0 && to < size; to += got) {
          got = readSync(file, this.#room, to, size - to, null);
        }
        return this.#room.subarray(0, to);
      } finally {
        closeSync(file);
      }
    } catch {
      return null;
    }
  }
}
