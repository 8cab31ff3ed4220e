/** Standard Base 64 without padding (RFC 4648, section 4; age.md, "Conventions"). */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('base64')
    .replaceAll('=', '');
}

/**
 * Reads unpadded, canonical Base 64.
 *
 * @returns null where it is padded, holds a foreign character, or has bits behind the last byte
 */
export function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  // Node's decoder forgives much; what does not encode to the very same text was not canonical.
  return toBase64(bytes) === text ? bytes : null;
}
