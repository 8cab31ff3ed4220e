import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appendLeaves, emptyEdge } from '../src/ledger/append.ts';
import { openCheckpoint } from '../src/ledger/checkpoint.ts';
import { leafHash, sameBytes } from '../src/ledger/hash.ts';
import { type NoteKey, parseNoteKey } from '../src/ledger/note.ts';
import { parseBundle, tilePath } from '../src/ledger/tile.ts';
import {
  isWrong,
  readCheckpoint,
  readKey,
  readNote,
  signatureFault,
  type VerifierKey,
} from '../verify/note.ts';
import { rootAt, tilePath as verifierTilePath } from '../verify/tree.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'Tessera log: checkpoints, tiles and bundles';

const sizes = Array.from({ length: 16 }, (_, size) => size);

export async function run(): Promise<Outcome> {
  const folder = sharedCases('ledger', 'tessera');
  if (folder === null) return withoutCases('ledger', 'tessera');
  const tally = new Tally();
  const keyText = readFileSync(join(folder, 'VERIFIER-KEY.txt'), 'utf8').trim();
  const key = parseNoteKey(keyText);
  const verifierKey = readKey(keyText);
  if (!key.ok || isWrong(verifierKey)) {
    tally.expect(false, 'VERIFIER-KEY.txt', 'is not read as a key');
    return tally.outcome();
  }
  for (const size of sizes) {
    byLedger(folder, size, key.value, tally);
    byVerifier(folder, size, verifierKey, tally);
    flipped(folder, size, key.value, verifierKey, tally);
  }
  return tally.outcome();
}

/** Signature, bundle, tile and root with the code of src/ledger. */
function byLedger(folder: string, size: number, key: NoteKey, tally: Tally): void {
  const file = `checkpoint.${size}`;
  const checkpoint = openCheckpoint(readFileSync(join(folder, file)), [key]);
  const states = checkpoint.ok ? `size ${checkpoint.value.size}` : checkpoint.reason;
  tally.expect(checkpoint.ok && checkpoint.value.size === size, `${file} (ledger)`, states);
  if (!checkpoint.ok) return;
  const leaves = size === 0 ? [] : leavesOf(folder, size, tally);
  const { root, tiles } = appendLeaves(emptyEdge, Buffer.concat(leaves));
  tally.expect(sameBytes(root, checkpoint.value.root), `root of ${file} (ledger)`);
  for (const tile of tiles) {
    const path = tilePath(tile);
    tally.expect(
      sameBytes(tile.bytes, readFileSync(join(folder, path))),
      `${path} (ledger)`,
      'differs',
    );
  }
}

function leavesOf(folder: string, size: number, tally: Tally): readonly Uint8Array[] {
  const path = tilePath({ level: 'entries', index: 0, width: size });
  const entries = parseBundle(readFileSync(join(folder, path)), size);
  tally.expect(entries.ok, `${path} (ledger)`, entries.ok ? '' : entries.reason);
  return entries.ok ? entries.value.map(leafHash) : [];
}

/** Signature and root with the code of verify/. */
function byVerifier(folder: string, size: number, key: VerifierKey, tally: Tally): void {
  const file = `checkpoint.${size}`;
  const note = readNote(readFileSync(join(folder, file)));
  const fault = isWrong(note) ? note.wrong : signatureFault(note, key);
  tally.expect(fault === null, `${file} (verifier)`, fault ?? '');
  const checkpoint = isWrong(note) ? note : readCheckpoint(note.text);
  if (isWrong(checkpoint)) {
    tally.expect(false, `text of ${file} (verifier)`, checkpoint.wrong);
    return;
  }
  const leaves =
    size === 0 ? Buffer.alloc(0) : readFileSync(join(folder, verifierTilePath(0, 0, size)));
  tally.expect(rootAt(size, [], leaves).equals(checkpoint.root), `root of ${file} (verifier)`);
}

/** Any changed byte of the signed text must be refused by both. */
function flipped(
  folder: string,
  size: number,
  key: NoteKey,
  verifierKey: VerifierKey,
  tally: Tally,
): void {
  const bytes = readFileSync(join(folder, `checkpoint.${size}`));
  const textEnd = bytes.indexOf('\n\n') + 1;
  const accepted: number[] = [];
  for (let at = 0; at < textEnd; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    const note = readNote(changed);
    const refused = isWrong(note) || signatureFault(note, verifierKey) !== null;
    if (!refused || openCheckpoint(changed, [key]).ok) accepted.push(at);
  }
  tally.expect(
    accepted.length === 0,
    `checkpoint.${size} with a changed byte`,
    `accepted at ${accepted.join(', ')}`,
  );
}
