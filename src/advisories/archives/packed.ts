import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { ArchiveFault } from './archived.ts';

const gunzip = promisify(gunzipCallback);

/** A catalogue or a list of scores, unpacked: those there are have some tens of megabytes. */
export const listLimitBytes = 128 * 1024 * 1024;

/** Text of one file that is packed with gzip, or is not. @throws ArchiveFault */
export async function unpackedText(bytes: Uint8Array): Promise<string> {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    const plain = isPacked ? await gunzip(bytes, { maxOutputLength: listLimitBytes }) : bytes;
    return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength).toString('utf8');
  } catch (cause) {
    const isLarge = (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    const code = isLarge ? 'archiveTooLarge' : 'archiveDamaged';
    throw new ArchiveFault(code, (cause as Error).message, { cause });
  }
}
