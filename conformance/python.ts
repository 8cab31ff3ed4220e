import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Python program of an outside suite, or why there is none. */
export type Python = { readonly bin: string } | { readonly missing: string };

/**
 * A virtual environment of its own for packages of PyPI at exact versions, made once below
 * `.cache/python` and kept for the next time.
 *
 * @param requirement as pip reads it: `moto[server]==5.2.5`
 */
export function pythonWith(name: string, ...requirements: readonly string[]): Python {
  const folder = join(import.meta.dirname, '..', '.cache', 'python', name);
  const bin = join(folder, 'bin');
  const complete = join(folder, 'complete');
  const wanted = requirements.join('\n');
  if (existsSync(complete)) return { bin };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [program, ...words] of [
    ['python3', '-m', 'venv', folder],
    [join(bin, 'pip'), 'install', '-q', '--disable-pip-version-check', ...requirements],
  ] as const) {
    const ran = spawnSync(program, words, { encoding: 'utf8', timeout: 300_000 });
    if (ran.status !== 0) {
      rmSync(folder, { recursive: true, force: true });
      const said = ran.error?.message ?? ran.stderr.trim().split('\n').at(-1) ?? '';
      return { missing: `${requirements.join(' ')} cannot be got: ${said.slice(0, 300)}` };
    }
  }
  writeFileSync(complete, wanted);
  return { bin };
}
