/** A set of small numbers, 32 to a word. All sets over the same range have the same length. */
export type Bits = Uint32Array;

const WORD = 32;

export const noBits = (size: number): Bits => new Uint32Array(Math.ceil(size / WORD));

/** The set of all numbers below `size`. */
export function allBits(size: number): Bits {
  const bits = noBits(size).fill(0xffffffff);
  if (size % WORD !== 0) bits[bits.length - 1] = 2 ** (size % WORD) - 1;
  return bits;
}

export const hasBit = (bits: Bits, n: number): boolean =>
  (((bits[n >>> 5] as number) >>> (n & 31)) & 1) === 1;

export function setBit(bits: Bits, n: number): void {
  bits[n >>> 5] = (bits[n >>> 5] as number) | (1 << (n & 31));
}

export function clearBit(bits: Bits, n: number): void {
  bits[n >>> 5] = (bits[n >>> 5] as number) & ~(1 << (n & 31));
}

/** Keeps in `bits` what `others` has too. */
export function retain(bits: Bits, others: Bits): void {
  for (let w = 0; w < bits.length; w++) bits[w] = (bits[w] as number) & (others[w] as number);
}

/** Adds to `bits` what `others` has. */
export function unite(bits: Bits, others: Bits): void {
  for (let w = 0; w < bits.length; w++) bits[w] = (bits[w] as number) | (others[w] as number);
}

/** Takes from `bits` what `others` has. */
export function remove(bits: Bits, others: Bits): void {
  for (let w = 0; w < bits.length; w++) bits[w] = (bits[w] as number) & ~(others[w] as number);
}

export function isEmpty(bits: Bits): boolean {
  for (let w = 0; w < bits.length; w++) if (bits[w] !== 0) return false;
  return true;
}

/** How many numbers both sets have. */
export function sharedCount(bits: Bits, others: Bits): number {
  let count = 0;
  for (let w = 0; w < bits.length; w++) count += ones((bits[w] as number) & (others[w] as number));
  return count;
}

export function countBits(bits: Bits): number {
  return sharedCount(bits, bits);
}

/** The numbers of the set, ascending. */
export function membersOf(bits: Bits): number[] {
  const members: number[] = [];
  for (let w = 0; w < bits.length; w++) {
    for (let word = bits[w] as number; word !== 0; word &= word - 1) {
      members.push(w * WORD + (31 - Math.clz32(word & -word)));
    }
  }
  return members;
}

/** The number of ones of a word, added up in ever wider fields. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
