import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Account, chooseAccount, giveTo } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { PostgresFault } from './fault.ts';
import { type Hold, hold } from './hold.ts';
import { openLog } from './logfile.ts';
import { type Listen, type Parameters, parameterArguments, socketFits } from './parameters.ts';
import {
  isPostmasterOf,
  readPostmasterFile,
  removeStaleFiles,
  stopPostmaster,
  wasStartedAs,
} from './postmaster.ts';
import { isRunning } from './process.ts';

export interface EmbeddedOptions {
  /** Parameters of PostgreSQL beside, or instead of, the house's own. */
  readonly parameters?: Parameters;
  /** Throws away the database and makes an empty one. */
  readonly afresh?: boolean;
  /** Told what is under way where it may take long: making the cluster, recovering from a crash. */
  readonly onProgress?: (line: string) => void;
  /** Called when PostgreSQL's own programs are at work: there is time until it takes connections. */
  readonly onWait?: () => void;
}

/** A running PostgreSQL of our own. */
export interface Embedded {
  /** Connection URL of the database `kept`, password included. */
  readonly url: string;
  /** Whether a PostgreSQL that a killed Kept left running was taken over. */
  readonly adopted: boolean;
  /** Settles when PostgreSQL has ended, asked to or not. */
  readonly ended: Promise<void>;
  /** Stops PostgreSQL cleanly and gives the folder free. May be called again. */
  stop(): Promise<void>;
}

const user = 'kept';
const database = 'kept';
const major = '18';

interface Place {
  readonly folder: string;
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly account: Account;
  readonly parameters: Parameters;
  readonly onProgress: (line: string) => void;
  readonly onWait: () => void;
}

/**
 * Starts the PostgreSQL that ships through npm on a cluster inside `folder`, which is made where it
 * does not exist. Returns once it takes connections, crash recovery included. It takes no signal of
 * this process and prints nothing; its log is `postgres.log` in the folder.
 *
 * @throws PostgresFault with one line for the operator
 */
export async function startEmbedded(
  folder: string,
  options: EmbeddedOptions = {},
): Promise<Embedded> {
  const absolute = resolve(folder);
  const held = await takeFolder(absolute);
  try {
    const binaries = await findBinaries();
    const cluster = join(absolute, 'postgres');
    const account = await chooseAccount(absolute, cluster, binaries.postgres);
    const place: Place = {
      folder: absolute,
      cluster,
      binaries,
      account,
      parameters: options.parameters ?? {},
      onProgress: options.onProgress ?? (() => undefined),
      onWait: options.onWait ?? (() => undefined),
    };
    await prepareCluster(place);
    const running = (await adopt(place)) ?? (await launch(place));
    try {
      await makeDatabase(await urlOf(place, running.listen, 'postgres'), options.afresh ?? false);
      return lifeOf(running, await urlOf(place, running.listen, database), held);
    } catch (error) {
      await stopPostmaster(running.pid);
      throw error;
    }
  } catch (error) {
    await held.release();
    throw error;
  }
}

async function takeFolder(folder: string): Promise<Hold> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const answer = await hold(join(folder, 'postgres.lock'));
    if ('held' in answer) return answer.held;
    throw new PostgresFault(
      'folderBusy',
      `another Kept (process ${answer.holder}) is running on ${folder}; stop it, or choose another KEPT_DATA`,
    );
  } catch (cause) {
    if (cause instanceof PostgresFault) throw cause;
    throw unwritable(folder, cause);
  }
}

function unwritable(folder: string, cause: unknown): PostgresFault {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new PostgresFault(
    'folderUnwritable',
    `cannot write to the data folder ${folder} (${code})`,
    { cause },
  );
}

/**
 * Makes the cluster where there is none yet. It is made aside and renamed into its place together
 * with its password, so that a start killed half-way leaves nothing that looks like a cluster.
 */
async function prepareCluster(place: Place): Promise<void> {
  const version = await readFile(join(place.cluster, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version === null) return await makeCluster(place);
  if (version.trim() !== major) {
    throw new PostgresFault(
      'otherVersion',
      `the database in ${place.cluster} is of PostgreSQL ${version.trim()}, and this Kept has PostgreSQL ${major}`,
    );
  }
  if (place.account.ids && (await stat(place.cluster)).uid === 0)
    await giveTo(place.account, place.cluster);
}

async function makeCluster(place: Place): Promise<void> {
  place.onProgress('making the database');
  const aside = `${place.cluster}.new`;
  const passwordFile = join(place.folder, 'postgres.password.new');
  try {
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { mode: 0o700 });
    await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (place.account.ids) {
      await chown(aside, place.account.ids.uid, place.account.ids.gid);
      await chown(passwordFile, place.account.ids.uid, place.account.ids.gid);
    }
  } catch (cause) {
    throw unwritable(place.folder, cause);
  }
  await initdb(place, aside, passwordFile);
  await rename(passwordFile, join(aside, 'kept.password'));
  await rename(aside, place.cluster);
}

