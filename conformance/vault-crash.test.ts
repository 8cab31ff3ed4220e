import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { openVault, sourceOf, type Vault } from '../clients/vault/index.ts';
import { openCustody } from '../src/platform/custody.ts';
import { systemRandom } from '../src/platform/random.ts';
import { readSettings } from '../src/platform/settings.ts';
import { testDatabase } from '../src/platform/testing/database.ts';
import { testWorld } from '../src/platform/testing/world.ts';
import { abandonStaleUploads, removeDiscards } from '../src/server/vault/keeping.ts';
import { foundProduct } from '../src/server/vault/testing.ts';

/** The full proof is 200; every run of the tests does a few. */
const kills = Number(process.env['KEPT_VAULT_KILLS'] ?? 3);
const writers = 6;
const fixture = join(import.meta.dirname, '../src/server/vault/crash.fixture.ts');

const folder = await mkdtemp(join(tmpdir(), 'kept-vault-crash-'));
let child: ChildProcess | undefined;
afterAll(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function start(databaseUrl: string): Promise<string> {
  const started = spawn(process.execPath, [fixture], {
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, KEPT_DATA: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  const [line] = (await once(started.stdout, 'data')) as [Buffer];
  return `http://127.0.0.1:${/ready (\d+)/.exec(line.toString())?.[1]}`;
}

async function kill(): Promise<void> {
  child?.kill('SIGKILL');
  if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Content of one version of one name: whoever has it can say which it is, and whether it is whole. */
function contentOf(name: string, version: number): Buffer {
  const line = Buffer.from(
    `${name} ${version} ${createHash('sha256').update(`${name}/${version}`).digest('hex')}\n`,
  );
  return Buffer.alloc(line.length * (1 + ((version * 7_919) % 4_000)), line);
}

/** What one writer knows to stand, and what it asked for since and was not told. */
interface Promised {
  object: number;
  record: number;
  asked: number;
}

/** Overwrites its object and its record again and again, each time with the next version, until killed. */
async function write(
  vault: Vault,
  name: string,
  promised: Promised,
  inParts: boolean,
): Promise<void> {
  const { objects, records } = vault.customer('acme').collection('crash');
  try {
    for (;;) {
      promised.asked += 1;
      const version = promised.asked;
      const bytes = contentOf(name, version);
      if (inParts) await objects.upload(name, sourceOf(bytes));
      else await objects.put(name, bytes);
      promised.object = version;
      await records.put(name, { version });
      promised.record = version;
    }
  } catch {
    // Killed in the middle of something: what it was is looked at when the vault is back.
  }
}

/** What is there is what was acknowledged, or what was asked after it; whole in either case. */
async function mustStand(vault: Vault, name: string, promised: Promised): Promise<void> {
  const { objects, records } = vault.customer('acme').collection('crash');
  const read = await objects.get(name);
  const bytes = Buffer.from((await read?.all()) ?? []);
  const object = Number(/^\S+ (\d+) /.exec(bytes.subarray(0, 100).toString())?.[1] ?? 0);
  const record = (await records.get<{ version: number }>(name))?.value.version ?? 0;
  const told = `${name} ${object} ${record} of ${JSON.stringify(promised)}`;
  expect([promised.object, promised.asked], told).toContain(object);
  expect([promised.record, promised.asked], told).toContain(record);
  if (object > 0) expect(bytes.equals(contentOf(name, object))).toBe(true);
  promised.object = object;
  promised.record = record;
}

test(`killed ${kills} times under uploads, the vault loses nothing acknowledged and shows nothing by halves`, {
  timeout: 120_000 + kills * 30_000,
}, async () => {
  const database = await testDatabase();
  const read = readSettings({ KEPT_DATA: folder }, folder);
  if (!read.ok) throw new Error('the settings of the test are wrong');
  const custody = await openCustody(read.settings.custody, systemRandom());
  const start0 = Temporal.Now.instant().toString();
  const world = Object.assign(await testWorld({ database, start: start0, seed: start0 }), custody);
  const { token } = await foundProduct(world, 'scheduler');
  const names = Array.from({ length: writers }, (_, n) => `object-${n}`);
  const promises = new Map(names.map((name) => [name, { object: 0, record: 0, asked: 0 }]));
  const promisedTo = (name: string): Promised => promises.get(name) as Promised;

  for (let round = 0; round <= kills; round++) {
    const vault = openVault({ url: await start(database.url), token, attempts: 1 });
    if (round === 0) await vault.customer('acme').register({ name: 'Acme Example' });
    if (round === 0) await vault.customer('other').register({ name: 'Other Example' });
    const other = vault.customer('other').collection('quiet').objects;
    if (round === 0) await other.put('untouched', 'as it was');
    await Promise.all(names.map((name) => mustStand(vault, name, promisedTo(name))));
    expect(await (await other.get('untouched'))?.text()).toBe('as it was');
    if (round === kills) break;
    const writing = names.map((name, n) => write(vault, name, promisedTo(name), n % 2 === 1));
    await pause(randomInt(50, 1_200));
    await kill();
    await Promise.all(writing);
  }
  await kill();
  expect(Math.max(...names.map((name) => promisedTo(name).object))).toBeGreaterThan(1);

  // What the kills left behind goes in its time: then there are as many files as objects.
  world.advance({ hours: 24 * 9 });
  await abandonStaleUploads(world);
  await removeDiscards(world);
  await world.objects.sweep(Temporal.Now.instant().add({ hours: 24 }));
  const { rows } = await sql<{ storedAs: string }>`
    select stored_as as "storedAs" from vault_object order by 1`.execute(database.db);
  const files: string[] = [];
  for await (const { name } of world.objects.list()) files.push(name);
  expect(files.sort()).toEqual(rows.map(({ storedAs }) => storedAs));
});
