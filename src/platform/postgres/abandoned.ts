import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { holderOf } from './hold.ts';
import { isPostmasterOf, readPostmasterFile, stopPostmaster } from './postmaster.ts';

/**
 * Ends the throw-away PostgreSQLs whose process was killed, and removes their folders: those named
 * `prefix…` in `parent` whose hold belongs to a process that is dead.
 *
 * @returns how many there were
 */
export async function endAbandoned(parent: string, prefix: string): Promise<number> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  let ended = 0;
  for (const name of names) {
    const folder = join(parent, name);
    const holder = await holderOf(join(folder, 'postgres.lock'));
    // Without a hold it is being made this instant, or was left by a start that failed early.
    if (!holder || holder.alive) continue;
    const cluster = join(folder, 'postgres');
    const file = await readPostmasterFile(cluster);
    if (file && (await isPostmasterOf(cluster, file.pid))) await stopPostmaster(file.pid);
    await rm(folder, { recursive: true, force: true });
    ended += 1;
  }
  return ended;
}
