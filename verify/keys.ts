import type { Contents, FoundCheckpoint } from './contents.ts';
import type { Manifest } from './manifest.ts';
import { isWrong, readKey, type SignedNote, signatureFault, type VerifierKey } from './note.ts';
import type { CheckName, Problems } from './problem.ts';

/** An entry that brings in a new key. */
export interface RotationEntry {
  readonly index: number;
  readonly newKey: string;
}

/**
 * Follows the keys from the first to the current one, checks that the trusted key is one of them,
 * and that the current key signed the checkpoint and MANIFEST.
 *
 * Trusting a later key than the first is enough: every key after it was signed in by its
 * predecessor, and everything before it lies in the tree that it signed.
 */
export function followKeys(
  contents: Contents,
  entries: readonly RotationEntry[],
  trusted: VerifierKey | null,
  manifest: Manifest,
  problems: Problems,
): { readonly keys: number } {
  const keys: VerifierKey[] = contents.firstKey === null ? [] : [contents.firstKey];
  if (entries.length !== contents.rotations.length) {
    const message = `the entries rotate the key ${entries.length} times, but ${contents.rotations.length} rotations are signed`;
    problems.add({
      check: 'keys',
      message,
      expected: `${entries.length}`,
      found: `${contents.rotations.length}`,
    });
  }
  let sizeBefore = 0;
  for (const [place, found] of contents.rotations.entries()) {
    const entry = entries[place];
    const old = keys.at(-1);
    if (entry === undefined || old === undefined) break;
    const fault = rotationFault(found, entry, old, sizeBefore);
    if (typeof fault === 'string') {
      problems.add({ check: 'keys', file: found.file, index: entry.index, message: fault });
      break;
    }
    keys.push(fault.newKey);
    sizeBefore = found.checkpoint?.size ?? sizeBefore;
  }
  checkTrusted(keys, trusted, problems);
  const current = keys.at(-1) ?? null;
  const { head } = contents;
  if (sizeBefore > (head.checkpoint?.size ?? 0)) {
    problems.add({
      check: 'keys',
      message: `a rotation was signed at size ${sizeBefore}, beyond the checkpoint`,
    });
  }
  checkSignature(head.note, head.file, 'checkpoint', current, head.checkpoint?.origin, problems);
  checkSignature(manifest.note, 'MANIFEST', 'manifest', current, manifest.origin, problems);
  return { keys: keys.length };
}

function rotationFault(
  found: FoundCheckpoint,
  entry: RotationEntry,
  old: VerifierKey,
  sizeBefore: number,
): string | { readonly newKey: VerifierKey } {
  const newKey = readKey(entry.newKey);
  if (isWrong(newKey)) return `the new key in the entry: ${newKey.wrong}`;
  const { note, checkpoint } = found;
  if (note === null || checkpoint === null) return 'the rotation cannot be followed';
  const fault = signatureFault(note, old) ?? signatureFault(note, newKey);
  if (fault !== null) return fault;
  if (newKey.name !== old.name || checkpoint.origin !== old.name) {
    return `${old.name} hands over to ${newKey.name} in a checkpoint of ${checkpoint.origin}: these must be one name`;
  }
  if (entry.index < sizeBefore || entry.index >= checkpoint.size) {
    return `the entry is not among the entries ${sizeBefore} to ${checkpoint.size - 1} that the rotation was signed with`;
  }
  return { newKey };
}

function checkTrusted(
  keys: readonly VerifierKey[],
  trusted: VerifierKey | null,
  problems: Problems,
): void {
  if (trusted === null || keys.some(({ text }) => text === trusted.text)) return;
  const message = 'the trusted key is not among the keys of this ledger';
  problems.add({
    check: 'keys',
    message,
    expected: trusted.text,
    found: keys.map(({ text }) => text).join(', '),
  });
}

function checkSignature(
  note: SignedNote | null,
  file: string,
  check: CheckName,
  key: VerifierKey | null,
  origin: string | undefined,
  problems: Problems,
): void {
  if (note === null) return; // reported when it was read
  if (key === null) {
    problems.add({ check, file, message: 'there is no key to verify its signature with' });
    return;
  }
  const fault = signatureFault(note, key);
  if (fault !== null) problems.add({ check, file, message: fault });
  else if (origin !== key.name) {
    problems.add({
      check,
      file,
      message: 'the key signs for another ledger',
      expected: key.name,
      found: `${origin}`,
    });
  }
}
