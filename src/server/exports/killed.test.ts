import { spawn } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { testDatabase } from '../../platform/testing/database.ts';
import type { World } from '../../platform/world.ts';
import { exportBy, partsOf } from '../../registers/portal/store.exports.ts';
import { portalFlow } from '../../registers/portal/store.ts';
import { folderWorld } from './killed.fixture.ts';
import { archiveBytes, archiveSize } from './sealed.ts';
import { bytesOf, collected, must, opened, type SampleAccount, sampleAccount } from './testing.ts';
import { unzip } from './unzip.fixture.ts';

/** The full proof is 200; every run of the tests does a few. */
const kills = Number(process.env['KEPT_KILLS'] ?? 5);
/** Of one export: then it is let come to its end, and the next one is asked for. */
const killsOfOne = 5;
const files = 16;
const contentOf = (n: number): Buffer => Buffer.alloc(4_000_000 + n, `content ${n} `);

const folder = await mkdtemp(join(tmpdir(), 'kept-killed-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const fixture = join(import.meta.dirname, 'killed.fixture.ts');

/** Lets a process make what waits, its clock so many minutes ahead; kills it after so long, where said. */
async function live(url: string, aheadMinutes: number, afterMs: number | null): Promise<boolean> {
  const child = spawn(process.execPath, [fixture, url, folder, String(aheadMinutes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await once(child.stdout, 'data');
  if (afterMs !== null) await Promise.race([pause(afterMs), ended]);
  if (afterMs !== null) child.kill('SIGKILL');
  const [code, signal] = await ended;
  // It ends by itself, well, or by our hand; a fault of its own is neither.
  if (signal !== 'SIGKILL') expect(code).toBe(0);
  return signal === 'SIGKILL';
}

/** What is a part is whole, whatever happened to the next one. */
async function partsAreWhole(world: World, exportId: string): Promise<void> {
  for (const { storedAs, trailAs } of await partsOf(world.database.db, exportId)) {
    expect(await world.objects.size(storedAs)).not.toBeNull();
    expect(await world.objects.size(trailAs)).not.toBeNull();
  }
}

/** Every object is in the archive once, as it was put in. */
async function isComplete(world: World, customerId: string, exportId: string): Promise<void> {
  const { db } = world.database;
  expect(await exportBy(db, customerId, exportId)).toMatchObject({
    state: 'done',
    objects: files,
    missed: 0,
  });
  const parts = await partsOf(db, exportId);
  const { door } = await opened(world, customerId);
  const bytes = await collected(archiveBytes(door, parts, { from: 0, to: archiveSize(parts) }));
  const found = unzip(bytes).filter(({ path }) => path.startsWith('objects/'));
  const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');
  expect(found.map((file) => digest(file.bytes)).sort()).toEqual(
    Array.from({ length: files }, (_, n) => digest(contentOf(n))).sort(),
  );
}

async function askExport(world: World, { customerId, owner }: SampleAccount): Promise<string> {
  const [asked] = must(
    await execute(world, portalFlow, { do: 'askExport', customerId, form: 'plain' }, owner),
  );
  return String(asked?.body['export']);
}

it(`exports that are killed ${kills} times come out whole, with each object once (RET-4)`, {
  timeout: 300_000 + kills * 30_000,
}, async () => {
  const database = await testDatabase();
  const world = await folderWorld(database, folder);
  let killed = 0;
  let ahead = 0;
  for (let exports = 1; killed < kills; exports++) {
    const account = await sampleAccount(world, `killed-${exports}`);
    const { customerId } = account;
    const open = await opened(world, customerId);
    for (let n = 0; n < files; n++) {
      must(
        await open.writeObject({ collection: 'video', name: `${n}`, bytes: bytesOf(contentOf(n)) }),
      );
    }
    const exportId = await askExport(world, account);
    const state = async () => (await exportBy(database.db, customerId, exportId))?.state;
    for (let life = 1; (await state()) !== 'done'; life++) {
      // Each life begins where the word of the one before is over; somewhere in the middle it ends.
      ahead += 3;
      const afterMs = life <= killsOfOne ? randomInt(20, 700) : null;
      if (await live(database.url, ahead, afterMs)) killed += 1;
      await partsAreWhole(world, exportId);
      expect(life).toBeLessThanOrEqual(killsOfOne + 1);
    }
    await isComplete(world, customerId, exportId);
  }
  process.stdout.write(`${killed} kills\n`);
});
