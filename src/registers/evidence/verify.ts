import { inclusionSteps } from '../../ledger/steps.ts';
import type { Proof } from './facts.ledger.ts';

/** What a browser found when it checked a proof by itself. */
export interface Verified {
  /** The entry's own bytes hash to the leaf that the proof starts from. */
  readonly leaf: boolean;
  /** The proof leads from the leaf to the root in the checkpoint. */
  readonly root: boolean;
  /** A key of the ledger signed the checkpoint; null where this browser cannot verify Ed25519. */
  readonly signature: boolean | null;
}

/**
 * Verifies an inclusion proof in the browser with WebCrypto (RFC 6962, section 2.1.1; C2SP
 * signed-note). Nothing but the bytes it is given is believed.
 */
export async function verifyProof(entry: Uint8Array, proof: Proof): Promise<Verified> {
  const leaf = await hash(Uint8Array.of(0), entry);
  const root = await foldProof(leaf, proof);
  const [, size, signedRoot] = proof.checkpoint.split('\n');
  return {
    leaf: same(leaf, bytesOf(proof.leafHash)),
    root:
      root !== null &&
      signedRoot !== undefined &&
      size === String(proof.size) &&
      same(root, bytesOf(signedRoot)),
    signature: await signedByOneOf(proof.checkpoint, proof.keys),
  };
}

async function foldProof(leaf: Uint8Array, proof: Proof): Promise<Uint8Array | null> {
  const steps = inclusionSteps(proof.index, proof.size);
  if (steps === null || steps.length !== proof.hashes.length) return null;
  let folded = leaf;
  for (const [n, side] of steps.entries()) {
    const sibling = bytesOf(proof.hashes[n] ?? '');
    folded =
      side === 'left'
        ? await hash(Uint8Array.of(1), sibling, folded)
        : await hash(Uint8Array.of(1), folded, sibling);
  }
  return folded;
}

async function signedByOneOf(note: string, keys: readonly string[]): Promise<boolean | null> {
  const split = note.lastIndexOf('\n\n');
  const text = new TextEncoder().encode(note.slice(0, split + 1));
  const signatures = note
    .slice(split + 2)
    .split('\n')
    .map((line) => bytesOf(line.split(' ')[2] ?? ''))
    .filter((bytes) => bytes.length === 68);
  for (const key of keys) {
    const [, id = '', ...encoded] = key.split('+');
    const publicKey = bytesOf(encoded.join('+')).slice(1);
    let imported: CryptoKey;
    try {
      imported = await crypto.subtle.importKey('raw', publicKey, { name: 'Ed25519' }, false, [
        'verify',
      ]);
    } catch {
      return null;
    }
    for (const signature of signatures) {
      if (hexOf(signature.subarray(0, 4)) !== id) continue;
      if (await crypto.subtle.verify({ name: 'Ed25519' }, imported, signature.slice(4), text))
        return true;
    }
  }
  return false;
}

async function hash(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n]);
}
