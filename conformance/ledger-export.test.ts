import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExportSource, type PrivateValue, writeExport } from '../src/ledger/exported.ts';
import { signNote } from '../src/ledger/note.ts';
import { type CheckName, type Verification, verifyExport } from '../verify/verify.ts';
import { folderSink, growSample, sampleSigner } from './ledger-sample.ts';

const plan = { size: 43, rotations: [6, 29], privateEvery: 5, blobEvery: 12 };
const room = mkdtempSync(join(tmpdir(), 'kept-export-'));
const whole = join(room, 'whole');
let source: ExportSource;

beforeAll(async () => {
  ({ source } = await growSample(plan));
  await writeExport(source, folderSink(whole));
});

afterAll(() => rmSync(room, { recursive: true, force: true }));

function files(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true }) as string[];
  return all.filter((path) => statSync(join(folder, path)).isFile()).sort();
}

function shown(report: Verification): string {
  return report.problems
    .map(({ check, file, index, message }) => `${check} ${file} ${index} ${message}`)
    .join('\n');
}

/** A copy, changed, with MANIFEST made again by the holder of the key: what an honest-looking liar could publish. */
async function republished(
  change: (folder: string) => void,
  signer = sampleSigner(2),
): Promise<string> {
  const folder = mkdtempSync(join(room, 'changed-'));
  cpSync(whole, folder, { recursive: true });
  change(folder);
  const listed = files(folder)
    .filter((path) => path !== 'MANIFEST')
    .map((path) => {
      const bytes = readFileSync(join(folder, path));
      return `${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} ${path}\n`;
    });
  const text = `kept export v1\n${signer.key.name}\n2026-11-23T00:00:00.000Z\n${listed.join('')}`;
  writeFileSync(join(folder, 'MANIFEST'), await signNote(text, [signer]));
  return folder;
}

function edit(folder: string, path: string, change: (text: string) => string): void {
  const before = readFileSync(join(folder, path), 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`the edit of ${path} changed nothing`);
  writeFileSync(join(folder, path), after);
}

describe('an export', () => {
  test('verifies, with every check done over everything', async () => {
    const report = await verifyExport(whole, { key: source.firstKey });
    expect(shown(report)).toBe('');
    expect(report).toMatchObject({ ok: true, size: 43, problemCount: 0 });
    const examined = Object.fromEntries(
      report.checks.map(({ name, examined: count }) => [name, count]),
    );
    expect(examined).toMatchObject({
      files: files(whole).length - 1,
      keys: 3,
      entries: 43,
      register: 43,
      private: 18,
      blobs: 4,
    });
  });

  test('verifies with a later key as the trusted one, and with no other', async () => {
    expect((await verifyExport(whole, { key: sampleSigner(2).key.text })).ok).toBe(true);
    const report = await verifyExport(whole, { key: sampleSigner(9).key.text });
    expect(report.problems).toMatchObject([{ check: 'keys', expected: sampleSigner(9).key.text }]);
    expect((await verifyExport(whole, { key: 'nonsense' })).ok).toBe(false);
  });

  test('with any bit flipped, in any file, fails and says where', {
    timeout: 300_000,
  }, async () => {
    const folder = join(room, 'flipped');
    cpSync(whole, folder, { recursive: true });
    let flips = 0;
    for (const path of files(folder)) {
      const bytes = readFileSync(join(folder, path));
      // Every byte of what is short, a few hundred of what is long; the bit changes along.
      const step = Math.max(1, Math.ceil(bytes.length / 320));
      for (let at = 0; at < bytes.length; at += step) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] as number) ^ (1 << ((at * 5 + flips) % 8));
        writeFileSync(join(folder, path), flipped);
        const report = await verifyExport(folder);
        const told = report.problems.some(({ file }) => file === path);
        if (report.ok || !told)
          expect.fail(`byte ${at} of ${path}: ${report.ok ? 'was accepted' : shown(report)}`);
        flips += 1;
      }
      writeFileSync(join(folder, path), bytes);
    }
    expect(flips).toBeGreaterThan(3000);
    expect((await verifyExport(folder)).ok).toBe(true);
  });

  test.each([
    ['a missing file', (f: string) => rmSync(join(f, 'tile/0/000.p/43')), 'tile/0/000.p/43'],
    [
      'a missing private part',
      (f: string) => rmSync(join(f, 'private/0000.jsonl')),
      'private/0000.jsonl',
    ],
    ['an extra file', (f: string) => writeFileSync(join(f, 'note.txt'), ''), 'note.txt'],
    ['no MANIFEST', (f: string) => rmSync(join(f, 'MANIFEST')), 'MANIFEST'],
  ])('with %s fails', async (_, change, file) => {
    const folder = mkdtempSync(join(room, 'lacking-'));
    cpSync(whole, folder, { recursive: true });
    change(folder);
    const report = await verifyExport(folder);
    expect(report.problems).toContainEqual(expect.objectContaining({ file }));
    expect(report.ok).toBe(false);
  });

  test('of which personal data was erased verifies still', async () => {
    const erased = join(room, 'erased');
    async function* left(): AsyncGenerator<PrivateValue> {
      for await (const value of source.privateValues())
        if (value.index > 20 && value.field !== 'name') yield value;
    }
    await writeExport({ ...source, privateValues: left }, folderSink(erased));
    const report = await verifyExport(erased, { key: source.firstKey, with: whole });
    expect(shown(report)).toBe('');
    expect(report.checks).toContainEqual(
      expect.objectContaining({ name: 'private', ok: true, examined: 4 }),
    );
    expect(report.checks).toContainEqual(
      expect.objectContaining({ name: 'consistency', ok: true, examined: 43 }),
    );
    const allGone = join(room, 'all-erased');
    const none = async function* (): AsyncGenerator<PrivateValue> {
      yield* [];
    };
    await writeExport({ ...source, privateValues: none }, folderSink(allGone));
    expect(existsSync(join(allGone, 'private'))).toBe(false);
    expect((await verifyExport(allGone)).ok).toBe(true);
  });
});

