import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pythonWith } from './python.ts';

/** The version whose behaviour `aws-moto.suite.ts` describes. */
export const motoVersion = '5.2.5';

/** A running moto: AWS as somebody else understands it, over HTTP on this machine. */
export interface Moto {
  readonly url: string;
  /** From the next request on, IAM policies are enforced; `Infinity` lets everything through. */
  enforceAfter(requests: number): Promise<void>;
  stop(): Promise<void>;
}

/** @returns why there is none, where Python or the package cannot be had */
export async function startMoto(): Promise<Moto | { readonly missing: string }> {
  const python = pythonWith(`moto-${motoVersion}`, `moto[server]==${motoVersion}`);
  if ('missing' in python) return python;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    join(python.bin, 'moto_server'),
    ['--host', '127.0.0.1', '--port', String(port)],
    {
      stdio: 'ignore',
      env: {
        ...process.env,
        INITIAL_NO_AUTH_ACTION_COUNT: 'inf',
        MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
      },
    },
  );
  if (!(await answers(child, url))) {
    child.kill();
    return { missing: `moto ${motoVersion} did not start` };
  }
  return {
    url,
    async enforceAfter(requests) {
      const body = Number.isFinite(requests) ? String(requests) : 'inf';
      const answer = await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`moto does not enforce: ${answer.status}`);
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    },
  };
}

async function answers(child: ChildProcess, url: string): Promise<boolean> {
  for (let tries = 0; tries < 300 && child.exitCode === null; tries += 1) {
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => null);
    if (answer?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
