import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAffected } from './affected.ts';
import type { OsvAffected, OsvEvent } from './osv.ts';

const affected = (
  ecosystem: string,
  events: readonly OsvEvent[],
  versions: readonly string[] = [],
  type: 'SEMVER' | 'ECOSYSTEM' | 'GIT' = 'ECOSYSTEM',
): OsvAffected => ({
  package: { ecosystem, name: 'example' },
  ranges: [{ type, events: [...events] }],
  versions: [...versions],
});

describe('versions that an advisory affects', () => {
  it.each([
    ['from the beginning', [{ introduced: '0' }, { fixed: '1.2.0' }], '0.0.1-alpha', true],
    ['up to the fix, not with it', [{ introduced: '0' }, { fixed: '1.2.0' }], '1.2.0', false],
    ['a prerelease of the fix', [{ introduced: '0' }, { fixed: '1.2.0' }], '1.2.0-rc.1', true],
    [
      'the last affected, with it',
      [{ introduced: '1.0.0' }, { last_affected: '1.2.0' }],
      '1.2.0',
      true,
    ],
    [
      'behind the last affected',
      [{ introduced: '1.0.0' }, { last_affected: '1.2.0' }],
      '1.2.1',
      false,
    ],
    ['for ever, without a fix', [{ introduced: '1.0.0' }], '99.0.0', true],
    [
      'again, introduced a second time',
      [{ fixed: '1.2.0' }, { introduced: '2.0.0' }, { introduced: '0' }, { fixed: '2.1.0' }],
      '2.0.5',
      true,
    ],
    [
      'not between, whatever the order of the events',
      [{ fixed: '1.2.0' }, { introduced: '2.0.0' }, { introduced: '0' }, { fixed: '2.1.0' }],
      '1.5.0',
      false,
    ],
    ['below a limit alone', [{ introduced: '0' }, { limit: '1.0.0' }], '1.0.0', false],
    ['without a limit by an asterisk', [{ introduced: '0' }, { limit: '*' }], '1.0.0', true],
  ] as const)('%s', (_, events, version, expected) => {
    expect(readAffected(affected('npm', events, [], 'SEMVER')).includes(version)).toBe(expected);
  });

  it('are also those listed, however they are written', () => {
    const versions = readAffected({
      package: { ecosystem: 'PyPI', name: 'example' },
      versions: ['2.7', '2.6.post1'],
    });
    expect(versions.includes('2.7.0')).toBe(true);
    expect(versions.includes('2.6-1')).toBe(true);
    expect(versions.includes('2.6')).toBe(false);
  });

  it('are none of a range of commits: a repository alone could tell', () => {
    const versions = readAffected(affected('Go', [{ introduced: '0' }], ['v1.0.0'], 'GIT'));
    expect(versions.includes('v1.0.1')).toBe(false);
    expect(versions.includes('v1.0.0')).toBe(true);
  });

  it('are only the listed ones where the order of the ecosystem is not known', () => {
    const versions = readAffected(affected('Hackage', [{ introduced: '0' }], ['1.0']));
    expect([versions.includes('1.0'), versions.includes('1.1')]).toEqual([true, false]);
  });

  it('are put right in the fixes, least first', () => {
    const versions = readAffected(
      affected('npm', [
        { introduced: '0' },
        { fixed: '1.10.0' },
        { introduced: '2.0.0' },
        { fixed: '2.0.3' },
      ]),
    );
    expect(versions.fixed).toEqual(['1.10.0', '2.0.3']);
  });

  it('do not depend on the order in which events are written', () => {
    const events: OsvEvent[] = [
      { introduced: '0' },
      { fixed: '1.1.0' },
      { introduced: '1.4.0' },
      { fixed: '1.6.0' },
      { introduced: '2.0.0' },
    ];
    const version = fc.tuple(fc.nat(3), fc.nat(9), fc.nat(3)).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: 5 }), version, (shuffled, one) => {
        expect(readAffected(affected('npm', shuffled)).includes(one)).toBe(
          readAffected(affected('npm', events)).includes(one),
        );
      }),
    );
  });
});
