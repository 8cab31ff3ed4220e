import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Fault } from '../../kernel/fault.ts';
import type { Trace } from './trace.ts';
import { descriptor, localHeader } from './zip.ts';

/** Something to be laid into an archive. */
export interface Content {
  readonly path: string;
  readonly modified: number;
  /** Bytes; null where nobody knows before it was read. */
  readonly size: number | null;
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  /** What it must have; null: what it turns out to have. Hexadecimal. */
  readonly sha256: string | null;
  readonly holds: Trace['holds'];
}

/**
 * One entry of an archive, bytes and then its trace. What is at hand is written with its checksum
 * before it, so that any program reads it; a stream has it behind.
 *
 * @param offset where in the archive it begins
 * @throws Fault where a stream has not the size that was announced
 */
export async function* entryBytes(
  content: Content,
  offset: number,
): AsyncGenerator<Uint8Array, Trace> {
  const { path, modified, bytes, holds } = content;
  if (bytes instanceof Uint8Array) {
    const crc = crc32(bytes);
    const size = bytes.length;
    yield localHeader({ path, modified, size, crc });
    yield bytes;
    const sha256 = content.sha256 ?? createHash('sha256').update(bytes).digest('hex');
    return { path, modified, size, crc, offset, trailing: false, sha256, holds };
  }
  yield localHeader({ path, modified, size: content.size, crc: null });
  const digest = content.sha256 === null ? createHash('sha256') : null;
  let size = 0;
  let crc = 0;
  for await (const piece of bytes) {
    size += piece.length;
    crc = crc32(piece, crc);
    digest?.update(piece);
    yield piece;
  }
  if (content.size !== null && size !== content.size) {
    throw new Fault(`${size} bytes came where ${content.size} were announced`, { retryable: true });
  }
  yield descriptor(content.size, size, crc);
  const sha256 = content.sha256 ?? digest?.digest('hex') ?? '';
  return { path, modified, size, crc, offset, trailing: true, sha256, holds };
}
