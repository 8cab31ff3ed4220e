import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../src/kernel/json.ts';
import { canonicalJson } from '../src/ledger/canonical.ts';
import { encodeEntry, parseEntry } from '../src/ledger/entry.ts';
import { parseNote, parseNoteKey } from '../src/ledger/note.ts';
import { Cursor } from '../verify/canonical.ts';
import { EntryReader } from '../verify/entry.ts';
import { isWrong, readKey, readNote } from '../verify/note.ts';
import { sampleEntry, sampleSigner } from './ledger-sample.ts';

/** Ledger and verifier share no code; on whatever comes, they must say the same. */
describe('ledger and verifier agree', () => {
  test('on canonical JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }), (value) => {
        const bytes = Buffer.from(canonicalJson(value as Json));
        const cursor = new Cursor();
        cursor.aim(bytes, 0, bytes.length);
        expect([cursor.value(0), cursor.fault, cursor.at]).toEqual([true, '', bytes.length]);
      }),
      { numRuns: 60 },
    );
  });

  test('on entries, whole and damaged', () => {
    const plan = { size: 60, rotations: [7], privateEvery: 2, blobEvery: 3 };
    const scrap = fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ maxLength: 4 }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.nat(59), fc.nat(), scrap, fc.nat(4), (index, at, inserted, removed) => {
        const whole = Buffer.from(encodeEntry(sampleEntry(plan, index)));
        const place = at % whole.length;
        const bytes = Buffer.concat([
          whole.subarray(0, place),
          inserted,
          whole.subarray(place + removed),
        ]);
        const parsed = parseEntry(bytes);
        const fault = new EntryReader().read(bytes, 0, bytes.length);
        expect(
          fault === null,
          `${bytes.toString()} — ${fault} — ${parsed.ok ? 'accepted' : parsed.reason}`,
        ).toBe(parsed.ok);
      }),
      { numRuns: 3000 },
    );
  });

  test('on how deep an entry may nest', () => {
    const whole = Buffer.from(encodeEntry(sampleEntry({ size: 2 }, 1))).toString();
    for (const [arrays, accepted] of [
      [62, true],
      [63, false],
    ] as const) {
      const deep = `${'['.repeat(arrays)}${']'.repeat(arrays)}`;
      const bytes = Buffer.from(whole.replace('"items":1', `"items":${deep}`));
      expect(parseEntry(bytes).ok).toBe(accepted);
      expect(new EntryReader().read(bytes, 0, bytes.length) === null).toBe(accepted);
    }
  });

  test('on keys and notes, whole and damaged', () => {
    const key = sampleSigner(0).key.text;
    const note = `a\n\nb\n\n— ledger.example.com/kept ${'A'.repeat(88)}AAA=\n— w ${'B'.repeat(88)}BBA=\n`;
    fc.assert(
      fc.property(
        fc.nat(),
        fc.string({ unit: 'binary', maxLength: 3 }),
        fc.nat(3),
        (at, inserted, removed) => {
          for (const [whole, agree] of [
            [key, keysAgree],
            [note, notesAgree],
          ] as const) {
            const place = at % whole.length;
            const text = whole.slice(0, place) + inserted + whole.slice(place + removed);
            expect(agree(text), JSON.stringify(text)).toBe(true);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

function keysAgree(text: string): boolean {
  return parseNoteKey(text).ok === !isWrong(readKey(text));
}

function notesAgree(text: string): boolean {
  const bytes = Buffer.from(text);
  return parseNote(bytes).ok === !isWrong(readNote(bytes));
}
