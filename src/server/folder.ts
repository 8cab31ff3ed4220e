import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Hold, hold } from '../platform/postgres/hold.ts';
import { exitCodes, StartFault } from './fault.ts';

/**
 * Makes the data folder (0700; PostgreSQL's account is let through it where root starts Kept) and
 * holds it, so that no second Kept works in it.
 */
export async function takeFolder(folder: string): Promise<Hold> {
  let answer: Awaited<ReturnType<typeof hold>>;
  try {
    // Folders above stay as open as the system makes them; only this one is ours alone.
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await tryWriting(folder);
    answer = await hold(join(folder, 'kept.lock'));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new StartFault(
      exitCodes.folderUnusable,
      `cannot write to the data folder ${folder} (${code}); make it writable, or choose another KEPT_DATA`,
      cause,
    );
  }
  if ('held' in answer) return answer.held;
  throw new StartFault(
    exitCodes.folderBusy,
    `another Kept (process ${answer.holder}) is running on ${folder}; stop it, or choose another KEPT_DATA`,
  );
}

async function tryWriting(folder: string): Promise<void> {
  const path = join(folder, `.writable.${process.pid}`);
  await writeFile(path, '');
  await rm(path);
}
