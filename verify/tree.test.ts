import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readManifest } from './manifest.ts';
import { isWrong, readCheckpoint, readKey, readNote, signatureFault } from './note.ts';
import { DigestedReader } from './stream.ts';
import { hashBytes, levelsAbove, rootAt, tilePath, tileWidth, wholeRoot } from './tree.ts';

// Vectors are all that the verifier shares with the ledger.
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../src/ledger/vectors.json'), 'utf8'),
) as {
  readonly shortTreeStates: { readonly to: number; readonly pinned: string };
  readonly roots: Readonly<Record<string, string>>;
  readonly tilePaths: readonly {
    level: number | 'entries';
    index: number;
    width: number;
    path: string;
  }[];
  readonly note: { readonly key: string; readonly text: string };
};

function leaves(size: number): Buffer {
  const hashes = Array.from({ length: size }, (_, i) =>
    createHash('sha256').update(`\0leaf ${i}`).digest(),
  );
  return Buffer.concat(hashes);
}

function bundleHashes(row: Buffer): Buffer {
  const full = Math.floor(row.length / hashBytes / tileWidth);
  return Buffer.concat(
    Array.from({ length: full }, (_, i) => wholeRoot(row, i * tileWidth, tileWidth)),
  );
}

function unfinished(row: Buffer, size: number): Buffer {
  return row.subarray((size - (size % tileWidth)) * hashBytes, size * hashBytes);
}

describe('the tree', () => {
  test('has the pinned roots of every size', { timeout: 60_000 }, () => {
    const { to, pinned } = vectors.shortTreeStates;
    const row = leaves(to);
    const levels = levelsAbove(bundleHashes(row));
    const hash = createHash('sha256');
    for (let size = 0; size <= to; size++) hash.update(rootAt(size, levels, unfinished(row, size)));
    expect(hash.digest('hex')).toBe(pinned);
  });

  test('has the known roots over three levels of tiles', { timeout: 60_000 }, () => {
    const row = leaves(66_000);
    const levels = levelsAbove(bundleHashes(row));
    for (const [size, root] of Object.entries(vectors.roots)) {
      expect(rootAt(Number(size), levels, unfinished(row, Number(size))).toString('hex')).toBe(
        root,
      );
    }
  });

  test.each(vectors.tilePaths)('stores $path', ({ level, index, width, path }) => {
    expect(tilePath(level, index, width)).toBe(path);
  });
});

describe('notes', () => {
  test('open with their key, and with any bit flipped do not', () => {
    const key = readKey(vectors.note.key);
    const note = readNote(Buffer.from(vectors.note.text));
    if (isWrong(key) || isWrong(note)) throw new Error('the vector is not read');
    expect(signatureFault(note, key)).toBeNull();
    expect(readCheckpoint(note.text)).toMatchObject({ origin: key.name, size: 0 });
    for (let bit = 0; bit < Buffer.byteLength(vectors.note.text) * 8; bit++) {
      const bytes = Buffer.from(vectors.note.text);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      const flipped = readNote(bytes);
      expect(isWrong(flipped) || signatureFault(flipped, key) !== null).toBe(true);
    }
  });

  test.each([
    '',
    'a+b',
    `${vectors.note.key} `,
    vectors.note.key.replace('+a', '+b'),
    `${vectors.note.key}=`,
  ])('have no key %j', (text) => {
    expect(readKey(text)).toHaveProperty('wrong');
  });
});

describe('MANIFEST', () => {
  const line = `${'a'.repeat(64)} 12 tile/0/000`;
  const signature = vectors.note.text.slice(vectors.note.text.lastIndexOf('\n\n') + 2);
  const manifest = (...lines: readonly string[]) =>
    readManifest(
      Buffer.from(`${['kept export v1', 'o', 'now', ...lines].join('\n')}\n\n${signature}`),
    );

  test('lists digest, size and path', () => {
    expect(manifest(line)).toMatchObject({ origin: 'o', madeAt: 'now' });
  });

  test.each([
    ['leaves the folder', [line.replace('tile/0/000', '../x')]],
    ['starts at the root', [line.replace('tile', '/tile')]],
    ['hides a folder', [line.replace('0/000', './000')]],
    ['lists twice', [line, line]],
    ['is out of order', [line, line.replace('tile', 'key')]],
    ['has sizes with zeroes', [line.replace(' 12 ', ' 012 ')]],
    ['has empty lines', ['', line]],
  ])('that %s is refused', (_, lines) => {
    expect(manifest(...lines)).toHaveProperty('wrong');
  });

  test('with a second signature is refused', () => {
    const bytes = Buffer.from(`kept export v1\no\nnow\n${line}\n\n${signature}${signature}`);
    expect(readManifest(bytes)).toHaveProperty('wrong');
  });
});

describe('DigestedReader', () => {
  test('gives lines and ranges of any length, and the digest of the whole', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kept-stream-'));
    const file = join(folder, 'lines');
    const lines = [10, 0, 700_000, 3, 262_143, 262_144].map(
      (length, i) => `${String(i).repeat(length)}\n`,
    );
    writeFileSync(file, `${lines.join('')}rest`);
    const byLine = new DigestedReader(file);
    for (const expected of [...lines, 'rest', undefined])
      expect(byLine.line()?.toString()).toBe(expected);
    const byRange = new DigestedReader(file);
    expect(byRange.take(5).toString()).toBe('00000');
    expect(byRange.take(600_000)).toHaveLength(600_000);
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(byLine.finish()).toBe(digest);
    expect(byRange.finish()).toBe(digest);
    rmSync(folder, { recursive: true });
  });
});
