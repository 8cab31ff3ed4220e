import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bundlesOf,
  encodeBundle,
  parseBundle,
  parseTilePath,
  type TileName,
  tilePath,
  tilesOf,
} from './tile.ts';

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8')) as {
  readonly tilePaths: readonly (TileName & { readonly path: string })[];
};

describe('tile paths', () => {
  test.each(vectors.tilePaths)('$path', ({ path, ...name }) => {
    expect(tilePath(name)).toBe(path);
    expect(parseTilePath(path)).toEqual({ ok: true, value: name });
  });

  test.each([
    '',
    'tile',
    'tile/0',
    'tile/00/000',
    'tile/64/000',
    'tile/0/0',
    'tile/0/x000/001',
    'tile/0/001.p/0',
    'tile/0/001.p/01',
    'tile/0/001.p/256',
    'tile/0/x001/x234',
    'tile/0/000/',
    'tile/entries/000.p/3/',
    'tile/8/0/000',
    'tile/0/../000',
  ])('%j is none', (path) => {
    expect(parseTilePath(path).ok).toBe(false);
  });

  test('are read back as written, and any string is answered', () => {
    const level = fc.oneof(fc.nat(63), fc.constant('entries' as const));
    fc.assert(
      fc.property(level, fc.nat(), fc.integer({ min: 1, max: 256 }), (l, index, width) => {
        const name = { level: l, index, width };
        expect(parseTilePath(tilePath(name))).toEqual({ ok: true, value: name });
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^tile\/(entries|\d+)\/[x\d/.p]*$/), (path) => {
        const parsed = parseTilePath(path);
        if (parsed.ok) expect(tilePath(parsed.value)).toBe(path);
      }),
    );
  });

  test('of a tree of 70,000 are those of the specification', () => {
    const paths = [...tilesOf(70_000)].map(tilePath);
    expect(paths).toHaveLength(273 + 1 + 1 + 1 + 1);
    expect(paths).toEqual(
      expect.arrayContaining([
        'tile/0/273.p/112',
        'tile/1/000',
        'tile/1/001.p/17',
        'tile/2/000.p/1',
      ]),
    );
    expect([...tilesOf(256)].map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1']);
    expect([...bundlesOf(257)].map(tilePath)).toEqual(['tile/entries/000', 'tile/entries/001.p/1']);
    expect([...tilesOf(0)]).toEqual([]);
  });
});

describe('bundles', () => {
  const entry = fc.uint8Array({ maxLength: 600 });

  test('are read back as written', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 256 }), (entries) => {
        const parsed = parseBundle(encodeBundle(entries), entries.length);
        if (!parsed.ok) throw new Error(parsed.reason);
        expect(parsed.value.map((bytes) => Buffer.from(bytes))).toEqual(
          entries.map((bytes) => Buffer.from(bytes)),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('of the wrong number, cut short, or too large are refused', () => {
    const bundle = encodeBundle([Buffer.from('one'), Buffer.from('two')]);
    expect(parseBundle(bundle, 1)).toEqual({
      ok: false,
      reason: 'the bundle holds 2 entries, expected 1',
    });
    expect(parseBundle(bundle.subarray(0, -1), 2).ok).toBe(false);
    expect(parseBundle(bundle.subarray(0, 6), 2).ok).toBe(false);
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow('65536');
    expect(() => encodeBundle(Array.from({ length: 257 }, () => new Uint8Array(0)))).toThrow('257');
  });

  test('of any bytes are answered', () => {
    fc.assert(fc.property(entry, fc.nat(5), (bytes, count) => void parseBundle(bytes, count)));
  });
});
