import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { identityOf } from './process.ts';

export interface Hold {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly identity: string;
}

/**
 * Holds a file for the life of this process; the hold of a process that died is taken over. The
 * file appears whole or not at all, because it is written aside and linked into its place.
 *
 * @returns the hold, or the id of the live process that has it
 * @throws the error of the file system where the folder cannot be written
 */
export async function hold(path: string): Promise<{ held: Hold } | { holder: number }> {
  const mine: Holder = { pid: process.pid, identity: identityOf(process.pid) ?? '' };
  const text = JSON.stringify(mine);
  const aside = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(aside, text, { mode: 0o600 });
  try {
    for (;;) {
      if (await linked(aside, path)) return { held: { release: () => releaseHold(path, text) } };
      const there = await readFile(path, 'utf8').catch(() => null);
      if (there === null) continue;
      const holder = parse(there);
      // Our own pid with our own identity is a second hold in this process: it is held, too.
      if (holder && identityOf(holder.pid) === holder.identity) return { holder: holder.pid };
      await breakHold(path, there);
    }
  } finally {
    await rm(aside, { force: true });
  }
}

/** The process that a hold names, and whether it lives; null where there is no hold. */
export async function holderOf(path: string): Promise<{ pid: number; alive: boolean } | null> {
  const holder = parse(await readFile(path, 'utf8').catch(() => ''));
  return holder && { pid: holder.pid, alive: identityOf(holder.pid) === holder.identity };
}

async function linked(aside: string, path: string): Promise<boolean> {
  try {
    await link(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function parse(text: string): Holder | null {
  try {
    const { pid, identity } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof identity === 'string' ? { pid, identity } : null;
  } catch {
    return null;
  }
}

/**
 * Of two that find the same dead hold, one renames it away. Should the slower one have renamed the
 * faster one's new hold instead, it puts that back.
 */
async function breakHold(path: string, dead: string): Promise<void> {
  const grave = `${path}.${randomUUID()}`;
  try {
    await rename(path, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(grave, 'utf8')) !== dead) await linked(grave, path);
  await rm(grave, { force: true });
}

async function releaseHold(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => null)) === text) await rm(path, { force: true });
}
