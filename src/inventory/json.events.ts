import { InventoryFault } from './component.ts';

export type JsonScalar = string | number | boolean | null;

/** Told what a document holds, in its order. `key` is null in a list and at the top. */
export interface JsonListener {
  open(kind: 'object' | 'array', key: string | null): void;
  scalar(value: JsonScalar, key: string | null): void;
  close(): void;
}

type Expected = 'value' | 'firstValue' | 'key' | 'firstKey' | 'colon' | 'comma' | 'end';

/** Deeper than any document of people, and far from what fills memory. */
const limitDepth = 100_000;
/** Of a longer text (a picture, a licence) the beginning is kept. */
const limitText = 1_000_000;
const limitWord = 1_000;
/** What is neither a text nor a sign: numbers and the three literals. */
const words = /[-+.0-9a-zA-Z]*/y;
const numbers = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const literals: Readonly<Record<string, JsonScalar>> = { true: true, false: false, null: null };

/**
 * Reads JSON (RFC 8259) piece by piece and keeps nothing of it: a document of any size in the memory of
 * its deepest place. Nothing calls itself, so that no nesting ends the stack.
 *
 * @throws InventoryFault with the place where it is no JSON
 */
export class JsonEvents {
  readonly #listener: JsonListener;
  /** `{` and `[` that are open, and the key of each. */
  readonly #kinds: ('object' | 'array')[] = [];
  #expected: Expected = 'value';
  #key: string | null = null;
  /** What is not read yet. */
  #buffer = '';
  #at = 0;
  /** Characters before the buffer. */
  #before = 0;
  /** The text that is being read, as far as it has come; null outside of one. */
  #text: string | null = null;

  constructor(listener: JsonListener) {
    this.#listener = listener;
  }

  write(piece: string): void {
    this.#before += this.#at;
    this.#buffer = this.#buffer.slice(this.#at) + piece;
    this.#at = 0;
    this.#run(false);
  }

  end(): void {
    this.#run(true);
    if (this.#expected !== 'end') throw this.#fault('it ends early');
  }

  #run(isLast: boolean): void {
    for (;;) {
      if (this.#text !== null) {
        if (!this.#readText(isLast)) return;
        continue;
      }
      this.#skipBlanks();
      if (this.#at >= this.#buffer.length) return;
      if (!this.#step(isLast)) return;
    }
  }

  /** @returns false where the next piece is needed */
  #step(isLast: boolean): boolean {
    const sign = this.#buffer[this.#at] as string;
    switch (this.#expected) {
      case 'end':
        throw this.#fault('there is more behind its end');
      case 'colon':
        this.#take(sign, ':', 'value');
        return true;
      case 'comma':
        if (sign === '}' || sign === ']') this.#close(sign);
        else this.#take(sign, ',', this.#kinds.at(-1) === 'object' ? 'key' : 'value');
        return true;
      case 'key':
      case 'firstKey':
        if (sign === '}' && this.#expected === 'firstKey') this.#close(sign);
        else if (sign === '"') this.#begin();
        else throw this.#fault('a key is missing');
        return true;
      default:
        return this.#value(sign, isLast);
    }
  }

  #value(sign: string, isLast: boolean): boolean {
    if (sign === '"') this.#begin();
    else if (sign === '{' || sign === '[') this.#open(sign);
    else if (sign === ']' && this.#expected === 'firstValue') this.#close(sign);
    else return this.#literal(isLast);
    return true;
  }

  #take(sign: string, wanted: string, next: Expected): void {
    if (sign !== wanted) throw this.#fault(`"${wanted}" is missing`);
    this.#at += 1;
    this.#expected = next;
  }

  #begin(): void {
    this.#at += 1;
    this.#text = '';
  }

  #open(sign: string): void {
    if (this.#kinds.length >= limitDepth) throw this.#fault('it is nested too deep');
    const kind = sign === '{' ? 'object' : 'array';
    this.#at += 1;
    this.#listener.open(kind, this.#key);
    this.#kinds.push(kind);
    this.#key = null;
    this.#expected = kind === 'object' ? 'firstKey' : 'firstValue';
  }

  #close(sign: string): void {
    const kind = this.#kinds.pop();
    if ((sign === '}') !== (kind === 'object')) throw this.#fault(`"${sign}" closes nothing`);
    this.#at += 1;
    this.#listener.close();
    this.#done();
  }

  #done(): void {
    this.#key = null;
    this.#expected = this.#kinds.length === 0 ? 'end' : 'comma';
  }

  #scalar(value: JsonScalar): void {
    this.#listener.scalar(value, this.#key);
    this.#done();
  }

  #literal(isLast: boolean): boolean {
    words.lastIndex = this.#at;
    const word = words.exec(this.#buffer)?.[0] ?? '';
    // What ends with the piece may go on in the next one.
    const mayGoOn = this.#at + word.length >= this.#buffer.length && word.length <= limitWord;
    if (!isLast && mayGoOn) return false;
    const isNumber = numbers.test(word);
    if (!isNumber && !Object.hasOwn(literals, word)) throw this.#fault('no value');
    this.#at += word.length;
    this.#scalar(isNumber ? Number(word) : (literals[word] ?? null));
    return true;
  }

  /** @returns false where the text goes on in the next piece */
  #readText(isLast: boolean): boolean {
    const end = this.#endOfText();
    if (end < 0) {
      if (isLast) throw this.#fault('it ends within a text');
      // An escape is never cut: backslashes at the end wait for what follows them.
      const whole =
        this.#buffer.length -
        (/\\(?:u[0-9a-fA-F]{0,3})?$|\\+$/.exec(this.#buffer)?.[0].length ?? 0);
      this.#keep(Math.max(this.#at, whole));
      return false;
    }
    this.#keep(end);
    this.#at = end + 1;
    const text = this.#text as string;
    this.#text = null;
    if (this.#expected === 'key' || this.#expected === 'firstKey') {
      this.#key = text;
      this.#expected = 'colon';
    } else this.#scalar(text);
    return true;
  }

  #endOfText(): number {
    for (let from = this.#at; ; ) {
      const quote = this.#buffer.indexOf('"', from);
      if (quote < 0) return -1;
      let slashes = 0;
      while (quote - slashes > this.#at && this.#buffer.charCodeAt(quote - slashes - 1) === 92) {
        slashes += 1;
      }
      if (slashes % 2 === 0) return quote;
      from = quote + 1;
    }
  }

  #keep(to: number): void {
    const raw = this.#buffer.slice(this.#at, to);
    this.#at = to;
    const text = this.#text as string;
    if (text.length < limitText) this.#text = text + this.#unescaped(raw);
  }

  #unescaped(raw: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a text of JSON holds none unescaped.
    if (!/[\\\u0000-\u001f]/.test(raw)) return raw;
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      throw this.#fault('a text has what no text may have');
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#buffer.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at += 1;
    }
  }

  #fault(why: string): InventoryFault {
    return new InventoryFault(
      `the JSON cannot be read: ${why}, at character ${this.#before + this.#at}`,
    );
  }
}
