import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problems } from './problem.ts';
import { hashBytes, rootAt, tilePath, tileWidth, type VerifiedTree } from './tree.ts';

/**
 * Whether one of two verified trees is the beginning of the other: the larger one, cut to the size
 * of the smaller, must have its root. Says in a sentence how they relate.
 */
export async function compareExports(
  one: VerifiedTree,
  other: VerifiedTree,
  problems: Problems,
): Promise<string> {
  if (one.origin !== other.origin) {
    const message = 'the two exports are of different ledgers';
    problems.add({ check: 'consistency', message, expected: one.origin, found: other.origin });
  }
  const [smaller, larger] = one.size <= other.size ? [one, other] : [other, one];
  const { size } = smaller;
  const bundle = Math.floor(size / tileWidth);
  const leaves = size % tileWidth === 0 ? Buffer.alloc(0) : await leafTile(larger, bundle);
  const cut = rootAt(size, larger.levels, leaves);
  const root = rootAt(size, smaller.levels, smaller.unfinished);
  if (cut.equals(root)) return `the first ${size} entries of both exports are the same`;
  const index = await firstDifference(smaller, larger);
  problems.add({
    check: 'consistency',
    index,
    message: `the histories part at entry ${index}: one of the two was rewritten`,
    expected: await leafAt(one, index),
    found: await leafAt(other, index),
  });
  return `the histories part at entry ${index}`;
}

async function leafTile(tree: VerifiedTree, bundle: number): Promise<Buffer> {
  return readFile(
    join(tree.folder, tilePath(0, bundle, Math.min(tileWidth, tree.size - bundle * tileWidth))),
  );
}

async function firstDifference(smaller: VerifiedTree, larger: VerifiedTree): Promise<number> {
  for (let bundle = 0; bundle * tileWidth < smaller.size; bundle++) {
    const [a, b] = [await leafTile(smaller, bundle), await leafTile(larger, bundle)];
    for (let at = 0; at < a.length; at++) {
      if (a[at] !== b[at]) return bundle * tileWidth + Math.floor(at / hashBytes);
    }
  }
  return smaller.size;
}

async function leafAt(tree: VerifiedTree, index: number): Promise<string> {
  if (index >= tree.size) return 'no such entry';
  const tile = await leafTile(tree, Math.floor(index / tileWidth));
  const at = (index % tileWidth) * hashBytes;
  return tile.toString('hex', at, at + hashBytes);
}
