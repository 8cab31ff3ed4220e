import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { testDatabase } from '../../platform/testing/database.ts';
import { exportBy, partsOf } from '../../registers/portal/store.exports.ts';
import { portalFlow } from '../../registers/portal/store.ts';
import { folderWorld } from './killed.fixture.ts';
import { archiveBytes, archiveSize } from './sealed.ts';
import { bytesOf, collected, must, opened, sampleAccount } from './testing.ts';
import { unzip } from './unzip.fixture.ts';

const folder = await mkdtemp(join(tmpdir(), 'kept-killed-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const fixture = join(import.meta.dirname, 'killed.fixture.ts');
const files = 24;
const kills = 5;
const contentOf = (n: number): Buffer => Buffer.alloc(4_000_000 + n, `content ${n} `);

it('an export that is killed again and again comes out whole, with each object once (RET-4)', {
  timeout: 300_000,
}, async () => {
  const database = await testDatabase();
  const world = await folderWorld(database, folder);
  const { customerId, owner } = await sampleAccount(world, 'killed');
  const open = await opened(world, customerId);
  for (let n = 0; n < files; n++) {
    must(
      await open.writeObject({ collection: 'video', name: `${n}`, bytes: bytesOf(contentOf(n)) }),
    );
  }
  const [asked] = must(
    await execute(world, portalFlow, { do: 'askExport', customerId, form: 'plain' }, owner),
  );
  const exportId = String(asked?.body['export']);
  const row = () => exportBy(database.db, customerId, exportId);
  let lives = 0;
  for (let ahead = 0; (await row())?.state !== 'done'; ahead += 3) {
    lives += 1;
    const child = spawn(process.execPath, [fixture, database.url, folder, String(ahead)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    // Somewhere in the middle of what it does; the last life may live.
    const life = new Promise((resolve) => setTimeout(resolve, 150 + 170 * lives));
    if (lives <= kills) await Promise.race([life, ended]);
    else await ended;
    child.kill('SIGKILL');
    await ended;
    const parts = await partsOf(database.db, exportId);
    // What is a part is whole, whatever happened to the next one.
    for (const { storedAs, trailAs } of parts) {
      expect(await world.objects.size(storedAs)).not.toBeNull();
      expect(await world.objects.size(trailAs)).not.toBeNull();
    }
  }
  expect(lives).toBeGreaterThan(1);
  expect(await row()).toMatchObject({ state: 'done', objects: files, missed: 0 });
  const parts = await partsOf(database.db, exportId);
  const { door } = await opened(world, customerId);
  const bytes = await collected(archiveBytes(door, parts, { from: 0, to: archiveSize(parts) }));
  const found = unzip(bytes).filter(({ path }) => path.startsWith('objects/'));
  const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');
  expect(found.map((file) => digest(file.bytes)).sort()).toEqual(
    Array.from({ length: files }, (_, n) => digest(contentOf(n))).sort(),
  );
});
