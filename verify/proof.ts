import { createHash } from 'node:crypto';
import { fromBase64, isWrong, readCheckpoint, readKey, readNote, signatureFault } from './note.ts';
import { hashBytes, nodeHash } from './tree.ts';

/** What verifying one entry's proof found: each line is something that holds, or the one that does not. */
interface ProofReport {
  readonly ok: boolean;
  readonly lines: readonly string[];
  /** The entry's text, once it is proven. */
  readonly entry: string | null;
}

/** A proof as Kept hands it out: base64 throughout, but for the numbers and the checkpoint. */
interface Proof {
  readonly entry: Buffer;
  readonly index: number;
  readonly hashes: readonly Buffer[];
  readonly checkpoint: string;
  readonly keys: readonly string[];
}

/**
 * Verifies that one entry is in the signed tree: the entry's own bytes, the path of hashes (RFC 9162,
 * section 2.1.3.2) and the signature of the checkpoint. Never throws for what is wrong with it.
 *
 * @param trusted the key as text; without it the file's own newest one is believed, which the report says
 */
export function verifyProof(text: string, trusted?: string): ProofReport {
  const failed = (...lines: string[]): ProofReport => ({ ok: false, lines, entry: null });
  const proof = readProof(text);
  if (proof === null) return failed('FAIL  file       this is no proof of an entry');
  const note = readNote(Buffer.from(proof.checkpoint));
  const checkpoint = isWrong(note) ? note : readCheckpoint(note.text);
  if (isWrong(note)) return failed(`FAIL  checkpoint ${note.wrong}`);
  if (isWrong(checkpoint)) return failed(`FAIL  checkpoint ${checkpoint.wrong}`);

  const leaf = createHash('sha256').update(Buffer.of(0)).update(proof.entry).digest();
  const root = rootFrom(leaf, proof, checkpoint.size);
  if (!root?.equals(checkpoint.root)) {
    return failed('FAIL  inclusion  the entry does not lead to the root in the checkpoint');
  }
  const inside = `ok    inclusion  entry ${proof.index} is in the tree of ${checkpoint.size} entries of ${checkpoint.origin}`;

  const keyText = trusted ?? proof.keys.at(-1) ?? '';
  const key = readKey(keyText);
  const fault = isWrong(key) ? key.wrong : signatureFault(note, key);
  if (fault !== null) return failed(inside, `FAIL  signature  ${fault}`);
  const lines = [inside, `ok    signature  the checkpoint is signed by ${keyText}`];
  if (trusted === undefined) lines.push('No key was given; believed was the one in the file.');
  return { ok: true, lines, entry: proof.entry.toString('utf8') };
}

function readProof(text: string): Proof | null {
  try {
    const { entry, index, hashes, checkpoint, keys } = JSON.parse(text) as Record<string, unknown>;
    const bytes = typeof entry === 'string' ? fromBase64(entry) : null;
    const path = Array.isArray(hashes) ? hashes.map((hash) => fromBase64(String(hash))) : null;
    const isFit =
      bytes !== null &&
      path?.every((hash) => hash?.length === hashBytes) === true &&
      Number.isSafeInteger(index) &&
      typeof checkpoint === 'string' &&
      Array.isArray(keys) &&
      keys.every((key) => typeof key === 'string');
    if (!isFit) return null;
    return { entry: bytes, index: index as number, hashes: path as Buffer[], checkpoint, keys };
  } catch {
    return null;
  }
}

/** The root that a leaf leads to in a tree of `size` leaves; null where the path has another length. */
function rootFrom(leaf: Buffer, { index, hashes }: Proof, size: number): Buffer | null {
  if (index < 0 || index >= size) return null;
  let node = index;
  let last = size - 1;
  let root = leaf;
  for (const hash of hashes) {
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(hash, root);
      // A node without a sibling rises unchanged.
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      root = nodeHash(root, hash);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : null;
}
