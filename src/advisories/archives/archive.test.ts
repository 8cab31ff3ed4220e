import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkArchive, readArchive } from './archive.ts';
import { ArchiveFault, type ArchiveLimits, archiveLimits, type OpenArchive } from './archived.ts';
import { advisoryOf, type Sample, tarGzOf, tarOf, zipOf } from './archives.fixture.ts';

const files = Array.from({ length: 12 }, (_, n) =>
  advisoryOf(`OSV-${n}`, { name: `package-${n}` }),
);

/** An archive that lies in memory. */
function openOf(bytes: Uint8Array): OpenArchive {
  return {
    stat: async () => ({ size: bytes.length }),
    read: async (into, offset, length, position) => {
      const some = bytes.subarray(position, position + length);
      into.set(some, offset);
      return { bytesRead: some.length };
    },
  };
}

type Text = Sample | { readonly name: string; readonly reason: string };

/** What is read of an archive, or the word for why nothing is. */
async function readingOf(
  bytes: Uint8Array,
  { from = 0, limits = archiveLimits }: { from?: number; limits?: ArchiveLimits } = {},
): Promise<readonly Text[] | string> {
  const found: Text[] = [];
  try {
    for await (const one of readArchive(openOf(bytes), from, limits))
      found.push('content' in one ? { name: one.name, text: one.content.toString() } : one);
    return found;
  } catch (error) {
    if (error instanceof ArchiveFault) return error.code;
    throw error;
  }
}

const small: ArchiveLimits = { fileBytes: 2_000, totalBytes: 20_000, files: 50 };

describe('an archive of advisories', () => {
  test.each([
    ['zip', zipOf],
    ['tar.gz', tarGzOf],
    ['tar', tarOf],
  ])('as %s is read in its order, from any file on', async (_, make) => {
    const readme = { name: 'README.md', text: 'no advisory' };
    const bytes = make([readme, ...files]);
    expect(await readingOf(bytes)).toEqual(files);
    expect(await readingOf(bytes, { from: 5 })).toEqual(files.slice(5));
    expect(await readingOf(bytes, { from: 12 })).toEqual([]);
  });

  test('is one advisory, or a list of them, as well', async () => {
    const [one] = files as [Sample];
    expect(await readingOf(Buffer.from(one.text))).toEqual([
      { name: 'document 1', text: one.text },
    ]);
    const list = `[${files.map(({ text }) => text).join(',')}]`;
    expect(await readingOf(Buffer.from(list), { from: 10 })).toHaveLength(2);
    expect(await readingOf(Buffer.from('[{"id": 1'))).toBe('archiveDamaged');
    expect(await readingOf(Buffer.from('what is this'))).toBe('archiveUnknown');
    expect(await readingOf(Buffer.alloc(0))).toBe('archiveUnknown');
  });

  test('with a bit flipped anywhere is refused, or says exactly what it said', async () => {
    const archives = [zipOf(files), tarGzOf(files)];
    const flip = fc.record({
      archive: fc.constantFrom(0, 1),
      at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      bit: fc.integer({ min: 0, max: 7 }),
    });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(flip, async ({ archive, at, bit }) => {
        const bytes = Buffer.from(archives[archive] as Buffer);
        const place = Math.floor(at * bytes.length);
        bytes[place] = (bytes[place] as number) ^ (1 << bit);
        const read = await readingOf(bytes);
        if (typeof read === 'string') refused += 1;
        else expect(textsOf(read)).toEqual(textsOf(files));
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(200);
  });

  test('cut off anywhere is refused', async () => {
    for (const make of [zipOf, tarGzOf]) {
      const bytes = make(files);
      for (const share of [0.2, 0.5, 0.9, 0.99])
        expect(await readingOf(bytes.subarray(0, Math.floor(bytes.length * share)))).toBe(
          'archiveDamaged',
        );
    }
  });

  test('that unpacks to more than there can be is refused before it is unpacked', async () => {
    const zeros = { name: 'zeros.json', text: '0'.repeat(1_000) };
    const many = Array.from({ length: 30 }, (_, n) => ({ ...zeros, name: `${n}.json` }));
    for (const make of [zipOf, tarGzOf]) {
      expect(await readingOf(make(many), { limits: small })).toBe('archiveTooLarge');
      const empty = Array.from({ length: 51 }, (_, n) => ({ name: `${n}.json`, text: '{}' }));
      expect(await readingOf(make(empty), { limits: small })).toBe('archiveTooLarge');
      const large = { name: 'large.json', text: '0'.repeat(5_000) };
      const read = await readingOf(make([large, ...files.slice(0, 1)]), { limits: small });
      expect(read).toEqual([
        { name: 'large.json', reason: '5000 bytes are more than an advisory has' },
        files[0],
      ]);
    }
    // It says it is small, and is not.
    const lies = zipOf([{ name: 'large.json', text: '0'.repeat(500_000) }], () => 1_000);
    expect(await readingOf(lies, { limits: small })).toBe('archiveDamaged');
    const stream = gzipSync(Buffer.alloc(3_000_000, 'x'));
    expect(await readingOf(stream)).toBe('archiveDamaged');
  });

  test('that has no end behind its end, or nothing but headers, is refused', async () => {
    const behind = gzipSync(Buffer.concat([tarOf(files.slice(0, 1)), Buffer.alloc(3_000_000)]));
    expect(await readingOf(behind, { limits: small })).toBe('archiveTooLarge');
    const empty = Array.from({ length: 100 }, (_, n) => ({ name: `${n}.md`, text: '' }));
    expect(await readingOf(tarGzOf(empty), { limits: small })).toBe('archiveTooLarge');
  });

  test('of whatever bytes is read or refused, and never anything else', async () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(
        Buffer.from('PK\x03\x04'),
        Buffer.from('PK\x05\x06'),
        gzipSync('x'),
        zipOf(files),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 4 }), async (some) => {
        const read = await readingOf(Buffer.concat(some));
        expect(Array.isArray(read) || typeof read === 'string').toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('without any advisory is none', async () => {
    const nothing = zipOf([{ name: 'README.md', text: 'no advisory' }]);
    await expect(checkArchive(openOf(nothing))).rejects.toMatchObject({ code: 'archiveUnknown' });
    expect(await checkArchive(openOf(zipOf(files)))).toBe(12);
  });
});

function textsOf(read: readonly Text[]): readonly string[] {
  return read.flatMap((each) => ('text' in each ? each.text : []));
}
