import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kept } from './fixture.ts';

const root = join(import.meta.dirname, '..', '..', 'templates');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Commands that a template calls, with their options. */
function callsOf(script: string): readonly { command: string; options: readonly string[] }[] {
  return [...script.matchAll(/(?:kept\.mjs"|npx kept) ((?:[a-z]+ ?)+)([^\n]*)/g)].map(
    ([, words = '', rest = '']) => ({
      command: words.trim(),
      options: [...rest.matchAll(/--[a-z-]+/g)].map(([option]) => option),
    }),
  );
}

async function expectKnown(script: string): Promise<void> {
  const calls = callsOf(script);
  expect(calls.map(({ command }) => command)).toEqual(['advisories update', 'scan']);
  for (const { command, options } of calls) {
    const { code, out } = await kept([...command.split(' '), '--help']);
    expect(code).toBe(0);
    for (const option of options) expect(out).toContain(option);
  }
}

describe('templates of pipelines', () => {
  it('of GitHub: a composite action whose inputs are all used and whose commands exist', async () => {
    const action = parse(textOf('github/action.yml')) as {
      inputs: Record<string, { description: string; default: string }>;
      runs: { using: string; steps: { run?: string; uses?: string; shell?: string }[] };
    };
    expect(action.runs.using).toBe('composite');
    const scripts = action.runs.steps.flatMap(({ run, shell }) => (run ? [{ run, shell }] : []));
    for (const { run, shell } of scripts) {
      expect(shell).toBe('bash');
      // What a workflow is given never becomes part of a script: it comes by the environment.
      expect(run).not.toContain('${{');
    }
    for (const name of Object.keys(action.inputs)) {
      expect(textOf('github/action.yml')).toContain(`inputs.${name}`);
    }
    expect(existsSync(join(root, 'github', '..', '..', 'tools', 'kept.mjs'))).toBe(true);
    await expectKnown(scripts.map(({ run }) => run).join('\n'));
  });

  it('of GitLab: a job whose commands exist', async () => {
    const template = parse(textOf('gitlab/kept-scan.yml')) as {
      'kept-scan': { script: string[]; variables: Record<string, string> };
    };
    const { script, variables } = template['kept-scan'];
    for (const name of Object.keys(variables).filter((one) => one !== 'KEPT_ADVISORIES')) {
      expect(script.join('\n')).toContain(`$${name}`.replace('$KEPT_SOURCE', '{KEPT_SOURCE'));
    }
    await expectKnown(script.join('\n'));
  });
});
