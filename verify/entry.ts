import { Cursor } from './canonical.ts';

/** The members of an entry stand in canonical order, so each begins at a known literal. */
const actorStart = Buffer.from('{"actor":"');
const atStart = Buffer.from(',"at":"');
const bodyStart = Buffer.from('","body":');
const clauseStart = Buffer.from(',"clause":"');
const idStart = Buffer.from(',"id":"');
const privateStart = Buffer.from('","private":');
const subjectStart = Buffer.from(',"subject":');
const typeStart = Buffer.from(',"type":"');
const entryEnd = Buffer.from(',"v":1}');

const rotationClause = Buffer.from('ledger"');
const rotationType = Buffer.from('LedgerKeyRotated"');

/** Reads entries one after the other; what it found in the last one stands in its fields. */
export class EntryReader {
  readonly #cursor = new Cursor();
  /** Digests of the blobs named by any entry read so far. */
  readonly blobs = new Set<string>();
  isRotation = false;

  constructor() {
    this.#cursor.onBlob = (start, end) => this.#blob(start, end);
  }

  /** Null when `bytes[start .. end)` is a well-formed entry in canonical form; else what is wrong. */
  read(bytes: Buffer, start: number, end: number): string | null {
    const cursor = this.#cursor;
    cursor.aim(bytes, start, end);
    if (this.#members(bytes))
      return cursor.at === end ? null : `${end - cursor.at} bytes follow the entry`;
    // Positions are counted from the start of the entry, not of its bundle.
    return cursor.fault.replace(/byte (\d+)/, (_, at: string) => `byte ${Number(at) - start}`);
  }

  #members(bytes: Buffer): boolean {
    const cursor = this.#cursor;
    if (!cursor.literal(actorStart) || !this.#named('actor')) return false;
    if (!cursor.literal(atStart)) return false;
    const made = readTime(bytes, cursor.at, cursor.end);
    if (Number.isNaN(made)) return cursor.fail('at is not a time in UTC with milliseconds');
    cursor.at += 24;
    if (!cursor.literal(bodyStart) || !cursor.object(2)) return false;
    if (!cursor.literal(clauseStart)) return false;
    this.isRotation = startsWith(bytes, cursor.at, rotationClause);
    if (!this.#named('clause') || !cursor.literal(idStart)) return false;
    const inId = readUuidTime(bytes, cursor.at, cursor.end);
    if (Number.isNaN(inId)) return cursor.fail('id is not a UUIDv7');
    if (inId !== made)
      return cursor.fail(`the id was made ${inId - made} ms away from the time of the entry`);
    cursor.at += 36;
    if (!cursor.literal(privateStart) || !this.#commitments()) return false;
    if (!cursor.literal(subjectStart) || !cursor.string()) return false;
    if (!cursor.literal(typeStart)) return false;
    this.isRotation &&= startsWith(bytes, cursor.at, rotationType);
    return this.#named('type') && cursor.literal(entryEnd);
  }

  /** A string that must not be empty; its opening quote has been read. */
  #named(member: string): boolean {
    const cursor = this.#cursor;
    if (cursor.bytes[cursor.at] === 0x22) return cursor.fail(`${member} is empty`);
    cursor.at -= 1;
    return cursor.string();
  }

  /** An object whose values are all commitments: checked as canonical JSON first, then value by value. */
  #commitments(): boolean {
    const cursor = this.#cursor;
    const start = cursor.at;
    if (!cursor.object(2)) return false;
    if (cursor.at - start === 2) return true;
    const values = Object.values(
      JSON.parse(cursor.bytes.toString('utf8', start, cursor.at)) as object,
    ) as unknown[];
    const sound = values.every(
      (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
    );
    return sound || cursor.fail('private holds something that is not a commitment');
  }

  #blob(start: number, end: number): boolean {
    const text = this.#cursor.bytes.toString('latin1', start, end);
    if (text === 'null') return true;
    if (!/^"[0-9a-f]{64}"$/.test(text))
      return this.#cursor.fail(`a member named …Blob is not a SHA-256 in hex`);
    this.blobs.add(text.slice(1, -1));
    return true;
  }
}

function startsWith(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** Decimal digits as a number; NaN where a byte is none. */
function digits(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const timeShape = Buffer.from('    -  -  T  :  :  .   Z');

/** Milliseconds since 1970 of `YYYY-MM-DDTHH:MM:SS.mmmZ`; NaN for anything else, 30 February included. */
export function readTime(bytes: Buffer, at: number, end: number): number {
  if (at + timeShape.length > end) return Number.NaN;
  for (let i = 0; i < timeShape.length; i++) {
    const mark = timeShape[i] as number;
    if (mark !== 0x20 && bytes[at + i] !== mark) return Number.NaN;
  }
  const year = digits(bytes, at, 4);
  const month = digits(bytes, at + 5, 2);
  const day = digits(bytes, at + 8, 2);
  const hour = digits(bytes, at + 11, 2);
  const minute = digits(bytes, at + 14, 2);
  const second = digits(bytes, at + 17, 2);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return Number.NaN;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  const seconds = (dayNumber(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
  return seconds * 1000 + digits(bytes, at + 20, 3);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01, counting years from March so that the leap day is the last of its year. */
function dayNumber(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}

/** The time inside a UUIDv7 in lower case, in milliseconds since 1970; NaN for anything else. */
export function readUuidTime(bytes: Buffer, at: number, end: number): number {
  if (at + 36 > end) return Number.NaN;
  let time = 0;
  for (let i = 0; i < 36; i++) {
    const byte = bytes[at + i] as number;
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (byte !== 0x2d) return Number.NaN;
      continue;
    }
    const digit =
      byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
    if (digit < 0) return Number.NaN;
    if (i < 13) time = time * 16 + digit;
    else if (i === 14 && digit !== 7) return Number.NaN;
    else if (i === 19 && (digit & 0xc) !== 8) return Number.NaN;
  }
  return time;
}
