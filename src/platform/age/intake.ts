const lineFeed = 0x0a;
const nothing = Buffer.alloc(0);

/** Reads a stream of pieces of any length by lines and by exact lengths, copying only over borders. */
export class Intake {
  readonly #source: AsyncIterator<Uint8Array>;
  /** What was taken off the source and not yet handed out. */
  #held: Buffer = nothing;
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
    if (this.#held.length === 0 && !this.#ended) await this.#pull();
    if (this.#held.length >= length) return this.#hand(length);
    const gathered = [this.#hand(this.#held.length)];
    for (let missing = length - (gathered[0]?.length ?? 0); missing > 0 && !this.#ended; ) {
      await this.#pull();
      const part = this.#hand(Math.min(missing, this.#held.length));
      gathered.push(part);
      missing -= part.length;
    }
    return Buffer.concat(gathered);
  }

  /**
   * One line without its line feed.
   *
   * @param limit bytes that are looked at for the end of the line
   * @returns null where the source ends, or the limit is reached, before the line does
   */
  async line(limit: number): Promise<Buffer | null> {
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
  }

  #hand(length: number): Buffer {
    const part = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    this.#offset += length;
    return part;
  }

  async #pull(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) this.#ended = true;
    else this.#held = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
