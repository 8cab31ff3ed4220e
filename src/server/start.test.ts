import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { createAuthorizer } from '../platform/authorization/authorizer.ts';
import { keysOf } from '../platform/keys.ts';
import { memoryKeystore } from '../platform/keystore/memory.ts';
import { memoryObjects } from '../platform/objects/memory.ts';
import { readSettings, type Settings } from '../platform/settings.ts';
import { testDatabase } from '../platform/testing/database.ts';
import { createWorld } from '../platform/world.ts';
import { exitCodeOf, exitCodes } from './fault.ts';
import type { Compose, Premises } from './premises.ts';
import { type Started, start } from './start.ts';

const folders: string[] = [];
const running: Started[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kept-start-'));
  folders.push(folder);
  return folder;
}

function settingsOf(env: Record<string, string>): Settings {
  const read = readSettings({ KEPT_PORT: '0', ...env }, '/');
  if (!read.ok) throw new Error(JSON.stringify(read.wrong));
  return read.settings;
}

/** A Kept that has nothing but an answer, and notes what it was handed and what became of it. */
function bare(
  answer: (request: Request) => Response | Promise<Response> = () => new Response('an answer'),
) {
  const seen: { premises?: Premises; life: string[] } = { life: [] };
  const compose: Compose = async (premises) => {
    seen.premises = premises;
    const world = createWorld({
      database: premises.database,
      keys: keysOf(new Uint8Array(32)),
      authorizer: createAuthorizer({}),
      effects: { enqueue: async () => undefined },
      objects: memoryObjects(() => Temporal.Instant.from('2026-01-05T00:00:00Z')),
      keystore: memoryKeystore((bytes) => new Uint8Array(bytes)),
      url: premises.url,
      now: () => Temporal.Instant.from('2026-01-05T00:00:00Z'),
      random: (bytes) => new Uint8Array(bytes),
    });
    return {
      world,
      answer,
      begin: async () => void seen.life.push('begun'),
      end: async () => {
        await premises.database.pool.query('select 1');
        seen.life.push('ended');
      },
    };
  };
  return { compose, seen };
}

/** On a database of the run's PostgreSQL: quick. */
async function startOn(
  databaseUrl: string,
  more: Record<string, string> = {},
  kept = bare(),
): Promise<Started> {
  const dataFolder = more['KEPT_DATA'] ?? (await newFolder());
  const settings = settingsOf({ KEPT_DATA: dataFolder, DATABASE_URL: databaseUrl, ...more });
  const started = await start(settings, { compose: kept.compose });
  running.push(started);
  return started;
}

/** What somebody reads who starts Kept in vain. */
async function refusalOf(starting: Promise<Started>): Promise<{ message: string; code: number }> {
  const answer = await starting.then(
    (started) => {
      running.push(started);
      return new Error('it started');
    },
    (error: unknown) => error as Error,
  );
  return { message: answer.message, code: exitCodeOf(answer) };
}

