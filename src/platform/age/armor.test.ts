import { armor } from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dearmor } from './armor.ts';
import { bytesOf, gather, piecesOf } from './testing.ts';

const bare = (text: string, lengths?: readonly number[]) =>
  gather(dearmor(piecesOf(Buffer.from(text), lengths)));

describe('armor', () => {
  it('comes off what the other implementation put it on, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('\n', '\r\n'),
        async (length, lengths, ending) => {
          const text = armor.encode(bytesOf(length)).replaceAll('\n', ending);
          expect(await bare(text, lengths)).toEqual(bytesOf(length));
          expect(await bare(` \n${ending}${text}\t\n`, lengths)).toEqual(bytesOf(length));
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });

  it.each([
    ['something before it', (text: string) => `From: Ada\n${text}`],
    ['something behind it', (text: string) => `${text}and more\n`],
    ['much white space before it', (text: string) => `${'\n'.repeat(2000)}${text}`],
    ['a line of 63 columns', (text: string) => text.replace(/^(.{63})(.)$/m, '$1\n$2')],
    ['a line of 65 columns', (text: string) => text.replace(/^(.{64})\n(.)/m, '$1$2\n')],
    ['a blank line', (text: string) => text.replace('-----\n', '-----\n\n')],
    ['no padding', (text: string) => text.replace('=', '')],
    ['no end', (text: string) => text.replace(/-----END.*\n/, '')],
    ['a label in lower case', (text: string) => text.toLowerCase()],
    ['nothing at all', () => ''],
  ])('with %s is refused', async (_, spoil) => {
    const text = armor.encode(bytesOf(100));
    expect(spoil(text)).not.toBe(text);
    await expect(bare(spoil(text))).rejects.toMatchObject({
      code: 'armor',
      place: { byte: expect.any(Number) as number },
    });
  });
});
