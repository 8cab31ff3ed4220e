/** Who holds what, in the shape of a large real system: few hold most, most permissions are rare. */
export interface Population {
  readonly accounts: readonly string[];
  readonly entitlements: readonly string[];
  /** Places in `accounts` and `entitlements`, flat; each pair once. */
  readonly pairs: readonly number[];
}

interface Size {
  readonly accounts: number;
  readonly entitlements: number;
  readonly pairs: number;
}

/** The size of the largest known real assignment that is public. */
export const large: Size = { accounts: 3_485, entitlements: 10_127, pairs: 185_294 };

/**
 * Makes a population; the same size gives the same one. Every account and every entitlement occurs.
 * Beyond that, low places are chosen far more often than high ones, on both sides.
 */
export function populate(size: Size): Population {
  const chance = repeatable(size.pairs);
  const skewed = (count: number): number => Math.floor(count * chance() ** 3);
  const seen = new Set<number>();
  const add = (account: number, entitlement: number): void => {
    seen.add(account * size.entitlements + entitlement);
  };
  for (let place = 0; place < size.entitlements; place++) add(place % size.accounts, place);
  for (let place = 0; place < size.accounts; place++) add(place, place % size.entitlements);
  // An even draw of accounts among the skewed ones: the largest holds hundreds, not thousands.
  while (seen.size < size.pairs) {
    const account = chance() < 0.2 ? skewed(size.accounts) : Math.floor(size.accounts * chance());
    add(account, skewed(size.entitlements));
  }
  const pairs: number[] = [];
  for (const pair of seen)
    pairs.push(Math.floor(pair / size.entitlements), pair % size.entitlements);
  return {
    accounts: names('u', size.accounts),
    entitlements: names('p', size.entitlements),
    pairs,
  };
}

function names(letter: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, place) => `${letter}${String(place + 1).padStart(6, '0')}`,
  );
}

/** The population as a file of `user permission` lines. */
export function pairsFile({ accounts, entitlements, pairs }: Population): string {
  let text = '';
  for (let at = 0; at < pairs.length; at += 2) {
    text += `${accounts[pairs[at] as number]} ${entitlements[pairs[at + 1] as number]}\n`;
  }
  return text;
}

/** Even numbers from 0 to 1 that repeat: mulberry32. */
function repeatable(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
