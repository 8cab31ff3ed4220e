import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testWorld } from '../platform/testing/world.ts';
import { fill, readDemoFile, wasCutShort } from './demo-file.ts';

const world = await testWorld();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a filling that is cut short is known at the next start, and one that is whole leaves demo.json', async () => {
  const failing = fill(
    folder,
    world,
    () => Promise.reject(new Error('killed')),
    () => undefined,
  );
  await expect(failing).rejects.toThrow('killed');
  expect([await wasCutShort(folder), await readDemoFile(folder)]).toEqual([true, null]);

  const filled = { personas: [], tokens: { auditor: 'kept_x' } };
  await fill(
    folder,
    world,
    async () => filled,
    () => undefined,
  );
  expect(await wasCutShort(folder)).toBe(false);
  expect(await readDemoFile(folder)).toEqual({ url: world.url, ...filled });
  expect((await stat(join(folder, 'demo.json'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, 'demo.json'), 'utf8')).toMatch(/\n$/);
});
