import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import { migrate } from './migrate.ts';

const { pool } = await testDatabase();
let root = '';

async function files(texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

const columns = async () =>
  (
    await pool.query<{ column_name: string }>(
      `select column_name from information_schema.columns where table_name = 'sample' order by ordinal_position`,
    )
  ).rows.map(({ column_name }) => column_name);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kept-migrate-'));
  await pool.query('drop table if exists migration, sample');
  await files({
    'registers/things/migrations/0001_sample.sql': `create table sample (a text default 'it''s; so')\n-- and no more`,
    'platform/migrations/0001_b.sql': 'alter table sample add b int; -- the second\n',
    'clauses/first/migrations/0001_c.sql': 'alter table sample add c int;',
  });
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('every file runs once, in its order, while somebody else may do something', async () => {
  let waited = 0;
  expect(await migrate(pool, root, () => (waited += 1))).toEqual({ applied: 3, total: 3 });
  expect(await columns()).toEqual(['a', 'b', 'c']);
  expect(await migrate(pool, root)).toEqual({ applied: 0, total: 3 });
  expect(waited).toBe(1);
});

test('one that fails is named and leaves nothing, and those before it stay', async () => {
  await files({
    'platform/migrations/0001_b.sql': 'alter table sample add b int; alter table sample add a int;',
  });
  await expect(migrate(pool, root)).rejects.toMatchObject({
    message: 'migration platform/0001_b.sql failed',
    cause: { code: '42701' },
  });
  expect(await columns()).toEqual(['a']);
  await files({ 'platform/migrations/0001_b.sql': 'alter table sample add b int;' });
  expect(await migrate(pool, root)).toEqual({ applied: 2, total: 3 });
  expect(await columns()).toEqual(['a', 'b', 'c']);
});

test('a file that was changed after it ran, or is not known here, is refused', async () => {
  await migrate(pool, root);
  await files({ 'platform/migrations/0001_b.sql': 'alter table sample add b bigint;' });
  await expect(migrate(pool, root)).rejects.toMatchObject({ reason: 'otherVersion' });
  await rm(join(root, 'platform/migrations'), { recursive: true });
  await expect(migrate(pool, root)).rejects.toMatchObject({ reason: 'newer' });
});
