import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Actor } from '../src/kernel/actor.ts';
import { createAuthorizer } from '../src/platform/authorization/authorizer.ts';
import { readPermissions } from '../src/platform/authorization/permissions.ts';
import { openCustody } from '../src/platform/custody.ts';
import { keysOf } from '../src/platform/keys.ts';
import { noMail } from '../src/platform/mail/queue.ts';
import { endAbandoned } from '../src/platform/postgres/abandoned.ts';
import { type Database, openDatabase } from '../src/platform/postgres/database.ts';
import { type Embedded, startEmbedded } from '../src/platform/postgres/embedded.ts';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { systemRandom } from '../src/platform/random.ts';
import { readSettings, type Settings } from '../src/platform/settings.ts';
import { createWorld, type World } from '../src/platform/world.ts';
import { sources } from '../src/server/composition.ts';

/** A world of production: real clock, real chance, durable PostgreSQL; only mail goes nowhere. */
export interface BenchWorld extends World {
  /** For connections that go past Kept. */
  readonly databaseUrl: string;
  /** The first person: holds every role of the staff. */
  readonly officer: Actor & { readonly kind: 'person' };
}

/** What figures are measured on. */
export interface Ground {
  /** An empty folder of its own. */
  folder(name: string): Promise<string>;
  /** A world on a database of its own, gone with the ground. */
  world(name: string): Promise<BenchWorld>;
  /** Says what is under way. */
  say(line: string): void;
}

export interface OpenGround extends Ground {
  close(): Promise<void>;
}

const prefix = 'kept-bench-';

/** Makes the ground: a temporary folder, in it a PostgreSQL with the settings of production. */
export async function openGround(say: (line: string) => void): Promise<OpenGround> {
  await endAbandoned(tmpdir(), prefix);
  const root = await mkdtemp(join(tmpdir(), prefix));
  const worlds: World[] = [];
  let postgres: Promise<Embedded> | null = null;
  return {
    say,
    folder: async (name) => {
      const folder = join(root, name);
      await mkdir(folder);
      return folder;
    },
    world: async (name) => {
      postgres ??= startEmbedded(root);
      const world = await openWorld(await postgres, root, name);
      worlds.push(world);
      return world;
    },
    close: async () => {
      for (const world of worlds) await world.database.close();
      await (await postgres)?.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function openWorld(postgres: Embedded, root: string, name: string): Promise<BenchWorld> {
  const home = openDatabase(postgres.url, 1);
  await home.pool.query(`create database bench_${name}`);
  await home.close();
  const databaseUrl = postgres.url.replace(/\/kept(?=\?|$)/, `/bench_${name}`);
  const database = openDatabase(databaseUrl);
  await migrate(database.pool, sources);
  const random = systemRandom();
  const world = createWorld({
    ...(await openCustody(custodyBelow(join(root, `custody-${name}`)), random)),
    database,
    keys: keysOf(randomBytes(32)),
    authorizer: createAuthorizer(await readPermissions(sources)),
    effects: noMail,
    url: 'http://localhost:4747',
    now: () => Temporal.Now.instant(),
    random,
  });
  const id = await settle(world, database);
  const roles = ['security-officer', 'people', 'auditor', 'employee'] as const;
  return Object.assign(world, {
    databaseUrl,
    officer: { kind: 'person', id, roles, secondFactor: true, language: 'en' } as const,
  });
}

/** The settings of production, below a folder. */
function custodyBelow(folder: string): Settings['custody'] {
  const read = readSettings({ KEPT_DATA: folder }, folder);
  if (!read.ok) throw new Error('the settings of the ground are wrong');
  return read.settings.custody;
}

/** An organisation and its first person. */
async function settle(world: World, { db }: Database): Promise<string> {
  const id = world.newId();
  await sql`
    insert into organisation (id, name, zone, languages, domain, created_at)
    values (${world.newId()}, 'Example Engineering', 'Asia/Tokyo', '{en,ja}', 'example.com', ${world.now()})`.execute(
    db,
  );
  await sql`
    insert into person (id, name, email, roles)
    values (${id}, 'Aoi Example', 'aoi@example.com', '{security-officer,employee}')`.execute(db);
  return id;
}

/** What autovacuum does after large changes, done now: plans follow what the tables hold. */
export async function vacuum(world: World): Promise<void> {
  await world.database.pool.query('vacuum analyze');
}
