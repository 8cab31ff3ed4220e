import { letGo } from '../memory.ts';

const lineFeed = 0x0a;
const nothing = Buffer.alloc(0);

/**
 * Reads a stream of pieces of any length by lines and by exact lengths, copying only over borders.
 * What is handed out is good until the next line or length is asked for: its memory may be used again,
 * and pieces that were handed over are let go of.
 */
export class Intake {
  readonly #source: AsyncIterator<Uint8Array>;
  /** What was taken off the source and not yet handed out. */
  #held: Buffer = nothing;
  /** Pieces of the source that what is held, or was handed out last, may be part of. */
  #pieces: Uint8Array[] = [];
  /** Where what lies over the border of two pieces is put together. */
  #joined: Buffer = nothing;
  #ended = false;
  #offset = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes handed out so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Whether the source has no byte left. */
  async atEnd(): Promise<boolean> {
    while (this.#held.length === 0 && !this.#ended) await this.#pull();
    return this.#held.length === 0;
  }

  /** So many bytes, or fewer where the source ends before. */
  async take(length: number): Promise<Buffer> {
    this.#letGo();
    if (this.#held.length === 0 && !this.#ended) await this.#pull();
    if (this.#held.length >= length) return this.#hand(length);
    if (this.#joined.length < length) this.#joined = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    for (;;) {
      const part = this.#hand(Math.min(length - filled, this.#held.length));
      this.#joined.set(part, filled);
      filled += part.length;
      if (filled === length || this.#ended) return this.#joined.subarray(0, filled);
      this.#letGo();
      await this.#pull();
    }
  }

  /**
   * One line without its line feed.
   *
   * @param limit bytes that are looked at for the end of the line
   * @returns null where the source ends, or the limit is reached, before the line does
   */
  async line(limit: number): Promise<Buffer | null> {
    this.#letGo();
    for (;;) {
      const end = this.#held.subarray(0, limit).indexOf(lineFeed);
      if (end >= 0) return this.#hand(end + 1).subarray(0, end);
      if (this.#ended || this.#held.length >= limit) return null;
      const before = this.#held;
      this.#held = nothing;
      await this.#pull();
      this.#held = before.length === 0 ? this.#held : Buffer.concat([before, this.#held]);
    }
  }

  /** Lets go of the source, wherever it is. */
  async close(): Promise<void> {
    await this.#source.return?.();
    this.#held = nothing;
    this.#letGo();
  }

  #hand(length: number): Buffer {
    const part = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    this.#offset += length;
    return part;
  }

  async #pull(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) {
      this.#ended = true;
      return;
    }
    this.#pieces.push(value);
    this.#held = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }

  /** Lets go of pieces that nothing is held of any more. */
  #letGo(): void {
    const { buffer } = this.#held;
    for (const piece of this.#pieces) if (piece.buffer !== buffer) letGo(piece);
    this.#pieces = this.#pieces.filter((piece) => piece.buffer === buffer);
  }
}
