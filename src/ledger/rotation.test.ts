import { describe, expect, test } from 'vitest';
import { signCheckpoint } from './checkpoint.ts';
import type { Entry } from './entry.ts';
import { type NoteSigner, signerOfSeed } from './note.ts';
import {
  followRotations,
  rotatedKey,
  rotationBody,
  rotationClause,
  rotationType,
} from './rotation.ts';

const origin = 'ledger.example.com';
const [first, second, third] = [1, 2, 3].map((fill) =>
  signerOfSeed(origin, new Uint8Array(32).fill(fill)),
) as [NoteSigner, NoteSigner, NoteSigner];

async function rotation(index: number, size: number, signers: readonly NoteSigner[]) {
  const checkpoint = await signCheckpoint({ origin, size, root: new Uint8Array(32) }, signers);
  return { index, newKey: (signers.at(-1) as NoteSigner).key, checkpoint };
}

describe('rotations', () => {
  test('lead from the trusted key to the current one', async () => {
    const chain = followRotations(first.key, [
      await rotation(4, 5, [first, second]),
      await rotation(5, 9, [second, third]),
    ]);
    expect(chain.ok && chain.value.keys.map(({ text }) => text)).toEqual([
      first.key.text,
      second.key.text,
      third.key.text,
    ]);
    expect(chain.ok && chain.value.checkpoints.map(({ size }) => size)).toEqual([5, 9]);
  });

  test.each([
    ['signed by the new key only', () => [rotation(4, 5, [second])]],
    ['signed by a stranger', () => [rotation(4, 5, [third, second])]],
    ['not yet in the signed tree', () => [rotation(5, 5, [first, second])]],
    [
      'already in the tree before',
      () => [rotation(4, 6, [first, second]), rotation(5, 9, [second, third])],
    ],
    ['out of order', () => [rotation(5, 9, [second, third]), rotation(4, 5, [first, second])]],
  ])('%s are refused', async (_, make) => {
    const chain = followRotations(first.key, await Promise.all(make()));
    expect(chain).toMatchObject({ ok: false, reason: expect.stringMatching(/^rotation [12]/) });
  });

  test('to a key of another name are refused', async () => {
    const other = signerOfSeed('other.example.com', new Uint8Array(32).fill(2));
    expect(followRotations(first.key, [await rotation(4, 5, [first, other])]).ok).toBe(false);
  });

  test('are read from their entries, and from no others', () => {
    const entry = {
      clause: rotationClause,
      type: rotationType,
      body: rotationBody(second.key),
    } as Partial<Entry> as Entry;
    expect(rotatedKey(entry)).toEqual({ ok: true, value: second.key });
    expect(rotatedKey({ ...entry, clause: 'access' })).toBeNull();
    expect(rotatedKey({ ...entry, body: {} })).toMatchObject({ ok: false });
  });
});
