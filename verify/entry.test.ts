import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cursor } from './canonical.ts';
import { EntryReader, readTime } from './entry.ts';

// Vectors are all that the verifier shares with the ledger.
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../src/ledger/vectors.json'), 'utf8'),
) as {
  readonly entries: readonly { readonly text: string }[];
  readonly notEntries: readonly { readonly why: string; readonly text: string }[];
  readonly notUtf8: readonly { readonly why: string; readonly hex: string }[];
  readonly canonical: readonly { readonly input: string; readonly output: string }[];
};

function fault(bytes: Buffer): string | null {
  return new EntryReader().read(bytes, 0, bytes.length);
}

function isCanonical(text: string): boolean {
  const cursor = new Cursor();
  const bytes = Buffer.from(text);
  cursor.aim(bytes, 0, bytes.length);
  return cursor.value(0) && cursor.at === bytes.length;
}

describe('entries', () => {
  test.each(vectors.entries)('are accepted: $text', ({ text }) => {
    expect(fault(Buffer.from(text))).toBeNull();
    const amid = Buffer.from(`xx${text}yy`);
    expect(new EntryReader().read(amid, 2, amid.length - 2)).toBeNull();
  });

  test.each(vectors.notEntries)('with $why are refused', ({ text }) => {
    expect(fault(Buffer.from(text))).toEqual(expect.any(String));
  });

  test.each(vectors.notUtf8)('with $why are refused', ({ hex }) => {
    const [before, after] = (vectors.entries[0]?.text ?? '').split('grant') as [string, string];
    const bytes = Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)]);
    expect(fault(bytes)).toMatch('UTF-8');
  });

  test('tell their blobs and rotations', () => {
    const reader = new EntryReader();
    const bytes = Buffer.from(vectors.entries[2]?.text ?? '');
    reader.read(bytes, 0, bytes.length);
    expect([...reader.blobs]).toEqual(['ab'.repeat(32)]);
    const rotation = (vectors.entries[0]?.text ?? '')
      .replace('"access"', '"ledger"')
      .replace('AccessReviewed', 'LedgerKeyRotated');
    expect(reader.read(Buffer.from(rotation), 0, rotation.length)).toBeNull();
    expect(reader.isRotation).toBe(true);
    reader.read(bytes, 0, bytes.length);
    expect(reader.isRotation).toBe(false);
  });
});

describe('canonical JSON', () => {
  test.each(vectors.canonical)('is $output, not $input', ({ input, output }) => {
    expect(isCanonical(output)).toBe(true);
    expect(isCanonical(input)).toBe(input === output);
  });

  test('of strings and numbers is what JSON.stringify writes', () => {
    const atom = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
    );
    fc.assert(fc.property(atom, (value) => isCanonical(JSON.stringify(value === 0 ? 0 : value))));
  });

  test('never ends in an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const cursor = new Cursor();
        cursor.aim(Buffer.from(bytes), 0, bytes.length);
        if (cursor.value(0)) return;
        expect(cursor.fault).not.toBe('');
      }),
    );
  });
});

describe('times', () => {
  test('are those of Date for every day of its calendar', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
        (millisecond) => {
          const text = Buffer.from(new Date(millisecond).toISOString());
          expect(readTime(text, 0, text.length)).toBe(millisecond);
        },
      ),
    );
  });

  test.each(['2026-02-29', '2026-13-01', '2026-00-01', '2026-04-31', '1900-02-29'])(
    'of %s there are none',
    (day) => {
      const text = Buffer.from(`${day}T00:00:00.000Z`);
      expect(readTime(text, 0, text.length)).toBeNaN();
    },
  );
});
