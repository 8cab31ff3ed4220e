import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exit } from '../src/cli/exit.ts';

// A checkout of its own in a temporary folder, with the real bootstrap, and in place of npm and vite
// two small programs that write down each time they are called. `npm_execpath` is how npm itself
// tells a script where npm is.

const NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
console.error('npm http fetch GET 200 https://packages.example.com/a.tgz 12ms');
if (fs.existsSync('npm-fails')) { console.error('npm error the lock file is out of step'); process.exit(7); }
setTimeout(() => {
  fs.mkdirSync('node_modules/node/bin', { recursive: true });
  fs.symlinkSync(process.execPath, 'node_modules/node/bin/node');
  fs.mkdirSync('node_modules/vite/bin', { recursive: true });
  fs.copyFileSync('vite.js', 'node_modules/vite/bin/vite.js');
}, 300);
fs.rmSync('node_modules', { recursive: true, force: true });
`;
const VITE = `
const fs = require('node:fs');
fs.appendFileSync('vite.log', process.argv.slice(2).join(' ') + '\\n');
if (fs.existsSync('vite-fails')) { console.error('no such export'); process.exit(1); }
fs.rmSync('dist/web', { recursive: true, force: true });
fs.mkdirSync('dist/web', { recursive: true });
`;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kept-bootstrap-'));
  for (const part of ['bootstrap', 'bootstrap.mjs', 'kept.mjs', 'run.mjs']) {
    await cp(join(import.meta.dirname, part), join(root, 'tools', part), { recursive: true });
  }
  await write(
    'package.json',
    JSON.stringify({ type: 'commonjs', dependencies: { node: '26.0.0' } }),
  );
  await write('package-lock.json', lockFile('sha512-one'));
  await write('npm-cli.js', NPM);
  await write('vite.js', VITE);
  await write('say.js', `console.log(JSON.stringify(process.argv.slice(2)));`);
  await write('src/cli/main.ts', `console.log('cli', process.argv.slice(2).join(' '));`);
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const lockFile = (integrity: string) =>
  JSON.stringify({
    packages: { '': { dependencies: { node: '26.0.0' } }, ...packages(integrity) },
  });

/** What npm leaves in node_modules: the same without the project itself. */
const account = (integrity: string) => JSON.stringify({ packages: packages(integrity) });

const packages = (integrity: string) => ({ 'node_modules/node': { version: '26.0.0', integrity } });

const calls = (log: string) =>
  readFile(join(root, log), 'utf8').then(
    (text) => text.trim().split('\n'),
    () => [],
  );

interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const env = () => ({ ...process.env, npm_execpath: join(root, 'npm-cli.js') });

/** Runs the bootstrap with `args` and waits for its end. */
function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env: env() }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

describe('installing', () => {
  it('installs what is missing as locked, hands on the arguments, and then leaves it alone', async () => {
    const first = await run('tools/run.mjs', 'say.js', 'one', '--two', 'three four');
    expect(first).toMatchObject({ code: 0, stdout: '["one","--two","three four"]\n' });
    expect(first.stderr).toMatch(
      /kept: installing packages\nkept: installing packages: done after \d+ s\n/,
    );
    const second = await run('tools/run.mjs', 'say.js');
    expect(second).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
    expect(await calls('npm.log')).toEqual(['ci --include=dev --include=optional --loglevel=http']);
  });

  it('installs again when the lock file changes, but not when a script does', async () => {
    await run('tools/run.mjs', 'say.js');
    await write(
      'package.json',
      JSON.stringify({ scripts: { a: 'b' }, dependencies: { node: '26.0.0' } }),
    );
    await run('tools/run.mjs', 'say.js');
    expect(await calls('npm.log')).toHaveLength(1);
    await write('package-lock.json', lockFile('sha512-two'));
    await run('tools/run.mjs', 'say.js');
    expect(await calls('npm.log')).toHaveLength(2);
  });

  it('believes the account npm left of itself, if it agrees with the lock file', async () => {
    await run('tools/run.mjs', 'say.js');
    await rm(join(root, 'node_modules/.kept-install'));
    await write('node_modules/.package-lock.json', account('sha512-one'));
    await run('tools/run.mjs', 'say.js');
    expect(await calls('npm.log')).toHaveLength(1);
    await rm(join(root, 'node_modules/.kept-install'));
    await write('node_modules/.package-lock.json', account('sha512-other'));
    await run('tools/run.mjs', 'say.js');
    expect(await calls('npm.log')).toHaveLength(2);
  });

  it('shows everything npm said when it fails, and runs nothing', async () => {
    await write('npm-fails', '');
    const { code, stdout, stderr } = await run('tools/run.mjs', 'say.js');
    expect(code).toBe(exit.fault);
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'npm ci failed with code 7; it said:\nnpm error the lock file is out of step',
    );
    expect(stderr).not.toContain('npm http');
  });

  it('says what to do when the pinned Node is there but does not run', async () => {
    const broken = `#!/bin/sh\necho libatomic.so.1: cannot open shared object file >&2\nexit 127\n`;
    await write('broken-node', broken);
    const replaced = NPM.replace(
      'fs.symlinkSync(process.execPath,',
      `fs.chmodSync('broken-node', 0o755); fs.symlinkSync(process.cwd() + '/broken-node',`,
    );
    await write('npm-cli.js', replaced);
    const { code, stderr } = await run('tools/run.mjs', 'say.js');
    expect(code).toBe(exit.fault);
    expect(stderr).toContain('the pinned Node does not run here. Install the library');
    expect(stderr).toContain('libatomic.so.1: cannot open');
  });

  it('says in one line that Node is too old', async () => {
    await write(
      'old.cjs',
      `Object.defineProperty(process, 'versions', { value: { node: '18.20.1' } });`,
    );
    const { code, stderr } = await run('--require', join(root, 'old.cjs'), 'tools/kept.mjs', 'up');
    expect(code).toBe(exit.fault);
    expect(stderr).toMatch(
      /^kept: Node 20 or newer is needed, and this is Node 18\.20\.1 \(.*\)\. .*\n$/,
    );
    expect(await calls('npm.log')).toEqual([]);
  });

  it('says which script is not there', async () => {
    const { code, stderr } = await run('tools/run.mjs', 'none.js');
    expect(code).toBe(exit.fault);
    expect(stderr).toContain('kept: there is no none.js in');
  });
});

