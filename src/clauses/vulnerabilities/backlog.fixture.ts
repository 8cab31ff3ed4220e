import { sql } from 'kysely';
import { contextFor, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { adviceOf, type TakenAdvisory } from '../../registers/advisories/facts.reading.ts';
import { saveEcosystemRead } from '../../registers/advisories/store.imports.ts';
import { scoresFlow } from '../../registers/advisories/store.scores.ts';
import { takingFlow } from '../../registers/advisories/store.taking.ts';
import { importFlow } from '../../registers/advisories/store.ts';
import { routes as sourceRoutes } from '../../registers/sources/routes.ts';
import { obligations, reactions } from './obligations.ts';

/** A small company that audits what it runs; advisories and packages are samples of our own. */

export const uuid = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const [officer, deputy, engineer, colleague] = [1, 2, 3, 4].map(uuid) as [
  string,
  string,
  string,
  string,
];
export const [shop, depot] = [11, 12].map(uuid) as [string, string];
export const kept = { kind: 'system', id: 'test' } as const;

/** Two officers, two engineers; the shop asks much of its assets, the depot little. */
export async function company(world: TestWorld): Promise<void> {
  const { db } = world.database;
  await sql`
    insert into person (id, name, email, roles) values
      (${officer}, 'Olga Officer', 'olga@example.com', '{employee,security-officer}'),
      (${deputy}, 'Dan Deputy', 'dan@example.com', '{employee,security-officer}'),
      (${engineer}, 'Erin Engineer', 'erin@example.com', '{employee,engineer}'),
      (${colleague}, 'Kim Colleague', 'kim@example.com', '{employee,engineer}')`.execute(db);
  await sql`
    insert into system (id, key, name, owner_id, confidentiality, integrity, availability) values
      (${shop}, 'shop', 'Shop', ${engineer}, 3, 3, 3), (${depot}, 'depot', 'Depot', ${colleague}, 1, 1, 1)`.execute(
    db,
  );
}

const roles = {
  [officer]: ['security-officer', 'employee'],
  [deputy]: ['security-officer', 'employee'],
  [engineer]: ['engineer', 'employee'],
  [colleague]: ['engineer', 'employee'],
} as const;

/** What a handler of a route is given for one of the company. */
export function requestOf(world: TestWorld, personId: string): Request {
  const actor = actorWith(personId, ...(roles[personId] ?? ['employee']));
  return {
    db: world.database.db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: () => true,
    url: world.url,
  };
}

/** What the heart does with an entry. */
export async function react(
  world: TestWorld,
  type: string,
  subject: string,
  body: Readonly<Record<string, string>> = {},
): Promise<void> {
  const context = await contextFor(world, kept);
  const room = { db: world.database.db, execute: executeAs(world, kept), context };
  await reactions[type]?.(room, { entryIndex: 0, type, subject, body });
}

/** Runs an obligation as the tick does. */
export async function fallDue(world: TestWorld, kind: string): Promise<void> {
  const context = await contextFor(world, kept);
  const room = { db: world.database.db, execute: executeAs(world, kept), context };
  await obligations[kind]?.(room, { id: uuid(99), kind, subject: '', dueAt: world.now() });
}

/** Registers a source. @returns its id */
export async function source(
  world: TestWorld,
  key: string,
  systemId = shop,
  more: { readonly ownerId?: string; readonly cadenceDays?: number } = {},
): Promise<string> {
  const input = sourceRoutes.registerSource.input.parse({
    key,
    name: `Sample ${key}`,
    kind: 'repository',
    systemId,
    ...more,
  });
  const answer = await sourceRoutes.registerSource.handle(requestOf(world, officer), input);
  if ('stream' in answer || !answer.ok) throw new Error(JSON.stringify(answer));
  return answer.value.id;
}

/** A lockfile of npm with packages in versions: `{ 'sample-a': '1.0.0' }`. */
export function lockfile(packages: Readonly<Record<string, string>>): string {
  const entries = Object.entries(packages).map(([name, version]) => [
    `node_modules/${name}`,
    { version },
  ]);
  return JSON.stringify({
    name: 'sample',
    lockfileVersion: 3,
    packages: { '': { name: 'sample', dependencies: packages }, ...Object.fromEntries(entries) },
  });
}

/** Records an audit of a source and lets the backlog follow; where most is gone by it, a colleague confirms it. */
export async function audit(
  world: TestWorld,
  sourceId: string,
  packages: Readonly<Record<string, string>>,
  complete = true,
) {
  const answer = await sourceRoutes.recordAudit.handle(requestOf(world, engineer), {
    id: sourceId,
    files: [{ name: 'package-lock.json', text: lockfile(packages) }],
    complete,
    goneBecause: 'sample',
    way: 'interface',
  });
  if ('stream' in answer || !answer.ok) throw new Error(JSON.stringify(answer));
  if (answer.value.doubted !== null) {
    const confirming = { id: sourceId, auditId: answer.value.auditId };
    const said = await sourceRoutes.confirmAudit.handle(requestOf(world, colleague), confirming);
    if ('stream' in said || !said.ok) throw new Error(JSON.stringify(said));
  }
  await react(world, 'SourceAudited', `source/${sourceId}`);
  return answer.value;
}

/** By what they come to in the shop. */
export const vectors = {
  critical: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  high: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H',
  low: 'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N',
} as const;

export interface SampleAdvisory {
  readonly id: string;
  readonly name: string;
  readonly introduced?: string;
  readonly fixed?: string | null;
  readonly aliases?: readonly string[];
  readonly vector?: string | null;
  readonly withdrawn?: boolean;
}

/** An advisory in the OSV format about a package of npm; each later one of the same id is newer. */
function advisoryOf(sample: SampleAdvisory, modified: string): TakenAdvisory {
  const { id, name, introduced = '0', fixed = null, aliases = [], vector = null } = sample;
  const read = adviceOf({
    id,
    modified,
    published: modified,
    ...(sample.withdrawn ? { withdrawn: modified } : {}),
    aliases,
    summary: `Sample advisory ${id}`,
    severity: vector ? [{ type: 'CVSS_V3', score: vector }] : [],
    affected: [
      {
        package: { ecosystem: 'npm', name },
        ranges: [{ type: 'SEMVER', events: [{ introduced }, ...(fixed ? [{ fixed }] : [])] }],
      },
    ],
  });
  if (!('advisory' in read)) throw new Error(read.reason);
  return read.advisory;
}

let modifications = 0;

/** Imports advisories whole, as a file would be, and lets the backlog follow. @returns the import's id */
export async function advise(
  world: TestWorld,
  samples: readonly SampleAdvisory[],
  settle = true,
  /** Whether all of npm was read by then, as a feed does. */
  whole = true,
): Promise<string> {
  const modified = Temporal.Instant.from('2025-01-01T00:00:00Z')
    .add({ seconds: modifications++ })
    .toString();
  const take: Parameters<typeof importing>[3] = (place) =>
    executeAs(world, kept)(takingFlow, {
      do: 'takeAdvisories',
      place,
      advisories: samples.map((sample) => advisoryOf(sample, modified)),
      setAside: [],
    });
  return await importing(world, 'osv', settle, take, whole);
}

/** Imports the whole catalogue of what is known to be exploited. */
export async function exploit(world: TestWorld, cves: readonly string[], addedOn: string) {
  const entries = cves.map((cve) => ({
    cve,
    addedOn,
    dueOn: null,
    ransomware: false,
    title: 'Sample',
    action: 'Update',
  }));
  return await importing(world, 'kev', true, (place) =>
    executeAs(world, kept)(scoresFlow, { do: 'takeExploited', place, entries, setAside: [] }),
  );
}

async function importing(
  world: TestWorld,
  kind: 'osv' | 'kev',
  settle: boolean,
  take: (place: {
    importId: string;
    part: string;
    from: number;
    to: number;
    entries: number;
  }) => Promise<{ readonly ok: boolean }>,
  whole = true,
): Promise<string> {
  const importId = world.newId();
  const execute = executeAs(world, kept);
  const origin = 'sample.zip';
  const begun = await execute(importFlow, { do: 'importAdvisories', id: importId, kind, origin });
  const taken = await take({ importId, part: 'sample', from: 0, to: 1, entries: 1 });
  if (kind === 'osv' && whole)
    await saveEcosystemRead(world.database.db, 'npm', world.now(), importId);
  const ended = await execute(importFlow, {
    do: 'finishImport',
    id: importId,
    problem: null,
    detail: '',
  });
  for (const answer of [begun, taken, ended])
    if (!answer.ok) throw new Error(JSON.stringify(answer));
  if (settle) await react(world, 'AdvisoriesImported', `advisories/${importId}`);
  return importId;
}

/** The backlog as lines: `name package asset state class due reopened`. */
export async function backlog(world: TestWorld): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select concat_ws(' ', v.name, i.component_name, s.key, i.state, i.class,
      to_char(i.due_at at time zone 'UTC', 'MM-DD'), case when i.reopened > 0 then 'x' || i.reopened end) as line
    from backlog_item i join vulnerability v on v.id = i.vulnerability_id join system s on s.id = i.system_id
    order by v.name, i.component_name, s.key`.execute(world.database.db);
  return rows.map(({ line }) => line);
}

/** Id of the only item of a vulnerability. */
export async function itemOf(world: TestWorld, name: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select i.id from backlog_item i join vulnerability_name n on n.vulnerability_id = i.vulnerability_id
    where n.name = ${name}`.execute(world.database.db);
  if (rows.length !== 1 || !rows[0]) throw new Error(`${rows.length} items of ${name}`);
  return rows[0].id;
}
