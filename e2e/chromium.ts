import { spawn, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import packed from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** It looks for nothing outside this machine, and fails at nothing that it cannot reach. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/** Starts the Chromium that ships through npm, with its security as people have it. */
export async function startChromium(): Promise<Browser> {
  packed.setGraphicsMode = false;
  const executablePath = await packed.executablePath();
  const libraries = await missingLibraries(executablePath);
  return chromium.launch({
    executablePath,
    args,
    env: { ...process.env, ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}) },
  });
}

/**
 * A machine for servers may lack what a browser links to; the package brings that too, but unpacks
 * it on one kind of machine only. Null where nothing is missing.
 */
async function missingLibraries(executable: string): Promise<string | null> {
  const linked = spawnSync('ldd', [executable], { encoding: 'utf8' });
  if (!linked.stdout?.includes('not found')) return null;
  const packages = dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  const folder = await mkdtemp(join(tmpdir(), 'kept-chromium-'));
  await mkdir(folder, { recursive: true });
  const tar = spawn('tar', ['-x', '-C', folder], { stdio: ['pipe', 'ignore', 'inherit'] });
  const archive = join(packages, '..', 'bin', 'al2023.tar.br');
  await pipeline(createReadStream(archive), createBrotliDecompress(), tar.stdin);
  await new Promise((resolve) => tar.once('close', resolve));
  return join(folder, 'lib');
}
