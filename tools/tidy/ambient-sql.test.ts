import { describe, expect, it } from 'vitest';
import { ambientSql } from './ambient-sql.ts';
import { objectionsOf } from './fixture.ts';

describe('ambient SQL', () => {
  it.each([
    'now()',
    'NOW ()',
    'current_timestamp',
    'gen_random_uuid()',
    'random()',
    'uuidv7()',
    'clock_timestamp()',
  ])('objects to %s in a tag, in a statement and in a file', (read) => {
    expect(
      objectionsOf(ambientSql, { 'src/server/a.ts': `const q = sql\`due_at <= ${read}\`;` }),
    ).toHaveLength(1);
    expect(
      objectionsOf(ambientSql, { 'src/server/a.ts': `client.query('select ${read} from task')` }),
    ).toHaveLength(1);
    expect(
      objectionsOf(ambientSql, {
        'src/platform/migrations/0001.sql': `create table a (at x default ${read});`,
      }),
    ).toHaveLength(1);
  });

  it('names the line inside a long query', () => {
    const text = 'const q = sql`\n  select 1\n  from task\n  where due_at < now()`;';
    expect(objectionsOf(ambientSql, { 'src/server/a.ts': text })[0]).toMatch(
      /^src\/server\/a\.ts:4 now\(\)/,
    );
  });

  it('leaves parameters, comments and plain words alone', () => {
    const text =
      'const q = sql`select ${now}::timestamptz -- not now()`; const say = `now() and then`; const at = now();';
    expect(
      objectionsOf(ambientSql, {
        'src/server/a.ts': text,
        'src/x.sql': '-- now() is not used\n/* random() */ select 1;',
      }),
    ).toEqual([]);
  });

  it('leaves the baselines of bench/ alone', () => {
    expect(
      objectionsOf(ambientSql, {
        'bench/raw.ts': 'sql`select random()`',
        'bench/raw.sql': 'select now()',
      }),
    ).toEqual([]);
  });
});
