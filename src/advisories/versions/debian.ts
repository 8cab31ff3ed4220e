import { compareDigits, endOfDigits, isDigit, isLetter, type Scheme } from './scheme.ts';

export interface DebianVersion {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
}

/**
 * Debian and Ubuntu: `[epoch:]upstream[-revision]`, compared as Debian Policy, section 5.6.12, says:
 * parts without digits, then parts of digits, in turn; `~` comes before even the end, letters before
 * all else.
 */
export const debian: Scheme<DebianVersion> = {
  read(text) {
    const plain = text.trim();
    const colon = plain.indexOf(':');
    const epoch = colon < 0 ? '0' : plain.slice(0, colon);
    const rest = plain.slice(colon + 1);
    if (!/^\d{1,10}$/.test(epoch) || rest === '' || /[^A-Za-z0-9.+~:_-]/.test(rest)) return null;
    const hyphen = rest.lastIndexOf('-');
    return {
      epoch: Number(epoch),
      upstream: hyphen < 0 ? rest : rest.slice(0, hyphen),
      revision: hyphen < 0 ? '' : rest.slice(hyphen + 1),
    };
  },
  compare: (a, b) =>
    a.epoch - b.epoch ||
    compareParts(a.upstream, b.upstream) ||
    compareParts(a.revision, b.revision),
};

function compareParts(a: string, b: string): number {
  let [x, y] = [0, 0];
  while (x < a.length || y < b.length) {
    while (isText(a, x) || isText(b, y)) {
      const difference = weightAt(a, x) - weightAt(b, y);
      if (difference !== 0) return difference;
      x += 1;
      y += 1;
    }
    const [endX, endY] = [endOfDigits(a, x), endOfDigits(b, y)];
    const difference = compareDigits(a.slice(x, endX) || '0', b.slice(y, endY) || '0');
    if (difference !== 0) return difference;
    [x, y] = [endX, endY];
  }
  return 0;
}

function isText(text: string, at: number): boolean {
  return at < text.length && !isDigit(text.charCodeAt(at));
}

function weightAt(text: string, at: number): number {
  if (at >= text.length) return 0;
  const code = text.charCodeAt(at);
  if (isDigit(code)) return 0;
  if (code === 126) return -1;
  return isLetter(code) ? code : code + 256;
}
