import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityOf } from '../age/identity.ts';
import { seededBytes } from '../testing/world.ts';
import { indexOf, openValue, sealValue, valueKeysOf, valueOverheadBytes } from './values.ts';

const random = seededBytes('values');
const keys = valueKeysOf(identityOf(random(32)));
const otherKeys = valueKeysOf(identityOf(random(32)));
const place = {
  customer: '01890000-0000-7000-8000-0000000000ad',
  kind: 'record/orders',
  id: '契約書 ../1',
};

describe('a sealed value', () => {
  it('opens in its place, whatever its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (plaintext) => {
        const sealed = sealValue(keys, place, plaintext, random);
        expect(sealed).toHaveLength(plaintext.length + valueOverheadBytes);
        expect(Buffer.compare(openValue(keys, place, sealed), plaintext)).toBe(0);
      }),
      { numRuns: 50, seed: 4 },
    );
  });

  it('never looks the same twice', () => {
    const seal = () => sealValue(keys, place, Buffer.from('the same'), random);
    expect(seal()).not.toEqual(seal());
  });

  it('opens nowhere else, and not where a bit of it was changed', () => {
    const sealed = sealValue(keys, place, Buffer.from('a name'), random);
    const damaged = expect.objectContaining({ code: 'damaged' }) as Error;
    const elsewhere = [
      { ...place, customer: '01890000-0000-7000-8000-0000000000b0' },
      { ...place, kind: 'record/order' },
      { ...place, id: '2' },
      { ...place, kind: 'record/orders","契約書 ../1', id: '' },
    ];
    for (const other of elsewhere) expect(() => openValue(keys, other, sealed)).toThrow(damaged);
    expect(() => openValue(otherKeys, place, sealed)).toThrow(damaged);
    for (let byte = 0; byte < sealed.length; byte++) {
      const flipped = Uint8Array.from(sealed);
      flipped[byte] = (flipped[byte] ?? 0) ^ 0x80;
      expect(() => openValue(keys, place, flipped)).toThrow(damaged);
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(() => openValue(keys, place, sealed.subarray(0, length))).toThrow(damaged);
    }
  });
});

describe('an index', () => {
  it('finds the same text of the same customer and kind, and nothing else', () => {
    const of = (text: string, at = place, by = keys) =>
      Buffer.from(indexOf(by, at, text)).toString('hex');
    const index = of('契約書.pdf');
    expect(index).toHaveLength(64);
    expect(of('契約書.pdf')).toBe(index);
    const others = [
      of('契約書.pdf '),
      of('契約書.pdf', { ...place, kind: 'objectName' }),
      of('契約書.pdf', { ...place, customer: '01890000-0000-7000-8000-0000000000b0' }),
      of('契約書.pdf', place, otherKeys),
    ];
    expect(others).not.toContain(index);
  });
});