afterEach(async () => {
  for (const started of running.splice(0)) await started.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('start', { timeout: 60_000 }, () => {
  it('on an empty folder brings up everything, and a second time within two seconds', async () => {
    const folder = join(await newFolder(), 'new');
    const settings = settingsOf({ KEPT_DATA: folder });
    const first = await start(settings, { compose: bare().compose });
    expect((await stat(folder)).mode & 0o007).toBe(0);
    await first.stop();
    const tookMs: number[] = [];
    for (const _ of ['a second time', 'a third']) {
      const begunMs = performance.now();
      const again = await start(settings, { compose: bare().compose });
      tookMs.push(performance.now() - begunMs);
      await again.stop();
    }
    // The quicker: a busy machine is not what is measured.
    expect(Math.min(...tookMs)).toBeLessThan(2_000);
    const second = await start(settings, { compose: bare().compose });
    running.push(second);
    expect(await (await fetch(`${second.url}/anything`)).text()).toBe('an answer');
    expect(await (await fetch(`${second.url}/healthz`)).text()).toBe('alive\n');
    const ready = await fetch(`${second.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, database: 'reachable', migrations: 'current', ledger: 'current' },
    ]);
  });

  it('hands out a set-up link that opens once, while there is no organisation', async () => {
    const database = await testDatabase();
    const kept = bare();
    const started = await startOn(database.url, {}, kept);
    const token =
      /^http:\/\/localhost:\d+\/setup#(.{43})$/.exec(started.setupLink ?? '')?.[1] ?? '';
    const gate = kept.seen.premises?.setup;
    const now = Temporal.Now.instant();
    expect(gate?.accepts('another', now)).toBe(false);
    expect(gate?.accepts(token, now.add({ hours: 25 }))).toBe(false);
    expect(gate?.accepts(token, now)).toBe(true);
    expect([gate?.spend(token, now), gate?.spend(token, now), gate?.accepts(token, now)]).toEqual([
      true,
      false,
      false,
    ]);
    await started.stop();

    await database.pool.query(
      `insert into organisation (id, name, zone, languages, domain, created_at)
       values ('018f0000-0000-7000-8000-000000000000', 'Example', 'UTC', '{en}', 'example.com', '2026-01-01')`,
    );
    expect((await startOn(database.url)).setupLink).toBeNull();
  });

  it('leaves the command line of this machine a way in, for as long as it runs', async () => {
    const folder = await newFolder();
    const kept = bare();
    const started = await startOn((await testDatabase()).url, { KEPT_DATA: folder }, kept);
    const path = join(folder, 'cli.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { url, token } = JSON.parse(await readFile(path, 'utf8')) as {
      url: string;
      token: string;
    };
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(kept.seen.premises?.local.actorOf(token)).toMatchObject({ kind: 'token', id: 'local' });
    expect(kept.seen.premises?.local.actorOf(`${token}x`)).toBeNull();
    await started.stop();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('is alive and not ready until it is', async () => {
    const database = await testDatabase();
    const port = await freePort();
    const kept = bare();
    const seen: number[] = [];
    const compose: Compose = async (premises) => {
      for (const path of ['/healthz', '/readyz', '/']) {
        seen.push((await fetch(`http://127.0.0.1:${port}${path}`)).status);
      }
      return kept.compose(premises);
    };
    const settings = settingsOf({
      KEPT_DATA: await newFolder(),
      DATABASE_URL: database.url,
      KEPT_PORT: String(port),
    });
    running.push(await start(settings, { compose }));
    expect(seen).toEqual([200, 503, 503]);
  });

  it('is not ready when an entry has waited too long, nor when another version moved the database on', async () => {
    const database = await testDatabase();
    const { url } = await startOn(database.url);
    await database.pool.query(
      `insert into ledger_entry (id, at, actor, clause, type, subject, bytes)
       values ('018f0000-0000-7000-8000-000000000000', '2026-01-04', 'system/x', 'x', 'X', 'x/1', '\\x00')`,
    );
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
      ready: false,
      ledger: 'behind',
    });
    await database.pool.query(
      `insert into migration (room, name, digest) values ('later', '0001.sql', '')`,
    );
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
      ready: false,
      migrations: 'other',
    });
  });
});

describe('stop', () => {
  it('lets a request finish, takes no new one, and ends the work before the database', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const kept = bare(async () => {
      begun.resolve();
      await release.promise;
      return new Response('finished');
    });
    const started = await startOn((await testDatabase()).url, {}, kept);
    const request = fetch(started.url);
    await begun.promise;
    const stopped = started.stop();
    release.resolve();
    expect(await (await request).text()).toBe('finished');
    await stopped;
    expect(kept.seen.life).toEqual(['begun', 'ended']);
    await expect(fetch(started.url)).rejects.toThrow();
  });
});

