import { compareDigits, compareText, type Scheme } from './scheme.ts';

export interface AlpineVersion {
  readonly numbers: readonly string[];
  readonly letter: string;
  readonly suffixes: readonly { readonly weight: number; readonly number: string }[];
  readonly revision: string;
}

const pattern =
  /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~[0-9a-f]+)?(?:-r(\d+))?$/;

/** Before a release below zero, after it above (apk-tools, `version.c`; Alpine Wiki, "APKBUILD Reference"). */
const weights: Readonly<Record<string, number>> = {
  alpha: -4,
  beta: -3,
  pre: -2,
  rc: -1,
  cvs: 1,
  svn: 2,
  git: 3,
  hg: 4,
  p: 5,
};

/**
 * Alpine: `1.2.3b_rc4-r5`. The first number is a number; of the others, one with a leading zero is
 * compared as a fraction, so `1.02` comes before `1.1`.
 */
export const alpine: Scheme<AlpineVersion> = {
  read(text) {
    const found = pattern.exec(text.trim().replace(/^v/, ''));
    if (!found) return null;
    const [, numbers = '', letter = '', suffixes = '', revision = '0'] = found;
    return {
      numbers: numbers.split('.'),
      letter,
      suffixes: [...suffixes.matchAll(/_([a-z]+)(\d*)/g)].map(([, word = '', number = '']) => ({
        weight: weights[word] ?? 0,
        number: number || '0',
      })),
      revision,
    };
  },
  compare: (a, b) =>
    compareAllNumbers(a.numbers, b.numbers) ||
    compareText(a.letter, b.letter) ||
    compareSuffixes(a.suffixes, b.suffixes) ||
    compareDigits(a.revision, b.revision),
};

function compareAllNumbers(a: readonly string[], b: readonly string[]): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a[at] ?? '', b[at] ?? ''];
    const fraction = at > 0 && (isFraction(x) || isFraction(y));
    const difference = fraction ? compareText(x, y) : compareDigits(x, y);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function isFraction(digits: string): boolean {
  return digits.length > 1 && digits.startsWith('0');
}

const release = { weight: 0, number: '0' };

function compareSuffixes(a: AlpineVersion['suffixes'], b: AlpineVersion['suffixes']): number {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a[at] ?? release, b[at] ?? release];
    const difference = x.weight - y.weight || compareDigits(x.number, y.number);
    if (difference !== 0) return difference;
  }
  return 0;
}
