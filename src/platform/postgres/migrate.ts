import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { Fault } from '../../kernel/fault.ts';
import { PostgresFault } from './fault.ts';

interface Migration {
  readonly room: string;
  readonly name: string;
  readonly sql: string;
  readonly digest: string;
}

/** Held while migrating, so that nodes that start at once do it once. */
const migrationLock = 0x6b657074;

/**
 * Brings the database to this version: registers first, then platform, then clauses, each room's
 * files in the order of their numbers. Every file runs once, in one transaction with its record.
 *
 * @param onWait called when PostgreSQL has all that is to run: there is time until it is done
 * @returns how many ran now, and how many the database has had in all
 * @throws PostgresFault `newer` where the database is of a newer Kept, `otherVersion` where a file
 *   that has run was edited
 */
export async function migrate(
  pool: pg.Pool,
  root: string,
  onWait: () => void = () => undefined,
): Promise<{ applied: number; total: number }> {
  const migrations = await readMigrations(root);
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const pending = await pendingOf(client, migrations);
    const applying = applyAll(client, pending);
    onWait();
    await applying;
    return { applied: pending.length, total: migrations.length };
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    client.release();
  }
}

/** Whether the database has had exactly `total` migrations: another node may have moved it on. */
export async function isMigrated(pool: pg.Pool, total: number): Promise<boolean> {
  const { rows } = await pool.query<{ n: number }>('select count(*) as n from migration');
  return rows[0]?.n === total;
}

/** All of them in one message, each in a transaction of its own; PostgreSQL stops where one fails. */
async function applyAll(client: pg.PoolClient, pending: readonly Migration[]): Promise<void> {
  if (pending.length === 0) return;
  try {
    await client.query(pending.map(transactionOf).join('\n'));
  } catch (cause) {
    await client.query('rollback');
    const { rows } = await client.query<{ room: string; name: string }>(recorded);
    const ran = new Set(rows.map(({ room, name }) => `${room}/${name}`));
    const failed = pending.find(({ room, name }) => !ran.has(`${room}/${name}`));
    throw new Fault(`migration ${failed?.room}/${failed?.name} failed`, {
      cause,
      retryable: false,
    });
  }
}

const recorded = 'select room, name, digest from migration';

function transactionOf({ room, name, digest, sql }: Migration): string {
  const record = [room, name, digest].map((word) => pg.escapeLiteral(word)).join(', ');
  // On lines of their own: a file may end in a comment.
  return `begin;\n${sql}\n;\ninsert into migration (room, name, digest) values (${record});\ncommit;`;
}

async function pendingOf(
  client: pg.PoolClient,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  await client.query(
    `create table if not exists migration
       (room text not null, name text not null, digest text not null, primary key (room, name))`,
  );
  const { rows } = await client.query<{ room: string; name: string; digest: string }>(recorded);
  const applied = new Map(rows.map((row) => [`${row.room}/${row.name}`, row.digest]));
  for (const migration of migrations) {
    const digest = applied.get(`${migration.room}/${migration.name}`);
    applied.delete(`${migration.room}/${migration.name}`);
    if (digest && digest !== migration.digest) {
      throw new PostgresFault(
        'otherVersion',
        `migration ${migration.room}/${migration.name} was changed after it ran; add a new one instead`,
      );
    }
  }
  const [newer] = applied.keys();
  if (newer) {
    throw new PostgresFault(
      'newer',
      `the database is of a newer version of Kept (it has ${newer}); start that version or restore a backup`,
    );
  }
  const ran = new Set(rows.map((row) => `${row.room}/${row.name}`));
  return migrations.filter((migration) => !ran.has(`${migration.room}/${migration.name}`));
}

/** Registers whose tables others point to come first; the rest in the order of their names. */
const registerOrder = ['people', 'systems', 'accounts'];

async function readMigrations(root: string): Promise<Migration[]> {
  const registers = await foldersOf(join(root, 'registers'));
  const first = registerOrder.filter((name) => registers.includes(name));
  const rooms = [
    ...first.map((name) => `registers/${name}`),
    ...registers.filter((name) => !first.includes(name)).map((name) => `registers/${name}`),
    'platform',
    ...(await foldersOf(join(root, 'clauses'))).map((name) => `clauses/${name}`),
  ];
  const found: Migration[] = [];
  for (const room of rooms) {
    const folder = join(root, room, 'migrations');
    for (const name of await sqlFilesOf(folder)) {
      const sql = await readFile(join(folder, name), 'utf8');
      found.push({ room, name, sql, digest: createHash('sha256').update(sql).digest('hex') });
    }
  }
  return found;
}

async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function sqlFilesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
