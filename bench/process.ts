import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** How a process went, from its start to its end. */
export interface Ran {
  readonly seconds: number;
  /** Most memory that it ever held, as the system counts it. */
  readonly megabytes: number;
  readonly code: number | null;
  readonly out: string;
}

const command = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
/** Says at its end what the process held at most; kibibytes, getrusage(2). */
const teller = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => process.stderr.write('\\nheld=' + process.resourceUsage().maxRSS + '\\n'))`,
)}`;

/** Runs `kept` in a process of its own. */
export const runKept = (args: readonly string[]): Promise<Ran> => runNode([command, ...args]);

/** Runs Node in a process of its own: what any program of it costs at least. */
export async function runNode(args: readonly string[]): Promise<Ran> {
  const from = performance.now();
  const child = spawn(process.execPath, ['--import', teller, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const seconds = (performance.now() - from) / 1000;
  const held = /held=(\d+)/.exec(err)?.[1];
  if (held === undefined) throw new Error(`${args.join(' ')} ended with ${code}: ${err}`);
  return { seconds, megabytes: (Number(held) * 1024) / 1e6, code, out };
}
