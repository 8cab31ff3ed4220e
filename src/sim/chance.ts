import { createHash } from 'node:crypto';

/** Randomness that a seed repeats: bytes for ids and salts, numbers for what people do. */
export interface Chance {
  bytes(count: number): Uint8Array;
  /** From 0 to below 1. */
  random(): number;
  /** From 0 to below `n`. */
  below(n: number): number;
  oneIn(n: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** SHA-256 in counter mode over the seed. Each `stream` is independent of how much others draw. */
export function chanceOf(seed: string | number, stream = 'main'): Chance {
  let counter = 0;
  let block = Buffer.alloc(0);
  const bytes = (count: number): Uint8Array => {
    while (block.length < count) {
      const next = createHash('sha256').update(`${seed}/${stream}/${counter++}`).digest();
      block = Buffer.concat([block, next]);
    }
    const taken = block.subarray(0, count);
    block = block.subarray(count);
    return Uint8Array.from(taken);
  };
  const random = (): number => Buffer.from(bytes(6)).readUIntBE(0, 6) / 2 ** 48;
  const below = (n: number): number => Math.floor(random() * n);
  return {
    bytes,
    random,
    below,
    oneIn: (n) => below(n) === 0,
    pick: <T>(from: readonly T[]): T => {
      const chosen = from[below(from.length)];
      if (chosen === undefined) throw new RangeError('nothing to pick from');
      return chosen;
    },
  };
}
