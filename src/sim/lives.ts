import { type Authorizer, createAuthorizer } from '../platform/authorization/authorizer.ts';
import { readPermissions } from '../platform/authorization/permissions.ts';
import { keysOf } from '../platform/keys.ts';
import { memoryKeystore } from '../platform/keystore/memory.ts';
import { noMail } from '../platform/mail/queue.ts';
import { memoryObjects } from '../platform/objects/memory.ts';
import { type Database, openDatabase } from '../platform/postgres/database.ts';
import { databaseUrl } from '../platform/testing/postgres.ts';
import { createWorld, type World } from '../platform/world.ts';
import { rooms, sources } from '../server/composition.ts';
import { liveAccounts } from './accounts.ts';
import { chanceOf } from './chance.ts';
import { Company, type Temper } from './company.ts';
import { installCrashPoint } from './crash.ts';
import { foundCompany } from './found.ts';
import { type Lived, live, type SimulatedClock } from './life.ts';
import { SimulatedOutside } from './outside.ts';
import { simulations } from './simulations.ts';

/** A hard life: connectors that fail and lie, people who come and go, a process that dies. */
const hard: Temper = {
  people: 12,
  readsFail: 9,
  readsPartial: 11,
  ordersLie: 14,
  hireEvery: 12,
  leaveEvery: 14,
  readsADay: 2,
};

/** Working days between two on which people act: short enough that reads do not go stale by themselves. */
const strideDays = 3;

/** Some things are met within the hour, others a day and a half late. */
const restHours = 36;

/** Three days: what a check does not ask for by itself is seen to be missing. */
const refreshHours = 72;

/** A life says the same over and over, on few connections: all of it is prepared. */
const everyStatement = 2_000;

export interface LifeRequest {
  readonly seed: string | number;
  readonly years: number;
  /** Of a PostgreSQL that may be filled; the life gets a database of its own there. */
  readonly url: string;
  readonly template: string;
  readonly crashes: boolean;
  /** Customers alone, without the life of the company around them: years of them in minutes. */
  readonly accounts?: boolean;
  readonly onStep?: (now: Temporal.Instant) => void;
}

let authorizer: Promise<Authorizer> | undefined;

/** Lives one seeded life from beginning to end on a database of its own, which is dropped after. */
export async function liveSeed(request: LifeRequest): Promise<Lived> {
  return await inDatabase(request, (database) =>
    request.accounts ? accountsIn(database, request) : liveIn(database, request),
  );
}

async function inDatabase(
  request: LifeRequest,
  lived: (database: Database) => Promise<Lived>,
): Promise<Lived> {
  const name = `life_${String(request.seed).replace(/\W/g, '_')}_${process.pid}`;
  const home = openDatabase(request.url, 1);
  await home.pool.query(`drop database if exists ${name} with (force)`);
  await home.pool.query(`create database ${name} template ${request.template}`);
  const database = openDatabase(databaseUrl(request.url, name), 4, {
    prepared: everyStatement,
  });
  try {
    return await lived(database);
  } finally {
    await database.close();
    await home.pool.query(`drop database if exists ${name} with (force)`);
    await home.close();
  }
}

async function liveIn(
  database: Database,
  { seed, years, crashes, onStep }: LifeRequest,
): Promise<Lived> {
  // Before the first query: only connections opened from here on can be cut.
  const crash = crashes ? installCrashPoint(database.pool) : null;
  const start = Temporal.Instant.from('2026-01-05T00:00:00Z');
  const clock: SimulatedClock = { now: start };
  const chance = chanceOf(seed);
  authorizer ??= readPermissions(sources).then(createAuthorizer);
  const world = simulatedWorld(database, await authorizer, clock, seed);
  const company = new Company(world, chance, hard);
  await foundCompany(world, company);
  const outside = await SimulatedOutside.connect(world, company, chanceOf(seed, 'outside'));
  return live({
    world,
    rooms,
    company,
    simulations,
    outside,
    clock,
    chance,
    until: start.add({ hours: Math.round(years * 365.25 * 24) }),
    stride: strideDays,
    restHours,
    refreshHours,
    judgedEveryHours: 0,
    asserted: true,
    missedTicks: 25,
    ...(crash ? { crash } : {}),
    ...(onStep ? { onStep } : {}),
  });
}

async function accountsIn(
  database: Database,
  { seed, years, crashes }: LifeRequest,
): Promise<Lived> {
  const crash = crashes ? installCrashPoint(database.pool) : null;
  const start = Temporal.Instant.from('2026-01-05T00:00:00Z');
  const clock: SimulatedClock = { now: start };
  authorizer ??= readPermissions(sources).then(createAuthorizer);
  const world = simulatedWorld(database, await authorizer, clock, seed);
  const until = start.add({ hours: Math.round(years * 365.25 * 24) });
  return await liveAccounts({ world, clock, chance: chanceOf(seed), until, crash });
}

function simulatedWorld(
  database: Database,
  allowed: Authorizer,
  clock: SimulatedClock,
  seed: LifeRequest['seed'],
): World {
  const bytes = chanceOf(seed, 'bytes');
  const secrets = chanceOf(seed, 'keystore');
  return createWorld({
    database,
    keys: keysOf(new Uint8Array(32).fill(1)),
    authorizer: allowed,
    effects: noMail,
    objects: memoryObjects(() => clock.now),
    keystore: memoryKeystore((count) => secrets.bytes(count)),
    url: 'http://localhost:4747',
    now: () => clock.now,
    random: (count) => bytes.bytes(count),
  });
}
