import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { durableAtTheEnd, eraseFolder, makeFolder, syncFolder, writeNew } from './durable.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-durable-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function written(name: string): Promise<string> {
  const inner = join(folder, name);
  await makeFolder(inner);
  await writeNew(join(inner, 'file'), Buffer.from(name));
  await syncFolder(inner);
  return inner;
}

it('what is put off is all there at the end, and what was taken away in between is no fault', async () => {
  const answer = await durableAtTheEnd(async () => {
    const gone = await written('gone');
    const kept = await written('kept');
    await eraseFolder(gone);
    return kept;
  });
  expect(answer).toBe(join(folder, 'kept'));
  expect(await readFile(join(answer, 'file'), 'utf8')).toBe('kept');
  await expect(stat(join(folder, 'gone'))).rejects.toThrow('ENOENT');
});

it('what fails while it is put off fails', async () => {
  const failing = durableAtTheEnd(async () => {
    await written('twice');
    await writeNew(join(folder, 'twice', 'file'), Buffer.of());
  });
  await expect(failing).rejects.toThrow('EEXIST');
});
