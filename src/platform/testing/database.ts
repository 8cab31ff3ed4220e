import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { type Database, openDatabase } from '../postgres/database.ts';
import { databaseUrl } from './postgres.ts';

/**
 * A migrated, empty database of this test file's own: a clone of the run's template. Call it at the
 * top of a file or in `beforeAll`; it is dropped when closed, and with the run at the latest.
 *
 * `url` is for those who open connections themselves (a server under test, pg-boss).
 */
export async function testDatabase(): Promise<Database & { readonly url: string }> {
  const { url, template } = inject('postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(url, `create database ${name} template ${template}`);
  const own = databaseUrl(url, name);
  const database = openDatabase(own, 10);
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await database.close();
    await onServer(url, `drop database if exists ${name} with (force)`);
  };
  const once = (): Promise<void> => (closing ??= close());
  afterAll(once);
  return { ...database, url: own, close: once };
}

async function onServer(url: string, statement: string): Promise<void> {
  const server = openDatabase(url, 1);
  try {
    await server.pool.query(statement);
  } finally {
    await server.close();
  }
}
