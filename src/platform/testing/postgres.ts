import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { endAbandoned } from '../postgres/abandoned.ts';
import { openDatabase } from '../postgres/database.ts';
import { type Embedded, startEmbedded } from '../postgres/embedded.ts';
import { migrate } from '../postgres/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection URL of the run's PostgreSQL; `template` is the migrated database to clone. */
    readonly postgres: { readonly url: string; readonly template: string };
  }
}

const source = join(import.meta.dirname, '..', '..');
const cache = join(source, '..', 'node_modules', '.cache', 'kept', 'postgres-18');
const prefix = 'kept-test-';
const template = 'kept_template';

/** A test run may be killed and begun again: nothing in it needs to outlive a crash. */
const fast = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
  autovacuum: 'off',
};

/**
 * Vitest's globalSetup: one PostgreSQL for the run in a folder of its own, with every migration
 * applied once to a template that `testDatabase` clones. Ended, with its folder, after the run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await endAbandoned(tmpdir(), prefix);
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await copyCachedCluster(folder);
  const embedded = await startEmbedded(folder, { parameters: fast });
  const end = async (): Promise<void> => {
    await embedded.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await makeTemplate(embedded);
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('postgres', { url: embedded.url, template });
  return end;
}

async function makeTemplate(embedded: Embedded): Promise<void> {
  const home = openDatabase(embedded.url, 1);
  await home.pool.query(`create database ${template}`);
  await home.close();
  const empty = openDatabase(databaseUrl(embedded.url, template), 2);
  try {
    await migrate(empty.pool, source);
  } finally {
    await empty.close();
  }
}

/** The same server, another database. */
export function databaseUrl(url: string, name: string): string {
  return url.replace(/\/[a-z0-9_]+(?=\?|$)/, `/${name}`);
}

/**
 * Making a cluster takes a second, copying one a tenth. The cached one was stopped cleanly and has
 * never been run since; it is renamed into its place whole.
 */
async function copyCachedCluster(folder: string): Promise<void> {
  const cached = await readdir(cache).catch(() => null);
  if (!cached) await fillCache();
  await cp(cache, join(folder, 'postgres'), { recursive: true });
  await chmod(join(folder, 'postgres'), 0o700);
}

async function fillCache(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const embedded = await startEmbedded(folder, { parameters: fast });
  await embedded.stop();
  const whole = `${cache}.${process.pid}`;
  await mkdir(join(cache, '..'), { recursive: true });
  await rm(whole, { recursive: true, force: true });
  await cp(join(folder, 'postgres'), whole, { recursive: true });
  // Another run that was quicker is as good.
  await rename(whole, cache).catch(() => rm(whole, { recursive: true, force: true }));
  await rm(folder, { recursive: true, force: true });
}
