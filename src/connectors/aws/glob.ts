/**
 * Whether a pattern of IAM matches a text: `*` any characters, `?` exactly one. Linear in memory,
 * and at worst quadratic in time: no pattern can hold up a reading.
 */
export function matches(pattern: string, text: string): boolean {
  return covers(pattern, text, false);
}

/**
 * Whether `wide` matches everything that `narrow` does. Wildcards of `narrow` are letters that only
 * wildcards of `wide` match: `*` only by `*`, `?` by `*` and `?`. So the answer is never yes where
 * it should be no.
 */
export function contains(wide: string, narrow: string): boolean {
  return covers(wide, narrow, true);
}

function covers(pattern: string, text: string, wild: boolean): boolean {
  let [at, from] = [0, 0];
  // Where to go on when what followed the last star did not fit: one letter more for the star.
  let [star, taken] = [-1, 0];
  while (from < text.length) {
    const letter = pattern[at];
    if (letter === '*') {
      star = at;
      at += 1;
      taken = from;
    } else if (at < pattern.length && fits(letter as string, text[from] as string, wild)) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      taken += 1;
      from = taken;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

function fits(letter: string, other: string, wild: boolean): boolean {
  if (wild && other === '*') return false;
  return letter === '?' || letter === other;
}
