import { describe, expect, it } from 'vitest';
import { houseOf } from './house.ts';
import { inspect } from './inspect.ts';
import { RULES } from './rules.ts';

describe('an inspection', () => {
  it('fails when it saw no files', () => {
    expect(inspect(houseOf({}), RULES).lines).toEqual(['.:1 tidy saw no source files']);
    expect(inspect(houseOf({ 'README.md': '# Kept' }), RULES).lines).toEqual([
      '.:1 tidy saw no source files',
    ]);
  });

  it('fails when there are tables to see and none is seen', () => {
    const house = houseOf({
      'src/kernel/a.ts': 'const f = () => 1;',
      'src/registers/people/migrations/0001.sql': '-- later',
    });
    expect(inspect(house, RULES).lines).toEqual([
      '.:1 tidy saw no tables, though there are files that hold them',
    ]);
  });

  it('prints findings as path, line, rule and message, in order, and sums what was covered', () => {
    const house = houseOf({
      'src/policy/b.ts': 'const f = () => 1;\nexport const at: any = Date.now();',
      'src/kernel/a.ts': `import { b } from '../policy/b.ts';`,
    });
    const { lines, covered } = inspect(house, RULES);
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'src/kernel/a.ts:1 imports',
      'src/policy/b.ts:2 ambient',
      'src/policy/b.ts:2 types',
    ]);
    expect(covered).toMatchObject({ sources: 2, imports: 1, functions: 1 });
  });

  it('fails on a file that cannot be parsed', () => {
    expect(
      inspect(houseOf({ 'src/kernel/a.ts': 'const = 1; const f = () => 1;' }), RULES).lines.join(),
    ).toContain('src/kernel/a.ts:1 syntax');
  });
});
