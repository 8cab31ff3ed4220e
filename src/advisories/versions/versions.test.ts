import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemeOf } from './ecosystems.ts';
import type { Scheme } from './scheme.ts';

/** Each line rises; what stands between `=` is one version, otherwise written. */
const chains: Readonly<Record<string, readonly string[]>> = {
  npm: [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    'v1.0.0 = 1.0.0 = 1.0.0+build.5 = 1.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0-0',
    '2.0.0',
  ],
  Pub: ['1.0.0-dev', '1.0.0', '1.0.0+1', '1.0.0+2', '1.0.0+10', '1.0.1'],
  NuGet: ['1.0.0-Alpha = 1.0.0-alpha', '1.0.0-BETA', '1.0.0 = 1.0.0.0', '1.0.0.1', '1.0.1'],
  Go: [
    'v0.0.0-20190101000000-abcdefabcdef',
    'v0.0.0-20210817142637-7d9622a276b7',
    '0.0.1',
    'v1.2.3-pre.0.20190101000000-abcdefabcdef',
    'v1.2.3-rc.1',
    'v1.2.3',
    'v1.2.4-0.20190101000000-abcdefabcdef',
    'v1.2.4 = 1.2.4+incompatible',
    'go1.21rc2 = 1.21.0-rc.2',
    'go1.21 = 1.21.0',
    'go1.21.3',
  ],
  PyPI: [
    '0.9',
    '1.0.dev1 = 1.0-dev-1',
    '1.0.dev456',
    '1.0a1 = 1.0.alpha-1 = v1.0a1',
    '1.0a2.dev456',
    '1.0a12.dev456',
    '1.0a12',
    '1.0b1.dev456',
    '1.0b2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1.dev456',
    '1.0rc1 = 1.0c1 = 1.0pre1 = 1.0-preview_1',
    '1.0 = 1.0.0 = 1 = 1.0.0.0',
    '1.0+abc.5',
    '1.0+abc.7',
    '1.0+5',
    '1.0.post456.dev34',
    '1.0.post456 = 1.0-456 = 1.0rev456',
    '1.1.dev1',
    '2.7 = 2.7.0',
    '1!0.5',
  ],
  RubyGems: [
    '1.0.a',
    '1.0.a10',
    '1.0.b1',
    '1.0.pre = 1.0.0.pre',
    '1.0.rc1',
    '1 = 1.0 = 1.0.0',
    '1.8.2.a10',
    '1.8.2',
    '1.9',
    '1.10',
  ],
  Maven: [
    '1-alpha-1 = 1-a1 = 1.0.0-alpha-1',
    '1-beta-1',
    '1-milestone-1 = 1-m1',
    '1-rc-1 = 1-cr1',
    '1-SNAPSHOT',
    '1 = 1.0 = 1-ga = 1.0.0.Final = 1.0-release',
    '1-sp',
    '1-sp-1',
    '1-foo',
    '1-1',
    '1.0.1',
    '1.2',
    '1.10',
    '2.0.0-M1',
    '2.0.0',
  ],
  Packagist: [
    '1.0.0-alpha1 = 1.0.0a1',
    '1.0.0-beta1',
    '1.0.0-beta2',
    '1.0.0-RC1 = 1.0.0RC1',
    '1.0.0-dev',
    '1.0 = v1.0.0 = 1.0.0.0',
    '1.0.0-pl1 = 1.0.0-p1',
    '1.0.1',
    '1.9',
    '1.10',
  ],
  Debian: [
    '1.0~~',
    '1.0~rc1-1',
    '1.0-1~deb12u1',
    '1.0-1',
    '1.0-1+b1',
    '1.0-2',
    '1.0a-1',
    '1.0+dfsg-1',
    '1.2-1',
    '1.10-1',
    '1:0.1-1 = 1:0.1-01',
  ],
  Alpine: [
    '1.0_alpha1',
    '1.0_beta',
    '1.0_rc1-r0',
    '1.0_rc1-r3',
    '1.0 = 1.0-r0',
    '1.0-r1',
    '1.0_git20200101',
    '1.0_p1',
    '1.0a',
    '1.0.1',
    '1.02',
    '1.1',
    '1.10',
    '2.0',
  ],
  'Red Hat': [
    '1.0~rc1-1',
    '1.0-1',
    '1.0-1.el8_1',
    '1.0-2.el8',
    '1.0^git1-1',
    '1.0.1-1',
    '1.0.1.1-1',
    '2:0.5-1',
  ],
};

const schemes = Object.entries(chains).map(([ecosystem, chain]) => ({
  ecosystem,
  scheme: schemeOf(ecosystem) as Scheme,
  ranks: chain.flatMap((line, rank) =>
    line.split(' = ').map((text) => ({ rank, text, version: schemeOf(ecosystem)?.read(text) })),
  ),
}));

describe('versions of an ecosystem', () => {
  it.each(schemes)('of $ecosystem are read and ordered by its own rules', ({ scheme, ranks }) => {
    const wrong = ranks.flatMap((a) =>
      ranks
        .filter(
          (b) => Math.sign(scheme.compare(a.version, b.version)) !== Math.sign(a.rank - b.rank),
        )
        .map((b) => `${a.text} and ${b.text}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each(schemes)('of $ecosystem are in one order whatever is compared', (one) => {
    const { scheme, ranks, ecosystem } = one;
    // Maven's rules are no order at the edges: 1.0.0.rc-1 < 1 < 1-alphha-1 < 1.0.0.rc-1.
    const isOrder = ecosystem !== 'Maven';
    const seeds = ranks.map(({ text }) => text);
    const text = fc
      .tuple(fc.constantFrom(...seeds), fc.constantFrom(...seeds), fc.string({ maxLength: 6 }))
      .map(([a, b, tail]) => `${a.slice(0, 6)}${tail}${b.slice(-4)}`);
    const versions = fc
      .tuple(text, text, text)
      .map((texts) => texts.map((each) => scheme.read(each)));
    fc.assert(
      fc.property(versions, ([a, b, c]) => {
        if (a === null || b === null || c === null) return;
        const [ab, bc, ac] = [scheme.compare(a, b), scheme.compare(b, c), scheme.compare(a, c)];
        expect(Math.sign(scheme.compare(b, a)) + Math.sign(ab)).toBe(0);
        if (isOrder && ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('knows an ecosystem with its release, and says where it knows none', () => {
    expect(schemeOf('Debian:12')).toBe(schemeOf('Debian'));
    expect(schemeOf('Hackage')).toBeNull();
    expect(schemeOf('constructor')).toBeNull();
  });

  it.each([
    ['Go', '(devel)'],
    ['npm', 'latest'],
    ['npm', '1.2.x'],
    ['PyPI', '1.0.banana'],
    ['Debian', 'a b'],
    ['Packagist', 'dev-main'],
    ['Alpine', '1.0-beta'],
    ['Maven', ' '],
    ['RubyGems', '1.0 2'],
  ])('of %s: %s is none', (ecosystem, text) => {
    expect(schemeOf(ecosystem)?.read(text)).toBeNull();
  });

  it.each(Object.keys(chains))('of %s is read in a time that goes with its length', (ecosystem) => {
    const scheme = schemeOf(ecosystem);
    for (const piece of [' ', '1', '1.', '.', '-', '1-', 'a', '_', '_p', '+', '~', '\t', '0.0-'])
      for (const [before, after] of [
        ['', '!'],
        ['1', ' !'],
        ['1.0-', '/'],
      ])
        scheme?.read(`${before}${piece.repeat(100_000 / piece.length)}${after}`);
  });
});
