import type { JsonObject } from '../kernel/json.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import type { Entry } from './entry.ts';
import { type NoteKey, parseNoteKey } from './note.ts';
import { fails, type Parsed, read } from './verdict.ts';

/**
 * How the ledger changes its key. The new key is an entry of the ledger, signed over by the old
 * key with the tree it stands in; the first checkpoint whose tree has the entry is signed by both
 * keys, and every later one by the new key. Whoever trusts the first key can follow the chain.
 */
export const rotationClause = 'ledger';
export const rotationType = 'LedgerKeyRotated';

export function rotationBody(newKey: NoteKey): JsonObject {
  return { newKey: newKey.text };
}

/** The key that an entry brings in; null for every entry that is not a rotation. */
export function rotatedKey(entry: Entry): Parsed<NoteKey> | null {
  if (entry.clause !== rotationClause || entry.type !== rotationType) return null;
  const { newKey } = entry.body;
  return typeof newKey === 'string' ? parseNoteKey(newKey) : fails('the rotation names no new key');
}

/** A rotation as a follower sees it: the entry's place and key, and the checkpoint signed by both keys. */
export interface Rotation {
  readonly index: number;
  readonly newKey: NoteKey;
  readonly checkpoint: Uint8Array | string;
}

export interface KeyChain {
  /** First to current. */
  readonly keys: readonly NoteKey[];
  /** One for each rotation. Their roots are still to be compared with the tree's. */
  readonly checkpoints: readonly Checkpoint[];
}

/** Follows the rotations from the trusted key to the key that signs today. */
export function followRotations(
  trusted: NoteKey,
  rotations: readonly Rotation[],
): Parsed<KeyChain> {
  const keys = [trusted];
  const checkpoints: Checkpoint[] = [];
  let sizeBefore = 0;
  for (const [place, rotation] of rotations.entries()) {
    const name = `rotation ${place + 1}`;
    const old = keys.at(-1) as NoteKey;
    if (rotation.newKey.name !== trusted.name)
      return fails(`${name} brings a key of ${rotation.newKey.name}`);
    const opened = openCheckpoint(rotation.checkpoint, [old, rotation.newKey]);
    if (!opened.ok) return fails(`${name}: ${opened.reason}`);
    const { size } = opened.value;
    if (rotation.index < sizeBefore || rotation.index >= size) {
      return fails(
        `${name}: entry ${rotation.index} is not among the entries ${sizeBefore} to ${size - 1} it was signed with`,
      );
    }
    keys.push(rotation.newKey);
    checkpoints.push(opened.value);
    sizeBefore = size;
  }
  return read({ keys, checkpoints });
}
