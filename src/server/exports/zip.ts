/**
 * ZIP as far as an archive of stored files needs it (PKWARE APPNOTE 6.3.10): no compression, names in
 * UTF-8, ZIP64 where sizes, offsets or the number of entries want it. Entry by entry, so that an
 * archive can be made in parts, by processes that know nothing of each other.
 */
export interface Entry {
  /** Path in the archive, with slashes; no byte of it leads out of the folder it is unpacked in. */
  readonly path: string;
  /** Bytes of the content. */
  readonly size: number;
  /** CRC-32 of the content. */
  readonly crc: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Where its local header begins in the archive. */
  readonly offset: number;
  /** Size and checksum stand behind the content, not before it. */
  readonly trailing: boolean;
}

const signature = {
  local: 0x04034b50,
  descriptor: 0x08074b50,
  central: 0x02014b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  end: 0x06054b50,
} as const;

/** What does not fit into 32 bits stands in the ZIP64 field instead, and this in its place. */
const full32 = 0xffff_ffff;
const full16 = 0xffff;
const needed = { plain: 20, zip64: 45 } as const;
const flags = { trailing: 0x0008, utf8: 0x0800 } as const;
/** Made on Unix, so that the file's mode is read; `-rw-r--r--`. */
const madeBy = (3 << 8) | 45;
const mode = 0o100644 << 16;

const isBig = (value: number): boolean => value >= full32;

/** An entry before its content is known: `size` is what it will have, or null where nobody knows yet. */
export type Opening = Pick<Entry, 'path' | 'modified'> & {
  readonly size: number | null;
  /** CRC-32, where the content is at hand; null: it follows the content. */
  readonly crc: number | null;
};

/** Local file header (4.3.7). */
export function localHeader({ path, modified, size, crc }: Opening): Buffer {
  const name = Buffer.from(path);
  const zip64 = size === null || isBig(size);
  const trailing = crc === null || size === null;
  const sizes = trailing ? 0 : size;
  const extra = Buffer.concat([timeField(modified), zip64 ? zip64Field([sizes, sizes]) : empty]);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(signature.local, 0);
  header.writeUInt16LE(zip64 ? needed.zip64 : needed.plain, 4);
  header.writeUInt16LE(flags.utf8 | (trailing ? flags.trailing : 0), 6);
  header.writeUInt32LE(dosTime(modified), 10);
  header.writeUInt32LE(trailing ? 0 : crc, 14);
  header.writeUInt32LE(zip64 ? full32 : sizes, 18);
  header.writeUInt32LE(zip64 ? full32 : sizes, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

/**
 * Data descriptor (4.3.9), behind the content of an entry whose local header did not know it.
 *
 * @param announced the size that the local header was made with
 */
export function descriptor(announced: number | null, size: number, crc: number): Buffer {
  const zip64 = announced === null || isBig(announced);
  const bytes = Buffer.alloc(zip64 ? 24 : 16);
  bytes.writeUInt32LE(signature.descriptor, 0);
  bytes.writeUInt32LE(crc, 4);
  if (zip64) {
    bytes.writeBigUInt64LE(BigInt(size), 8);
    bytes.writeBigUInt64LE(BigInt(size), 16);
  } else {
    bytes.writeUInt32LE(size, 8);
    bytes.writeUInt32LE(size, 12);
  }
  return bytes;
}

/** Central directory header (4.3.12). */
export function centralHeader(entry: Entry): Buffer {
  const name = Buffer.from(entry.path);
  const { size, offset } = entry;
  const big = [...(isBig(size) ? [size, size] : []), ...(isBig(offset) ? [offset] : [])];
  const extra = Buffer.concat([
    timeField(entry.modified),
    big.length > 0 ? zip64Field(big) : empty,
  ]);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(signature.central, 0);
  header.writeUInt16LE(madeBy, 4);
  header.writeUInt16LE(big.length > 0 ? needed.zip64 : needed.plain, 6);
  header.writeUInt16LE(flags.utf8 | (entry.trailing ? flags.trailing : 0), 8);
  header.writeUInt32LE(dosTime(entry.modified), 12);
  header.writeUInt32LE(entry.crc, 16);
  header.writeUInt32LE(isBig(size) ? full32 : size, 20);
  header.writeUInt32LE(isBig(size) ? full32 : size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(mode >>> 0, 38);
  header.writeUInt32LE(isBig(offset) ? full32 : offset, 42);
  return Buffer.concat([header, name, extra]);
}

/**
 * What closes an archive (4.3.14 to 4.3.16).
 *
 * @param directory where the central directory begins, and how long it is, in bytes
 */
export function endOfArchive(
  entries: number,
  directory: { readonly offset: number; readonly size: number },
): Buffer {
  const { offset, size } = directory;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(signature.end, 0);
  end.writeUInt16LE(Math.min(entries, full16), 8);
  end.writeUInt16LE(Math.min(entries, full16), 10);
  end.writeUInt32LE(Math.min(size, full32), 12);
  end.writeUInt32LE(Math.min(offset, full32), 16);
  if (entries < full16 && !isBig(size) && !isBig(offset)) return end;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(signature.end64, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE(madeBy, 12);
  end64.writeUInt16LE(needed.zip64, 14);
  end64.writeBigUInt64LE(BigInt(entries), 24);
  end64.writeBigUInt64LE(BigInt(entries), 32);
  end64.writeBigUInt64LE(BigInt(size), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(signature.locator64, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end64, locator, end]);
}

const empty = Buffer.alloc(0);

/** ZIP64 extended information (4.5.3): the values that did not fit, in order. */
function zip64Field(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + values.length * 8);
  field.writeUInt16LE(0x0001, 0);
  field.writeUInt16LE(values.length * 8, 2);
  values.forEach((value, n) => {
    field.writeBigUInt64LE(BigInt(value), 4 + n * 8);
  });
  return field;
}

/** Extended timestamp of Info-ZIP: the moment itself, which the old fields only know by a wall clock. */
function timeField(modified: number): Buffer {
  const field = Buffer.alloc(9);
  field.writeUInt16LE(0x5455, 0);
  field.writeUInt16LE(5, 2);
  field.writeUInt8(1, 4);
  field.writeInt32LE(Math.min(Math.floor(modified / 1000), 0x7fff_ffff), 5);
  return field;
}

/** Date and time of MS-DOS (4.4.6), in UTC: two seconds are its smallest step, 1980 is its beginning. */
function dosTime(modified: number): number {
  const at = Temporal.Instant.fromEpochMilliseconds(modified).toZonedDateTimeISO('UTC');
  if (at.year < 1980) return ((1 << 5) | 1) << 16;
  const date = ((Math.min(at.year, 2107) - 1980) << 9) | (at.month << 5) | at.day;
  const time = (at.hour << 11) | (at.minute << 5) | (at.second >> 1);
  return ((date << 16) | time) >>> 0;
}
