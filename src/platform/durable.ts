import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files and folders whose state survives the loss of power, on file systems that keep POSIX's word. */

/** Folders that are still to be made durable, with the files in them: where that is put off. */
const putOff = new AsyncLocalStorage<Set<string>>();

/**
 * Acts without waiting for the disk, and makes all that is left of it durable at the end, once. For
 * work that begins anew where it is cut short: until this returns nothing of it has to be there
 * after a loss of power.
 */
export async function durableAtTheEnd<T>(act: () => Promise<T>): Promise<T> {
  const folders = new Set<string>();
  const answer = await putOff.run(folders, act);
  for (const folder of folders) await syncFiles(folder);
  return answer;
}

/** Every file of a folder, and the folder. */
async function syncFiles(folder: string): Promise<void> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(unlessGone)) ?? [];
  for (const entry of entries) if (entry.isFile()) await syncFolder(join(folder, entry.name));
  await syncFolder(folder);
}

/** Makes the content of a file durable: now, or where that is put off, when its folder is. */
export async function syncFile(file: FileHandle): Promise<void> {
  if (!putOff.getStore()) await file.sync();
}

/**
 * Makes what changed in a folder (names made, moved, removed) durable. A folder that is gone is well.
 * Whoever writes a file syncs the folder in which it ends up, last.
 */
export async function syncFolder(folder: string): Promise<void> {
  const later = putOff.getStore();
  if (later) {
    later.add(folder);
    return;
  }
  const handle = await open(folder, 'r').catch(unlessGone);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

/** Makes a folder and those above it (0700), each durable in the one it lies in. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

/** Writes all of some bytes at an offset. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/** A new file (0600), durable in itself; its name is durable once its folder is synced. */
export async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await writeAll(file, bytes, 0);
    await syncFile(file);
  } finally {
    await file.close();
  }
}

/** Overwrites a whole file in place with random bytes, durably. */
export async function overwrite(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const step = 1 << 20;
  for (let at = 0; at < size; at += step) {
    await writeAll(file, randomBytes(Math.min(step, size - at)), at);
  }
  await syncFile(file);
}

/** Overwrites a file and removes it; gone already is well. The folder is the caller's to sync. */
export async function eraseFile(path: string): Promise<void> {
  const file = await open(path, 'r+').catch(unlessGone);
  if (!file) return;
  try {
    await overwrite(file);
  } finally {
    await file.close();
  }
  await unlink(path).catch(unlessGone);
}

/** Erases every file of a folder that holds files only, and the folder; durable on return. */
export async function eraseFolder(folder: string): Promise<void> {
  const names = (await readdir(folder).catch(unlessGone)) ?? [];
  for (const name of names) await eraseFile(join(folder, name));
  await syncFolder(folder);
  await rmdir(folder).catch(unlessGone);
  await syncFolder(dirname(folder));
}

/** For `.catch`: what is not there is null, anything else is thrown. */
export function unlessGone(error: unknown): null {
  if (errorCode(error) === 'ENOENT') return null;
  throw error;
}

export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
