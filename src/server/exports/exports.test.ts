import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { identityText } from '../../platform/age/identity.ts';
import { decryptStream } from '../../platform/age/stream.ts';
import { execute } from '../../platform/execute.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { exportBy, partsOf } from '../../registers/portal/store.exports.ts';
import { portalFlow } from '../../registers/portal/store.ts';
import { archiveBytes, archiveSize } from './sealed.ts';
import { bytesOf, collected, must, opened, type SampleAccount, sampleAccount } from './testing.ts';
import { unzip } from './unzip.fixture.ts';
import { makeNext } from './worker.ts';

const never = new AbortController().signal;
const names = [
  'plan.pdf',
  '図面/配置図 第1版.dwg',
  '../../etc/passwd',
  '/absolute',
  'a',
  'a/b',
  'A',
  'con.txt',
  'line\nbreak',
  `${'long'.repeat(200)}.bin`,
  'trailing. ',
  '~/hidden',
  '<script>alert(1)</script>',
];
const contentOf = (name: string, n: number): Buffer =>
  n % 5 === 4 ? Buffer.alloc(0) : Buffer.from(`content of ${name}`.repeat(n + 1));

let world: TestWorld;
let account: SampleAccount;

async function exported(it: SampleAccount, form: 'plain' | 'age') {
  const { customerId } = it;
  const [asked] = must(
    await execute(world, portalFlow, { do: 'askExport', customerId, form }, it.owner),
  );
  const exportId = String(asked?.body['export']);
  expect(await makeNext(world, world.newId(), never)).toBe(true);
  const row = await exportBy(world.database.db, customerId, exportId);
  const open = await opened(world, customerId);
  const parts = await partsOf(world.database.db, exportId);
  const bytes = await collected(
    archiveBytes(open.door, parts, { from: 0, to: archiveSize(parts) }),
  );
  return { row, parts, bytes, open };
}

beforeAll(async () => {
  world = await testWorld();
  account = await sampleAccount(world, 'whole');
  const open = await opened(world, account.customerId);
  for (const [n, name] of names.entries()) {
    const bytes = bytesOf(contentOf(name, n));
    must(await open.writeObject({ collection: 'drawings', name, bytes, mediaType: 'text/plain' }));
  }
  // Larger than what is read at once.
  const large = Buffer.alloc(900_000, 'large');
  must(await open.writeObject({ collection: 'video', name: 'large.bin', bytes: bytesOf(large) }));
  const orders = Array.from({ length: 450 }, (_, n) => ({
    key: `注文/${n}`,
    value: { n, é: '<b>' },
  }));
  must(await open.writeRecords('orders', orders));
});

describe('an export of everything', () => {
  it('holds every object and record, bit for bit, under paths that lead nowhere else (RET-4)', async () => {
    const { row, bytes } = await exported(account, 'plain');
    expect(row).toMatchObject({
      state: 'done',
      objects: names.length + 1,
      records: 450,
      missed: 0,
    });
    expect(Buffer.from(row?.sha256 ?? []).toString('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
    const files = new Map(unzip(bytes).map((file) => [file.path, file.bytes]));
    const lines = String(files.get('objects.jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBe(names.length + 1);
    for (const [n, name] of names.entries()) {
      const line = lines.find((each) => each.name === name);
      expect(files.get(line.path)).toEqual(contentOf(name, n));
      expect(line).toMatchObject({ mediaType: 'text/plain', size: contentOf(name, n).length });
    }
    for (const path of files.keys()) expect(path).not.toMatch(/(^|\/)\.{1,2}(\/|$)|^\/|\n|\\/);
    expect(files.has('objects/drawings/図面/配置図 第1版.dwg')).toBe(true);
    // On a disk that tells no case apart, and where a file is no folder, nothing is lost either.
    const folded = [...files.keys()].map((path) => path.toLowerCase());
    expect(new Set(folded).size).toBe(folded.length);
    expect(folded.some((path) => folded.some((other) => other.startsWith(`${path}/`)))).toBe(false);
    const records = [...files].filter(([path]) => path.startsWith('records/orders/'));
    const values = records.flatMap(([, text]) => JSON.parse(String(text)));
    expect(values.map(({ key }) => key).sort()).toEqual(
      Array.from({ length: 450 }, (_, n) => `注文/${n}`).sort(),
    );
    expect(values.find(({ key }) => key === '注文/7').value).toEqual({ n: 7, é: '<b>' });
    const manifest = JSON.parse(String(files.get('manifest.json')));
    expect(manifest).toMatchObject({
      format: 'kept.export/1',
      objects: names.length + 1,
      records: 450,
    });
  });

  it('says of every file what SHA-256 it has, as sha256sum reads it', async () => {
    const { bytes } = await exported(account, 'plain');
    const files = unzip(bytes);
    const sums = String(files.find(({ path }) => path === 'SHA256SUMS')?.bytes)
      .trim()
      .split('\n');
    const said = new Map(sums.map((line) => [line.slice(66), line.slice(0, 64)]));
    for (const { path, bytes: content } of files) {
      if (path === 'SHA256SUMS') continue;
      expect([path, said.get(path)]).toEqual([
        path,
        createHash('sha256').update(content).digest('hex'),
      ]);
    }
    expect(said.size).toBe(files.length - 1);
  });

  it('opens with other programs', async () => {
    const { bytes } = await exported(account, 'plain');
    const folder = await mkdtemp(join(tmpdir(), 'kept-export-'));
    try {
      await writeFile(join(folder, 'export.zip'), bytes);
      const script =
        'import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(z.testzip(),len(z.infolist()))';
      const run = promisify(execFile)('python3', ['-c', script, join(folder, 'export.zip')]);
      const said = await run.then(({ stdout }) => stdout.trim()).catch((error) => error.code);
      // Where there is no Python there is nothing to compare with; our own reader has read it above.
      if (said !== 'ENOENT') expect(said).toBe(`None ${unzip(bytes).length}`);
      expect(unzip(bytes).length).toBe(names.length + 1 + 1 + 4);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is under the customer’s own key where it is stored, and nothing of it is in the clear', async () => {
    const { parts, bytes } = await exported(account, 'plain');
    for (const { storedAs, trailAs } of parts) {
      for (const name of [storedAs, trailAs]) {
        const stored = await collected(world.objects.get(name));
        expect(stored.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
        expect(stored.includes('配置図')).toBe(false);
      }
    }
    expect(bytes.includes('配置図')).toBe(true);
    const { rows } = await sql<{ text: string }>`
      select string_agg(p::text, ' ') as text from portal_export_part p`.execute(world.database.db);
    expect(rows[0]?.text).not.toMatch(/plan|passwd|注文/);
  });

  it('as age files opens with the exported identity alone', async () => {
    const { bytes, open } = await exported(account, 'age');
    const files = new Map(unzip(bytes).map((file) => [file.path, file.bytes]));
    const { identity } = await open.door.keyring.current();
    expect(identityText(identity)).toMatch(/^AGE-SECRET-KEY-1/);
    const read = async (path: string) =>
      String(await collected(decryptStream([identity], bytesOf(files.get(path) ?? ''))));
    const lines = (await read('objects.jsonl.age'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const [n, name] of names.entries()) {
      const line = lines.find((each) => each.name === name);
      expect(await read(line.path)).toBe(String(contentOf(name, n)));
    }
    // What is not sealed tells no name.
    expect([...files.keys()].join()).not.toMatch(/plan|passwd|図面/);
    expect(JSON.parse(await read('manifest.json.age'))).toMatchObject({
      form: 'age',
      records: 450,
    });
  });
});
