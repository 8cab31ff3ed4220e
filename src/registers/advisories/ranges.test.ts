import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readableRanges } from './ranges.ts';

const semver = (...events: { introduced?: string; fixed?: string; last_affected?: string }[]) => ({
  ranges: [{ type: 'SEMVER' as const, events: events as { introduced: string }[] }],
});

describe('readable ranges', () => {
  test.each([
    ['a fix', semver({ introduced: '4.0.0' }, { fixed: '4.17.21' }), [['4.0.0', '4.17.21', null]]],
    ['from the beginning', semver({ introduced: '0' }, { fixed: '2.0' }), [[null, '2.0', null]]],
    ['no end yet', semver({ introduced: '1.0' }), [['1.0', null, null]]],
    ['a last one', semver({ introduced: '0' }, { last_affected: '3.1' }), [[null, null, '3.1']]],
    [
      'two stretches',
      semver({ introduced: '1.0' }, { fixed: '1.5' }, { introduced: '2.0' }, { fixed: '2.1' }),
      [
        ['1.0', '1.5', null],
        ['2.0', '2.1', null],
      ],
    ],
    ['an end alone', semver({ fixed: '2.0' }), [[null, '2.0', null]]],
  ])('%s', (_, affected, expected) => {
    const { stretches } = readableRanges(affected);
    expect(stretches.map(({ from, before, upTo }) => [from, before, upTo])).toEqual(expected);
  });

  test('commits are said and not shown, listed versions are counted', () => {
    const read = readableRanges({
      ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }],
      versions: Array.from({ length: 30 }, (_, n) => `1.${n}`),
    });
    expect(read).toMatchObject({ stretches: [], hasCommits: true, versionCount: 30 });
    expect(read.versions).toHaveLength(12);
  });

  test('whatever the events, every end is said', () => {
    const version = fc.stringMatching(/^\d\.\d$/);
    const event = fc.oneof(
      version.map((introduced) => ({ introduced })),
      version.map((fixed) => ({ fixed })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const { stretches } = readableRanges({ ranges: [{ type: 'ECOSYSTEM', events }] });
        const fixes = events.flatMap((each) => ('fixed' in each ? [each.fixed] : []));
        expect(stretches.flatMap(({ before }) => before ?? [])).toEqual(fixes);
      }),
    );
  });
});
