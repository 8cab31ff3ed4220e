import { AgeFault } from './fault.ts';

/** BIP 173, "Bech32": the alphabet of the part behind the last `1`. */
const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const checksumLength = 6;

/**
 * Encodes bytes as Bech32 in lower case (BIP 173, without its limit of length, as age.md says).
 *
 * @param prefix human-readable part, lower case
 */
export function toBech32(prefix: string, bytes: Uint8Array): string {
  const groups = regroup(bytes, 8, 5, true) ?? [];
  const checksum = checksumOf(prefix, groups);
  return `${prefix}1${[...groups, ...checksum].map((group) => alphabet[group]).join('')}`;
}

/**
 * Reads Bech32, in upper or in lower case but not in both (BIP 173).
 *
 * @param prefix that it must have, lower case
 * @throws AgeFault `key`, never quoting the text
 */
export function fromBech32(prefix: string, text: string): Uint8Array {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) throw wrong(prefix, 'mixes cases');
  if (!lower.startsWith(`${prefix}1`)) throw wrong(prefix, `does not begin with ${prefix}1`);
  const groups = Array.from(lower.slice(prefix.length + 1), (letter) => alphabet.indexOf(letter));
  if (groups.includes(-1)) throw wrong(prefix, 'has a character that Bech32 does not');
  const body = groups.slice(0, -checksumLength);
  const checksum = groups.slice(-checksumLength);
  if (String(checksum) !== String(checksumOf(prefix, body))) throw wrong(prefix, 'is mistyped');
  const bytes = regroup(body, 5, 8, false);
  if (!bytes) throw wrong(prefix, 'has bits left over');
  return Uint8Array.from(bytes);
}

function wrong(prefix: string, what: string): AgeFault {
  return new AgeFault('key', `not a key that begins with ${prefix}1: it ${what}`);
}

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    generators.forEach((generator, bit) => {
      if ((top >>> bit) & 1) sum ^= generator;
    });
  }
  return sum;
}

function checksumOf(prefix: string, groups: readonly number[]): number[] {
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0));
  const expanded = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const sum = polymod([...expanded, ...groups, ...new Array<number>(checksumLength).fill(0)]) ^ 1;
  return Array.from({ length: checksumLength }, (_, n) => (sum >>> (5 * (5 - n))) & 31);
}

/** Cuts a row of bits into groups of another width; null where what is left over is not zero padding. */
function regroup(
  values: Iterable<number>,
  from: number,
  to: number,
  pad: boolean,
): number[] | null {
  const groups: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of values) {
    held = (held << from) | value;
    bits += from;
    for (; bits >= to; bits -= to) groups.push((held >>> (bits - to)) & ((1 << to) - 1));
    held &= (1 << bits) - 1;
  }
  if (pad) return bits > 0 ? [...groups, (held << (to - bits)) & ((1 << to) - 1)] : groups;
  return bits >= from || held !== 0 ? null : groups;
}
