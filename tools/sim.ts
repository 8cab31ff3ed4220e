/**
 * `npm run sim -- --seed N --years Y`, or `--seeds N` for so many seeds from 1, or from `--seed`, on:
 * lives the sample company's life and asserts the invariants after every step. Exits with 1 where one broke; the
 * seed that it names repeats the same life. With `--accounts` customers live alone, without the company
 * around them: they open, use, close, reopen, are put on hold, for ten years in minutes.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mute } from '../src/platform/log.ts';
import { openDatabase } from '../src/platform/postgres/database.ts';
import { startEmbedded } from '../src/platform/postgres/embedded.ts';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { databaseUrl } from '../src/platform/testing/postgres.ts';
import { sources } from '../src/server/composition.ts';
import { liveSeed } from '../src/sim/lives.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    years: { type: 'string', default: '3' },
    'no-crashes': { type: 'boolean', default: false },
    accounts: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const template = 'life_template';
/**
 * Nothing in a simulated life needs to outlive the machine. Its tables stay small and its connections
 * die often: a plan made once a connection, whatever the values, is as good as any.
 */
const fast = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'on',
  plan_cache_mode: 'force_generic_plan',
  // Nobody looks on: what each connection is at is said nowhere.
  update_process_title: 'off',
  track_activities: 'off',
  client_connection_check_interval: '0',
};
/** In memory where the machine has a place for it: lives make and drop many small files. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** Lives at a time: PostgreSQL and this process share two cores well. */
const atOnce = 2;

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(
      'npm run sim -- [--seed N] [--seeds N] [--years Y] [--no-crashes] [--accounts]\n',
    );
    return 0;
  }
  const years = Number(values.years);
  const first = values.seed ?? '1';
  const seeds = values.seeds
    ? Array.from({ length: Number(values.seeds) }, (_, n) => String(Number(first) + n))
    : [first];
  if (!(years > 0) || seeds.length === 0) {
    process.stderr.write('--years and --seeds take numbers above 0\n');
    return 2;
  }
  mute();
  const folder = await mkdtemp(join(place, 'kept-sim-'));
  const embedded = await startEmbedded(folder, { parameters: fast });
  try {
    await makeTemplate(embedded.url);
    return await liveAll(embedded.url, seeds, years);
  } finally {
    await embedded.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeTemplate(url: string): Promise<void> {
  const home = openDatabase(url, 1);
  await home.pool.query(`create database ${template}`);
  await home.close();
  const empty = openDatabase(databaseUrl(url, template), 2);
  await migrate(empty.pool, sources);
  await empty.close();
}

async function liveAll(url: string, seeds: readonly string[], years: number): Promise<number> {
  const startedMs = performance.now();
  const waiting = [...seeds];
  let [lived, steps, broken] = [0, 0, 0];
  const worker = async (): Promise<void> => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const beganMs = performance.now();
      try {
        const crashes = !values['no-crashes'];
        const { accounts } = values;
        const life = await liveSeed({ seed, years, url, template, crashes, accounts });
        lived += 1;
        steps += life.steps;
        const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
        const rate = ((lived * years * 3600) / ((performance.now() - startedMs) / 1000)).toFixed(0);
        process.stdout.write(
          `seed ${seed}: ${years} years in ${seconds} s, ${life.steps} steps, ${life.crashes} crashes, ${life.entries} entries, head ${life.head.slice(0, 16)} (${lived}/${seeds.length}, ${rate} years an hour)\n`,
        );
      } catch (error) {
        broken += 1;
        process.stdout.write(
          `seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
        );
        process.stdout.write(`  repeat it: npm run sim -- --seed ${seed} --years ${years}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, seeds.length) }, worker));
  process.stdout.write(
    `${lived} lives of ${years} years, ${steps} steps, ${broken} invariant breaches\n`,
  );
  return broken > 0 ? 1 : 0;
}

process.exitCode = await main();
