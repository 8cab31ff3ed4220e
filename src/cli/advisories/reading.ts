import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type Inventory, InventoryFault } from '../../inventory/component.ts';
import { readerOf } from '../../inventory/readers.ts';

/** Lockfiles and SPDX are held whole; several times that is what reading one takes. */
const limitWhole = 128 * 1024 * 1024;
/** Bills that are read piece by piece are not held. */
const limitPieces = 4 * 1024 * 1024 * 1024;
const largeBytes = 16 * 1024 * 1024;
const pieceBytes = 1024 * 1024;

/**
 * Reads a lockfile or a bill of materials, whatever its size.
 *
 * @throws InventoryFault where it is none, or too large to be read
 */
export async function readInventory(path: string): Promise<Inventory> {
  const reader = readerOf(basename(path));
  const { size } = await stat(path);
  if (reader) {
    const text = await readText(path, size);
    return reader(isRequirements(path) ? await withIncluded(path, text) : text);
  }
  const { readBill } = await import('../../inventory/bills.ts');
  if (size <= largeBytes) return readBill(await readText(path, size));
  return (await readLarge(path, size)) ?? readBill(await readText(path, size));
}

/** CycloneDX is read piece by piece; null where it is something else. */
async function readLarge(path: string, size: number): Promise<Inventory | null> {
  const beginning = decoded(await beginningOf(path, 64 * 1024));
  if (size > limitPieces) throw tooLarge(size, limitPieces);
  if (/^\s*</.test(beginning)) {
    const { readCycloneDxXmlPieces } = await import('../../inventory/cyclonedx.xml.ts');
    return readCycloneDxXmlPieces(piecesOf(path));
  }
  if (!/^\s*\{/.test(beginning) || /"spdxVersion"\s*:|"@(?:graph|context)"\s*:/.test(beginning)) {
    return null;
  }
  const { readCycloneDxPieces } = await import('../../inventory/cyclonedx.pieces.ts');
  return readCycloneDxPieces(piecesOf(path));
}

/** The first bytes of a file. @throws where it cannot be read */
export async function beginningOf(path: string, length = 2_048): Promise<Buffer> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function* piecesOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const bytes of createReadStream(path, { highWaterMark: pieceBytes })) {
    yield decoder.decode(bytes as Buffer, { stream: true });
  }
  yield decoder.decode();
}

async function readText(path: string, size: number): Promise<string> {
  if (size > limitWhole) throw tooLarge(size, limitWhole);
  return decoded(await readFile(path));
}

function tooLarge(size: number, limit: number): InventoryFault {
  return new InventoryFault(`the file has ${size} bytes; of this kind up to ${limit} are read`);
}

/** UTF-8, or what a mark at its beginning says: Windows tools write UTF-16 (Unicode, section 23.8). */
function decoded(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}

const isRequirements = (path: string): boolean => path.endsWith('.txt');
const limitIncluded = 200;

/** With the files that it names by `-r`, each once, however they name one another. */
async function withIncluded(path: string, text: string): Promise<string> {
  const given = new Map([[resolve(path), text]]);
  const waiting = includedBy(path, text);
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (given.has(next) || given.size > limitIncluded) continue;
    const found = await stat(next).catch(() => null);
    if (!found?.isFile()) continue;
    const included = await readText(next, found.size);
    given.set(next, included);
    waiting.push(...includedBy(next, included));
  }
  // A line that names what was found is no longer one that names what was not given.
  const settled = (from: string, written: string): string =>
    written.replace(includes, (line, name: string) =>
      given.has(resolve(dirname(from), name)) ? '' : line,
    );
  return [...given].map(([from, written]) => settled(from, written)).join('\n');
}

const includes = /^[ \t]*(?:-r|--requirement)[ \t=]*([^\s#]+)[^\n]*$/gm;

function includedBy(path: string, text: string): string[] {
  return [...text.matchAll(includes)].map(([, name = '']) => resolve(dirname(path), name));
}
