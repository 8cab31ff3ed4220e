import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verifyProof } from './proof.ts';

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafOf = (entry: string) => sha256(Buffer.of(0), Buffer.from(entry));

/** The greatest power of two below a count: where RFC 9162 splits a tree. */
const splitOf = (count: number) => 2 ** Math.ceil(Math.log2(count) - 1);

/** The root of leaves, as section 2.1.1 defines it. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] ?? Buffer.alloc(0);
  const split = splitOf(leaves.length);
  return sha256(Buffer.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** The path of a leaf, as section 2.1.3.1 defines it. */
function pathOf(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  return index < split
    ? [...pathOf(index, leaves.slice(0, split)), rootOf(leaves.slice(split))]
    : [...pathOf(index - split, leaves.slice(split)), rootOf(leaves.slice(0, split))];
}

const origin = 'example.com/ledger';

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const typed = Buffer.concat([
    Buffer.of(1),
    publicKey.export({ type: 'spki', format: 'der' }).subarray(-32),
  ]);
  const id = sha256(Buffer.from(`${origin}\n`), typed).subarray(0, 4);
  const text = `${origin}+${id.toString('hex')}+${typed.toString('base64')}`;
  const signed = (note: string) =>
    `${note}\n— ${origin} ${Buffer.concat([id, sign(null, Buffer.from(note), privateKey)]).toString('base64')}\n`;
  return { text, signed };
}

const key = newKey();
const entries = Array.from({ length: 13 }, (_, n) => JSON.stringify({ n }));

function proofOf(index: number, size: number, changes: object = {}): string {
  const leaves = entries.slice(0, size).map(leafOf);
  const note = `${origin}\n${size}\n${rootOf(leaves).toString('base64')}\n`;
  return JSON.stringify({
    entry: Buffer.from(entries[index] ?? '').toString('base64'),
    index,
    hashes: pathOf(index, leaves).map((hash) => hash.toString('base64')),
    checkpoint: key.signed(note),
    keys: [key.text],
    ...changes,
  });
}

describe('the proof of one entry', () => {
  test('holds for every entry of every small tree, and tells the entry', () => {
    for (let size = 1; size <= entries.length; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const report = verifyProof(proofOf(index, size), key.text);
        expect(report).toMatchObject({ ok: true, entry: entries[index] });
      }
    }
  });

  test('says so where no key was given to trust', () => {
    const { ok, lines } = verifyProof(proofOf(3, 13));
    expect([ok, lines.at(-1)]).toEqual([
      true,
      'No key was given; believed was the one in the file.',
    ]);
  });

  test.each([
    ['another entry', { entry: Buffer.from('{"n":99}').toString('base64') }, 'inclusion'],
    ['another place', { index: 4 }, 'inclusion'],
    ['a place outside', { index: 13 }, 'inclusion'],
    ['a step less', { hashes: JSON.parse(proofOf(3, 13)).hashes.slice(1) }, 'inclusion'],
    [
      'a step more',
      { hashes: [...JSON.parse(proofOf(3, 13)).hashes, leafOf('x').toString('base64')] },
      'inclusion',
    ],
    ['a hash cut short', { hashes: ['AAAA'] }, 'file'],
    ['no checkpoint', { checkpoint: '' }, 'checkpoint'],
    ['no entry', { entry: 7 }, 'file'],
  ])('does not hold with %s', (_, changes, what) => {
    const report = verifyProof(proofOf(3, 13, changes), key.text);
    expect(report.ok).toBe(false);
    expect(report.entry).toBeNull();
    expect(report.lines.at(-1)).toMatch(new RegExp(`^FAIL +${what}`));
  });

  test('does not hold under another key, nor as something that is no proof', () => {
    expect(verifyProof(proofOf(3, 13), newKey().text)).toMatchObject({ ok: false, entry: null });
    for (const text of ['', '{}', 'null', '[]']) expect(verifyProof(text).ok).toBe(false);
  });
});
