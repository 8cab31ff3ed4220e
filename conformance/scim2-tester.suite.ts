import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openGround } from '../bench/ground.ts';
import { pythonWith } from './python.ts';
import { openScimServer, type ScimServer } from './scim-server.ts';
import { type Outcome, Tally } from './suite.ts';

export const name = 'scim2-tester: discovery, CRUD and PATCH of every attribute (SCIM 2.0)';

const script = join(import.meta.dirname, 'scim2-tester.py');

interface Line {
  readonly title: string;
  readonly resource: string | null;
  readonly status: string;
  readonly reason: string;
}

export async function run(): Promise<Outcome> {
  const tally = new Tally();
  const python = pythonWith('scim2-tester', 'scim2-tester==0.5.2', 'scim2-client[httpx2]==0.13.2');
  if ('missing' in python) {
    tally.skip(python.missing);
    return tally.outcome();
  }
  const ground = await openGround(() => undefined);
  try {
    const server = await openScimServer(await ground.world('scim_tester'));
    try {
      // What it tries is random: twice tries more than once.
      for (const round of [1, 2]) await tryOnce(join(python.bin, 'python'), server, round, tally);
    } finally {
      await server.close();
    }
  } finally {
    await ground.close();
  }
  return tally.outcome();
}

async function tryOnce(
  python: string,
  { url, token }: ScimServer,
  round: number,
  tally: Tally,
): Promise<void> {
  const child = spawn(python, [script, url, token], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  const lines = output.split('\n').filter(Boolean);
  tally.expect(child.exitCode === 0 && lines.length > 20, 'the tester runs', errors.slice(-500));
  for (const line of lines) {
    const { title, resource, status, reason } = JSON.parse(line) as Line;
    const what = `${title}${resource ? ` of ${resource}` : ''}, round ${round}`;
    if (status === 'SKIPPED') tally.skip(`${what}: ${reason}`);
    else tally.expect(status === 'SUCCESS', what, reason);
  }
}