async function initdb(place: Place, folder: string, passwordFile: string): Promise<void> {
  const durable = place.parameters['fsync'] !== 'off';
  const { program, args, ids } = place.account.command(place.binaries.initdb, [
    `--pgdata=${folder}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorted by code point by default: the order of an index never changes with the system's libraries.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    ...(durable ? ['--data-checksums'] : ['--no-data-checksums', '--no-sync']),
  ]);
  const child = spawn(program, args, {
    ...ids,
    cwd: '/',
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  place.onWait();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close').catch((cause: unknown) => {
    throw new PostgresFault('startFailed', `cannot run ${program}`, { cause });
  })) as [number | null];
  if (code !== 0)
    throw new PostgresFault(
      'startFailed',
      `PostgreSQL could not make its database: ${lastLine(said)}`,
    );
}

/** Nothing of ours is passed on: PGDATA, PGPORT and their like would change what we start. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env;
  return {
    ...(PATH ? { PATH } : {}),
    ...(SystemRoot ? { SystemRoot } : {}),
    LC_ALL: 'C',
    TZ: 'UTC',
  };
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (
    lines.findLast((line) => /error|fatal|panic/i.test(line)) ??
    lines.at(-1) ??
    'it said nothing'
  ).trim();
}

interface Running {
  readonly pid: number;
  readonly listen: Listen;
  readonly adopted: boolean;
  readonly ended: Promise<void>;
}

/**
 * Takes over the PostgreSQL of a Kept that was killed. One that was started by another command
 * (an older version, other parameters) is stopped instead.
 */
async function adopt(place: Place): Promise<Running | null> {
  const file = await readPostmasterFile(place.cluster);
  if (!file || !(await isPostmasterOf(place.cluster, file.pid))) {
    await removeStaleFiles(place.cluster);
    return null;
  }
  const listen: Listen = socketFits(place.cluster)
    ? { by: 'socket', port: 5432 }
    : { by: 'port', port: file.port };
  const same = await wasStartedAs(
    place.cluster,
    place.binaries.postgres,
    commandArguments(place, listen),
  );
  if (file.state === 'ready' && same && (await answers(await urlOf(place, listen, 'postgres')))) {
    return { pid: file.pid, listen, adopted: true, ended: endOf(file.pid) };
  }
  place.onProgress('stopping the database that an earlier Kept left running');
  await stopPostmaster(file.pid);
  await removeStaleFiles(place.cluster);
  return null;
}

/** One that is being killed this instant still looks alive. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A process that is not our child tells nobody when it ends; it is looked at twice a second. */
async function endOf(pid: number): Promise<void> {
  while (isRunning(pid)) await pause(500, undefined, { ref: false });
}

function commandArguments(place: Place, listen: Listen): string[] {
  return [
    '-D',
    place.cluster,
    '-p',
    String(listen.port),
    ...parameterArguments(listen, place.cluster, place.parameters),
  ];
}

const retryLimitMs = 10_000;

async function launch(place: Place): Promise<Running> {
  for (let waitedMs = 0; ; waitedMs += 200) {
    const answer = await launchOnce(place);
    if ('pid' in answer) return answer;
    // The children of a PostgreSQL that was killed itself need a moment to notice and leave.
    const passing = /shared memory block|Address already in use|could not bind/.test(answer.said);
    if (!passing || waitedMs >= retryLimitMs) {
      throw new PostgresFault(
        'startFailed',
        `PostgreSQL did not start: ${lastLine(answer.said)} (log: ${join(place.folder, 'postgres.log')})`,
      );
    }
    await pause(200);
  }
}

async function launchOnce(place: Place): Promise<Running | { said: string }> {
  const listen: Listen = socketFits(place.cluster)
    ? { by: 'socket', port: 5432 }
    : { by: 'port', port: await freePort() };
  const logPath = join(place.folder, 'postgres.log');
  const log = await openLog(logPath);
  const from = (await log.stat()).size;
  const { program, args, ids } = place.account.command(
    place.binaries.postgres,
    commandArguments(place, listen),
  );
  // Detached: the Ctrl-C of a terminal reaches the whole foreground group, and Kept wants to finish
  // its requests before the database goes.
  const child = spawn(program, args, {
    ...ids,
    cwd: '/',
    env: environment(),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise<void>((settle) => {
    child.once('exit', () => settle());
    child.once('error', () => settle());
  });
  let gone = false;
  void ended.then(() => (gone = true));
  place.onWait();
  await log.close();
  const startedMs = performance.now();
  let told = false;
  while (!gone) {
    const file = await readPostmasterFile(place.cluster);
    if (file && file.pid === child.pid && file.state === 'ready') {
      return { pid: file.pid, listen, adopted: false, ended };
    }
    if (!told && performance.now() - startedMs > 2_000) {
      told = true;
      place.onProgress('recovering the database');
    }
    await pause(5);
  }
  return { said: (await readFile(logPath)).subarray(from).toString('utf8') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function urlOf(place: Place, listen: Listen, name: string): Promise<string> {
  const passwordFile = join(place.cluster, 'kept.password');
  const password = await readFile(passwordFile, 'utf8').catch((cause: unknown) => {
    throw new PostgresFault(
      'startFailed',
      `the password of the database is missing: ${passwordFile}`,
      { cause },
    );
  });
  const secret = encodeURIComponent(password.trim());
  if (listen.by === 'port')
    return `postgresql://${user}:${secret}@127.0.0.1:${listen.port}/${name}`;
  return `postgresql://${user}:${secret}@/${name}?host=${encodeURIComponent(place.cluster)}`;
}

/** Makes the database in a new cluster; a start killed before this does it at the next. */
async function makeDatabase(url: string, afresh: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    if (afresh) await client.query(`drop database if exists ${database} with (force)`);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      database,
    ]);
    if (rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}

function lifeOf(running: Running, url: string, held: Hold): Embedded {
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    await stopPostmaster(running.pid);
    if (!running.adopted) await running.ended;
    await held.release();
  };
  return {
    url,
    adopted: running.adopted,
    ended: running.ended,
    stop: () => (stopping ??= stop()),
  };
}
