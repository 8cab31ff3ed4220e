import { crc32 } from 'node:zlib';

/** A file of an archive, as its central directory and its bytes say. */
interface Unzipped {
  readonly path: string;
  readonly bytes: Buffer;
  readonly modified: number;
}

/**
 * Reads an archive of stored entries from its end, written from PKWARE's APPNOTE and not from the
 * program under test: end record, ZIP64 where it says so, directory, local headers.
 */
export function unzip(archive: Buffer): readonly Unzipped[] {
  const end = archive.lastIndexOf(Buffer.from('504b0506', 'hex'));
  if (end < 0) throw new Error('no end of central directory');
  let count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  if (end >= 20 && archive.readUInt32LE(end - 20) === 0x07064b50) {
    const end64 = Number(archive.readBigUInt64LE(end - 20 + 8));
    if (archive.readUInt32LE(end64) !== 0x06064b50) throw new Error('no ZIP64 end record');
    count = Number(archive.readBigUInt64LE(end64 + 32));
    at = Number(archive.readBigUInt64LE(end64 + 48));
  }
  const files: Unzipped[] = [];
  for (let n = 0; n < count; n++) {
    if (archive.readUInt32LE(at) !== 0x02014b50) throw new Error(`no directory header at ${at}`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) =>
      archive.readUInt16LE(at + o),
    );
    const path = archive.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    const extra = archive.subarray(
      at + 46 + (nameLength ?? 0),
      at + 46 + (nameLength ?? 0) + (extraLength ?? 0),
    );
    let size = archive.readUInt32LE(at + 24);
    let offset = archive.readUInt32LE(at + 42);
    const wide = fieldOf(extra, 0x0001);
    let next = 0;
    if (size === 0xffffffff) size = Number(wide.readBigUInt64LE(next++ * 16));
    if (offset === 0xffffffff) offset = Number(wide.readBigUInt64LE(next * 16));
    files.push({
      path,
      bytes: contentOf(archive, offset, size, archive.readUInt32LE(at + 16)),
      modified: fieldOf(extra, 0x5455).readInt32LE(1),
    });
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return files;
}

function contentOf(archive: Buffer, offset: number, size: number, crc: number): Buffer {
  if (archive.readUInt32LE(offset) !== 0x04034b50) throw new Error(`no local header at ${offset}`);
  if (archive.readUInt16LE(offset + 8) !== 0) throw new Error('compressed');
  const from = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  const bytes = archive.subarray(from, from + size);
  if (crc32(bytes) !== crc) throw new Error(`checksum of the entry at ${offset}`);
  return bytes;
}

function fieldOf(extra: Buffer, wanted: number): Buffer {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === wanted)
      return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  return Buffer.alloc(0);
}
