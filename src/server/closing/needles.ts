import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Something that must be nowhere: what it is, and its bytes in each shape in which it could lie about. */
export interface Needle {
  readonly what: string;
  readonly shapes: readonly Uint8Array[];
}

/** A text or key as it is, in hexadecimal, in base64 and as a part of an address. */
export function shapesOf(value: Uint8Array | string): readonly Uint8Array[] {
  const bytes = Buffer.from(value as Uint8Array);
  const hex = bytes.toString('hex');
  const texts = [hex, hex.toUpperCase(), bytes.toString('base64'), bytes.toString('base64url')];
  if (typeof value === 'string')
    texts.push(encodeURIComponent(value), JSON.stringify(value).slice(1, -1));
  return [bytes, ...texts.map((text) => Buffer.from(text))];
}

/** Bytes of a window: whatever holds twice as many of the canary in a row holds one of them whole. */
const windowBytes = 64;

/**
 * Looks for every window of a large content at once: for whatever of it lies about in a row.
 * A window is found by its first three bytes, then by all of it.
 */
export function windowsOf(content: Uint8Array): (bytes: Uint8Array) => number {
  const heads = new Uint8Array(1 << 21);
  const windows = new Map<number, Buffer[]>();
  for (let at = 0; at + windowBytes <= content.length; at += windowBytes) {
    const window = Buffer.from(content.subarray(at, at + windowBytes));
    const head = headOf(window, 0);
    heads[head >> 3] = (heads[head >> 3] ?? 0) | (1 << (head & 7));
    const same = windows.get(head);
    if (same) same.push(window);
    else windows.set(head, [window]);
  }
  return (bytes) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let found = 0;
    for (let at = 0; at + windowBytes <= buffer.length; at += 1) {
      const head = headOf(buffer, at);
      if (((heads[head >> 3] ?? 0) & (1 << (head & 7))) === 0) continue;
      for (const window of windows.get(head) ?? [])
        if (buffer.compare(window, 0, windowBytes, at, at + windowBytes) === 0) found += 1;
    }
    return found;
  };
}

function headOf(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

/** Where needles were found, as `path: what`. */
export interface Search {
  readonly found: readonly string[];
  readonly files: number;
  readonly bytes: number;
}

/** Reads every byte of every file below a folder, and the names of the files. */
export async function searchFolder(
  folder: string,
  needles: readonly Needle[],
  windows: (bytes: Uint8Array) => number,
): Promise<Search> {
  const found: string[] = [];
  let files = 0;
  let total = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    found.push(...searchBytes(`name of ${path}`, Buffer.from(path), needles, windows));
    if (!entry.isFile()) continue;
    const bytes = await bytesOf(path);
    if (!bytes) continue;
    files += 1;
    total += bytes.length;
    found.push(...searchBytes(path, bytes, needles, windows));
  }
  return { found, files, bytes: total };
}

export function searchBytes(
  where: string,
  bytes: Buffer,
  needles: readonly Needle[],
  windows: (bytes: Uint8Array) => number,
): readonly string[] {
  const found = needles
    .filter(({ shapes }) => shapes.some((shape) => bytes.includes(shape)))
    .map(({ what }) => `${where}: ${what}`);
  return windows(bytes) > 0 ? [...found, `${where}: plaintext`] : found;
}

/** Null where the file went since it was listed: there is nothing in it any more. */
async function bytesOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
