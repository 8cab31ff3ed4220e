import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { bytesOf, gather, piecesOf } from '../age/testing.ts';
import { folderObjects } from './folder.ts';
import { memoryObjects } from './memory.ts';
import { type ObjectName, type ObjectStorage, objectName, partsOfName } from './storage.ts';

const ada = '01890000-0000-7000-8000-0000000000ad';
const bob = '01890000-0000-7000-8000-0000000000b0';
const idOf = (n: number) => `01890000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const tomorrow = Temporal.Now.instant().add({ hours: 24 });
const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kept-objects-'));
  folders.push(folder);
  return folder;
}

/** Every file below a folder, by its path in it. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const kinds: readonly (readonly [string, () => Promise<ObjectStorage>])[] = [
  ['in a folder', async () => folderObjects(await newFolder())],
  ['in memory', async () => memoryObjects(() => Temporal.Now.instant())],
];

describe.each(kinds)('objects %s', (_, open) => {
  let objects: ObjectStorage;
  const one = objectName(ada, idOf(1));

  beforeEach(async () => {
    objects = await open();
  });

  it('come back as they went, whole and in part', async () => {
    const bytes = bytesOf(3_000_000);
    expect(await objects.put(one, piecesOf(bytes, [1_000_000]))).toEqual({
      name: one,
      size: 3_000_000,
    });
    expect(await objects.size(one)).toBe(3_000_000);
    expect(Buffer.compare(await gather(objects.get(one)), bytes)).toBe(0);
    const part = await gather(objects.get(one, { from: 999_999, to: 2_000_001 }));
    expect(Buffer.compare(part, bytes.subarray(999_999, 2_000_001))).toBe(0);
    expect(await gather(objects.get(one, { from: 5, to: 5 }))).toHaveLength(0);
  });

  it('may be empty', async () => {
    await objects.put(one, piecesOf(bytesOf(0)));
    expect(await objects.size(one)).toBe(0);
    expect(await gather(objects.get(one))).toHaveLength(0);
  });

  it('are replaced whole, and stay as they were where the new one breaks off', async () => {
    await objects.put(one, piecesOf(bytesOf(100)));
    async function* broken() {
      yield bytesOf(50);
      throw Object.assign(new Error('the client hung up'), { code: 'ECONNRESET' });
    }
    await expect(objects.put(one, broken())).rejects.toThrow('the client hung up');
    expect(await objects.size(one)).toBe(100);
    await objects.put(one, piecesOf(bytesOf(7)));
    expect(await gather(objects.get(one))).toEqual(bytesOf(7));
    expect(await objects.sweep(tomorrow)).toBe(0);
  });

  it('that are not there are missing, and have no bytes behind their end', async () => {
    await expect(gather(objects.get(one))).rejects.toMatchObject({ code: 'missing' });
    expect(await objects.size(one)).toBeNull();
    await objects.put(one, piecesOf(bytesOf(10)));
    for (const [from, to] of [
      [0, 11],
      [11, 11],
      [4, 3],
      [-1, 2],
      [0.5, 3],
    ] as const) {
      await expect(gather(objects.get(one, { from, to }))).rejects.toMatchObject({
        code: 'range',
      });
    }
  });

  it('are removed for good, one or all of an owner, as often as one likes', async () => {
    const names = [1, 2, 3].map((n) => objectName(ada, idOf(n)));
    for (const name of names) await objects.put(name, piecesOf(bytesOf(3)));
    await objects.put(objectName(bob, idOf(1)), piecesOf(bytesOf(4)));
    await objects.remove(one);
    await objects.remove(one);
    expect((await Array.fromAsync(objects.list(ada))).map(({ name }) => name).sort()).toEqual(
      names.slice(1),
    );
    await objects.removeAll(ada);
    await objects.removeAll(ada);
    expect(await Array.fromAsync(objects.list())).toEqual([
      { name: objectName(bob, idOf(1)), size: 4 },
    ]);
  });

  it('arrive in parts, in any order and again, and are seen when they are complete', async () => {
    const bytes = bytesOf(250);
    const upload = await objects.beginUpload(one);
    const put = (number: number) =>
      objects.putPart(upload, {
        number,
        offset: number * 100,
        bytes: bytes.subarray(number * 100, (number + 1) * 100),
      });
    const [last, first, middle] = [await put(2), await put(0), await put(1)];
    await put(1);
    expect(await objects.size(one)).toBeNull();
    await expect(objects.completeUpload(upload, [first, last])).rejects.toMatchObject({
      code: 'incomplete',
    });
    const done = { name: one, size: 250 };
    expect(await objects.completeUpload(upload, [first, middle, last])).toEqual(done);
    expect(await objects.completeUpload(upload, [first, middle, last])).toEqual(done);
    expect(await gather(objects.get(one))).toEqual(bytes);
  });

  it('are not made of an upload that was abandoned, or swept', async () => {
    for (const end of ['abandoned', 'swept']) {
      const upload = await objects.beginUpload(one);
      const part = await objects.putPart(upload, { number: 0, offset: 0, bytes: bytesOf(3) });
      expect(await objects.sweep(Temporal.Instant.from('2020-01-01T00:00:00Z'))).toBe(0);
      if (end === 'swept') expect(await objects.sweep(tomorrow)).toBe(1);
      else {
        await objects.abandonUpload(upload);
        await objects.abandonUpload(upload);
      }
      await expect(objects.completeUpload(upload, [part])).rejects.toMatchObject({
        code: 'missing',
      });
      await expect(
        objects.putPart(upload, { number: 0, offset: 0, bytes: bytesOf(3) }),
      ).rejects.toMatchObject({ code: 'missing' });
    }
    expect(await objects.size(one)).toBeNull();
  });

  it.each([
    '../../etc/passwd',
    `${ada}/../${bob}`,
    `${ada}/${idOf(1)}/x`,
    `${ada}`,
    `${ada}/`,
    `/${idOf(1)}`,
    `${ada.toUpperCase()}/${idOf(1)}`,
    `${ada}/${idOf(1)}\0`,
    `${ada}\\${idOf(1)}`,
    '顧客/契約書',
  ])('cannot be called %j', async (name: ObjectName) => {
    const wrong = { code: 'name' };
    await expect(objects.put(name, piecesOf(bytesOf(1)))).rejects.toMatchObject(wrong);
    await expect(async () => objects.remove(name)).rejects.toMatchObject(wrong);
    await expect(async () => objects.beginUpload(name)).rejects.toMatchObject(wrong);
    expect(() => partsOfName(name)).toThrow();
  });
});

describe('a folder of objects', () => {
  it('holds ids and nothing else, and nothing of what broke off', async () => {
    const folder = await newFolder();
    const objects = await folderObjects(folder);
    const name = objectName(ada, idOf(0x1_23));
    await objects.put(name, piecesOf(bytesOf(3)));
    expect(await filesIn(folder)).toEqual([join(folder, 'objects', 'ad', ada, '23', idOf(0x1_23))]);
    async function* broken() {
      yield bytesOf(50);
      throw new Error('cut off');
    }
    await expect(objects.put(objectName(ada, idOf(9)), broken())).rejects.toThrow();
    expect(await filesIn(folder)).toHaveLength(1);
    await objects.removeAll(ada);
    expect(await filesIn(folder)).toEqual([]);
  });

  it('takes what arrives while everything of its owner is being removed', async () => {
    const objects = await folderObjects(await newFolder());
    const names = Array.from({ length: 40 }, (_, n) => objectName(ada, idOf(n)));
    const putting = names.map((name) => objects.put(name, piecesOf(bytesOf(10))));
    const removing = Array.from({ length: 10 }, () => objects.removeAll(ada));
    await Promise.all([...putting, ...removing]);
    for await (const { size } of objects.list(ada)) expect(size).toBe(10);
    await objects.removeAll(ada);
    expect(await Array.fromAsync(objects.list())).toEqual([]);
  });

  it('takes no token that leads elsewhere', async () => {
    const objects = await folderObjects(await newFolder());
    const upload = { name: objectName(ada, idOf(1)), token: `../objects/ad/${ada}` };
    const part = { number: 0, offset: 0, bytes: bytesOf(1) };
    await expect(objects.putPart(upload, part)).rejects.toMatchObject({ code: 'missing' });
  });
});
