import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { organisationOf } from '../platform/organisation.ts';
import { type Database, openDatabase } from '../platform/postgres/database.ts';
import { startEmbedded } from '../platform/postgres/embedded.ts';
import { migrate } from '../platform/postgres/migrate.ts';
import { reachDatabase } from '../platform/postgres/reach.ts';
import { defaultUrl, type Settings } from '../platform/settings.ts';
import type { World } from '../platform/world.ts';
import { exitCodes, StartFault } from './fault.ts';
import { takeFolder } from './folder.ts';
import { aliveResponse, readinessOf, readinessResponse, startingResponse } from './health.ts';
import { listen } from './listener.ts';
import { openLocalEntry } from './local.ts';
import type { Compose, Composition } from './premises.ts';
import { closedGate, openSetupGate, type SetupGate, setupLink } from './setup.ts';

/** Folder whose rooms' migrations and words belong to this version. */
const source = join(import.meta.dirname, '..');

/** How long requests may take to finish once Kept is asked to stop. */
const finishLimitMs = 10_000;

export interface StartOptions {
  readonly compose: Compose;
  /** Called, perhaps more than once, as soon as there is time: PostgreSQL's own programs are at work. */
  readonly whileWaiting?: () => void;
  /** Called when PostgreSQL has the migrations that are to run. */
  readonly whileMigrating?: () => void;
  readonly demo?: boolean;
  /** Throws away the database in the data folder first: a demo whose filling was cut short. */
  readonly afresh?: boolean;
  /** Runs after everything is there and before anybody is let in. */
  readonly prepare?: (world: World) => Promise<void>;
  /** Told, line by line, what is being done. */
  readonly onProgress?: (line: string) => void;
}

export interface Started {
  readonly url: string;
  readonly world: World;
  /** The one-time link, where no organisation is set up yet. */
  readonly setupLink: string | null;
  /** Settles with a line when Kept cannot go on: its PostgreSQL has ended by itself. */
  readonly failed: Promise<string>;
  /** Finishes requests, stops the work, closes and stops the database. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts Kept: folder, port, PostgreSQL, migrations, the world, then answers. What was started is
 * stopped again where a later step fails.
 *
 * @throws StartFault, PostgresFault: one line for the operator; `exitCodeOf` tells their exit code
 */
export async function start(settings: Settings, options: StartOptions): Promise<Started> {
  await using opened = new AsyncDisposableStack();
  const say = options.onProgress ?? (() => undefined);
  const random = (bytes: number): Uint8Array => randomBytes(bytes);

  const held = await takeFolder(settings.dataFolder);
  opened.defer(() => held.release());
  const listener = await listen(settings.host, settings.port, beforeReady);
  opened.defer(() => listener.finish(0));
  const url = settings.url ?? defaultUrl(settings.host, listener.port);

  const postgres = await openPostgres(settings, options, say);
  opened.defer(postgres.stop);
  const database = openDatabase(postgres.url);
  opened.defer(() => database.close());
  const { applied, total } = await migrate(database.pool, source, options.whileMigrating);
  if (applied > 0) say(`brought the database up to date (${applied} steps)`);

  const setup = options.demo ? closed : await setupOf(database, random);
  const local = await openLocalEntry(
    settings.dataFolder,
    { url: reachedFromHere(settings.host, listener.port), origin: url },
    random,
  );
  opened.defer(local.close);
  const composition = await options.compose({
    settings,
    url,
    demo: options.demo ?? false,
    database,
    databaseUrl: postgres.url,
    setup: setup.gate,
    local: local.entry,
  });
  await options.prepare?.(composition.world);
  await composition.begin();
  opened.defer(() => composition.end());
  listener.answerBy(answererOf(composition, total), composition.swift);
  opened.defer(() => listener.finish(finishLimitMs));

  const running = opened.move();
  let stopping: Promise<void> | null = null;
  return {
    url,
    world: composition.world,
    // The demo has been set up by the time anybody reads this.
    setupLink: setup.token && !options.demo ? setupLink(url, setup.token) : null,
    failed: postgres.ended.then(() => 'PostgreSQL has ended by itself'),
    stop: () => (stopping ??= running.disposeAsync()),
  };
}

function beforeReady(request: Request): Response {
  return new URL(request.url).pathname === '/healthz' ? aliveResponse() : startingResponse();
}

function answererOf(composition: Composition, migrations: number) {
  return async (request: Request, bindings: unknown): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === '/healthz') return aliveResponse();
    if (pathname === '/readyz')
      return readinessResponse(await readinessOf(composition.world, migrations));
    return composition.answer(request, bindings);
  };
}

async function openPostgres(
  settings: Settings,
  { demo, afresh = false, whileWaiting = () => undefined }: StartOptions,
  say: (line: string) => void,
) {
  if (settings.databaseUrl === null) {
    const options = { onProgress: say, onWait: whileWaiting, afresh };
    return startEmbedded(settings.dataFolder, options);
  }
  if (demo) {
    throw new StartFault(
      exitCodes.usage,
      'the demo keeps its sample company in its own folder and touches no database of yours; unset DATABASE_URL',
    );
  }
  whileWaiting();
  await reachDatabase(settings.databaseUrl);
  return {
    url: settings.databaseUrl,
    stop: async () => undefined,
    ended: new Promise<void>(() => undefined),
  };
}

/** The demo brings its organisation with it. */
const closed: { gate: SetupGate; token: string | null } = { gate: closedGate, token: null };

async function setupOf(
  { db }: Database,
  random: (bytes: number) => Uint8Array,
): Promise<typeof closed> {
  if (await organisationOf(db)) return closed;
  return openSetupGate(Temporal.Now.instant(), random);
}

/** Where a program of this machine finds the server, whatever name the world knows it by. */
function reachedFromHere(host: string, port: number): string {
  const here = host === '0.0.0.0' || host === '::' || host === 'localhost' ? '127.0.0.1' : host;
  return `http://${here.includes(':') ? `[${here}]` : here}:${port}`;
}
