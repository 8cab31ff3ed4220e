/**
 * One pass over bytes that must be canonical JSON (RFC 8785) in valid UTF-8. Nothing is built:
 * the verifier reads a million entries and needs to know only that each is spelt in the one
 * permitted way. On the first fault the cursor remembers a sentence and stays where it is.
 */

/** Nesting that an entry may have at most; part of the ledger's format. */
const maxDepth = 64;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;

export class Cursor {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  fault = '';
  /** Told of every member, at any depth, whose name ends in `Blob`: the bounds of its value. */
  onBlob: (start: number, end: number) => boolean = () => true;
  /** The string scanned last holds an escape or a character from U+E000 on: bytes do not sort like UTF-16. */
  #special = false;

  aim(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.fault = '';
  }

  fail(fault: string): false {
    if (this.fault === '') this.fault = fault;
    return false;
  }

  /** Steps over exactly these bytes. */
  literal(expected: Buffer): boolean {
    const { bytes } = this;
    const start = this.at;
    for (let i = 0; i < expected.length; i++) {
      if (start + i >= this.end || bytes[start + i] !== expected[i]) {
        return this.fail(`expected ${expected.toString()} at byte ${start}`);
      }
    }
    this.at = start + expected.length;
    return true;
  }

  /** Any value. `depth`: how many arrays and objects are around it. */
  value(depth: number): boolean {
    switch (this.at < this.end ? this.bytes[this.at] : -1) {
      case quote:
        return this.string();
      case 0x7b:
        return depth < maxDepth
          ? this.object(depth + 1)
          : this.fail(`it nests deeper than ${maxDepth} levels`);
      case 0x5b:
        return depth < maxDepth
          ? this.array(depth + 1)
          : this.fail(`it nests deeper than ${maxDepth} levels`);
      case 0x74:
        return this.literal(trueText);
      case 0x66:
        return this.literal(falseText);
      case 0x6e:
        return this.literal(nullText);
      default:
        return this.number();
    }
  }

  /** An object that is the `depth`-th container from outside, counting itself. */
  object(depth: number): boolean {
    if (!this.#take(0x7b)) return this.fail(`expected an object at byte ${this.at}`);
    if (this.#take(0x7d)) return true;
    let lastStart = -1;
    let lastEnd = -1;
    let lastSpecial = false;
    for (;;) {
      const keyStart = this.at + 1;
      if (!this.string()) return false;
      const keyEnd = this.at - 1;
      const special = this.#special;
      if (
        lastStart >= 0 &&
        !this.#ascends(lastStart, lastEnd, keyStart, keyEnd, special || lastSpecial)
      ) {
        return this.fail(
          `member ${this.bytes.toString('utf8', keyStart, keyEnd)} is out of order or twice`,
        );
      }
      if (!this.#take(colon)) return this.fail(`expected a colon at byte ${this.at}`);
      const start = this.at;
      if (!this.value(depth)) return false;
      if (endsInBlob(this.bytes, keyStart, keyEnd) && !this.onBlob(start, this.at)) return false;
      if (this.#take(0x7d)) return true;
      if (!this.#take(comma)) return this.fail(`expected a comma at byte ${this.at}`);
      lastStart = keyStart;
      lastEnd = keyEnd;
      lastSpecial = special;
    }
  }

  array(depth: number): boolean {
    this.at += 1;
    if (this.#take(0x5d)) return true;
    for (;;) {
      if (!this.value(depth)) return false;
      if (this.#take(0x5d)) return true;
      if (!this.#take(comma)) return this.fail(`expected a comma at byte ${this.at}`);
    }
  }

  string(): boolean {
    const { bytes, end } = this;
    if (!this.#take(quote)) return this.fail(`expected a string at byte ${this.at}`);
    this.#special = false;
    let at = this.at;
    while (at < end) {
      const byte = bytes[at] as number;
      if (byte === quote) {
        this.at = at + 1;
        return true;
      }
      if (byte < 0x20) return this.fail(`a control character stands bare at byte ${at}`);
      if (byte === backslash) {
        const length = escapeLength(bytes, at, end);
        if (length === 0) return this.fail(`the escape at byte ${at} is not canonical`);
        this.#special = true;
        at += length;
      } else if (byte < 0x80) {
        at += 1;
      } else {
        const length = utf8Length(bytes, at, end);
        if (length === 0) return this.fail(`byte ${at} is not UTF-8`);
        if (byte >= 0xee) this.#special = true;
        at += length;
      }
    }
    return this.fail('a string has no end');
  }

  number(): boolean {
    const { bytes, end } = this;
    const start = this.at;
    let at = start;
    while (at < end && isNumberByte(bytes[at] as number)) at += 1;
    this.at = at;
    const first = bytes[start] as number;
    const short =
      at > start &&
      at - start <= 15 &&
      first >= 0x31 &&
      first <= 0x39 &&
      allDigits(bytes, start, at);
    if (short) return true;
    const text = bytes.toString('latin1', start, at);
    if (text !== '' && Number.isFinite(Number(text)) && String(Number(text)) === text) return true;
    return this.fail(
      text === '' ? `expected a value at byte ${start}` : `number ${text} is not canonical`,
    );
  }

  #take(byte: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  /** Whether one member name sorts strictly before the next, by UTF-16 code units. */
  #ascends(
    start: number,
    end: number,
    nextStart: number,
    nextEnd: number,
    special: boolean,
  ): boolean {
    const { bytes } = this;
    if (special) {
      const name = JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string;
      return name < (JSON.parse(bytes.toString('utf8', nextStart - 1, nextEnd + 1)) as string);
    }
    const shorter = Math.min(end - start, nextEnd - nextStart);
    for (let i = 0; i < shorter; i++) {
      const a = bytes[start + i] as number;
      const b = bytes[nextStart + i] as number;
      if (a !== b) return a < b;
    }
    return end - start < nextEnd - nextStart;
  }
}

const trueText = Buffer.from('true');
const falseText = Buffer.from('false');
const nullText = Buffer.from('null');

function isNumberByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x65 ||
    byte === 0x2b
  );
}

function allDigits(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}

function endsInBlob(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start >= 4 &&
    bytes[end - 1] === 0x62 &&
    bytes[end - 2] === 0x6f &&
    bytes[end - 3] === 0x6c &&
    bytes[end - 4] === 0x42
  );
}

/** Length of a canonical escape at a backslash: `\" \\ \b \f \n \r \t`, or `\u00xx` where none of those fits; else 0. */
function escapeLength(bytes: Buffer, at: number, end: number): number {
  const kind = at + 1 < end ? String.fromCharCode(bytes[at + 1] as number) : '';
  if (kind !== '' && '"\\bfnrt'.includes(kind)) return 2;
  if (kind !== 'u' || at + 6 > end) return 0;
  return /^00(0[0-7be-f]|1[0-9a-f])$/.test(bytes.toString('latin1', at + 2, at + 6)) ? 6 : 0;
}

/** Length of the well-formed UTF-8 sequence at a byte from 0x80 on (Unicode, table 3-7); else 0. */
function utf8Length(bytes: Buffer, at: number, end: number): number {
  const lead = bytes[at] as number;
  const length =
    lead >= 0xc2 && lead <= 0xdf
      ? 2
      : lead >= 0xe0 && lead <= 0xef
        ? 3
        : lead >= 0xf0 && lead <= 0xf4
          ? 4
          : 0;
  if (length === 0 || at + length > end) return 0;
  const second = bytes[at + 1] as number;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  return length;
}
