import type { Scheme } from './scheme.ts';
import { compareNumbers } from './semver.ts';

export interface ComposerVersion {
  readonly numbers: readonly number[];
  /** Below 0 before the release, 0 the release, above 0 a patch of it. */
  readonly stability: number;
  /** Numbers behind the word: `beta2`, `RC1.1`. */
  readonly counted: readonly number[];
  readonly isDevelopment: boolean;
}

// In our own order, what Composer's VersionParser takes for a version with numbers.
const pattern =
  /^v?(\d{1,15}(?:\.\d{1,15})*)(?:[._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?\d{1,15})*))?([.-]?dev)?(?:\+\S*)?$/i;

const stabilities: Readonly<Record<string, number>> = {
  alpha: -3,
  a: -3,
  beta: -2,
  b: -2,
  rc: -1,
  stable: 0,
  patch: 1,
  pl: 1,
  p: 1,
};

/**
 * Packagist, as Composer reads versions (getcomposer.org, "Versions and constraints"): missing numbers
 * are zeros, then alpha, beta, RC, the release, patches; `-dev` comes before what it becomes. A branch
 * (`dev-main`) is no version.
 */
export const packagist: Scheme<ComposerVersion> = {
  read(text) {
    const found = pattern.exec(text.trim());
    if (!found) return null;
    const [, numbers = '', word = 'stable', counted = '', development] = found;
    return {
      numbers: numbers.split('.').map(Number),
      stability: stabilities[word.toLowerCase()] ?? 0,
      counted: (counted.match(/\d+/g) ?? []).map(Number),
      isDevelopment: development !== undefined,
    };
  },
  compare: (a, b) =>
    compareNumbers(a.numbers, b.numbers) ||
    a.stability - b.stability ||
    compareNumbers(a.counted, b.counted) ||
    Number(b.isDevelopment) - Number(a.isDevelopment),
};
