import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from './manifest.ts';
import {
  type Checkpoint,
  isWrong,
  type Read,
  readCheckpoint,
  readKey,
  readNote,
  type SignedNote,
  type VerifierKey,
} from './note.ts';
import { entriesPerPart, privatePath, registerPath } from './part.ts';
import type { CheckName, Problems } from './problem.ts';
import { tilePath, tileWidth } from './tree.ts';

/** A signed checkpoint as found; its signatures are not verified yet. */
export interface FoundCheckpoint {
  readonly file: string;
  readonly note: SignedNote | null;
  readonly checkpoint: Checkpoint | null;
}

/** The small files of an export, read. */
export interface Contents {
  readonly firstKey: VerifierKey | null;
  readonly head: FoundCheckpoint;
  readonly checkpoint: Checkpoint | null;
  readonly rotations: readonly FoundCheckpoint[];
}

/** No small file is larger; one that is, is no file of ours. */
const smallLimitBytes = 1 << 16;

export async function readContents(
  folder: string,
  manifest: Manifest,
  problems: Problems,
): Promise<Contents> {
  const firstKey = await readSmall(folder, manifest, 'key', 'keys', problems, (bytes) => {
    const text = bytes.toString('utf8');
    return text.endsWith('\n')
      ? readKey(text.slice(0, -1))
      : { wrong: 'it does not end with a newline' };
  });
  const head = await readHead(folder, manifest, 'checkpoint', 'checkpoint', problems);
  if (head.checkpoint !== null && head.checkpoint.origin !== manifest.origin) {
    const message = 'MANIFEST is of another ledger than the checkpoint';
    problems.add({
      check: 'manifest',
      file: 'MANIFEST',
      message,
      expected: head.checkpoint.origin,
      found: manifest.origin,
    });
  }
  const rotations: FoundCheckpoint[] = [];
  for (let number = 1; manifest.files.has(rotationPath(number)); number++) {
    rotations.push(await readHead(folder, manifest, rotationPath(number), 'keys', problems));
  }
  return { firstKey, head, checkpoint: head.checkpoint, rotations };
}

function rotationPath(number: number): string {
  return `rotations/${String(number).padStart(4, '0')}`;
}

async function readHead(
  folder: string,
  manifest: Manifest,
  file: string,
  check: CheckName,
  problems: Problems,
): Promise<FoundCheckpoint> {
  const note = await readSmall(folder, manifest, file, check, problems, readNote);
  if (note === null) return { file, note, checkpoint: null };
  const checkpoint = readCheckpoint(note.text);
  if (!isWrong(checkpoint)) return { file, note, checkpoint };
  problems.add({ check, file, message: checkpoint.wrong });
  return { file, note, checkpoint: null };
}

async function readSmall<T extends object>(
  folder: string,
  manifest: Manifest,
  file: string,
  check: CheckName,
  problems: Problems,
  readAs: (bytes: Buffer) => Read<T>,
): Promise<T | null> {
  const listed = manifest.files.get(file);
  if (listed === undefined || listed.size > smallLimitBytes) {
    problems.add({
      check,
      file,
      message: listed === undefined ? 'MANIFEST does not list it' : 'it is too large',
    });
    return null;
  }
  let bytes: Buffer;
  try {
    bytes = await readFile(join(folder, file));
  } catch {
    problems.add({ check, file, message: 'it cannot be read' });
    return null;
  }
  const value = readAs(bytes);
  if (!isWrong(value)) return value;
  problems.add({ check, file, message: value.wrong });
  return null;
}

/**
 * Whether MANIFEST lists what a ledger of this size consists of, no more and no less. False where
 * the size and the files have nothing to do with each other, so that a made-up size of 2^50 is
 * answered at once.
 */
export function expectedPaths(
  manifest: Manifest,
  contents: Contents,
  problems: Problems,
): true | null {
  const { checkpoint } = contents;
  if (checkpoint === null) return null;
  const { size } = checkpoint;
  const bundles = Math.ceil(size / tileWidth);
  const listed = [...manifest.files.keys()].filter((path) =>
    path.startsWith('tile/entries/'),
  ).length;
  if (listed !== bundles) {
    const message = `a tree of ${size} entries has ${bundles} bundles, MANIFEST lists ${listed}`;
    problems.add({ check: 'tree', file: 'checkpoint', message });
    return null;
  }
  const needed = neededPaths(size);
  for (const path of needed) {
    if (!manifest.files.has(path))
      problems.add({ check: 'tree', file: path, message: 'MANIFEST does not list it' });
  }
  const optional = new Set([...contents.rotations.map(({ file }) => file), ...privatePaths(size)]);
  for (const path of manifest.files.keys()) {
    if (needed.has(path) || optional.has(path) || blobDigest(path) !== null) continue;
    problems.add({
      check: 'files',
      file: path,
      message: 'it has no place in an export of this size',
    });
  }
  return true;
}

function neededPaths(size: number): ReadonlySet<string> {
  const needed = new Set(['key', 'checkpoint', 'promises.json']);
  for (let start = 0; start < size; start += tileWidth) {
    needed.add(tilePath('entries', start / tileWidth, Math.min(tileWidth, size - start)));
  }
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / tileWidth)) {
    for (let first = 0; first < hashes; first += tileWidth) {
      needed.add(tilePath(level, first / tileWidth, Math.min(tileWidth, hashes - first)));
    }
  }
  for (let part = 0; part * entriesPerPart < size; part++) needed.add(registerPath(part));
  return needed;
}

function privatePaths(size: number): readonly string[] {
  return Array.from({ length: Math.ceil(size / entriesPerPart) }, (_, part) => privatePath(part));
}

/** The digest that a blob's path names; null for any other path. */
function blobDigest(path: string): string | null {
  const match = /^blob\/([0-9a-f]{2})\/([0-9a-f]{64})$/.exec(path);
  return match?.[2]?.startsWith(match[1] as string) ? match[2] : null;
}

/**
 * Whether every blob that the entries name is there, and every blob is what its name says. That the
 * file is the one that MANIFEST lists is checked with all other files. Gives the number of blobs.
 */
export function checkBlobs(
  named: ReadonlySet<string>,
  manifest: Manifest,
  problems: Problems,
): number {
  for (const digest of named) {
    const file = `blob/${digest.slice(0, 2)}/${digest}`;
    if (manifest.files.has(file)) continue;
    problems.add({
      check: 'blobs',
      file,
      message: 'an entry names this blob, but the export has it not',
    });
  }
  let blobs = 0;
  for (const [file, { digest: found }] of manifest.files) {
    const expected = blobDigest(file);
    if (expected === null) continue;
    blobs += 1;
    if (found === expected) continue;
    problems.add({
      check: 'blobs',
      file,
      message: 'the blob is not what it is named after',
      expected,
      found,
    });
  }
  return blobs;
}