describe('what cannot start says why in one line', () => {
  const lineOf = async (starting: Promise<Started>) => {
    const { message, code } = await refusalOf(starting);
    expect(message).not.toContain('\n');
    return [code, message];
  };

  it('port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as { port: number }).port);
    const line = await lineOf(startOn('postgresql://u:p@127.0.0.1:1/kept', { KEPT_PORT: port }));
    expect(line).toEqual([
      exitCodes.cannotListen,
      expect.stringContaining(`port ${port} of 127.0.0.1 is in use`),
    ]);
    server.close();
  });

  it('an address that is not of this machine', async () => {
    const line = await lineOf(
      startOn('postgresql://u:p@127.0.0.1:1/kept', { KEPT_HOST: '192.0.2.1', KEPT_PORT: '4747' }),
    );
    expect(line).toEqual([exitCodes.cannotListen, expect.stringContaining('KEPT_HOST')]);
  });

  it('a folder that cannot be written', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'file'), '');
    const line = await lineOf(
      startOn('postgresql://u:p@127.0.0.1:1/kept', { KEPT_DATA: join(folder, 'file', 'deeper') }),
    );
    expect(line).toEqual([
      exitCodes.folderUnusable,
      expect.stringContaining('cannot write to the data folder'),
    ]);
  });

  it('a folder that another Kept works in', async () => {
    const folder = await newFolder();
    const { url } = await testDatabase();
    await startOn(url, { KEPT_DATA: folder });
    const line = await lineOf(startOn(url, { KEPT_DATA: folder }));
    expect(line).toEqual([exitCodes.folderBusy, expect.stringContaining(`process ${process.pid}`)]);
  });

  it('no PostgreSQL at the URL', async () => {
    const line = await lineOf(startOn('postgresql://u:hunter2@127.0.0.1:1/kept'));
    expect(line).toEqual([
      exitCodes.databaseUnreachable,
      expect.stringContaining('127.0.0.1:1, database kept'),
    ]);
    expect(line[1]).not.toContain('hunter2');
  });

  it('a wrong password', async () => {
    const url = inject('postgres').url.replace(/:[^:@/]+@/, ':hunter2@');
    const line = await lineOf(startOn(url));
    expect(line).toEqual([
      exitCodes.databaseRefusesUs,
      expect.stringContaining('refuses the user or the password'),
    ]);
    expect(line[1]).not.toContain('hunter2');
  });

  it('a database that does not exist', async () => {
    const line = await lineOf(startOn(inject('postgres').url.replace('/kept?', '/nowhere?')));
    expect(line).toEqual([
      exitCodes.databaseRefusesUs,
      expect.stringContaining('no such database'),
    ]);
  });

  it('a database of a newer version', async () => {
    const database = await testDatabase();
    await database.pool.query(
      `insert into migration (room, name, digest) values ('clauses/later', '0001_later.sql', '')`,
    );
    const line = await lineOf(startOn(database.url));
    expect(line).toEqual([
      exitCodes.databaseOfOtherVersion,
      expect.stringContaining('newer version of Kept'),
    ]);
  });

  it('a cluster of another PostgreSQL', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'postgres'));
    await writeFile(join(folder, 'postgres', 'PG_VERSION'), '14\n');
    const line = await lineOf(
      start(settingsOf({ KEPT_DATA: folder }), { compose: bare().compose }),
    );
    expect(line).toEqual([
      exitCodes.databaseOfOtherVersion,
      expect.stringContaining('PostgreSQL 14'),
    ]);
  });

  it('the demo on a database of somebody', async () => {
    const { url } = inject('postgres');
    const settings = settingsOf({ KEPT_DATA: await newFolder(), DATABASE_URL: url });
    const line = await lineOf(start(settings, { compose: bare().compose, demo: true }));
    expect(line).toEqual([exitCodes.usage, expect.stringContaining('unset DATABASE_URL')]);
  });

  it('and leaves nothing behind: port, folder and database are free', async () => {
    const folder = await newFolder();
    const port = String(await freePort());
    const settings = settingsOf({ KEPT_DATA: folder, KEPT_PORT: port });
    const failing: Compose = async () => {
      throw new Error('no composition');
    };
    await expect(start(settings, { compose: failing })).rejects.toThrow('no composition');
    const started = await start(settings, { compose: bare().compose });
    running.push(started);
    expect(started.url).toBe(`http://localhost:${port}`);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
