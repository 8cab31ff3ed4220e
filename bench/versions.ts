import { schemeOf } from '../src/advisories/versions/ecosystems.ts';
import type { Figure, Measured } from './figure.ts';
import { takingTurns } from './rounds.ts';

const pairs = 200_000;
const rounds = 3;

/** Versions of each ecosystem as they are written there; `n` varies them. */
const writers: Readonly<Record<string, (n: number) => string>> = {
  npm: (n) => `${n % 20}.${n % 13}.${n % 97}${n % 5 === 0 ? `-beta.${n % 9}` : ''}`,
  Go: (n) =>
    n % 4 === 0
      ? `v0.0.0-2021${String(101 + (n % 800)).padStart(4, '0')}120000-abcdef123456`
      : `v1.${n % 40}.${n % 17}`,
  PyPI: (n) => `${n % 9}.${n % 31}.${n % 11}${['', 'rc1', '.post2', '.dev3', 'b2'][n % 5]}`,
  RubyGems: (n) => `${n % 9}.${n % 31}.${n % 11}${n % 6 === 0 ? '.pre1' : ''}`,
  Maven: (n) => `${n % 9}.${n % 31}.${n % 11}${['', '-RC1', '.Final', '-SNAPSHOT'][n % 4]}`,
  NuGet: (n) => `${n % 9}.${n % 31}.${n % 11}.${n % 3}${n % 5 === 0 ? '-Beta2' : ''}`,
  Packagist: (n) => `v${n % 9}.${n % 31}.${n % 11}${n % 5 === 0 ? '-RC2' : ''}`,
  Debian: (n) => `${n % 3 === 0 ? '1:' : ''}${n % 9}.${n % 31}+dfsg-${n % 7}+deb12u${n % 4}`,
  Alpine: (n) => `${n % 9}.${n % 31}.${n % 11}${n % 5 === 0 ? '_rc1' : ''}-r${n % 6}`,
  'Red Hat': (n) => `${n % 9}.${n % 31}.${n % 11}-${n % 40}.el9_${n % 5}`,
};
const atLeastOf = (ecosystem: string): number => (ecosystem === 'npm' ? 1_000_000 : 200_000);

/**
 * Versions compared by the rules of their ecosystem, each pair read anew from its text, against
 * JavaScript's own comparison that takes runs of digits for numbers.
 */
export const versions: Figure = {
  name: 'versions',
  async measure(ground) {
    const measured: Measured[] = [];
    for (const [ecosystem, write] of Object.entries(writers)) {
      const texts = Array.from({ length: pairs + 1 }, (_, n) => write(n * 7919));
      const round = await takingTurns(rounds, {
        ours: async () => perSecond(() => ordered(ecosystem, texts)),
        baseline: async () => perSecond(() => collated(texts)),
      });
      const least = atLeastOf(ecosystem);
      ground.say(`  ${ecosystem}: ${Math.round(round.value).toLocaleString('en')} a second`);
      measured.push({
        ...round,
        name: `versions ${ecosystem}`,
        says: `pairs of versions of ${ecosystem} read and compared, against a comparison of text with numbers`,
        unit: 'per second',
        target: { of: 'value', atLeast: least },
      });
    }
    return measured;
  },
};

function perSecond(act: () => number): number {
  const from = performance.now();
  const later = act();
  const rate = (pairs * 1000) / (performance.now() - from);
  // An order in which nothing ever follows is none, and the loop must not be left out.
  if (later === 0 || later === pairs) throw new Error('nothing was compared');
  return rate;
}

function ordered(ecosystem: string, texts: readonly string[]): number {
  const scheme = schemeOf(ecosystem);
  if (!scheme) throw new Error(`versions of ${ecosystem} have no order`);
  let later = 0;
  for (let n = 0; n < pairs; n++) {
    const [a, b] = [scheme.read(texts[n] ?? ''), scheme.read(texts[n + 1] ?? '')];
    if (a === null || b === null) throw new Error(`${texts[n]} is no version of ${ecosystem}`);
    if (scheme.compare(a, b) > 0) later += 1;
  }
  return later;
}

const collator = new Intl.Collator('en', { numeric: true });

function collated(texts: readonly string[]): number {
  let later = 0;
  for (let n = 0; n < pairs; n++) {
    if (collator.compare(texts[n] ?? '', texts[n + 1] ?? '') > 0) later += 1;
  }
  return later;
}
