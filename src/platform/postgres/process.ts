import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether a process with this id exists. A zombie is not running: it only waits for its parent. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return process.platform !== 'linux' || stateOf(pid) !== 'Z';
}

/**
 * What tells a process from a later one that was given the same id: the time it started, as the
 * system writes it. Null where the process does not exist; empty where the system does not say.
 */
export function identityOf(pid: number): string | null {
  if (!isRunning(pid)) return null;
  if (process.platform === 'linux') {
    // Field 22 of proc_pid_stat(5), in ticks since the boot that boot_id names.
    const started = fieldsOf(pid)?.[19];
    return started
      ? `${started}@${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`
      : null;
  }
  if (process.platform === 'win32') return '';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

function stateOf(pid: number): string | undefined {
  return fieldsOf(pid)?.[0];
}

/** Fields from the third on; the second is the program's name in parentheses and may hold anything. */
function fieldsOf(pid: number): string[] | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
