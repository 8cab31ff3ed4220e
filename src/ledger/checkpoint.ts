import { hashBytes } from './hash.ts';
import {
  type Note,
  type NoteKey,
  type NoteSigner,
  openNote,
  parseNote,
  signNote,
  strictBase64,
} from './note.ts';
import { fails, LedgerRefusal, type Parsed, read } from './verdict.ts';

/** The head of the ledger at a size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Names the log; also the name of its keys. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The text that is signed: origin, size and root, one a line. Kept writes no extension lines. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  if (origin === '' || origin.includes('\n'))
    throw new LedgerRefusal('an origin is one line that is not empty');
  if (!Number.isSafeInteger(size) || size < 0)
    throw new LedgerRefusal(`${size} is no size of a tree`);
  if (root.length !== hashBytes)
    throw new LedgerRefusal(`a root has ${hashBytes} bytes, not ${root.length}`);
  return `${origin}\n${size}\n${root.toBase64()}\n`;
}

/** Reads the text of a checkpoint. Extension lines are allowed, as the specification says, and ignored. */
export function parseCheckpointText(text: string): Parsed<Checkpoint> {
  if (!text.endsWith('\n')) return fails('the checkpoint does not end with a newline');
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', sizeText = '', rootText = ''] = lines;
  if (lines.length < 3 || lines.includes(''))
    return fails('a checkpoint has at least three lines, none of them empty');
  const size = Number(sizeText);
  if (!/^(0|[1-9]\d*)$/.test(sizeText) || !Number.isSafeInteger(size)) {
    return fails(`${JSON.stringify(sizeText)} is no size of a tree`);
  }
  const root = strictBase64(rootText);
  if (root === null || root.length !== hashBytes)
    return fails(`${JSON.stringify(rootText)} is no root hash`);
  return read({ origin, size, root });
}

/** A checkpoint as a signed note. At a key rotation, both the old and the new key sign. */
export function signCheckpoint(
  checkpoint: Checkpoint,
  signers: readonly NoteSigner[],
): Promise<string> {
  return signNote(checkpointText(checkpoint), signers);
}

/**
 * Reads a signed checkpoint and verifies that every given key signed it and that it is of their
 * log: a key signs checkpoints of the origin it is named after, and of no other.
 */
export function openCheckpoint(
  input: Uint8Array | string,
  keys: readonly NoteKey[],
): Parsed<Checkpoint> {
  const note = openNote(input, keys);
  if (!note.ok) return note;
  const checkpoint = parseCheckpointText(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  const stranger = keys.find(({ name }) => name !== checkpoint.value.origin);
  return stranger === undefined
    ? checkpoint
    : fails(`${stranger.name} signed a checkpoint of ${checkpoint.value.origin}`);
}

/** Reads a checkpoint whose signatures nobody has verified; for showing, never for trusting. */
export function peekCheckpoint(
  input: Uint8Array | string,
): Parsed<Checkpoint & { readonly note: Note }> {
  const note = parseNote(input);
  if (!note.ok) return note;
  const checkpoint = parseCheckpointText(note.value.text);
  return checkpoint.ok ? read({ ...checkpoint.value, note: note.value }) : checkpoint;
}
