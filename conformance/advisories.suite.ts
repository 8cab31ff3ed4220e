import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openGround } from '../bench/ground.ts';
import type { World } from '../src/platform/world.ts';
import { scanComponents } from '../src/registers/advisories/store.scanning.ts';
import { importBytes } from '../src/server/advisories/testing.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'OSV: real archives imported into the register, and queried there';

const archives: readonly (readonly [name: string, advisories: number])[] = [
  ['Go', 4291],
  ['PyPI', 2661],
  ['crates.io', 1206],
];

/** Every advisory is taken, twice changes nothing, each recorded id of an ecosystem at hand is found. */
export async function run(): Promise<Outcome> {
  const folder = sharedCases('osv');
  if (folder === null) return withoutCases('osv');
  const tally = new Tally();
  const ground = await openGround(() => undefined);
  try {
    const world = await ground.world('advisories');
    for (const [archive, advisories] of archives) {
      const bytes = readFileSync(join(folder, `${archive}.tar.gz`));
      const first = await importBytes(world, bytes);
      tally.expect(first.added + first.withdrawn === advisories, `all of ${archive}`, said(first));
      tally.expect(first.refused === 0 && first.problem === null, `none of ${archive} set aside`);
      const again = await importBytes(world, bytes);
      tally.expect(again.unchanged === advisories, `${archive} again changes nothing`, said(again));
    }
    await exploited(world, tally);
    await queries(world, folder, tally);
  } finally {
    await ground.close();
  }
  return tally.outcome();
}

function said(row: object): string {
  return JSON.stringify(row);
}

async function exploited(world: World, tally: Tally): Promise<void> {
  const folder = sharedCases('kev');
  if (folder === null) return tally.skip('the catalogue of exploited vulnerabilities is not there');
  const file = join(folder, 'known_exploited_vulnerabilities.json.gz');
  const row = await importBytes(world, readFileSync(file), 'kev');
  tally.expect(
    row.added === 1404 && row.refused === 0,
    'all that is known to be exploited',
    said(row),
  );
  const { rows } = await sql<{ n: number }>`
    select count(distinct vulnerability_id)::int as n from vulnerability_name
    join exploited on cve = name`.execute(world.database.db);
  tally.note(`${rows[0]?.n} vulnerabilities at hand are known to be exploited`);
}

async function queries(world: World, folder: string, tally: Tally): Promise<void> {
  const { db } = world.database;
  const present = await sql<{ id: string }>`
    select id from advisory where withdrawn_at is null`.execute(db);
  const ids = new Set(present.rows.map(({ id }) => id));
  const recorded = JSON.parse(
    readFileSync(join(folder, 'queries-sample.json'), 'utf8'),
  ) as Readonly<Record<string, readonly string[]>>;
  for (const [query, expected] of Object.entries(recorded)) {
    const { package: named, version } = JSON.parse(query) as {
      package?: { ecosystem?: string; name: string };
      version?: string;
    };
    const ecosystem = named?.ecosystem ?? '';
    if (!named || !version || !archives.some(([each]) => each === ecosystem)) continue;
    const component = {
      ref: 'one',
      ecosystem,
      name: named.name,
      version,
      purl: null,
      isDevelopment: false,
    };
    const inventory = {
      format: 'query',
      components: [component],
      roots: [],
      dependsOn: new Map<string, readonly string[]>(),
      notes: [],
    };
    const found = new Set((await scanComponents(db, inventory)).flatMap((match) => match.ids));
    const missed = expected.filter((id) => ids.has(id) && !found.has(id));
    tally.expect(missed.length === 0, `${named.name} ${version}`, `missed ${missed.join(', ')}`);
  }
}
