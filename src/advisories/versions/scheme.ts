/**
 * How the versions of one ecosystem are read and ordered. Reading is apart from comparing so that
 * whoever asks one version against many reads it once.
 */
export interface Scheme<Version = unknown> {
  /** Null where the text is no version in this scheme: it is then equal to nothing and in no range. */
  read(text: string): Version | null;
  /** Below 0, 0 or above 0; a total order. */
  compare(a: Version, b: Version): number;
}

/** Compares digits as numbers of any length: without leading zeros, the longer is the greater. */
export function compareDigits(a: string, b: string): number {
  const [x, y] = [withoutZeros(a), withoutZeros(b)];
  if (x.length !== y.length) return x.length - y.length;
  return compareText(x, y);
}

function withoutZeros(digits: string): string {
  let at = 0;
  while (at < digits.length - 1 && digits.charCodeAt(at) === 48) at += 1;
  return at === 0 ? digits : digits.slice(at);
}

/** By code units, which for ASCII is the order of bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Whether the character at `at` is an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether it is an ASCII letter. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

/** First place from `from` on whose character is no digit. */
export function endOfDigits(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1;
  return at;
}
