import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { type Entry, openPromise } from 'yauzl';
import { readArchive } from '../archive.ts';
import { CliFault, exit } from '../exit.ts';

/** A file among advisories, as it was found. */
export interface FoundFile {
  readonly name: string;
  readonly text: string;
}

/** An advisory larger than this is none: a few kilobytes are usual. */
const limitBytes = 32 * 1024 * 1024;

/**
 * The JSON files of a folder, a `.zip` or a `.tar.gz`, one at a time: what is held in memory is one file,
 * whatever the archive says of itself.
 *
 * @throws CliFault where the source cannot be read, or a file in it is larger than any advisory
 */
export async function* readFiles(source: string): AsyncGenerator<FoundFile> {
  const { isFolder } = await kindOf(source);
  if (isFolder) yield* filesOfFolder(source);
  else if (source.endsWith('.zip')) yield* filesOfZip(source);
  else if (/\.(?:tar\.gz|tgz)$/.test(source)) yield* filesOfTar(source);
  else if (source.endsWith('.json')) yield { name: source, text: await readFile(source, 'utf8') };
  else throw new CliFault(exit.usage, `${source} is neither a folder nor .zip, .tar.gz or .json`);
}

async function kindOf(source: string): Promise<{ isFolder: boolean }> {
  try {
    return { isFolder: (await stat(source)).isDirectory() };
  } catch (cause) {
    throw new CliFault(exit.usage, `${source} cannot be read: ${(cause as Error).message}`, cause);
  }
}

async function* filesOfFolder(folder: string): AsyncGenerator<FoundFile> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.json')) continue;
    const path = join(entry.parentPath, entry.name);
    refuseLarge(path, (await stat(path)).size);
    yield { name: path, text: await readFile(path, 'utf8') };
  }
}

async function* filesOfTar(path: string): AsyncGenerator<FoundFile> {
  const unzipped = createReadStream(path).pipe(createGunzip());
  for await (const { path: name, bytes, content } of readArchive(unzipped)) {
    if (!name.endsWith('.json')) continue;
    refuseLarge(name, bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    yield { name, text: Buffer.concat(pieces).toString('utf8') };
  }
}

async function* filesOfZip(path: string): AsyncGenerator<FoundFile> {
  const archive = await openPromise(path, { lazyEntries: true });
  try {
    for await (const entry of archive.eachEntry()) {
      if (!entry.fileName.endsWith('.json')) continue;
      refuseLarge(entry.fileName, entry.uncompressedSize);
      yield { name: entry.fileName, text: await textOf(archive, entry) };
    }
  } finally {
    archive.close();
  }
}

async function textOf(
  archive: Awaited<ReturnType<typeof openPromise>>,
  entry: Entry,
): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of await archive.openReadStreamPromise(entry)) {
    bytes += (piece as Uint8Array).length;
    // What an archive says of a file's size may be a lie.
    refuseLarge(entry.fileName, bytes);
    pieces.push(piece as Uint8Array);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function refuseLarge(name: string, bytes: number): void {
  if (bytes <= limitBytes) return;
  throw new CliFault(exit.refused, `${name} has ${bytes} bytes: no advisory is that large`);
}
