import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { readArchive } from '../archive.ts';
import { CliFault, exit } from '../exit.ts';

/** A file among advisories, as it was found. */
export interface FoundFile {
  readonly name: string;
  readonly text: string;
}

/** An advisory larger than this is none: a few kilobytes are usual. */
const limitBytes = 32 * 1024 * 1024;
const pieceBytes = 1024 * 1024;

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
  const unzipped = createReadStream(path, { highWaterMark: pieceBytes }).pipe(
    createGunzip({ chunkSize: pieceBytes }),
  );
  try {
    for await (const { path: name, bytes, content } of readArchive(unzipped, 'passOver')) {
      if (!name.endsWith('.json')) continue;
      refuseLarge(name, bytes);
      const pieces: Uint8Array[] = [];
      for await (const piece of content) pieces.push(piece);
      yield { name, text: Buffer.concat(pieces).toString('utf8') };
    }
  } catch (cause) {
    if (cause instanceof CliFault) throw cause;
    throw new CliFault(
      exit.refused,
      `${path} is no whole archive: ${(cause as Error).message}`,
      cause,
    );
  }
}

async function* filesOfZip(path: string): AsyncGenerator<FoundFile> {
  const { readZip } = await import('./zip.ts');
  for await (const { name, bytes, content } of readZip(path)) {
    if (!name.endsWith('.json')) continue;
    refuseLarge(name, bytes);
    yield { name, text: content().toString('utf8') };
  }
}

function refuseLarge(name: string, bytes: number): void {
  if (bytes <= limitBytes) return;
  throw new CliFault(exit.refused, `${name} has ${bytes} bytes: no advisory is that large`);
}
