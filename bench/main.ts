import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { appends } from './appends.ts';
import { bulk } from './bulk.ts';
import { campaign } from './campaign.ts';
import { checks } from './checks.ts';
import { type Figure, type Measured, reaches } from './figure.ts';
import { openGround } from './ground.ts';
import { lists } from './lists.ts';
import { jsonOf, tableOf } from './report.ts';
import { verify } from './verify.ts';

const figures: readonly Figure[] = [appends, bulk, verify, campaign, checks, lists];

const usage = `Usage: npm run bench -- [NAME…] [--json FILE] [--check]

Measures Kept against baselines of the same run and machine. Names: ${figures.map(({ name }) => name).join(' ')}.

  --json FILE  writes [{name, value, unit, baseline, ratio}]
  --check      exits with 1 where a figure misses its target
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
  const measured = await measureAll(chosen);
  process.stdout.write(tableOf(measured));
  if (values.json) await writeFile(values.json, jsonOf(measured));
  return values.check && !measured.every(reaches) ? 1 : 0;
}

async function measureAll(chosen: readonly Figure[]): Promise<readonly Measured[]> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const ground = await openGround(say);
  const measured: Measured[] = [];
  try {
    for (const figure of chosen) {
      say(`measuring ${figure.name} …`);
      measured.push(...(await figure.measure(ground)));
    }
  } finally {
    await ground.close();
  }
  return measured;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  return 2;
});
