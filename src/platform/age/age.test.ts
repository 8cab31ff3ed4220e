import { Decrypter, Encrypter } from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededBytes } from '../testing/world.ts';
import { AgeFault } from './fault.ts';
import {
  identityOf,
  identityText,
  parseIdentity,
  parseRecipient,
  recipientText,
} from './identity.ts';
import { beginAgeFile, chunksOf, resumeAgeFile } from './parts.ts';
import { decryptRange } from './range.ts';
import {
  chunkBytes,
  ciphertextSize,
  headerSize,
  plaintextSize,
  sealedChunkBytes,
} from './sizes.ts';
import { decryptStream, encryptStream } from './stream.ts';
import { bytesOf, gather, piecesOf, seekable } from './testing.ts';

const random = seededBytes('age');
const identity = identityOf(random(32));
const other = identityOf(random(32));
const payloadAt = headerSize() + 16;

/** Lengths at which something could go wrong: around every border, and some between. */
const nearBorders = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -17, max: 17 }))
  .map(([chunks, by]) => Math.max(0, chunks * chunkBytes + by));
const anyPieces = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 4 });

function encrypted(plaintext: Uint8Array, lengths?: readonly number[]): Promise<Uint8Array> {
  return gather(encryptStream([identity.recipient], piecesOf(plaintext, lengths), random));
}

function decrypted(file: Uint8Array, lengths?: readonly number[]): Promise<Uint8Array> {
  return gather(decryptStream([identity], piecesOf(file, lengths)));
}

/** What a file is refused with, and how much of it came out before. */
async function refusalOf(file: Uint8Array): Promise<{ fault: AgeFault; seen: number }> {
  let seen = 0;
  try {
    for await (const piece of decryptStream([identity], piecesOf(file))) seen += piece.length;
  } catch (fault) {
    if (fault instanceof AgeFault) return { fault, seen };
    throw fault;
  }
  throw new Error('the file was taken as whole');
}

describe('an age file', () => {
  it('gives back what went in, whatever its length and however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(nearBorders, anyPieces, anyPieces, async (length, going, coming) => {
        const plaintext = bytesOf(length);
        const file = await encrypted(plaintext, going);
        expect(file).toHaveLength(ciphertextSize(length));
        expect(plaintextSize(file.length)).toBe(length);
        expect(Buffer.compare(await decrypted(file, coming), plaintext)).toBe(0);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('is read by the other implementation, and we read what that one writes', async () => {
    const theirs = new Decrypter();
    theirs.addIdentity(identityText(identity));
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipientText(identity.recipient));
    for (const length of [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes]) {
      const plaintext = bytesOf(length);
      const readByThem = await theirs.decrypt(await encrypted(plaintext));
      expect(Buffer.compare(readByThem, plaintext)).toBe(0);
      const written = await encrypter.encrypt(plaintext);
      expect(Buffer.compare(await decrypted(written), plaintext)).toBe(0);
    }
  });

  it('is for each of several recipients', async () => {
    const file = await gather(
      encryptStream([other.recipient, identity.recipient], piecesOf(bytesOf(9))),
    );
    expect(await decrypted(file)).toEqual(bytesOf(9));
    expect(file).toHaveLength(ciphertextSize(9, headerSize(2)));
  });

  it('never comes out the same twice', async () => {
    expect(await encrypted(bytesOf(9))).not.toEqual(await encrypted(bytesOf(9)));
  });

  it('for nobody is not made', async () => {
    await expect(gather(encryptStream([], piecesOf(bytesOf(1))))).rejects.toMatchObject({
      code: 'header',
    });
  });

  it('lets go of its source when its reader stops early', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield bytesOf(chunkBytes);
      } finally {
        closed = true;
      }
    }
    let pieces = 0;
    for await (const _ of encryptStream([identity.recipient], endless())) {
      pieces += 1;
      if (pieces === 3) break;
    }
    expect(closed).toBe(true);
  });
});

