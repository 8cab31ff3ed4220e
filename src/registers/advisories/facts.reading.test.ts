import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readExploited } from '../../advisories/exploited.ts';
import { readPredictions } from '../../advisories/predictions.ts';
import { adviceOf, readAdvisory } from './facts.reading.ts';

const least = { id: 'OSV-1', modified: '2026-01-01T00:00:00Z' };
const read = (more: object) => adviceOf({ ...least, ...more });
const taken = (more: object) => {
  const found = read(more);
  if (!('advisory' in found)) throw new Error(found.reason);
  return found.advisory;
};

describe('an advisory that is read', () => {
  test('keeps its severities side by side, and the newest vector for its own', () => {
    const v3 = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
    const v4 = 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N';
    const advisory = taken({
      severity: [{ type: 'CVSS_V3', score: v3 }],
      affected: [
        {
          package: { ecosystem: 'npm', name: 'a' },
          severity: [{ type: 'CVSS_V4', score: v4 }],
        },
      ],
      database_specific: { severity: 'MODERATE' },
    });
    expect(advisory.severities).toEqual([
      { type: 'CVSS_V3', score: v3 },
      { type: 'CVSS_V4', score: v4, package: 'a' },
      { type: 'WORD', score: 'MODERATE' },
    ]);
    expect(advisory).toMatchObject({ vector: v4, severity: 'medium' });
  });

  test('has names that are others than its own, each once; what is akin is no name', () => {
    const { aliases, related } = taken({
      aliases: ['CVE-2026-1', ' CVE-2026-1 ', 'OSV-1', ''],
      upstream: ['CVE-2026-2'],
      related: ['CVE-2026-3'],
    });
    expect(aliases).toEqual(['CVE-2026-1']);
    expect(related).toEqual(['CVE-2026-3', 'CVE-2026-2']);
  });

  test('is known by when it was modified, to the microsecond, in any zone', () => {
    expect(taken({ modified: '2026-01-01T09:00:00.1234567+09:00' }).modified).toBe(
      '2026-01-01T00:00:00.123456Z',
    );
  });

  test.each([
    [{ id: '' }, 'id'],
    [{ modified: 'yesterday' }, 'modified'],
    [{ modified: '2026-02-30T00:00:00Z' }, 'modified'],
    [
      { affected: [{ ranges: [{ type: 'SEMVER', events: [{ begun: '0' }] }] }] },
      'affected.0.ranges',
    ],
    [{ aliases: Array.from({ length: 201 }, (_, n) => `CVE-2026-${n}`) }, 'aliases'],
    [{ aliases: 'CVE-2026-1' }, 'aliases'],
    [{ summary: 'half of \ud83d' }, 'characters'],
    [{ details: 'a\u0000b' }, 'characters'],
  ])('is set aside with its reason where it is malformed, case %#', (more, reason) => {
    const found = read(more);
    expect('reason' in found && found.reason).toContain(reason);
  });

  test('may speak of backslashes and of escapes without having them', () => {
    expect(taken({ details: 'write \\u0000 to end' }).details).toBe('write \\u0000 to end');
    expect(taken({ details: `${'x'.repeat(99_999)}😀` }).details.isWellFormed()).toBe(true);
  });

  test('nested as deep as may be is read or set aside', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = `{"id":"OSV-1","modified":"2026-01-01T00:00:00Z","database_specific":{"a":${deep}}}`;
    expect(Object.keys(readAdvisory(text))).toHaveLength(1);
    expect(readAdvisory(deep)).toHaveProperty('reason');
  });
});

const text = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('npm', 'PyPI', 'a-b_c.d', '0', '1.2', '1.2.3-rc.1', '*'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
/** What should be so most of the time, and is something else now and then. */
const mostly = <T>(so: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 30, arbitrary: so as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown> },
  );
const event = fc.oneof(
  fc.record({ introduced: text }),
  fc.record({ fixed: text }),
  fc.record({ last_affected: text }),
  fc.record({ limit: text }),
);
const some = <T>(so: fc.Arbitrary<T>) => mostly(fc.array(so, { maxLength: 3 }));
const severity = fc.record({ type: fc.constantFrom('CVSS_V3', 'CVSS_V4', 'X'), score: text });
const affected = fc.record({
  package: mostly(fc.record({ ecosystem: text, name: text })),
  ranges: some(
    fc.record({ type: fc.constantFrom('SEMVER', 'ECOSYSTEM', 'GIT'), events: some(event) }),
  ),
  versions: some(text),
  severity: some(severity),
});
const moment = mostly(fc.constantFrom(least.modified, '2026-02-01T00:00:00.5+09:00'));
/** Values shaped more or less like advisories. */
const advisoryLike = fc.record(
  {
    id: mostly(fc.string({ minLength: 1, maxLength: 20 })),
    modified: moment,
    withdrawn: moment,
    aliases: some(text),
    summary: mostly(text),
    affected: some(affected),
    severity: some(severity),
    database_specific: mostly(fc.record({ severity: text })),
  },
  { requiredKeys: ['id', 'modified'] },
);

const runs = 3_000;

describe('whatever a stranger sends', () => {
  test('is an advisory that can be kept, or a reason', () => {
    let advisories = 0;
    fc.assert(
      fc.property(advisoryLike, (value) => {
        const found = readAdvisory(JSON.stringify(value));
        if ('reason' in found) {
          expect(found.reason.length).toBeLessThanOrEqual(300);
          return;
        }
        advisories += 1;
        const kept = JSON.stringify(found.advisory);
        expect(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(kept)).toBe(false);
        expect(String(Temporal.Instant.from(found.advisory.modified))).toBeTypeOf('string');
        expect(found.advisory.score === null || found.advisory.score <= 10).toBe(true);
      }),
      { numRuns: runs },
    );
    expect(advisories).toBeGreaterThan(runs / 10);
  }, 60_000);

  test('is, as text, never anything but read or set aside', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.constantFrom('', '{', '[[[['),
    );
    fc.assert(
      fc.property(any, (one) => {
        expect(Object.keys(readAdvisory(one))).toHaveLength(1);
        for (const reading of [readExploited, readPredictions]) {
          try {
            reading(one);
          } catch (error) {
            expect((error as Error).name).toBe('CatalogueFault');
          }
        }
      }),
      { numRuns: runs },
    );
  }, 60_000);
});
