import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isRunning } from './process.ts';

/** What `postmaster.pid` says: PostgreSQL writes it, line by line, as it comes up. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`, `standby`; empty before the first is written. */
  readonly state: string;
}

export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => null);
  const lines = text?.split('\n');
  const pid = Number(lines?.[0]);
  if (!lines || !Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3] ?? 0), state: lines[7]?.trim() ?? '' };
}

/**
 * Whether a process is the PostgreSQL of this cluster. A pid alone proves nothing: after a crash of
 * the machine, or in a container that starts again, another program may have it.
 */
export async function isPostmasterOf(cluster: string, pid: number): Promise<boolean> {
  if (!isRunning(pid)) return false;
  if (process.platform === 'linux') {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    return words.includes(cluster) && words.some((word) => word.endsWith('/postgres'));
  }
  if (process.platform === 'win32') return true;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(
    () => ({ stdout: '' }),
  );
  return stdout.includes('postgres') && stdout.includes(cluster);
}

/**
 * Removes what a PostgreSQL that is gone has left, so that the next one does not take another
 * program with the same process id, or the same one as a zombie that nobody waits for, for it.
 */
export async function removeStaleFiles(cluster: string): Promise<void> {
  for (const name of ['postmaster.pid', '.s.PGSQL.5432', '.s.PGSQL.5432.lock']) {
    await rm(join(cluster, name), { force: true });
  }
}

/** Whether the running PostgreSQL was started by the very command that we would start it with. */
export async function wasStartedAs(
  cluster: string,
  program: string,
  args: readonly string[],
): Promise<boolean> {
  const options = await readFile(join(cluster, 'postmaster.opts'), 'utf8').catch(() => '');
  return options.trimEnd() === [program, ...args.map((arg) => `"${arg}"`)].join(' ');
}

const fastStopMs = 30_000;
const pollMs = 10;

/**
 * Stops PostgreSQL: fast (roll back, checkpoint, exit); should that hang, immediate, which is as
 * safe as a crash. Works for a process that is not our child, too.
 */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const [signal, limitMs] of [
    ['SIGINT', fastStopMs],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 10_000],
  ] as const) {
    if (!send(pid, signal)) return;
    if (await goneWithin(pid, limitMs)) return;
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function goneWithin(pid: number, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += pollMs) {
    if (!isRunning(pid)) return true;
    await pause(pollMs);
  }
  return !isRunning(pid);
}
