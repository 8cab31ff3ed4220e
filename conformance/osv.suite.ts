import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AffectedVersions, readAffected } from '../src/advisories/affected.ts';
import { osvAdvisory } from '../src/advisories/osv.ts';
import { packageKey } from '../src/advisories/packages.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'OSV: queries answered by osv.dev, on the advisories at hand';

const archives = ['Go', 'PyPI', 'crates.io'];

interface Known {
  readonly ids: Set<string>;
  readonly byPackage: Map<string, { readonly id: string; readonly versions: AffectedVersions }[]>;
}

/** Every recorded id whose advisory is in the archives is found; none is found where none was, but newer ones. */
export async function run(): Promise<Outcome> {
  const folder = sharedCases('osv');
  if (folder === null) return withoutCases('osv');
  const tally = new Tally();
  const known = readArchives(folder, tally);
  const queries = JSON.parse(readFileSync(join(folder, 'queries-sample.json'), 'utf8')) as Readonly<
    Record<string, readonly string[]>
  >;
  let asked = 0;
  for (const [query, recorded] of Object.entries(queries)) {
    const { package: named, version } = JSON.parse(query) as {
      package?: { ecosystem?: string; name: string };
      version?: string;
    };
    if (!named || !version || !archives.includes(named.ecosystem ?? '')) continue;
    asked += 1;
    const found = findings(known, named.ecosystem ?? '', named.name, version);
    const missed = recorded.filter((id) => known.ids.has(id) && !found.includes(id));
    tally.expect(missed.length === 0, `${named.name} ${version}`, `missed ${missed.join(', ')}`);
    const more = found.filter((id) => !recorded.includes(id));
    if (more.length > 0) tally.note(`${named.name} ${version}: also ${more.join(', ')}`);
  }
  tally.note(`${asked} of ${Object.keys(queries).length} queries are of ecosystems at hand`);
  return tally.outcome();
}

function findings(known: Known, ecosystem: string, name: string, version: string): string[] {
  const entries = known.byPackage.get(packageKey(ecosystem, name)) ?? [];
  return [
    ...new Set(entries.filter(({ versions }) => versions.includes(version)).map(({ id }) => id)),
  ];
}

function readArchives(folder: string, tally: Tally): Known {
  const known: Known = { ids: new Set(), byPackage: new Map() };
  const work = mkdtempSync(join(tmpdir(), 'kept-osv-'));
  try {
    for (const archive of archives) {
      execFileSync('tar', ['-xzf', join(folder, `${archive}.tar.gz`), '-C', work]);
    }
    for (const file of readdirSync(work, { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.json')) learn(known, readFileSync(join(work, file), 'utf8'), file, tally);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return known;
}

function learn(known: Known, text: string, file: string, tally: Tally): void {
  const read = osvAdvisory.safeParse(JSON.parse(text));
  tally.expect(read.success, `reads ${file}`, read.error?.message);
  if (!read.success || read.data.withdrawn) return;
  known.ids.add(read.data.id);
  for (const affected of read.data.affected ?? []) {
    if (!affected.package) continue;
    const key = packageKey(affected.package.ecosystem, affected.package.name);
    const entries = known.byPackage.get(key) ?? [];
    entries.push({ id: read.data.id, versions: readAffected(affected) });
    known.byPackage.set(key, entries);
  }
}
