import { describe, expect, test } from 'vitest';
import { appendLeaves, emptyEdge } from '../../ledger/append.ts';
import { signCheckpoint } from '../../ledger/checkpoint.ts';
import { leafHash } from '../../ledger/hash.ts';
import { inclusionProof } from '../../ledger/merkle.ts';
import { signerOfSeed } from '../../ledger/note.ts';
import { nodesFromTiles } from '../../ledger/tile.ts';
import type { Proof } from './facts.ledger.ts';
import { verifyProof } from './verify.ts';

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** A ledger of 300 entries and the proof of one of them. */
async function made(index: number): Promise<{ entry: Uint8Array; proof: Proof }> {
  const entries = Array.from({ length: 300 }, (_, n) => Buffer.from(`{"n":${n}}`));
  const { root, tiles } = appendLeaves(emptyEdge, Buffer.concat(entries.map(leafHash)));
  const read = nodesFromTiles(300, async (wanted) => {
    const tile = tiles.find((each) => each.level === wanted.level && each.index === wanted.index);
    return tile?.bytes ?? new Uint8Array();
  });
  const signer = signerOfSeed('kept.example.com/ledger', new Uint8Array(32).fill(3));
  const checkpoint = await signCheckpoint({ origin: signer.key.name, size: 300, root }, [signer]);
  const hashes = await inclusionProof(index, 300, read);
  const entry = entries[index] as Uint8Array;
  const leaf = base64(leafHash(entry));
  return {
    entry,
    proof: {
      index,
      size: 300,
      leafHash: leaf,
      root: base64(root),
      hashes: hashes.map(base64),
      checkpoint,
      keys: [signer.key.text],
    },
  };
}

describe('a proof checked in the browser', () => {
  test.each([0, 1, 255, 256, 299])('holds for entry %i', async (index) => {
    const { entry, proof } = await made(index);
    expect(await verifyProof(entry, proof)).toEqual({ leaf: true, root: true, signature: true });
  });

  test('fails where the entry was changed', async () => {
    const { proof } = await made(7);
    expect(await verifyProof(Buffer.from('{"n":8}'), proof)).toMatchObject({
      leaf: false,
      root: false,
    });
  });

  test('fails where the checkpoint was signed by somebody else', async () => {
    const { entry, proof } = await made(7);
    const stranger = signerOfSeed('kept.example.com/ledger', new Uint8Array(32).fill(4));
    expect(await verifyProof(entry, { ...proof, keys: [stranger.key.text] })).toMatchObject({
      signature: false,
    });
  });

  test('fails for another place in the tree', async () => {
    const { entry, proof } = await made(7);
    expect(await verifyProof(entry, { ...proof, index: 6 })).toMatchObject({
      leaf: true,
      root: false,
    });
  });
});
