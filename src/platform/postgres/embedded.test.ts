import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { endAbandoned } from './abandoned.ts';
import { type Embedded, type EmbeddedOptions, startEmbedded } from './embedded.ts';
import { PostgresFault } from './fault.ts';
import { readPostmasterFile } from './postmaster.ts';
import { isRunning } from './process.ts';

const folders: string[] = [];
const running: Embedded[] = [];
const children: ChildProcess[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kept-embedded-'));
  folders.push(folder);
  return folder;
}

/** These tests end processes, not machines: what the system has taken is safe without a sync. */
const quick = { parameters: { fsync: 'off' } };

async function start(folder: string, options: EmbeddedOptions = quick): Promise<Embedded> {
  const embedded = await startEmbedded(folder, options);
  running.push(embedded);
  return embedded;
}

/** Starts PostgreSQL from a process of its own, which can then be killed. */
async function startElsewhere(folder: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'embedded.fixture.ts'), folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { child, url: line.toString().trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function ask<Row extends object>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) await kill(child);
  for (const embedded of running.splice(0)) await embedded.stop();
  await endAbandoned(tmpdir(), 'kept-embedded-');
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('the PostgreSQL that ships with Kept', { timeout: 60_000 }, () => {
  it('keeps what it was given over a clean stop, and a second start is quick', async () => {
    const folder = await newFolder();
    const first = await start(folder);
    await ask(first.url, "create table kept_word as select 'given' as word");
    await first.stop();
    expect(await readPostmasterFile(join(folder, 'postgres'))).toBeNull();

    const tookMs: number[] = [];
    for (const _ of ['a second time', 'a third', 'a fourth']) {
      const begunMs = performance.now();
      const again = await start(folder);
      tookMs.push(performance.now() - begunMs);
      expect(await ask(again.url, 'select word from kept_word')).toEqual([{ word: 'given' }]);
      await again.stop();
    }
    // The quickest: a busy machine is not what is measured.
    expect(Math.min(...tookMs)).toBeLessThan(1_000);
  });

  it('may be stopped twice, and says when it has ended', async () => {
    const embedded = await start(await newFolder());
    await embedded.stop();
    await embedded.stop();
    await embedded.ended;
    expect(
      await startEmbedded(folders[0] ?? '', quick).then((again) => again.stop()),
    ).toBeUndefined();
  });

  it('acknowledges nothing that is not on disk, checks its pages and speaks UTF-8 and UTC', async () => {
    const { url } = await start(await newFolder(), {});
    const settings = await ask(
      url,
      `select name, setting from pg_settings where name in
        ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding', 'TimeZone', 'jit')
        order by name collate "C"`,
    );
    expect(settings.map(Object.values)).toEqual([
      ['TimeZone', 'UTC'],
      ['data_checksums', 'on'],
      ['fsync', 'on'],
      ['full_page_writes', 'on'],
      ['jit', 'off'],
      ['server_encoding', 'UTF8'],
      ['synchronous_commit', 'on'],
    ]);
  });

  it('lets nobody in without its password, which only its account can read', async () => {
    const folder = await newFolder();
    const { url } = await start(folder);
    await expect(ask(url.replace(/:[^:@/]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
      /password authentication failed/,
    );
    expect((await stat(join(folder, 'postgres', 'kept.password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'postgres'))).mode & 0o777).toBe(0o700);
    expect((await stat(folder)).mode & 0o007).toBe(0);
  });

  it('is taken over by the next start after its Kept was killed', async () => {
    const folder = await newFolder();
    const { child, url } = await startElsewhere(folder);
    await ask(url, 'create table acknowledged as select 1 as n');
    const before = await readPostmasterFile(join(folder, 'postgres'));
    await kill(child);

    const next = await start(folder);
    expect(next.adopted).toBe(true);
    expect(await ask(next.url, 'select n from acknowledged')).toEqual([{ n: 1 }]);
    await next.stop();
    expect(isRunning(before?.pid ?? 0)).toBe(false);
  });

  it('recovers by itself after it was killed together with its Kept', async () => {
    const folder = await newFolder();
    const { child, url } = await startElsewhere(folder);
    await ask(url, 'create table acknowledged as select 1 as n');
    const file = await readPostmasterFile(join(folder, 'postgres'));
    await kill(child);
    process.kill(file?.pid ?? 0, 'SIGKILL');

    const next = await start(folder);
    expect(next.adopted).toBe(false);
    expect(await ask(next.url, 'select n from acknowledged')).toEqual([{ n: 1 }]);
    expect(await readFile(join(folder, 'postgres.log'), 'utf8')).toContain(
      'database system was not properly shut down',
    );
  });

  it('is not misled by a postmaster.pid whose number another program has', async () => {
    const folder = await newFolder();
    await (await start(folder)).stop();
    const stale = [
      process.pid,
      join(folder, 'postgres'),
      1,
      5432,
      join(folder, 'postgres'),
      '',
      '',
      'ready',
      '',
    ];
    await writeFile(join(folder, 'postgres', 'postmaster.pid'), stale.join('\n'));
    const next = await start(folder);
    expect(next.adopted).toBe(false);
    expect(await ask(next.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('listens on the loopback where the path of a socket would be too long', async () => {
    const folder = join(await newFolder(), 'a'.repeat(100));
    const { url } = await start(folder);
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect(await ask(url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('serves one Kept at a time', async () => {
    const folder = await newFolder();
    const { child } = await startElsewhere(folder);
    const refused = await startEmbedded(folder, quick).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PostgresFault);
    expect(refused).toMatchObject({
      reason: 'folderBusy',
      message: expect.stringContaining(`process ${child.pid}`),
    });
  });

  it('is ended, with its folder, where nobody will start on it again', async () => {
    const folder = await newFolder();
    const { child } = await startElsewhere(folder);
    const file = await readPostmasterFile(join(folder, 'postgres'));
    expect(await endAbandoned(tmpdir(), 'kept-embedded-')).toBe(0);
    await kill(child);
    expect(await endAbandoned(tmpdir(), 'kept-embedded-')).toBe(1);
    expect(isRunning(file?.pid ?? 0)).toBe(false);
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('takes a cluster whose files a restore has given to whoever restored them', async () => {
    const folder = await newFolder();
    await (await start(folder)).stop();
    const [uid = 0, gid = 0] = [process.getuid?.(), process.getgid?.()];
    for (const name of ['', ...(await readdir(join(folder, 'postgres'), { recursive: true }))]) {
      await chown(join(folder, 'postgres', name), uid, gid);
    }
    const { url } = await start(folder);
    expect(await ask(url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('leaves nothing behind of a start that was killed half-way', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'postgres.new', 'base'), { recursive: true });
    await writeFile(join(folder, 'postgres.new', 'PG_VERSION'), '18');
    await writeFile(join(folder, 'postgres.password.new'), 'half');
    const { url } = await start(folder);
    expect(await ask(url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it.each([
    [
      'folderUnwritable',
      'a file stands in its place',
      (folder: string) => writeFile(join(folder, 'here'), ''),
    ],
    [
      'otherVersion',
      'another version made the cluster',
      async (folder: string) => {
        await mkdir(join(folder, 'here', 'postgres'), { recursive: true });
        await writeFile(join(folder, 'here', 'postgres', 'PG_VERSION'), '14\n');
      },
    ],
  ])('says %s in one line where %s', async (reason, _, prepare) => {
    const folder = await newFolder();
    await prepare(folder);
    const refused = (await startEmbedded(join(folder, 'here')).catch(
      (error: unknown) => error,
    )) as PostgresFault;
    expect(refused).toBeInstanceOf(PostgresFault);
    expect(refused.reason).toBe(reason);
    expect(refused.message).not.toContain('\n');
  });
});
