import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CvssFault, scoreForAsset, scoreVector } from './cvss.ts';

const low = { confidentiality: 1, integrity: 1, availability: 1 };
const high = { confidentiality: 3, integrity: 3, availability: 3 };

describe('scores of vectors', () => {
  it.each([
    ['AV:N/AC:L/Au:N/C:P/I:P/A:P', '2.0', 7.5],
    ['(AV:N/AC:L/Au:N/C:P/I:P/A:P)', '2.0', 7.5],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', '3.0', 9.8],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', '3.1', 10],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 9.3],
  ])('%s', (vector, version, base) => {
    expect(scoreVector(vector)).toMatchObject({ version, base });
  });

  it.each([
    ['AV:N/AC:L/Au:N/C:C/I:N/A:N'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N'],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N'],
  ])('weigh what the asset asks for: %s', (vector) => {
    const base = scoreVector(vector).base;
    expect(scoreForAsset(vector, low).environmental).toBeLessThan(base);
    expect(scoreForAsset(vector, high).environmental).toBeGreaterThanOrEqual(
      scoreForAsset(vector, low).environmental,
    );
    expect(scoreForAsset(vector, low).base).toBe(base);
  });

  it('keep the requirements that a vector states itself', () => {
    const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/CR:H';
    expect(scoreForAsset(vector, low)).toEqual(scoreVector(vector));
  });

  it.each([
    ['', 'no metric'],
    ['CVSS:5.0/AV:N', 'no version'],
    ['CVSS:3.1/AV:N/AC:L', 'lacks PR, UI, S, C, I, A'],
    ['CVSS:3.1/AV:N/AV:N', 'stands twice'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:Q/I:H/A:H', ''],
  ])('refuse "%s"', (vector, words) => {
    expect(() => scoreVector(vector)).toThrow(CvssFault);
    expect(() => scoreVector(vector)).toThrow(words);
  });

  it('refuse or score whatever is given', () => {
    const piece = fc.constantFrom(
      'CVSS:3.1',
      'CVSS:4.0',
      'AV:N',
      'AC:L',
      'S:U',
      'C:H',
      'E:P',
      'ZZ:Q',
      ':',
      '',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        try {
          const { environmental } = scoreVector(pieces.join('/'));
          expect(environmental).toBeGreaterThanOrEqual(0);
          expect(environmental).toBeLessThanOrEqual(10);
        } catch (error) {
          expect(error).toBeInstanceOf(CvssFault);
        }
      }),
    );
  });
});
