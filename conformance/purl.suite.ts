import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { canonicalPurl, formatPurl, type Purl, parsePurl } from '../src/advisories/purl.ts';
import type { PurlParts } from '../src/advisories/purl.types.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'package URL: tests of the specification (ECMA-427)';

interface Case {
  readonly description: string;
  readonly test_group: string;
  readonly test_type: 'parse' | 'build' | 'validate';
  readonly input: string | PurlParts;
  readonly expected_output?: string | PurlParts | null;
  readonly expected_failure: boolean;
}

/** Required and recommended cases alike: read, written, and brought into the one form. */
export async function run(): Promise<Outcome> {
  const folder = sharedCases('purl');
  if (folder === null) return withoutCases('purl');
  const tally = new Tally();
  for (const part of ['spec', 'types']) {
    for (const file of readdirSync(join(folder, part)).sort()) {
      const { tests } = JSON.parse(readFileSync(join(folder, part, file), 'utf8')) as {
        tests: readonly Case[];
      };
      for (const one of tests) judge(tally, file, one);
    }
  }
  return tally.outcome();
}

function judge(tally: Tally, file: string, one: Case): void {
  const label = `${file} ${one.test_group} ${one.test_type} ${JSON.stringify(one.input)}`;
  try {
    const got = outputOf(one);
    const wanted =
      one.test_type === 'parse' ? partsOf(one.expected_output as PurlParts) : one.expected_output;
    const agrees = !one.expected_failure && isDeepStrictEqual(got, wanted);
    tally.expect(agrees, label, `got ${JSON.stringify(got)}`);
  } catch (error) {
    tally.expect(one.expected_failure, label, String(error));
  }
}

function outputOf({ test_type, input }: Case): unknown {
  if (test_type === 'parse') return partsOf(parsePurl(input as string));
  return test_type === 'build' ? formatPurl(input as PurlParts) : canonicalPurl(input as string);
}

function partsOf(parts: PurlParts | Purl | null): Required<PurlParts> {
  return {
    type: parts?.type ?? null,
    namespace: parts?.namespace ?? null,
    name: parts?.name ?? null,
    version: parts?.version ?? null,
    qualifiers: parts?.qualifiers ? { ...parts.qualifiers } : null,
    subpath: parts?.subpath ?? null,
  };
}