describe('a file that is not as it was', () => {
  it('is refused wherever one bit is flipped, with the chunk', async () => {
    const length = 3 * chunkBytes + 100;
    const file = await encrypted(bytesOf(length));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: file.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (byte, bit) => {
          const flipped = Uint8Array.from(file);
          flipped[byte] = (flipped[byte] ?? 0) ^ (1 << bit);
          const { fault, seen } = await refusalOf(flipped);
          const chunk = Math.floor((byte - payloadAt) / sealedChunkBytes);
          if (byte < headerSize()) expect(['header', 'headerMac', 'noMatch']).toContain(fault.code);
          else expect(fault.code).toBe('payload');
          // A flipped nonce makes every key wrong: the first chunk shows it.
          if (byte >= headerSize()) expect(fault.place.chunk).toBe(Math.max(0, chunk));
          expect(seen).toBe(Math.max(0, chunk) * chunkBytes);
        },
      ),
      { numRuns: 80, seed: 4 },
    );
  });

  it('is refused wherever it is cut, and nothing of the cut chunk comes out', async () => {
    const file = await encrypted(bytesOf(3 * chunkBytes + 100));
    const borders = [1, 2, 3].map((chunk) => payloadAt + chunk * sealedChunkBytes);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...borders), fc.integer({ min: 0, max: file.length - 1 })),
        async (length) => {
          const { fault, seen } = await refusalOf(file.subarray(0, length));
          const whole = Math.max(0, Math.floor((length - payloadAt) / sealedChunkBytes));
          const atBorder = borders.includes(length);
          expect(seen).toBe((atBorder ? whole - 1 : whole) * chunkBytes);
          if (atBorder) expect(fault.code).toBe('truncated');
          if (length < payloadAt) expect(fault.code).toBe('header');
        },
      ),
      { numRuns: 80, seed: 4 },
    );
  });

  it('is refused with chunks swapped, repeated, left out, or something behind', async () => {
    const file = await encrypted(bytesOf(3 * chunkBytes));
    const head = file.subarray(0, payloadAt);
    const chunk = (n: number) =>
      file.subarray(payloadAt + n * sealedChunkBytes, payloadAt + (n + 1) * sealedChunkBytes);
    const made = (...parts: readonly Uint8Array[]) => Buffer.concat([head, ...parts]);
    const cases: readonly (readonly [Uint8Array, string, number])[] = [
      [made(chunk(1), chunk(0), chunk(2)), 'payload', 0],
      [made(chunk(0), chunk(0), chunk(2)), 'payload', 1],
      [made(chunk(0), chunk(2)), 'payload', 1],
      [made(chunk(0), chunk(1), chunk(2), chunk(2)), 'trailing', 2],
      [made(chunk(0), chunk(1), chunk(2), bytesOf(1)), 'trailing', 2],
    ];
    for (const [broken, code, at] of cases) {
      const { fault } = await refusalOf(broken);
      expect([fault.code, fault.place.chunk]).toEqual([code, at]);
      expect(fault.message).toContain(`chunk ${at}`);
    }
  });

  it('is not for another identity', async () => {
    const file = await encrypted(bytesOf(9));
    await expect(gather(decryptStream([other], piecesOf(file)))).rejects.toMatchObject({
      code: 'noMatch',
      message: expect.stringContaining('X25519') as string,
    });
  });

  it('cannot make us hold a header without end', async () => {
    const line = `-> grease ${'a'.repeat(1000)}\n\n`;
    const endless = Buffer.from(`age-encryption.org/v1\n${line.repeat(400)}`);
    expect((await refusalOf(endless)).fault.code).toBe('header');
  });
});

