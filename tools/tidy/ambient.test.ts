import { describe, expect, it } from 'vitest';
import { ambient } from './ambient.ts';
import { objectionsOf } from './fixture.ts';

const judge = (text: string, path = 'src/clauses/access/flow.ts') =>
  objectionsOf(ambient, { [path]: text });

describe('ambient clock, chance and environment', () => {
  it.each([
    'Date.now()',
    'new Date()',
    'Date()',
    'Temporal.Now.instant()',
    'performance.now()',
    'Math.random()',
    'crypto.randomUUID()',
    'globalThis.crypto.getRandomValues(bytes)',
    'process.env.KEPT_PORT',
    `process['env']`,
    `import { randomBytes } from 'node:crypto';`,
    `import { env } from 'node:process';`,
  ])('objects to %s in a pure room, once', (text) => {
    expect(judge(text)).toHaveLength(1);
    expect(judge(text, 'src/sim/world.ts')).toHaveLength(1);
    expect(judge(text, 'src/policy/status.test.ts')).toHaveLength(1);
  });

  it.each([
    'src/platform/keys.ts',
    'src/server/main.ts',
    'src/cli/main.ts',
    'bench/main.ts',
    'vitest.config.ts',
  ])('leaves the edge alone: %s', (path) => {
    expect(judge('Date.now(); Math.random(); process.env.HOME', path)).toEqual([]);
  });

  it('leaves values alone', () => {
    expect(
      judge(
        `new Date(0); Temporal.Instant.from(at); createHash('sha256'); own.now(); Math.max(1, 2)`,
      ),
    ).toEqual([]);
    expect(judge(`import { createHash } from 'node:crypto';`)).toEqual([]);
  });

  it('lets the browser have its clock and its dice in one file each', () => {
    expect(judge('Date.now()', 'src/ui/clock.ts')).toEqual([]);
    expect(judge('crypto.getRandomValues(b)', 'src/ui/chance.ts')).toEqual([]);
    expect(judge('Math.random()', 'src/ui/clock.ts')).toHaveLength(1);
    expect(judge('Date.now()', 'src/ui/List.tsx')).toHaveLength(1);
    expect(judge('new Date()', 'src/clauses/access/page.tsx')).toHaveLength(1);
  });
});
