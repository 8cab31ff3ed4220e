import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendLeaves, edgeFromTiles, emptyEdge, rootOfEdge, type TreeEdge } from './append.ts';
import { hex, leafHash } from './hash.ts';
import { tilePath, tilesOf } from './tile.ts';

interface Vectors {
  readonly treeStates: { readonly to: number; readonly pinned: string };
  readonly roots: Readonly<Record<string, string>>;
}
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8'),
) as Vectors;

const leaves = (start: number, end: number): Uint8Array =>
  Buffer.concat(
    Array.from({ length: end - start }, (_, i) => leafHash(Buffer.from(`leaf ${start + i}`))),
  );

describe('appending', () => {
  test('gives the pinned roots of every size', { timeout: 60_000 }, () => {
    const hash = createHash('sha256');
    let edge: TreeEdge = emptyEdge;
    for (let size = 0; size <= vectors.treeStates.to; size++) {
      if (size > 0) edge = appendLeaves(edge, leaves(size - 1, size)).edge;
      const root = rootOfEdge(edge);
      hash.update(root);
      const known = vectors.roots[size];
      if (known !== undefined) expect(hex(root)).toBe(known);
    }
    expect(hash.digest('hex')).toBe(vectors.treeStates.pinned);
  });

  test('in any batches writes the tiles of one batch', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(700), { maxLength: 6 }), (batches) => {
        const stored = new Map<string, string>();
        let edge: TreeEdge = emptyEdge;
        for (const batch of batches) {
          const appended = appendLeaves(edge, leaves(edge.size, edge.size + batch));
          for (const tile of appended.tiles) stored.set(tilePath(tile), hex(tile.bytes));
          edge = appended.edge;
        }
        const whole = appendLeaves(emptyEdge, leaves(0, edge.size));
        expect(hex(rootOfEdge(edge))).toBe(hex(whole.root));
        const expected = new Map(whole.tiles.map((tile) => [tilePath(tile), hex(tile.bytes)]));
        for (const tile of tilesOf(edge.size))
          expect(stored.get(tilePath(tile))).toBe(expected.get(tilePath(tile)));
        expect([...tilesOf(edge.size)]).toHaveLength(expected.size);
      }),
      { numRuns: 25 },
    );
  });

  test('goes on from an edge read back from its tiles', () => {
    const { edge, root } = appendLeaves(emptyEdge, leaves(0, 66_000));
    const again = edgeFromTiles(edge.size, edge.rows);
    expect(hex(rootOfEdge(again))).toBe(hex(root));
    const more = leaves(66_000, 66_300);
    expect(hex(appendLeaves(again, more).root)).toBe(hex(appendLeaves(edge, more).root));
  });

  test('leaves the old edge and the given bytes alone', () => {
    const first = appendLeaves(emptyEdge, leaves(0, 300));
    const before = hex(rootOfEdge(first.edge));
    const bytes = leaves(300, 400);
    const second = appendLeaves(first.edge, bytes);
    const after = hex(second.root);
    bytes.fill(0);
    expect(hex(rootOfEdge(first.edge))).toBe(before);
    expect(hex(rootOfEdge(second.edge))).toBe(after);
  });

  test('refuses a row that does not fit the size', () => {
    expect(() => edgeFromTiles(3, [new Uint8Array(64)])).toThrow('expected 96');
    expect(() => appendLeaves(emptyEdge, new Uint8Array(33))).toThrow('no row of hashes');
  });
});
