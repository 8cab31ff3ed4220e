import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPostmasterFile } from '../platform/postgres/postmaster.ts';
import { isRunning } from '../platform/postgres/process.ts';

/** Kept as people run it: the real program in a process of its own, for tests to use and to kill. */
export interface KeptProcess {
  readonly child: ChildProcess;
  /** Everything it has said so far. */
  said(): string;
  /** The first match in what it says; fails with all of it where the process ends without. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Where it is, once it is ready. */
  ready(): Promise<string>;
  /** The exit code; null where a signal ended it. */
  ended(): Promise<number | null>;
}

const program = join(import.meta.dirname, '..', 'cli', 'main.ts');

/** Starts `kept` with these arguments and nothing in its environment but what is given. */
export function startKept(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): KeptProcess {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], KEPT_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let hasEnded = false;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const each of waiting.splice(0)) each();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      wake();
    });
  }
  // Its PostgreSQL may outlive it and hold its streams: the exit is what counts.
  const exited = once(child, 'exit').then(([code]) => {
    hasEnded = true;
    wake();
    return code as number | null;
  });
  const line = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(said);
      if (found) return found;
      if (hasEnded) throw new Error(`kept ${args.join(' ')} ended after: ${said}`);
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return {
    child,
    said: () => said,
    line,
    ready: async () => (await line(/Kept is ready at (\S+)/))[1] ?? '',
    ended: () => exited,
  };
}

/** Runs `kept` to its end. */
export async function runKept(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const kept = startKept(args, env);
  await once(kept.child, 'close');
  return { code: kept.child.exitCode, said: kept.said() };
}

/** How the command line of this machine is let in, as long as the server runs. */
export async function localCredentials(
  folder: string,
): Promise<{ readonly url: string; readonly token: string }> {
  return JSON.parse(await readFile(join(folder, 'cli.json'), 'utf8')) as {
    url: string;
    token: string;
  };
}

/** Process id of the PostgreSQL that runs in a data folder; null where none does. */
export async function postgresOf(folder: string): Promise<number | null> {
  const found = await readPostmasterFile(join(folder, 'postgres'));
  return found && isRunning(found.pid) ? found.pid : null;
}

/** Ends what a test has left, however it ended: first Kept, which takes its PostgreSQL along. */
export async function endKept(kept: KeptProcess | undefined, folder: string): Promise<void> {
  if (kept && kept.child.exitCode === null && kept.child.signalCode === null) {
    kept.child.kill('SIGTERM');
    await kept.ended();
  }
  const postgres = await postgresOf(folder);
  if (postgres) process.kill(postgres, 'SIGQUIT');
}
