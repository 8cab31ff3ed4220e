import { compareDigits, compareText, endOfDigits, isDigit, type Scheme } from './scheme.ts';

/** A version of Semantic Versioning 2.0.0, with as many numbers as were written. */
export interface SemanticVersion {
  readonly numbers: readonly number[];
  /** Identifiers behind the hyphen; empty for a release. */
  readonly prerelease: readonly string[];
  /** Behind the plus sign; counts only where the ecosystem says so (Pub). */
  readonly build: readonly string[];
}

const tooLong = 15;

/**
 * Semantic Versioning 2.0.0, section 11, read generously: a leading `v` or `=`, missing numbers
 * (`1.2` is `1.2.0`) and a fourth one (as NuGet and some Go tags have) are accepted, because
 * advisories and lockfiles have them. Build metadata does not count.
 */
export const semver: Scheme<SemanticVersion> = {
  read: (text) => readSemver(text),
  compare: compareReleases,
};

/** @returns null where the text does not begin with a number */
export function readSemver(text: string): SemanticVersion | null {
  let at = 0;
  while (at < text.length && isPrefix(text.charCodeAt(at))) at += 1;
  const numbers: number[] = [];
  for (;;) {
    const end = endOfDigits(text, at);
    if (end === at || end - at > tooLong) return null;
    numbers.push(Number(text.slice(at, end)));
    at = end;
    if (text.charCodeAt(at) !== 46 || !isDigit(text.charCodeAt(at + 1))) break;
    at += 1;
  }
  return withTail(text, at, numbers);
}

function withTail(text: string, from: number, numbers: number[]): SemanticVersion | null {
  if (from === text.length) return { numbers, prerelease: none, build: none };
  const plus = text.indexOf('+', from);
  const before = text.slice(from, plus < 0 ? text.length : plus);
  const build = plus < 0 ? none : text.slice(plus + 1).split('.');
  if (before === '') return { numbers, prerelease: none, build };
  const tail = before.charCodeAt(0) === 45 ? before.slice(1) : before;
  // `1.2.` and `1.2.x` name many versions, not one.
  if (tail === '' || !/^[0-9A-Za-z][0-9A-Za-z.-]*$/.test(tail)) {
    if (!/^-[0-9A-Za-z.-]+$/.test(before)) return null;
  }
  return { numbers, prerelease: tail.split('.'), build };
}

const none: readonly string[] = [];

/** `v`, `V`, `=` and blanks. */
function isPrefix(code: number): boolean {
  return code === 118 || code === 86 || code === 61 || code === 32;
}

function compareReleases(a: SemanticVersion, b: SemanticVersion): number {
  return compareNumbers(a.numbers, b.numbers) || comparePrereleases(a.prerelease, b.prerelease);
}

/** Missing numbers are zero. */
export function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Section 11.3 and 11.4: a release follows its prereleases; identifiers are compared one by one. */
export function comparePrereleases(
  a: readonly string[],
  b: readonly string[],
  compareWords: (a: string, b: string) => number = compareText,
): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = compareIdentifiers(a[at] ?? '', b[at] ?? '', compareWords);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareIdentifiers(
  a: string,
  b: string,
  compareWords: (a: string, b: string) => number,
): number {
  const [numericA, numericB] = [isNumeric(a), isNumeric(b)];
  if (numericA && numericB) return compareDigits(a, b);
  if (numericA !== numericB) return numericA ? -1 : 1;
  return compareWords(a, b);
}

function isNumeric(text: string): boolean {
  return text !== '' && endOfDigits(text, 0) === text.length;
}

/**
 * Pub orders by build metadata as well (dart.dev, "Package versioning"; pub_semver): a version with
 * build follows the one without.
 */
export const pub: Scheme<SemanticVersion> = {
  read: (text) => readSemver(text),
  compare(a, b) {
    const released = compareReleases(a, b);
    if (released !== 0) return released;
    if (a.build.length === 0 || b.build.length === 0) return a.build.length - b.build.length;
    return comparePrereleases(a.build, b.build);
  },
};

/** NuGet: four numbers, and labels of prereleases without regard to case (Microsoft Learn, "NuGet package versioning"). */
export const nuget: Scheme<SemanticVersion> = {
  read: (text) => readSemver(text),
  compare: (a, b) =>
    compareNumbers(a.numbers, b.numbers) ||
    comparePrereleases(a.prerelease, b.prerelease, (x, y) =>
      compareText(x.toLowerCase(), y.toLowerCase()),
    ),
};