describe('bytes of an age file', () => {
  it('are those of the plaintext, and no more is read than the chunks they lie in', async () => {
    const plaintext = bytesOf(4 * chunkBytes + 5);
    const file = await encrypted(plaintext);
    const any = fc.integer({ min: 0, max: plaintext.length });
    await fc.assert(
      fc.asyncProperty(any, any, async (one, two) => {
        const [from, to] = [Math.min(one, two), Math.max(one, two)];
        const source = seekable(file);
        const range = await gather(decryptRange([identity], source, from, to));
        expect(Buffer.compare(range, plaintext.subarray(from, to))).toBe(0);
        const chunks = Math.ceil(to / chunkBytes) - Math.floor(from / chunkBytes);
        expect(source.bytesRead()).toBeLessThanOrEqual(1024 + chunks * sealedChunkBytes);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('of a file cut at a chunk are refused where they meet its end', async () => {
    const file = await encrypted(bytesOf(3 * chunkBytes));
    const cut = file.subarray(0, payloadAt + 2 * sealedChunkBytes);
    const before = await gather(decryptRange([identity], seekable(cut), 0, chunkBytes));
    expect(Buffer.compare(before, bytesOf(chunkBytes))).toBe(0);
    await expect(
      gather(decryptRange([identity], seekable(cut), 0, 2 * chunkBytes)),
    ).rejects.toMatchObject({ code: 'truncated', place: { chunk: 1 } });
  });

  it('that the file does not have are refused', async () => {
    const file = seekable(await encrypted(bytesOf(10)));
    for (const [from, to] of [
      [0, 11],
      [5, 4],
      [-1, 2],
      [0.5, 2],
    ] as const) {
      await expect(gather(decryptRange([identity], file, from, to))).rejects.toMatchObject({
        code: 'range',
      });
    }
  });

  it('are found behind a header that is longer than ours', async () => {
    const many = Array.from({ length: 20 }, () => identityOf(random(32)).recipient);
    const file = await gather(
      encryptStream([...many, identity.recipient], piecesOf(bytesOf(100)), random),
    );
    expect(await gather(decryptRange([identity], seekable(file), 10, 20))).toEqual(
      bytesOf(100).subarray(10, 20),
    );
  });
});

describe('an age file written in parts', () => {
  it('is the one file that a stream would have been, also when it is resumed in between', async () => {
    const partBytes = 2 * chunkBytes;
    const plaintext = bytesOf(5 * chunkBytes + 7);
    const { header } = beginAgeFile([identity.recipient], random);
    const parts: Uint8Array[] = [header];
    for (let from = 0; from < plaintext.length; from += partBytes) {
      const file = await resumeAgeFile([identity], header);
      const last = from + partBytes >= plaintext.length;
      const chunks = chunksOf(plaintext.subarray(from, from + partBytes));
      parts.push(file.seal(from / chunkBytes, chunks, last));
    }
    const whole = Buffer.concat(parts);
    expect(whole).toHaveLength(ciphertextSize(plaintext.length));
    expect(Buffer.compare(await decrypted(whole), plaintext)).toBe(0);
  });

  it('may be empty, and takes no chunk of a wrong length', () => {
    const file = beginAgeFile([identity.recipient], random);
    expect(file.seal(0, chunksOf(bytesOf(0)), true)).toHaveLength(16);
    expect(() => file.seal(1, chunksOf(bytesOf(0)), true)).toThrow(AgeFault);
    expect(() => file.seal(0, [bytesOf(100)], false)).toThrow(AgeFault);
    expect(() => file.seal(0, [bytesOf(chunkBytes + 1)], true)).toThrow(AgeFault);
  });
});

describe('sizes', () => {
  it('are refused where no file has them', () => {
    for (const size of [0, headerSize(), payloadAt + 15, payloadAt + sealedChunkBytes + 16]) {
      expect(() => plaintextSize(size)).toThrow(AgeFault);
    }
    expect(plaintextSize(payloadAt + 16)).toBe(0);
  });
});

describe('keys as text', () => {
  it('are those of the specification', () => {
    const text = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
    const parsed = parseIdentity(text);
    expect(identityText(parsed)).toBe(text);
    expect(parsed.secret).toEqual(new Uint8Array(32).fill(0x42));
    const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
    expect(recipientText(parsed.recipient)).toBe(recipient);
    expect(recipientText(parseRecipient(recipient))).toBe(recipient);
  });

  it.each([
    ['mixed case', 'AGE-SECRET-KEY-1gfpyysjzgfpyysjzgfpyysjzgfpyysjzgfpyysjzgfpyysjzgfpq4egaex'],
    [
      'a typing mistake',
      'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEY',
    ],
    ['a recipient', 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj'],
    ['nothing', ''],
    ['too few bytes', 'AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQ'],
  ])('are refused with %s, and never repeated', (_, text) => {
    try {
      parseIdentity(text);
      expect.unreachable();
    } catch (fault) {
      expect(fault).toMatchObject({ code: 'key' });
      if (text !== '') expect((fault as AgeFault).message).not.toContain(text.slice(-20));
    }
  });
});