describe('two starts at once', () => {
  it('install once: one works, the others wait', async () => {
    const ended = await Promise.all([1, 2, 3].map(() => run('tools/run.mjs', 'say.js')));
    expect(ended.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
      [1, 2, 3].map(() => ({ code: 0, stdout: '[]\n' })),
    );
    expect(ended.filter(({ stderr }) => stderr.includes('waiting for it'))).toHaveLength(2);
    expect(await calls('npm.log')).toHaveLength(1);
  });

  it('break the lock of a process that is dead', async () => {
    const dead = spawn(process.execPath, ['-e', '0']);
    await once(dead, 'exit');
    await write('.cache/bootstrap.lock', String(dead.pid));
    const ended = await Promise.all([1, 2].map(() => run('tools/run.mjs', 'say.js')));
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(await calls('npm.log')).toHaveLength(1);
  });
});

describe('the web console', () => {
  beforeEach(async () => {
    await write('vite.config.ts', 'export default {};');
    await write('src/web/main.tsx', 'one');
    await write('src/clauses/access/page.tsx', 'one');
    await write('src/clauses/access/words.ja.json', '{}');
    await write('src/clauses/access/page.test.tsx', 'one');
  });

  it('is built for `up`, once per state of its sources', async () => {
    expect((await run('tools/kept.mjs', 'up', '--json')).stdout).toBe('cli up --json\n');
    expect((await run('tools/kept.mjs', 'demo')).stderr).toBe('');
    expect(await calls('vite.log')).toEqual(['build']);
    for (const path of [
      'src/web/main.tsx',
      'src/clauses/access/page.tsx',
      'src/clauses/access/words.ja.json',
    ]) {
      const before = (await calls('vite.log')).length;
      await write(path, `changed ${before}`);
      expect((await run('tools/kept.mjs', 'up')).stderr).toContain(
        'building the web console: done',
      );
      expect(await calls('vite.log')).toHaveLength(before + 1);
    }
  });

  it('is not built again for a test, for the same text written anew, or for another command', async () => {
    expect((await run('tools/kept.mjs', 'status')).stderr).not.toContain('console');
    expect(await calls('vite.log')).toEqual([]);
    await run('tools/run.mjs', '--web', 'say.js');
    await write('src/clauses/access/page.test.tsx', 'two');
    await write('src/web/main.tsx', 'one');
    await run('tools/kept.mjs', 'up');
    expect(await calls('vite.log')).toHaveLength(1);
  });

  it('shows everything vite said when it fails, and starts nothing', async () => {
    await write('vite-fails', '');
    const { code, stdout, stderr } = await run('tools/kept.mjs', 'up');
    expect({ code, stdout }).toEqual({ code: exit.fault, stdout: '' });
    expect(stderr).toContain('the web console could not be built; vite said:\nno such export');
  });

  it('is left out as long as there is no configuration to build it', async () => {
    await rm(join(root, 'vite.config.ts'));
    expect((await run('tools/kept.mjs', 'up')).code).toBe(0);
    expect(await calls('vite.log')).toEqual([]);
  });
});

