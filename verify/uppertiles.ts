import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from './note.ts';
import type { Problems } from './problem.ts';
import { hashBytes, type Levels, rootAt, tilePath, tileWidth } from './tree.ts';

/** Compares the tiles from level 1 up with the hashes that follow from the entries; gives their number. */
export async function checkUpperTiles(
  tree: { readonly folder: string; readonly levels: Levels },
  problems: Problems,
): Promise<number> {
  let tiles = 0;
  for (const [below, row] of tree.levels.entries()) {
    for (let at = 0; at < row.length; at += tileWidth * hashBytes) {
      const expected = row.subarray(at, at + tileWidth * hashBytes);
      const file = tilePath(below + 1, at / (tileWidth * hashBytes), expected.length / hashBytes);
      const found = await readOrNull(join(tree.folder, file));
      tiles += 1;
      if (found !== null && !found.equals(expected)) reportTile(file, expected, found, problems);
    }
  }
  return tiles;
}

async function readOrNull(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch {
    return null; // missing: reported when MANIFEST was compared with the folder
  }
}

function reportTile(file: string, expected: Buffer, found: Buffer, problems: Problems): void {
  let first = 0;
  while (first < expected.length && expected[first] === found[first]) first += 1;
  const start = first - (first % hashBytes);
  problems.add({
    check: 'tree',
    file,
    message: `hash ${start / hashBytes} of the tile does not follow from the entries`,
    expected: expected.toString('hex', start, start + hashBytes),
    found: found.toString('hex', start, start + hashBytes),
  });
}

/** Compares the root that a checkpoint states with the one that follows from the entries. */
export function checkRoot(
  tree: { readonly levels: Levels },
  checkpoint: Checkpoint,
  file: string,
  leaves: Buffer,
  problems: Problems,
): void {
  const expected = rootAt(checkpoint.size, tree.levels, leaves);
  if (expected.equals(checkpoint.root)) return;
  problems.add({
    check: 'tree',
    file,
    message: `the root at size ${checkpoint.size} is not that of the entries`,
    expected: expected.toString('hex'),
    found: checkpoint.root.toString('hex'),
  });
}
