import { chmod, type FileHandle, open, rename, stat } from 'node:fs/promises';

const logLimitBytes = 10 * 1024 * 1024;

/** Opens PostgreSQL's log to be written on, readable by its owner alone; what has grown large is put aside. */
export async function openLog(path: string): Promise<FileHandle> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > logLimitBytes) await rename(path, `${path}.1`);
  const log = await open(path, 'a', 0o600);
  await chmod(path, 0o600);
  return log;
}
