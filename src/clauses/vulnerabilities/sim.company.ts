import { sql } from 'kysely';
import type { Role } from '../../kernel/actor.ts';
import { dateIn, type Instant } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import type { SimulationRoom } from '../../policy/simulation.ts';
import { adviceOf, type TakenAdvisory } from '../../registers/advisories/facts.reading.ts';
import { saveEcosystemRead } from '../../registers/advisories/store.imports.ts';
import { scoresFlow } from '../../registers/advisories/store.scores.ts';
import { takingFlow } from '../../registers/advisories/store.taking.ts';
import { importFlow } from '../../registers/advisories/store.ts';
import type { AuditedComponent } from '../../registers/sources/facts.audit.ts';
import type { SourceKind } from '../../registers/sources/facts.terms.ts';
import { auditFlow } from '../../registers/sources/store.audits.ts';
import { sourceFlow } from '../../registers/sources/store.ts';
import { employedOn } from './store.acts.ts';

/** What the sample company runs, and what is published about it. Packages and advisories are plainly samples. */

/** Dice of this clause's own: how people here act changes nothing of how they act elsewhere. */
export class Dice {
  #state: number;

  constructor(seed: string) {
    this.#state = [...seed].reduce(
      (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619),
      2166136261,
    );
  }

  /** From 0 to below `n`. */
  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
    return Math.floor(((this.#state >>> 8) / 2 ** 24) * n);
  }

  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }
}

/** Packages about which something is published by chance. */
export const samplePackages: readonly string[] = [
  'sample-http',
  'sample-json',
  'sample-cache',
  'sample-mail',
  'sample-table',
  'sample-zip',
  'sample-image',
  'sample-login',
  'sample-router',
  'sample-queue',
];

/** Packages that a story is told with: by chance nothing is published about them. */
export const storyPackages = {
  fixedLate: 'sample-parser',
  exploited: 'sample-crypto',
  accepted: 'sample-widget',
  overdue: 'sample-session',
} as const;

interface SampleSource {
  readonly key: string;
  readonly name: string;
  readonly kind: SourceKind;
  readonly location: string;
  readonly system: string;
  readonly packages: readonly string[];
}

/** One of each kind that a company has. */
export const sampleSources: readonly SampleSource[] = [
  {
    key: 'web-shop',
    name: 'Web shop',
    kind: 'repository',
    location: 'example/web-shop',
    system: 'crm',
    packages: [...samplePackages.slice(0, 7), storyPackages.fixedLate, storyPackages.overdue],
  },
  {
    key: 'api-image',
    name: 'Image of the API',
    kind: 'image',
    location: 'registry.example.com/api:stable',
    system: 'aws',
    packages: [...samplePackages.slice(4), storyPackages.exploited],
  },
  {
    key: 'scheduler',
    name: 'Scheduler, as installed',
    kind: 'product',
    location: '',
    system: 'helpdesk',
    packages: samplePackages.slice(5, 9),
  },
  {
    key: 'website',
    name: 'Public website',
    kind: 'website',
    location: 'https://www.example.com',
    system: 'github',
    packages: [storyPackages.accepted],
  },
];

/** Days from one audit of a sample source to the next. */
const cadenceDays = 60;

export interface Somebody {
  readonly id: string;
  readonly roles: readonly Role[];
}

/** People of today who have a role, by id. */
export async function staffWith(
  { db, now, zone }: SimulationRoom,
  role: Role,
): Promise<readonly Somebody[]> {
  const { rows } = await sql<Somebody>`
    select id, roles from person where ${role} = any(roles) and ${employedOn(dateIn(now, zone))} order by id`.execute(
    db,
  );
  return rows;
}

/** Registers what there is to audit, where nothing is, and audits it for the first time. */
export async function foundSources(room: SimulationRoom, officer: Somebody): Promise<boolean> {
  const { rows } = await sql`select from source limit 1`.execute(room.db);
  if (rows.length > 0) return false;
  const engineers = await staffWith(room, 'engineer');
  for (const [n, each] of sampleSources.entries()) {
    const { key, name, kind, location, system, packages } = each;
    const found = await sql<{ id: string }>`
      select id from system where key = ${system} and retired_at is null`.execute(room.db);
    const [asset] = found.rows;
    if (!asset) continue;
    const events = done(
      await room.as(officer.id, ...officer.roles)(sourceFlow, {
        do: 'registerSource',
        source: {
          key,
          name,
          kind,
          location,
          systemId: asset.id,
          ownerId: engineers[n % engineers.length]?.id ?? null,
          cadenceDays,
          connectionId: null,
        },
      }),
    );
    const sourceId = String(events[0]?.body['sourceId']);
    await audit(room, officer, sourceId, new Map(packages.map((each) => [each, '1.0.0'])));
  }
  return true;
}