describe('an export published anew by who holds the key fails', () => {
  const blobLine = /"snapshotBlob":"([0-9a-f]{64})"/;
  const lies: readonly (readonly [string, CheckName, (folder: string) => void])[] = [
    [
      'with an entry rewritten',
      'tree',
      (f) => edit(f, 'tile/entries/000.p/43', (t) => t.replace('"keep"', '"kill"')),
    ],
    [
      'with an entry not canonical',
      'entries',
      (f) => edit(f, 'tile/entries/000.p/43', (t) => t.replace('"v":1}', '"v":2}')),
    ],
    [
      'with a register that reads otherwise',
      'register',
      (f) => edit(f, 'register/0000.jsonl', (t) => t.replace('"keep"', '"kept"')),
    ],
    [
      'with a line of the register left out',
      'register',
      (f) => edit(f, 'register/0000.jsonl', (t) => t.replace(/.*"index":7}\n/, '')),
    ],
    [
      'with a line too many in the register',
      'register',
      (f) => edit(f, 'register/0000.jsonl', (t) => `${t}{}\n`),
    ],
    [
      'with another private value',
      'private',
      (f) => edit(f, 'private/0000.jsonl', (t) => t.replace('person10@', 'person11@')),
    ],
    [
      'with another salt',
      'private',
      (f) => edit(f, 'private/0000.jsonl', (t) => t.replace(/"salt":"./, '"salt":"f')),
    ],
    [
      'with a private value of a field the entry has not',
      'private',
      (f) => edit(f, 'private/0000.jsonl', (t) => t.replace('"field":"email"', '"field":"phone"')),
    ],
    [
      'with a private value twice',
      'private',
      (f) => edit(f, 'private/0000.jsonl', (t) => t.replace(/^(.*\n)/, '$1$1')),
    ],
    [
      'with a private value beyond the tree',
      'private',
      (f) =>
        edit(
          f,
          'private/0000.jsonl',
          (t) => `${t}${t.split('\n')[0]?.replace('"index":0', '"index":99')}\n`,
        ),
    ],
    ['with a leaf hash changed', 'tree', (f) => edit16(f, 'tile/0/000.p/43')],
    ['without a blob', 'blobs', (f) => rmSync(blobOf(f))],
    ['with a blob changed', 'blobs', (f) => writeFileSync(blobOf(f), 'other evidence')],
    ['without a rotation', 'keys', (f) => rmSync(join(f, 'rotations/0002'))],
    [
      'with rotations swapped',
      'keys',
      (f) => cpSync(join(f, 'rotations/0002'), join(f, 'rotations/0001')),
    ],
    [
      'with a checkpoint of another size',
      'tree',
      (f) => edit(f, 'checkpoint', (t) => t.replace('\n43\n', '\n9007199254740991\n')),
    ],
    [
      'with a checkpoint that is none',
      'checkpoint',
      (f) => writeFileSync(join(f, 'checkpoint'), 'nothing'),
    ],
    ['with a file that has no place', 'files', (f) => put(f, 'tile/2/000.p/1', 'x'.repeat(32))],
    ['without the register', 'tree', (f) => rmSync(join(f, 'register/0000.jsonl'))],
  ];

  function blobOf(folder: string): string {
    const digest =
      blobLine.exec(readFileSync(join(folder, 'register/0000.jsonl'), 'utf8'))?.[1] ?? '';
    return join(folder, 'blob', digest.slice(0, 2), digest);
  }

  function edit16(folder: string, path: string): void {
    const bytes = readFileSync(join(folder, path));
    bytes[16 * 32] = (bytes[16 * 32] as number) ^ 1;
    writeFileSync(join(folder, path), bytes);
  }

  function put(folder: string, path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  test.each(lies)('%s', async (_, check, change) => {
    const report = await verifyExport(await republished(change));
    expect(report.checks).toContainEqual(expect.objectContaining({ name: check, ok: false }));
    expect(report.ok).toBe(false);
  });

  test('names entry and hashes of a leaf that does not fit', async () => {
    const report = await verifyExport(await republished((f) => edit16(f, 'tile/0/000.p/43')));
    const told = {
      check: 'tree',
      file: 'tile/0/000.p/43',
      index: 16,
      expected: expect.any(String),
      found: expect.any(String),
    };
    expect(report.problems).toContainEqual(expect.objectContaining(told));
  });

  test('by the old key', async () => {
    const report = await verifyExport(await republished(() => undefined, sampleSigner(0)));
    expect(report.problems).toMatchObject([
      { check: 'manifest', message: expect.stringContaining('not signed by') },
    ]);
  });
});

describe('the command', () => {
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, '../verify/main.ts'), ...words], {
      encoding: 'utf8',
    });

  test('answers 0 where all holds, with the root', () => {
    const { status, stdout } = run(whole, '--key', source.firstKey);
    expect(stdout).toContain('This export verifies: 43 entries of ledger.example.com/kept, root ');
    expect(stdout).not.toContain('No key was given');
    expect(status).toBe(0);
  });

  test('answers 1 where something does not, with what and where, also as JSON', async () => {
    const folder = await republished((f) =>
      edit(f, 'register/0000.jsonl', (t) => t.replace('"keep"', '"kept"')),
    );
    const { status, stdout } = run(folder);
    expect(stdout).toContain('register: register/0000.jsonl, entry 1: ');
    expect(stdout).toContain('No key was given');
    expect(status).toBe(1);
    expect(JSON.parse(run(folder, '--json').stdout)).toMatchObject({ ok: false, problemCount: 1 });
  });

  test('answers 2 to wrong usage', () => {
    for (const words of [[], [whole, whole], ['--nonsense'], [join(room, 'nowhere')]]) {
      const { status, stderr } = run(...words);
      expect(status).toBe(2);
      expect(stderr).not.toBe('');
    }
  });
});

