import {
  compareDigits,
  compareText,
  endOfDigits,
  isDigit,
  isLetter,
  type Scheme,
} from './scheme.ts';

export interface RpmVersion {
  readonly epoch: number;
  readonly version: string;
  /** Null where none was given: it is then not compared. */
  readonly release: string | null;
}

/**
 * Red Hat and its relatives: `[epoch:]version[-release]`, compared by rpm's own rule (rpm
 * documentation, "rpm-version(7)"): runs of digits or letters, digits are newer than letters, `~` is
 * older than the end, `^` newer than the end and older than anything that goes on.
 */
export const redhat: Scheme<RpmVersion> = {
  read(text) {
    const plain = text.trim();
    const colon = plain.indexOf(':');
    const epoch = colon < 0 ? '0' : plain.slice(0, colon);
    const rest = plain.slice(colon + 1);
    if (!/^\d{1,10}$/.test(epoch) || rest === '' || /\s/.test(rest)) return null;
    const hyphen = rest.lastIndexOf('-');
    return {
      epoch: Number(epoch),
      version: hyphen < 0 ? rest : rest.slice(0, hyphen),
      release: hyphen < 0 ? null : rest.slice(hyphen + 1),
    };
  },
  compare: (a, b) =>
    a.epoch - b.epoch ||
    compareRuns(a.version, b.version) ||
    (a.release === null || b.release === null
      ? Number(a.release !== null) - Number(b.release !== null)
      : compareRuns(a.release, b.release)),
};

function compareRuns(a: string, b: string): number {
  if (a === b) return 0;
  let [x, y] = [0, 0];
  for (;;) {
    x = startOfRun(a, x);
    y = startOfRun(b, y);
    const marked = compareMarks(a.charAt(x), b.charAt(y), x >= a.length, y >= b.length);
    if (marked === 'both') {
      x += 1;
      y += 1;
      continue;
    }
    if (marked !== null) return marked;
    if (x >= a.length || y >= b.length) return Number(x < a.length) - Number(y < b.length);
    const digits = isDigit(a.charCodeAt(x));
    const [endX, endY] = digits
      ? [endOfDigits(a, x), endOfDigits(b, y)]
      : [endOfLetters(a, x), endOfLetters(b, y)];
    // Of different kinds: the run of digits is the newer one.
    if (endY === y) return digits ? 1 : -1;
    const [runX, runY] = [a.slice(x, endX), b.slice(y, endY)];
    const difference = digits ? compareDigits(runX, runY) : compareText(runX, runY);
    if (difference !== 0) return difference;
    [x, y] = [endX, endY];
  }
}

/** @returns an order where `~` or `^` decides, `both` where both have the same, null where neither has one */
function compareMarks(a: string, b: string, endA: boolean, endB: boolean): number | 'both' | null {
  if (a === '~' || b === '~') {
    if (a === b) return 'both';
    return a === '~' ? -1 : 1;
  }
  if (a === '^' || b === '^') {
    if (a === b) return 'both';
    if (a === '^') return endB ? 1 : -1;
    return endA ? -1 : 1;
  }
  return null;
}

function startOfRun(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSeparator(text.charCodeAt(at))) at += 1;
  return at;
}

function isSeparator(code: number): boolean {
  return !isDigit(code) && !isLetter(code) && code !== 126 && code !== 94;
}

function endOfLetters(text: string, from: number): number {
  let at = from;
  while (at < text.length && isLetter(text.charCodeAt(at))) at += 1;
  return at;
}
