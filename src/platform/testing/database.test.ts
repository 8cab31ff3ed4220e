import { beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../postgres/database.ts';
import { testDatabase } from './database.ts';

const database = await testDatabase();

test('a test file has a migrated database of its own', async () => {
  const { rows } = await database.pool.query<{ name: string }>('select current_database() as name');
  expect(rows[0]?.name).toMatch(/^test_/);
  const migrated = await database.pool.query<{ rooms: number }>(
    'select count(distinct room) as rooms from migration',
  );
  expect(migrated.rows[0]?.rooms).toBeGreaterThan(3);
});

describe('a second database', () => {
  let second: Awaited<ReturnType<typeof testDatabase>>;
  beforeAll(async () => {
    second = await testDatabase();
  });

  test('shares nothing with the first, and is gone once closed', async () => {
    await database.pool.query('create table mine (a integer)');
    await expect(second.pool.query('select from mine')).rejects.toThrow(/does not exist/);
    await second.close();
    const late = openDatabase(second.url, 1);
    await expect(late.pool.query('select 1')).rejects.toThrow(/does not exist/);
    await late.close();
  });
});
