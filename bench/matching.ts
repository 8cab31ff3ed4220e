import { sql } from 'kysely';
import { settleAdvisories, settleEverything } from '../src/clauses/vulnerabilities/flows.ts';
import { execute } from '../src/platform/execute.ts';
import { type Figure, within } from './figure.ts';
import { type BenchWorld, vacuum } from './ground.ts';

/** A new advisory against everything known, and everything known against every advisory. */

const bills = 1_000;
const componentsEach = 1_000;
const assets = 200;
/** Packages in use, each in several versions, and advisories of which most speak of something else. */
const packages = 20_000;
const versionsEach = 5;
const advisories = 40_000;
/** A package that every bill of materials has. */
const everywhere = 'npm/sample-0';

const system = { kind: 'system', id: 'bench' } as const;

export const matching: Figure = {
  name: 'matching',
  async measure(ground) {
    const world = await ground.world('matching');
    ground.say(`${bills} bills of materials of ${componentsEach} components are laid down`);
    await layDown(world);
    ground.say('every component is matched against every advisory');
    const whole = await timed(() => settle(world, 'everything'));
    ground.say(`opened ${whole.opened}; again, with a backlog that stands`);
    const again = await timed(() => settle(world, 'everything'));
    await vacuum(world);
    const times: number[] = [];
    for (let n = 0; n < 5; n++) {
      const importId = await publish(world, `KEPT-SAMPLE-NEW-${n}`);
      const { seconds, opened } = await timed(() => settle(world, importId));
      ground.say(`a new advisory opened ${opened} items in ${seconds.toFixed(3)} s`);
      times.push(seconds);
    }
    const middle = times.toSorted((a, b) => a - b)[2] ?? 0;
    return [
      within(0.2, {
        name: 'matching: new advisory',
        says: `one new advisory against ${bills} SBOMs × ${componentsEach} components, to items, deadlines, assignees`,
        value: middle,
        unit: 's',
      }),
      within(20, {
        name: 'matching: everything',
        says: `${bills * componentsEach} components against ${advisories} advisories, to ${whole.opened} items`,
        value: Math.max(whole.seconds, again.seconds),
        unit: 's',
      }),
    ];
  },
};

async function timed(run: () => Promise<number>) {
  const begin = performance.now();
  const opened = await run();
  return { opened, seconds: (performance.now() - begin) / 1000 };
}

/** @returns how many items were opened */
async function settle(world: BenchWorld, what: string): Promise<number> {
  const done =
    what === 'everything'
      ? await execute(world, settleEverything, {}, system)
      : await execute(world, settleAdvisories, { importId: what }, system);
  if (!done.ok) throw new Error(`the backlog was not settled: ${done.refusal.code}`);
  return done.value[0]?.body.opened ?? 0;
}

async function layDown(world: BenchWorld): Promise<void> {
  const { db } = world.database;
  const now = world.now();
  await sql`
    insert into system (id, key, name, owner_id)
    select md5('system' || n)::uuid, 'asset-' || n, 'Asset ' || n, ${world.officer.id}
    from generate_series(1, ${assets}::int) n`.execute(db);
  await sql`
    insert into source (id, key, name, kind, system_id, cadence_days, registered_at, due_at)
    select md5('source' || n)::uuid, 'bill-' || n, 'Bill ' || n, 'bill', md5('system' || 1 + n % ${assets}::int)::uuid,
      30, ${now}, ${now.add({ hours: 720 })}
    from generate_series(1, ${bills}::int) n`.execute(db);
  await sql`
    insert into audit (id, source_id, at, by, way, complete, components, digest)
    select md5('audit' || n)::uuid, md5('source' || n)::uuid, ${now}, 'bench', 'command', true,
      ${componentsEach}, '' from generate_series(1, ${bills}::int) n`.execute(db);
  await sql`update source set last_audit_id = md5('audit' || substr(key, 6))::uuid, last_audit_at = ${now}`.execute(
    db,
  );
  await sql`
    insert into package_version (package_key, ecosystem, name, version)
    select 'npm/sample-' || p, 'npm', 'sample-' || p, v || '.' || p % 10 || '.0'
    from generate_series(0, ${packages - 1}::int) p, generate_series(1, ${versionsEach}::int) v
    order by p, v`.execute(db);
  // Each has a stretch of packages, the first of all of them and one version of each.
  await sql`
    insert into component (source_id, package_version_id, audit_id, of_whole)
    select distinct on (n, p) md5('source' || n)::uuid, p * ${versionsEach}::int + 1 + n % ${versionsEach}::int,
      md5('audit' || n)::uuid, true
    from generate_series(1, ${bills}::int) n, lateral (
      select case when c = 0 then 0 else 1 + (n * 7919 + c * 17) % ${packages - 1}::int end as p
      from generate_series(0, ${componentsEach - 1}::int) c) chosen`.execute(db);
  await layAdvisories(world);
  await vacuum(world);
}

/** One in four speaks of a package in use, and of those one in forty of versions in use. */
async function layAdvisories(world: BenchWorld): Promise<void> {
  const { db } = world.database;
  const importId = await newImport(world);
  await publishMany(
    world,
    importId,
    sql`select 'KEPT-SAMPLE-' || n as id,
        case when n % 4 = 0 then 'sample-' || 1 + n % ${packages - 1}::int else 'other-' || n end as name,
        case when n % 160 = 0 then '3.0.0' else '1.0.0' end as fixed
      from generate_series(1, ${advisories}::int) n`,
  );
  await sql`analyze`.execute(db);
}

async function newImport(world: BenchWorld): Promise<string> {
  const id = world.newId();
  await sql`
    insert into advisory_import (id, kind, way, origin, state, asked_by, began_at, finished_at)
    values (${id}, 'osv', 'file', 'bench', 'done', 'bench', ${world.now()}, ${world.now()})`.execute(
    world.database.db,
  );
  return id;
}

/** An advisory about the package that everybody has, in two of its five versions. */
async function publish(world: BenchWorld, id: string): Promise<string> {
  const importId = await newImport(world);
  const name = everywhere.slice('npm/'.length);
  await publishMany(
    world,
    importId,
    sql`select ${id}::text as id, ${name}::text as name, '3.0.0' as fixed`,
  );
  return importId;
}

async function publishMany(
  world: BenchWorld,
  importId: string,
  these: ReturnType<typeof sql>,
): Promise<void> {
  const { db } = world.database;
  const now = world.now();
  await sql`
    insert into vulnerability (id, name, vector, score, severity, known_at, changed_at, import_id)
    select md5(id)::uuid, id, 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:' || case when length(name) % 2 = 0 then 'H' else 'L' end,
      9.8, 'critical', ${now}, ${now}, ${importId} from (${these}) t`.execute(db);
  await sql`
    insert into vulnerability_name (name, vulnerability_id)
    select id, md5(id)::uuid from (${these}) t`.execute(db);
  await sql`
    insert into advisory (id, vulnerability_id, modified_at, origin, imported_at, import_id)
    select id, md5(id)::uuid, ${now}, 'bench', ${now}, ${importId} from (${these}) t`.execute(db);
  await sql`
    insert into advisory_package (advisory_id, package_key, ecosystem, name, affected)
    select id, 'npm/' || name, 'npm', name, jsonb_build_object(
      'package', jsonb_build_object('ecosystem', 'npm', 'name', name),
      'ranges', jsonb_build_array(jsonb_build_object('type', 'SEMVER', 'events', jsonb_build_array(
        jsonb_build_object('introduced', '0'), jsonb_build_object('fixed', fixed)))))
    from (${these}) t`.execute(db);
}
