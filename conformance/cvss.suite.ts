import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scoreVector } from '../src/advisories/cvss.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'CVSS: vectors of RedHatProductSecurity/cvss';

/** Every vector comes to the score beside it: `(base, temporal, environmental)`, or one number for 4.0. */
export async function run(): Promise<Outcome> {
  const folder = sharedCases('cvss');
  if (folder === null) return withoutCases('cvss');
  const tally = new Tally();
  for (const file of readdirSync(folder).sort()) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      if (line.trim() !== '') judge(tally, file, line);
    }
  }
  return tally.outcome();
}

function judge(tally: Tally, file: string, line: string): void {
  const cut = line.indexOf(' - ');
  const vector = line.slice(0, cut);
  const wanted = line
    .slice(cut + 3)
    .replace(/[()]/g, '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => (text === 'None' ? null : Math.abs(Number(text))));
  const scores = scoreVector(vector);
  const got = vector.startsWith('CVSS:4')
    ? [scores.environmental]
    : [scores.base, scores.temporal, scores.environmental];
  const agrees = wanted.every((score, at) => score === null || score === got[at]);
  tally.expect(agrees, `${file} ${vector}`, `wanted ${wanted.join(', ')}, got ${got.join(', ')}`);
}
