import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInputs } from './inputs.ts';

let folder: string;
const put = async (path: string, content: string | Uint8Array) => {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
};
const reading = (path: string, more: { exclude?: string[]; cdxgen?: string } = {}) =>
  readInputs({
    folder,
    paths: [join(folder, path)],
    exclude: more.exclude ?? [],
    cdxgen: more.cdxgen ?? null,
  });
const namesOf = async (path: string, more = {}) =>
  (await reading(path, more)).files.map((file) => file.path);
const packagesOf = async (path: string) =>
  (await reading(path)).files.flatMap(({ inventory }) =>
    inventory.components.map(({ name, version }) => `${name} ${version}`),
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-inputs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what a scan reads', () => {
  it('walks folders, passing over what was installed, what Git ignores and what is excluded', async () => {
    await put('tree/.gitignore', 'generated/\n');
    for (const path of ['', 'web/', 'node_modules/a/', 'generated/', 'samples/']) {
      await put(`tree/${path}requirements.txt`, 'a==1.0\n');
    }
    expect(await namesOf('tree', { exclude: ['samples'] })).toEqual([
      'tree/requirements.txt',
      'tree/web/requirements.txt',
    ]);
  });

  it('knows a bill of materials by what it says, whatever it is named', async () => {
    const bill = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] };
    await put('named/anything.json', JSON.stringify(bill));
    await put('named/settings.json', '{"a": "CycloneDX"}');
    expect(await namesOf('named')).toEqual(['named/anything.json']);
  });

  it('says so where there is nothing to read', async () => {
    await mkdir(join(folder, 'empty'));
    await expect(reading('empty')).rejects.toThrow(/no lockfile and no bill of materials.*empty/);
  });

  it('follows -r of requirements, however the files name one another', async () => {
    await put('pip/requirements.txt', '-r base.in\n-r nowhere.txt\nalpha==1.0\n');
    await put('pip/base.in', '-r requirements.txt\nbeta==2.0\n');
    const { files } = await reading('pip');
    expect(files[0]?.inventory.components.map(({ name }) => name).sort()).toEqual([
      'alpha',
      'beta',
    ]);
    expect(files[0]?.inventory.notes).toEqual([
      'names another file, which was not given: -r nowhere.txt',
    ]);
  });

  it('reads go.sum where go.mod leaves it the rest, and npm-shrinkwrap.json as npm does', async () => {
    const sum = 'b v1.0.0 h1:a=\nc v2.0.0 h1:a=\n';
    await put('old/go.mod', 'module a\ngo 1.16\nrequire b v1.0.0\n');
    await put('old/go.sum', sum);
    expect(await packagesOf('old')).toContain('c v2.0.0');
    await put('new/go.mod', 'module a\ngo 1.22\nrequire b v1.0.0\n');
    await put('new/go.sum', sum);
    expect(await packagesOf('new')).not.toContain('c v2.0.0');
    const lock = (version: string) => `{"packages":{"node_modules/a":{"version":"${version}"}}}`;
    await put('npm/package-lock.json', lock('1.0.0'));
    await put('npm/npm-shrinkwrap.json', lock('2.0.0'));
    expect(await packagesOf('npm')).toEqual(['a 2.0.0']);
  });

  it('reads UTF-16 as Windows writes it', async () => {
    const text = '\uFEFFalpha==1.0\r\n';
    await put('utf16/requirements.txt', Buffer.from(text, 'utf16le'));
    expect(await packagesOf('utf16')).toEqual(['alpha 1.0']);
    await put('utf16/requirements.txt', Buffer.from(text, 'utf16le').swap16());
    expect(await packagesOf('utf16')).toEqual(['alpha 1.0']);
  });

  it('reads a large CycloneDX piece by piece, in JSON and in XML, and refuses one that is cut', async () => {
    const filling = 'x'.repeat(1_000_000);
    const one = (n: number) =>
      `{"type":"library","name":"p${n}","version":"1.0","purl":"pkg:npm/p${n}@1.0","description":"${filling}"}`;
    const json = `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${Array.from({ length: 20 }, (_, n) => one(n)).join(',')}]}`;
    await put('large/a.cdx.json', json);
    const { files } = await reading('large/a.cdx.json');
    expect(files[0]?.inventory).toMatchObject({ format: 'CycloneDX 1.6 JSON' });
    expect(files[0]?.inventory.components).toHaveLength(20);
    await put('large/cut.cdx.json', json.slice(0, 17_500_000));
    await expect(reading('large/cut.cdx.json')).rejects.toThrow(/ends within a text/);
    const xml = `<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>${`<component type="library"><name>a</name><version>1</version><description>${filling}</description></component>`.repeat(20)}</components></bom>`;
    await put('large/b.cdx.xml', xml);
    expect((await reading('large/b.cdx.xml')).files[0]?.inventory.components).toHaveLength(1);
  }, 60_000);

  it('has cdxgen tell of what is not read directly, and says where it is missing', async () => {
    await put('mixed/requirements.txt', 'alpha==1.0\n');
    const bill = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      components: [
        { type: 'library', name: 'alpha', version: '9', purl: 'pkg:pypi/alpha@9' },
        { type: 'library', name: 'other', version: '1', purl: 'pkg:swift/example.com/other@1' },
      ],
    };
    const program = join(folder, 'cdxgen.sh');
    await put('made.json', JSON.stringify(bill));
    await writeFile(
      program,
      `#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\ncp '${join(folder, 'made.json')}' "$2"\n`,
      { mode: 0o755 },
    );
    const { files } = await reading('mixed', { cdxgen: program });
    expect(files.map(({ path }) => path)).toEqual(['mixed/requirements.txt', 'mixed (cdxgen)']);
    expect(files[1]?.inventory.components.map(({ name }) => name)).toEqual(['example.com/other']);
    await expect(reading('mixed', { cdxgen: join(folder, 'nowhere') })).rejects.toThrow(
      /cdxgen cannot be run: there is no/,
    );
  });
});
