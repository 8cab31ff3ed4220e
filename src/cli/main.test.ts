import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const folders: string[] = [];
const children: ChildProcess[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kept-main-'));
  folders.push(folder);
  return folder;
}

interface Kept {
  readonly child: ChildProcess;
  /** Everything said so far. */
  said(): string;
  /** The first match of a line; fails with what was said where the process ends without it. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  ended(): Promise<number | null>;
}

/** The real program in a process of its own. */
function kept(args: readonly string[], env: Record<string, string>): Kept {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], KEPT_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
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
  const closed = once(child, 'close').then(([code]) => {
    wake();
    return code as number | null;
  });
  return {
    child,
    said: () => said,
    async line(pattern) {
      for (;;) {
        const found = pattern.exec(said);
        if (found) return found;
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode} after: ${said}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    ended: () => closed,
  };
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const ready = /Kept is ready at (\S+)/;

/** A first start makes a database and brings it up to date; twenty seconds are few on a busy machine. */
const patience = { timeout: 90_000 };

describe('kept up', patience, () => {
  it('starts, offers set-up, lets the command line in, and stops when asked to', async () => {
    const folder = await newFolder();
    const up = kept(['up'], { KEPT_DATA: folder });
    const [, url = ''] = await up.line(ready);
    expect(up.said()).toMatch(new RegExp(`${url}/setup#[A-Za-z0-9_-]{43}\n`));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    const tokens = kept(['token', 'list', '--json'], { KEPT_DATA: folder });
    expect([await tokens.ended(), tokens.said()]).toEqual([0, '[]\n']);

    up.child.kill('SIGTERM');
    expect(await up.ended()).toBe(0);
    await expect(stat(join(folder, 'cli.json'))).rejects.toThrow('ENOENT');
    const gone = kept(['token', 'list'], { KEPT_DATA: folder, KEPT_URL: url });
    expect([await gone.ended(), gone.said()]).toEqual([
      3,
      expect.stringContaining('No Kept answers'),
    ]);
  });

  it('starts by itself on what a killed one left behind, with another set-up link', async () => {
    const folder = await newFolder();
    const first = kept(['up'], { KEPT_DATA: folder });
    await first.line(ready);
    const [before] = await first.line(/setup#\S+/);
    first.child.kill('SIGKILL');
    await first.ended();
    expect(JSON.parse(await readFile(join(folder, 'cli.json'), 'utf8'))).toHaveProperty('token');

    const second = kept(['up', '--json'], { KEPT_DATA: folder });
    await second.line(/"event":"ready"/);
    expect((await second.line(/setup#[^"]+/))[0]).not.toBe(before);
    second.child.kill('SIGINT');
    expect(await second.ended()).toBe(0);
  });

  it('names every wrong setting at once', async () => {
    const up = kept(['up'], { KEPT_PORT: 'many', KEPT_URL: 'nowhere', DATABASE_URL: 'mysql://x' });
    expect(await up.ended()).toBe(2);
    expect(up.said().match(/^kept: (KEPT_PORT|KEPT_URL|DATABASE_URL) must be/gm)).toHaveLength(3);
  });

  it('says in one line that its port is taken, or that its folder cannot be written', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const onPort = kept(['up'], { KEPT_DATA: await newFolder(), KEPT_PORT: String(port) });
    expect(await onPort.ended()).toBe(10);
    expect(onPort.said()).toBe(
      `kept: port ${port} of 127.0.0.1 is in use; stop what listens there, or choose another KEPT_PORT\n`,
    );
    taken.close();
    const file = join(await newFolder(), 'file');
    await writeFile(file, '');
    const inFolder = kept(['up'], { KEPT_DATA: join(file, 'deeper') });
    expect(await inFolder.ended()).toBe(11);
    expect(inFolder.said()).toMatch(
      /^kept: cannot write to the data folder \/\S+deeper \(E[A-Z]+\); make it writable, or choose another KEPT_DATA\n$/,
    );
  });

  it('says in one line, with a code of its own, what it cannot start without', async () => {
    const up = kept(['up'], {
      KEPT_DATA: await newFolder(),
      DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/kept',
    });
    expect(await up.ended()).toBe(13);
    expect(up.said()).toMatch(
      /^kept: no PostgreSQL answers at 127\.0\.0\.1:1, database kept \(ECONNREFUSED\)\n$/,
    );
  });
});

it.each(['demo.json', 'demo.filling'])(
  'kept up does not work on a demo, known by %s',
  async (name) => {
    const folder = await newFolder();
    await writeFile(join(folder, name), '{}');
    const up = kept(['up'], { KEPT_DATA: folder });
    expect([await up.ended(), up.said()]).toEqual([2, expect.stringContaining('holds the demo')]);
  },
);

it('kept demo listens on this machine alone', async () => {
  const demo = kept(['demo'], { KEPT_DATA: await newFolder(), KEPT_HOST: '0.0.0.0' });
  expect(await demo.ended()).toBe(2);
  expect(demo.said()).toContain('KEPT_HOST must not be 0.0.0.0');
});
