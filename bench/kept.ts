import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { holderOf } from '../src/platform/postgres/hold.ts';
import { postgresOf } from '../src/server/process.fixture.ts';

const command = join(import.meta.dirname, '..', 'tools', 'kept.mjs');

/** Kept as people start it, on a folder, up or down. */
export class Kept {
  readonly folder: string;
  #child: ChildProcess | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Starts the server; returns once it says that it is ready. */
  async up(): Promise<void> {
    const child = this.#spawn(['up']);
    this.#child = child;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (bytes: Buffer): void => {
        said += bytes.toString();
        if (said.includes('Kept is ready at')) resolve();
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.once('exit', () => reject(new Error(`Kept ended after: ${said}`)));
    });
  }

  /** Runs a command against the server to its end. */
  async run(args: readonly string[]): Promise<void> {
    const child = this.#spawn(args);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        said += bytes.toString();
      });
    }
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`kept ${args.join(' ')} ended with ${code}: ${said}`);
  }

  /** Process id of the server itself, behind whatever started it. */
  async pid(): Promise<number> {
    const holder = await holderOf(join(this.folder, 'kept.lock'));
    if (!holder?.alive) throw new Error('no Kept is up');
    return holder.pid;
  }

  async down(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    const postgres = await postgresOf(this.folder);
    if (postgres) process.kill(postgres, 'SIGQUIT');
  }

  #spawn(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [command, ...args], {
      env: { PATH: process.env['PATH'], KEPT_PORT: '0', KEPT_DATA: this.folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
