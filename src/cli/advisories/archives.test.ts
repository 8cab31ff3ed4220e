import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advisoryOf, tarGzOf, zipOf } from '../../advisories/archives/archives.fixture.ts';
import { readFiles } from './archives.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-archives-'));
  await mkdir(join(folder, 'below'));
  await writeFile(join(folder, 'one.json'), advisoryOf('OSV-1', { name: 'one' }).text);
  await writeFile(join(folder, 'all.zip'), zipOf([advisoryOf('OSV-2', { name: 'two' })]));
  const third = tarGzOf([advisoryOf('OSV-3', { name: 'three' })]);
  await writeFile(join(folder, 'below', 'Go.tar.gz'), third);
  await writeFile(join(folder, 'README.md'), 'no advisory');
  await writeFile(join(folder, 'cut.json'), '{"id": ');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async () => {
  const found: Record<string, string> = {};
  for await (const file of readFiles(folder))
    found[file.name.slice(folder.length + 1)] =
      'content' in file ? (JSON.parse(file.content.toString()) as { id: string }).id : 'set aside';
  return found;
};

test('of a folder its JSON files are read, and the archives in it with what is in them', async () => {
  expect(await read()).toEqual({
    'one.json': 'OSV-1',
    'all.zip: OSV-2.json': 'OSV-2',
    'below/Go.tar.gz: OSV-3.json': 'OSV-3',
    'cut.json': 'set aside',
  });
});

test('an archive in it that is cut off stops the import', async () => {
  const whole = tarGzOf([advisoryOf('OSV-4', { name: 'four' })]);
  await writeFile(join(folder, 'cut.tar.gz'), whole.subarray(0, whole.length / 2));
  await expect(read()).rejects.toThrow(/cut\.tar\.gz is no whole archive/);
});
