import { compareDigits, compareText, isDigit, type Scheme } from './scheme.ts';

const allowed = /^\s*(?:[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\s*)?$/;
const segment = /[0-9]+|[a-zA-Z]+/g;

/**
 * RubyGems (`Gem::Version`): segments of digits or letters; a hyphen reads `.pre.`; letters come
 * before digits, so `1.0.a` before `1.0`; zeros at the end of either part do not count.
 */
export const rubygems: Scheme<readonly string[]> = {
  read(text) {
    if (!allowed.test(text)) return null;
    const plain = text.trim().replaceAll('-', '.pre.');
    return canonical(plain === '' ? ['0'] : (plain.match(segment) ?? []));
  },
  compare(a, b) {
    const length = Math.max(a.length, b.length);
    for (let at = 0; at < length; at += 1) {
      const difference = compareSegments(a[at] ?? '0', b[at] ?? '0');
      if (difference !== 0) return difference;
    }
    return 0;
  },
};

/** Without the zeros that end the numbers before the first letters, and those that end it all. */
function canonical(segments: readonly string[]): readonly string[] {
  const letters = segments.findIndex((one) => !isDigit(one.charCodeAt(0)));
  if (letters < 0) return withoutTrailingZeros(segments);
  return [
    ...withoutTrailingZeros(segments.slice(0, letters)),
    ...withoutTrailingZeros(segments.slice(letters)),
  ];
}

function withoutTrailingZeros(segments: readonly string[]): readonly string[] {
  let end = segments.length;
  while (end > 0 && /^0+$/.test(segments[end - 1] ?? '')) end -= 1;
  return segments.slice(0, end);
}

function compareSegments(a: string, b: string): number {
  const [numberA, numberB] = [isDigit(a.charCodeAt(0)), isDigit(b.charCodeAt(0))];
  if (numberA !== numberB) return numberA ? 1 : -1;
  return numberA ? compareDigits(a, b) : compareText(a, b);
}
