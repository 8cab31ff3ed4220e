import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../kernel/json.ts';
import { canonicalJson } from './canonical.ts';

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8')) as {
  readonly canonical: readonly { readonly input: string; readonly output: string }[];
};

describe('canonicalJson', () => {
  test.each(vectors.canonical)('writes $input as RFC 8785 says', ({ input, output }) => {
    expect(canonicalJson(JSON.parse(input) as Json)).toBe(output);
  });

  test.each([
    ['NaN', { a: Number.NaN }],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['undefined', { a: undefined }],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['a symbol as key', { [Symbol('a')]: 1 }],
    ['a hole', new Array(1)],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value as Json)).toThrow(/^\$/);
  });

  test('names the path of what it refuses', () => {
    expect(() => canonicalJson({ a: [{ b: Number.NaN }] })).toThrow('$.a[0].b is NaN');
  });

  test('refuses nesting beyond the limit instead of running out of stack', () => {
    let deep: Json = 1;
    for (let i = 0; i < 64; i++) deep = [deep];
    expect(canonicalJson(deep)).toHaveLength(129);
    expect(() => canonicalJson([deep])).toThrow('deeper than 64');
  });

  test('says the same of equal values, whatever the order of members, and loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }), (value) => {
        const text = canonicalJson(value as Json);
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value as Json))).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});

function reversed(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}
