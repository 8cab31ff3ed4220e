import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { eraseFile, makeFolder, syncFile, syncFolder } from '../durable.ts';
import { reaching } from './fault.ts';
import type { BackupShelf } from './shelf.ts';

/** What a backup is called while it is being written. */
const unfinished = /\.unfinished$/;

/** Read at a time. Most backups are small, all of them are read often, and a buffer is made for each. */
const readBytes = 1 << 16;

/** Backups of the keystore as files of a folder. What was being written when the process died is erased. */
export async function folderBackups(folder: string): Promise<BackupShelf> {
  const what = 'the folder of backups of the keystore';
  await reaching(what, async () => {
    await makeFolder(folder);
    for (const name of await readdir(folder)) {
      if (unfinished.test(name)) await eraseFile(join(folder, name));
    }
  })();
  return {
    names: reaching(what, async () =>
      (await readdir(folder)).filter((name) => !unfinished.test(name)),
    ),
    write: reaching(
      what,
      async (lines: AsyncIterable<string>, nameOf: (digest: string) => string) => {
        const temporary = join(folder, `${randomUUID()}.unfinished`);
        const hash = createHash('sha256');
        const file = await open(temporary, 'wx', 0o600);
        try {
          for await (const line of lines) {
            hash.update(line);
            await file.write(line);
          }
          await syncFile(file);
        } finally {
          await file.close();
        }
        const name = nameOf(hash.digest('hex'));
        await rename(temporary, join(folder, name));
        await syncFolder(folder);
        return name;
      },
    ),
    read: (name) => createReadStream(join(folder, name), { highWaterMark: readBytes }),
    erase: reaching(what, async (name: string) => {
      await eraseFile(join(folder, name));
      await syncFolder(folder);
    }),
  };
}