describe('two exports', () => {
  const older = join(room, 'older');
  const forked = join(room, 'forked');

  beforeAll(async () => {
    await writeExport((await growSample({ ...plan, size: 30 })).source, folderSink(older));
    // The same keys, another history from entry 12 on: there, this ledger has a blob that the other has not.
    await writeExport((await growSample({ ...plan, blobEvery: 36 })).source, folderSink(forked));
  });

  test('of one ledger are consistent, whichever is older', async () => {
    const says = 'the first 30 entries of both exports are the same';
    for (const [one, other] of [
      [whole, older],
      [older, whole],
    ] as const) {
      const report = await verifyExport(one, { with: other });
      expect(report).toMatchObject({ ok: true });
      expect(report.checks).toContainEqual({ name: 'consistency', ok: true, examined: 30, says });
    }
  });

  test('of a rewritten ledger verify alone, and not together', async () => {
    expect((await verifyExport(forked, { key: source.firstKey })).ok).toBe(true);
    const report = await verifyExport(whole, { key: source.firstKey, with: forked });
    expect(report.problems).toMatchObject([{ check: 'consistency', index: 12 }]);
  });

  test('of which one does not verify are not consistent', async () => {
    const broken = await republished((f) =>
      edit(f, 'register/0000.jsonl', (t) => t.replace('"keep"', '"kept"')),
    );
    const report = await verifyExport(whole, { with: broken });
    expect(report.problems).toMatchObject([
      { check: 'consistency', message: expect.stringContaining('the other export') },
    ]);
  });
});
