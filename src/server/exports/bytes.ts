import { Fault } from '../../kernel/fault.ts';

/** A stream that is read from the front, so many bytes at a time. */
export class Front {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);
  /** Bytes taken so far. */
  at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Passes so many bytes on as they come. @throws Fault where there are not so many */
  async pass(count: number, to: (piece: Uint8Array) => void): Promise<void> {
    let left = count;
    while (left > 0) {
      if (this.#held.length === 0 && !(await this.#more())) {
        throw new Fault(`the archive ends ${left} bytes too early`, { retryable: true });
      }
      const piece = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(piece.length);
      left -= piece.length;
      this.at += piece.length;
      to(piece);
    }
  }

  /** So many bytes at once: for headers, not for contents. */
  async take(count: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    await this.pass(count, (piece) => pieces.push(piece));
    return Buffer.concat(pieces);
  }

  async isOver(): Promise<boolean> {
    return this.#held.length === 0 && !(await this.#more());
  }

  async end(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<boolean> {
    while (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#held = next.value;
    }
    return true;
  }
}
