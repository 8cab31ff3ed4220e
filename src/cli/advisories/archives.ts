import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readArchive } from '../../advisories/archives/archive.ts';
import { type ArchivedFile, ArchiveFault } from '../../advisories/archives/archived.ts';
import { CliFault, exit } from '../exit.ts';

const archiveName = /\.(?:zip|tar|tar\.gz|tgz)$/;

/**
 * The JSON files of a folder and of the archives in it, of a `.zip`, a `.tar.gz` or a `.tar`, or the
 * advisories of one JSON file, one at a time: what is held in memory is one file, whatever the archive
 * says of itself.
 *
 * @throws CliFault where the source cannot be read, or is no whole archive
 */
export async function* readFiles(source: string): AsyncGenerator<ArchivedFile> {
  if (!(await isFolder(source))) return yield* filesOf(source);
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (archiveName.test(entry.name)) {
      for await (const one of filesOf(path)) yield { ...one, name: `${path}: ${one.name}` };
      continue;
    }
    if (!entry.name.endsWith('.json')) continue;
    // A file among many that is none is set aside like what is no advisory.
    try {
      for await (const one of filesOf(path)) yield { ...one, name: path };
    } catch (error) {
      if (!(error instanceof CliFault)) throw error;
      yield { name: path, reason: error.message };
    }
  }
}

async function isFolder(source: string): Promise<boolean> {
  try {
    return (await stat(source)).isDirectory();
  } catch (cause) {
    throw new CliFault(exit.usage, `${source} cannot be read: ${(cause as Error).message}`, cause);
  }
}

async function* filesOf(path: string): AsyncGenerator<ArchivedFile> {
  await using file = await open(path);
  try {
    yield* readArchive(file);
  } catch (cause) {
    if (!(cause instanceof ArchiveFault)) throw cause;
    if (cause.code === 'archiveUnknown')
      throw new CliFault(exit.usage, `${path}: ${cause.message}`, cause);
    throw new CliFault(exit.refused, `${path} is no whole archive: ${cause.message}`, cause);
  }
}