/** Records what a source consists of, whole or in part. */
export async function audit(
  room: SimulationRoom,
  by: Somebody,
  sourceId: string,
  packages: ReadonlyMap<string, string>,
  complete = true,
): Promise<void> {
  const components = [...packages].map(
    ([name, version]): AuditedComponent => ({
      ecosystem: 'npm',
      name,
      version,
      purl: `pkg:npm/${name}@${version}`,
      isDevelopment: false,
      path: [name],
    }),
  );
  done(
    await room.as(by.id, ...by.roles)(auditFlow, {
      sourceId,
      way: 'command',
      formats: ['package-lock.json'],
      complete,
      components,
      notes: [],
    }),
  );
}

export const sampleVectors = [
  'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N',
  'CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N',
  'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N',
] as const;

/** An advisory about a package of the sample company. */
export interface SampleAdvisory {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** First version that is not affected; null: there is none yet. */
  readonly fixed: string | null;
  readonly vector: string | null;
  readonly aliases?: readonly string[];
  readonly withdrawn?: boolean;
}

function advisoryOf(sample: SampleAdvisory, modified: string): TakenAdvisory {
  const { id, name, summary, fixed, vector, aliases = [], withdrawn } = sample;
  const read = adviceOf({
    id,
    modified,
    published: modified,
    ...(withdrawn ? { withdrawn: modified } : {}),
    aliases,
    summary,
    details: `${summary} This advisory is a sample: neither the package nor the vulnerability exists.`,
    severity: vector
      ? [{ type: vector.startsWith('CVSS:4') ? 'CVSS_V4' : 'CVSS_V3', score: vector }]
      : [],
    affected: [
      {
        package: { ecosystem: 'npm', name },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, ...(fixed ? [{ fixed }] : [])] }],
      },
    ],
  });
  invariant('advisory' in read, `the sample ${id} is an advisory`);
  return read.advisory;
}

/** Sample advisories arrive, as a file of them would. */
export async function publish(
  room: SimulationRoom,
  importId: string,
  samples: readonly SampleAdvisory[],
): Promise<void> {
  const modified = room.now.toString();
  const place = placeOf(importId, samples.length);
  await importing(room, importId, 'osv', () =>
    room.asSystem(takingFlow, {
      do: 'takeAdvisories',
      place,
      advisories: samples.map((each) => advisoryOf(each, modified)),
      setAside: [],
    }),
  );
}

/** The whole catalogue of what is known to be exploited. */
export async function publishExploited(
  room: SimulationRoom,
  importId: string,
  cves: readonly { readonly cve: string; readonly addedOn: string }[],
): Promise<void> {
  const entries = cves.map(({ cve, addedOn }) => ({
    cve,
    addedOn,
    dueOn: null,
    ransomware: false,
    title: 'Sample vulnerability',
    action: 'Go to the fixed version of the sample package.',
  }));
  await importing(room, importId, 'kev', () =>
    room.asSystem(scoresFlow, {
      do: 'takeExploited',
      place: placeOf(importId, entries.length),
      entries,
      setAside: [],
    }),
  );
}

function placeOf(importId: string, entries: number) {
  return { importId, part: 'sample', from: 0, to: entries, entries };
}

async function importing(
  { asSystem, db, now }: SimulationRoom,
  id: string,
  kind: 'osv' | 'kev',
  take: () => Promise<Result<unknown, Refusal>>,
): Promise<void> {
  const origin = kind === 'osv' ? 'samples.zip' : 'samples.json';
  done(await asSystem(importFlow, { do: 'importAdvisories', id, kind, origin }));
  done(await take());
  // As a feed does: what had changed is taken, and the rest was read before.
  if (kind === 'osv') await saveEcosystemRead(db, 'npm', now, id);
  done(await asSystem(importFlow, { do: 'finishImport', id, problem: null, detail: '' }));
}

/** An id for an import that repeats with the life: of the instant, and of how many there were. */
export async function importIdAt({ db, now }: SimulationRoom): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select overlay(overlay(md5(${now.toString()} || count(*)) placing '8' from 13) placing '8' from 17)::uuid::text as id
    from advisory_import`.execute(db);
  return rows[0]?.id ?? '';
}

/** What a source consists of, as its newest audits found it. */
export async function packagesOf(
  { db }: SimulationRoom,
  sourceId: string,
): Promise<Map<string, string>> {
  const { rows } = await sql<{ name: string; version: string }>`
    select held.name, max(held.version) as version from component
    join package_version held on held.id = component.package_version_id
    where component.source_id = ${sourceId} group by held.name order by held.name`.execute(db);
  return new Map(rows.map(({ name, version }) => [name, version]));
}

export interface DueSource {
  readonly id: string;
  readonly key: string;
  readonly dueAt: Instant;
}

/** What is asked here is never refused: a refusal would be a bug of the simulation. */
export function done<T>(answer: Result<T, Refusal>): T {
  if (!answer.ok) invariant(false, `refused: ${JSON.stringify(answer.refusal)}`);
  return (answer as { readonly value: T }).value;
}
