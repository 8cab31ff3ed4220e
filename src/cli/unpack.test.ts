import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArchiveFault, plainPath, readArchive } from './archive.ts';
import { CliFault } from './exit.ts';
import { archiveOf } from './fixture.ts';
import { unpack } from './unpack.ts';

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'kept-unpack-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = Math.max(1, sizes[n % Math.max(sizes.length, 1)] ?? bytes.length);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function filesOf(
  bytes: Uint8Array,
  sizes: readonly number[] = [],
): Promise<{ path: string; content: Buffer }[]> {
  const files: { path: string; content: Buffer }[] = [];
  for await (const file of readArchive(inPieces(bytes, sizes))) {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.content) pieces.push(piece.slice());
    files.push({ path: file.path, content: Buffer.concat(pieces) });
  }
  return files;
}

const name = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const archived = fc.uniqueArray(fc.record({ path, content: fc.uint8Array({ maxLength: 2_000 }) }), {
  selector: (file) => file.path,
  maxLength: 6,
});
const sizes = fc.array(fc.integer({ min: 1, max: 1_500 }), { maxLength: 5 });

describe('an archive', () => {
  it('gives back the files that went in, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(archived, sizes, async (files, cuts) => {
        const read = await filesOf(archiveOf(files), cuts);
        expect(read).toEqual(
          files.map((file) => ({ path: file.path, content: Buffer.from(file.content) })),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('that ends early at any byte is refused', async () => {
    const whole = archiveOf([{ path: 'a/b', content: Buffer.alloc(700, 1) }]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (end) => {
        await expect(filesOf(whole.subarray(0, end))).rejects.toThrow(ArchiveFault);
      }),
    );
  });

  it('with a flipped bit anywhere in a header is refused', async () => {
    const whole = archiveOf([{ path: 'a/b', content: Buffer.from('content') }]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 512 * 8 - 1 }), async (bit) => {
        const damaged = Buffer.from(whole);
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        // Bits behind the end of the sum's own digits carry nothing.
        const read = await filesOf(damaged).catch((error: unknown) => error);
        if (read instanceof Error) expect(read).toBeInstanceOf(ArchiveFault);
        else expect(read).toEqual([{ path: 'a/b', content: Buffer.from('content') }]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('of nonsense is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), async (bytes) => {
        const read = await filesOf(bytes).catch((error: unknown) => error);
        if (read instanceof Error) expect(read).toBeInstanceOf(ArchiveFault);
        else expect(read).toEqual([]);
      }),
    );
  });

  it.each(['1', '2', '3', '4', '6', 'x', 'g', 'L'])(
    'that holds something of type %s is refused',
    async (type) => {
      await expect(
        filesOf(archiveOf([{ path: 'a', content: Buffer.alloc(0), type }])),
      ).rejects.toThrow('not a plain file');
    },
  );

  it.each([
    '../a',
    'a/../../b',
    '/etc/passwd',
    'a//b',
    './a',
    '',
    'C:/a',
    'a\\..\\b',
    'a/',
    '..',
    '.',
    'a/./b',
  ])('never writes to %j', (outside) => {
    expect(() => plainPath(outside)).toThrow(ArchiveFault);
  });

  it('whose paths are arbitrary leads nowhere but into the folder', () => {
    fc.assert(
      fc.property(fc.string(), (any) => {
        const seen = (() => {
          try {
            return plainPath(any);
          } catch {
            return null;
          }
        })();
        if (seen !== null) expect(join('/root/of/it', seen).startsWith('/root/of/it/')).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('unpacking', () => {
  const content = Buffer.from('leaf');

  it('makes the folder and everything in it', async () => {
    const folder = join(parent, 'whole');
    const done = await unpack(
      inPieces(
        archiveOf([
          { path: 'tile/0/000', content },
          { path: 'checkpoint', content },
        ]),
        [77],
      ),
      folder,
    );
    expect(done).toEqual({ files: 2, bytes: 8 });
    expect(await readFile(join(folder, 'tile/0/000'), 'utf8')).toBe('leaf');
    expect(await readdir(parent)).not.toContain('whole.partial');
  });

  it('takes an empty folder and refuses one that holds something', async () => {
    const empty = join(parent, 'empty');
    await mkdir(empty);
    await unpack(inPieces(archiveOf([{ path: 'a', content }]), []), empty);
    await expect(unpack(inPieces(archiveOf([{ path: 'b', content }]), []), empty)).rejects.toThrow(
      CliFault,
    );
    expect(await readdir(empty)).toEqual(['a']);
  });

  it.each([
    [
      'cut short',
      archiveOf([
        { path: 'a', content },
        { path: 'b', content },
      ]).subarray(0, 1_200),
    ],
    [
      'stepping out',
      archiveOf([
        { path: 'a', content },
        { path: '../outside', content },
      ]),
    ],
    [
      'naming a file twice',
      archiveOf([
        { path: 'a', content },
        { path: 'a', content },
      ]),
    ],
  ])('leaves nothing of an archive %s', async (_, bytes) => {
    const folder = join(parent, 'never');
    await expect(unpack(inPieces(bytes, []), folder)).rejects.toThrow();
    expect(await readdir(parent)).not.toContain('never');
    expect(await readdir(parent)).not.toContain('never.partial');
    expect(await readdir(parent)).not.toContain('outside');
  });

  it('refuses a file in the place of the folder', async () => {
    await writeFile(join(parent, 'file'), '');
    await expect(unpack(inPieces(archiveOf([]), []), join(parent, 'file'))).rejects.toThrow(
      CliFault,
    );
  });
});
