import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { appends } from './appends.ts';
import { archive } from './archive.ts';
import { authorization } from './authorization.ts';
import { bulk } from './bulk.ts';
import { campaign } from './campaign.ts';
import { checks } from './checks.ts';
import { consoleScript } from './console.ts';
import { erasure } from './erasure.ts';
import { type Figure, type Measured, reaches } from './figure.ts';
import { openGround } from './ground.ts';
import { intake } from './intake.ts';
import { leaver } from './leaver.ts';
import { lists } from './lists.ts';
import { matching } from './matching.ts';
import { mining } from './mining.ts';
import { object } from './object.ts';
import { policyPage } from './policy-page.ts';
import { jsonOf, tableOf } from './report.ts';
import { scan } from './scan.ts';
import { scim } from './scim.ts';
import { spdx } from './spdx.ts';
import { start } from './start.ts';
import { sync } from './sync.ts';
import { vault } from './vault.ts';
import { verify } from './verify.ts';
import { versions } from './versions.ts';

const figures: readonly Figure[] = [
  appends,
  bulk,
  verify,
  campaign,
  checks,
  lists,
  authorization,
  policyPage,
  scim,
  leaver,
  consoleScript,
  mining,
  matching,
  sync,
  object,
  archive,
  vault,
  erasure,
  versions,
  spdx,
  scan,
  intake,
  start,
];

const usage = `Usage: npm run bench -- [NAME…] [--json FILE] [--check]

Measures Kept against baselines of the same run and machine. Names: ${figures.map(({ name }) => name).join(' ')}.

  --json FILE  writes [{name, value, unit, baseline, ratio}]
  --check      exits with 1 where a figure misses its target

A figure that cannot be measured at all ends with 2, the others being measured all the same.
`;

/** @returns the exit code */
async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { json: { type: 'string' }, check: { type: 'boolean', default: false } },
  });
  const unknown = positionals.filter((name) => !figures.some((figure) => figure.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`${usage}\nno figure is named ${unknown.join(', ')}\n`);
    return 2;
  }
  const chosen = figures.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const { measured, failed } = await measureAll(chosen);
  process.stdout.write(tableOf(measured));
  if (values.json) await writeFile(values.json, jsonOf(measured));
  for (const { name, error } of failed) process.stderr.write(`${name} failed: ${error}\n`);
  if (failed.length > 0) return 2;
  return values.check && !measured.every(reaches) ? 1 : 0;
}

interface Failed {
  readonly name: string;
  readonly error: string;
}

/** One after the other; a figure that cannot be measured does not stop the others. */
async function measureAll(
  chosen: readonly Figure[],
): Promise<{ readonly measured: readonly Measured[]; readonly failed: readonly Failed[] }> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const ground = await openGround(say);
  const measured: Measured[] = [];
  const failed: Failed[] = [];
  try {
    for (const { name, measure } of chosen) {
      say(`measuring ${name} …`);
      try {
        measured.push(...(await measure(ground)));
      } catch (error) {
        failed.push({
          name,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
    }
  } finally {
    await ground.close();
  }
  return { measured, failed };
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  return 2;
});
