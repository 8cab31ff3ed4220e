import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readArchive } from './archive.ts';
import { CliFault, exit } from './exit.ts';

export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Unpacks an archive into a folder that is not there yet or is empty. It is written aside and takes
 * its name when it is whole: a folder of that name is never half of an export.
 *
 * @throws CliFault where the folder holds something; ArchiveFault where the archive cannot be trusted
 */
export async function unpack(
  source: AsyncIterable<Uint8Array>,
  folder: string,
  onProgress: (sofar: Unpacked) => void = () => undefined,
): Promise<Unpacked> {
  await refuseFilled(folder);
  const aside = `${folder}.partial`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  let files = 0;
  let bytes = 0;
  try {
    for await (const file of readArchive(source)) {
      const path = join(aside, file.path);
      await mkdir(dirname(path), { recursive: true });
      // `wx`: a path that comes twice is refused instead of overwritten.
      const handle = await open(path, 'wx');
      try {
        for await (const piece of file.content) {
          await handle.writeFile(piece);
          bytes += piece.length;
          onProgress({ files, bytes });
        }
      } finally {
        await handle.close();
      }
      files += 1;
    }
    await rename(aside, folder);
    return { files, bytes };
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}

/** Looked at before anything is asked of the server. */
export async function refuseFilled(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new CliFault(exit.usage, `${folder} is no folder that can be written to`, error);
  }
  if (names.length > 0)
    throw new CliFault(exit.usage, `${folder} is not empty; name a folder that is, or a new one`);
}
