import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../kernel/json.ts';
import { blobsOf, commitment, type Entry, encodeEntry, parseEntry } from './entry.ts';
import { leafHash } from './hash.ts';

interface Vectors {
  readonly entries: readonly { readonly text: string; readonly leaf: string }[];
  readonly notEntries: readonly { readonly why: string; readonly text: string }[];
  readonly notUtf8: readonly { readonly why: string; readonly hex: string }[];
  readonly commitments: readonly {
    readonly salt: string;
    readonly value: Json;
    readonly commitment: string;
  }[];
}
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8'),
) as Vectors;

const sample: Entry = {
  v: 1,
  id: '019b8d2b-8c00-7a5e-8c0d-000000000000',
  at: '2026-01-05T08:00:00.000Z',
  actor: 'person/1',
  clause: 'access',
  type: 'AccessReviewed',
  subject: 'grant/1',
  body: {},
  private: {},
};

describe('entries', () => {
  test.each(vectors.entries)('reads and writes $text', ({ text, leaf }) => {
    const parsed = parseEntry(Buffer.from(text));
    if (!parsed.ok) throw new Error(parsed.reason);
    const bytes = encodeEntry(parsed.value);
    expect(Buffer.from(bytes).toString()).toBe(text);
    expect(leafHash(bytes).toHex()).toBe(leaf);
  });

  test.each(vectors.notEntries)('refuses $why', ({ text }) => {
    expect(parseEntry(Buffer.from(text))).toMatchObject({ ok: false });
  });

  test.each(vectors.notUtf8)('refuses $why', ({ hex }) => {
    const [before, after] = JSON.stringify({ ...sample }).split('grant') as [string, string];
    expect(
      parseEntry(Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)]))
        .ok,
    ).toBe(false);
  });

  test('are refused above 65,535 bytes, and written up to there', () => {
    const empty = encodeEntry({ ...sample, body: { a: '' } }).length;
    expect(encodeEntry({ ...sample, body: { a: 'x'.repeat(65_535 - empty) } })).toHaveLength(
      65_535,
    );
    expect(() => encodeEntry({ ...sample, body: { a: 'x'.repeat(65_536 - empty) } })).toThrow(
      '65535 is the most',
    );
  });

  test('are refused when id and time disagree, or a blob or commitment is none', () => {
    expect(() => encodeEntry({ ...sample, at: '2026-01-05T08:00:00.001Z' })).toThrow(
      'the id was made at',
    );
    expect(() => encodeEntry({ ...sample, body: { a: { fileBlob: 'x' } } })).toThrow('fileBlob');
    expect(() => encodeEntry({ ...sample, private: { name: 'Ann' } })).toThrow('commitment');
  });

  test('name their blobs at any depth, each once', () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    expect(
      blobsOf({ body: { oneBlob: a, list: [{ otherBlob: b }, { otherBlob: a }], noBlob: null } }),
    ).toEqual([a, b]);
  });

  test('never make the parser throw', () => {
    const text = vectors.entries[2]?.text ?? '';
    fc.assert(
      fc.property(fc.nat(), fc.uint8Array({ maxLength: 6 }), fc.nat(5), (at, inserted, removed) => {
        const bytes = Buffer.from(text);
        const place = at % bytes.length;
        const mutated = Buffer.concat([
          bytes.subarray(0, place),
          inserted,
          bytes.subarray(place + removed),
        ]);
        const parsed = parseEntry(mutated);
        if (parsed.ok) expect(Buffer.from(encodeEntry(parsed.value))).toEqual(mutated);
      }),
    );
  });
});

describe('commitments', () => {
  test.each(vectors.commitments)('of $value', ({ salt, value, commitment: expected }) => {
    expect(commitment(Buffer.from(salt, 'hex'), value)).toBe(expected);
  });

  test('need a whole salt', () => {
    expect(() => commitment(new Uint8Array(31), 'x')).toThrow('32 bytes');
  });

  test('differ by salt and by value', () => {
    const salt = new Uint8Array(32);
    expect(commitment(salt, 'a')).not.toBe(commitment(salt, 'b'));
    expect(commitment(salt, 'a')).not.toBe(
      commitment(
        salt.map(() => 1),
        'a',
      ),
    );
  });
});