describe('the hand-over', () => {
  it('keeps the exit code', async () => {
    await write('ends.js', 'process.exit(42);');
    expect((await run('tools/run.mjs', 'ends.js')).code).toBe(42);
  });

  it('keeps the signal that ended the target', async () => {
    await write('ends.js', `process.kill(process.pid, 'SIGKILL');`);
    const child = spawn(process.execPath, ['tools/run.mjs', 'ends.js'], {
      cwd: root,
      env: env(),
      stdio: 'ignore',
    });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('passes standard input and output through', async () => {
    await write('echo.js', 'process.stdin.pipe(process.stdout);');
    const child = spawn(process.execPath, ['tools/run.mjs', 'echo.js'], { cwd: root, env: env() });
    child.stdin.end('from outside');
    const [said] = await once(child.stdout, 'data');
    expect(String(said)).toBe('from outside');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'hands %s on exactly once, and ends as the target ends',
    async (signal) => {
      await write(
        'waits.js',
        `let times = 0;
       process.on('${signal}', () => {
         times += 1;
         setTimeout(() => { console.log('heard ' + times); process.exit(3); }, 300);
       });
       setInterval(() => {}, 1000);
       console.log('ready');`,
      );
      const child = spawn(process.execPath, ['tools/run.mjs', 'waits.js'], {
        cwd: root,
        env: env(),
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const heard: string[] = [];
      child.stdout.setEncoding('utf8').on('data', (text: string) => heard.push(text));
      await once(child.stdout, 'data');
      child.kill(signal);
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([3, null]);
      expect(heard.join('')).toBe('ready\nheard 1\n');
    },
  );

  it('stops the target when the shell that npm put in between is killed', async () => {
    await write(
      'waits.js',
      `process.on('SIGTERM', () => { console.log('heard'); process.exit(0); });
       setInterval(() => {}, 1000);
       console.log('ready');`,
    );
    // The shell has a second command, so that it stays.
    const shell = spawn('sh', ['-c', '"$0" tools/run.mjs waits.js; true', process.execPath], {
      cwd: root,
      env: { ...env(), npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const heard: string[] = [];
    shell.stdout.setEncoding('utf8').on('data', (text: string) => heard.push(text));
    await once(shell.stdout, 'data');
    shell.kill('SIGKILL');
    await once(shell.stdout, 'close');
    expect(heard.join('')).toBe('ready\nheard\n');
  });
});
