import { hash } from 'node:crypto';

/** Bytes of a SHA-256 digest. */
export const hashBytes = 32;

/** `input` under SHA-256; 32 fresh bytes. */
export function sha256(input: Uint8Array): Uint8Array {
  return digest(input);
}

export function sha256Hex(input: Uint8Array): string {
  return hash('sha256', input, 'hex');
}

/** The root of the tree without entries: SHA-256 of nothing (RFC 6962, section 2.1). */
export const emptyRoot: Uint8Array = digest(new Uint8Array(0));

/** Leaves are hashed behind a zero byte; the room is kept so that no leaf costs an allocation. */
let leafRoom = new Uint8Array(1 << 16);
const nodeRoom = new Uint8Array(1 + 2 * hashBytes);
nodeRoom[0] = 1;

/** RFC 6962, section 2.1: SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  if (entry.length >= leafRoom.length) leafRoom = new Uint8Array(entry.length + 1);
  leafRoom.set(entry, 1);
  return digest(leafRoom.subarray(0, entry.length + 1));
}

/** RFC 6962, section 2.1: SHA-256(0x01 ‖ left ‖ right); both 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeRoom.set(left, 1);
  nodeRoom.set(right, 1 + hashBytes);
  return digest(nodeRoom);
}

/** One-shot hashing into a string is three times as fast as into a Buffer of its own (Node 26). */
function digest(input: Uint8Array): Uint8Array {
  const text = hash('sha256', input, 'latin1');
  const bytes = new Uint8Array(hashBytes);
  for (let i = 0; i < hashBytes; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * A copy of a range of bytes. `slice` will not do where a Buffer may come in: a Buffer's slice is a
 * view, and whoever changes one changes both.
 */
export function copyOf(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lower-case hexadecimal, for messages. */
export function hex(bytes: Uint8Array): string {
  return bytes.toHex();
}
