import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Paths } from './paths.ts';
import { bytesOf, collected } from './testing.ts';
import { unzip } from './unzip.fixture.ts';
import { entryBytes } from './writing.ts';
import { centralHeader, descriptor, endOfArchive, localHeader } from './zip.ts';

const modified = Temporal.Instant.from('2026-03-02T01:02:03Z').epochMilliseconds;

/** Text with anything in it that text may hold. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 40 })
  .map((points) => String.fromCodePoint(...points));

async function archiveOf(files: readonly (readonly [string, Buffer, boolean])[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const headers: Buffer[] = [];
  let at = 0;
  for (const [path, content, streamed] of files) {
    const bytes = streamed ? bytesOf(content.subarray(0, 3), content.subarray(3)) : content;
    const entry = entryBytes(
      {
        path,
        modified,
        size: streamed && content.length % 2 ? null : content.length,
        bytes,
        sha256: null,
        holds: null,
      },
      at,
    );
    let step = await entry.next();
    for (; !step.done; step = await entry.next()) {
      pieces.push(step.value);
      at += step.value.length;
    }
    headers.push(centralHeader(step.value));
  }
  const size = headers.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([...pieces, ...headers, endOfArchive(files.length, { offset: at, size })]);
}

describe('an archive', () => {
  it('gives back what was laid into it, at hand or streamed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.string({ minLength: 1, maxLength: 20 }),
            fc.uint8Array({ maxLength: 300 }),
            fc.boolean(),
          ),
          { maxLength: 12 },
        ),
        async (files) => {
          const named = files.map(
            ([name, bytes, streamed], n) => [`${n}/${name}`, Buffer.from(bytes), streamed] as const,
          );
          const found = unzip(await archiveOf(named));
          expect(found.map(({ path, bytes }) => [path, bytes.toString('hex')])).toEqual(
            named.map(([path, bytes]) => [
              Buffer.from(path).toString('utf8'),
              bytes.toString('hex'),
            ]),
          );
          for (const file of found) expect(file.modified).toBe(modified / 1000);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('says in 64 bits what 32 cannot hold (APPNOTE 4.5.3)', () => {
    const large = 5 * 1024 ** 3;
    const entry = { path: 'a', size: large, crc: 1, modified, offset: large + 7, trailing: true };
    const header = centralHeader(entry);
    expect([header.readUInt32LE(20), header.readUInt32LE(24), header.readUInt32LE(42)]).toEqual(
      Array(3).fill(0xffffffff),
    );
    const extra = header.subarray(46 + 1);
    expect(extra.readUInt16LE(9)).toBe(1);
    expect([13, 21, 29].map((at) => Number(extra.readBigUInt64LE(at)))).toEqual([
      large,
      large,
      large + 7,
    ]);
    expect(localHeader({ path: 'a', modified, size: large, crc: null }).readUInt16LE(4)).toBe(45);
    expect(descriptor(large, large, 1).length).toBe(24);
    expect(descriptor(7, 7, 1).length).toBe(16);
    const end = endOfArchive(70_000, { offset: 1_000, size: 500 });
    expect(end.readUInt32LE(0)).toBe(0x06064b50);
    expect(Number(end.readBigUInt64LE(32))).toBe(70_000);
    expect(end.subarray(-22).readUInt16LE(10)).toBe(0xffff);
  });

  it('refuses a stream that is not as long as was announced', async () => {
    const content = {
      path: 'a',
      modified,
      size: 9,
      bytes: bytesOf('short'),
      sha256: null,
      holds: null,
    };
    await expect(collected(entryBytes(content, 0))).rejects.toThrow(
      '5 bytes came where 9 were announced',
    );
  });
});

describe('paths', () => {
  const id = '0199aaaa-0000-7000-8000-000000000001';

  it('lead nowhere else and are told apart on every disk, whatever the names', () => {
    fc.assert(
      fc.property(fc.array(anyText), (names) => {
        const paths = new Paths();
        const given = names.map((name, n) =>
          paths.of('c', name, `${id.slice(0, -4)}${String(n).padStart(4, '0')}`),
        );
        for (const path of given) {
          expect(path.startsWith('objects/c/')).toBe(true);
          expect(path).not.toMatch(/(^|\/)\.{0,2}(\/|$)|[\p{Cc}\\:*?"<>|]|[. ](\/|$)/u);
        }
        const folded = given.map((path) => path.normalize('NFKC').toLowerCase());
        expect(new Set(folded).size).toBe(folded.length);
      }),
      { numRuns: 30 },
    );
  });

  it('are the customer’s own wherever they can be', () => {
    const paths = new Paths();
    for (const name of ['a.txt', '図面/配置図.dwg', 'deep/er/.hidden', 'ünï côdé'])
      expect(paths.of('c', name, id)).toBe(`objects/c/${name}`);
    for (const name of ['A.TXT', '図面', 'a.txt/b', '../x.pdf', 'con', 'x.', '~', ''])
      expect(paths.of('c', name, id)).toMatch(/^objects\/c\/~\//);
  });
});
