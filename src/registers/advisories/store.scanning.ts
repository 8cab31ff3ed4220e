import { sql } from 'kysely';
import { type AffectedVersions, readAffected } from '../../advisories/affected.ts';
import type { OsvAffected } from '../../advisories/osv.ts';
import { packageKey, sameRelease } from '../../advisories/packages.ts';
import type { Component, Inventory } from '../../inventory/component.ts';
import {
  countByFamily,
  latestFix,
  type Match,
  onceEach,
  type Places,
  shortestPaths,
  type Unjudged,
  worstFirst,
} from '../../inventory/scanned.ts';
import type { Db } from '../../kernel/db.ts';

interface Vulnerability
  extends Omit<Match, 'component' | 'fixedIn' | 'path' | 'score' | 'exploitedSince'> {
  readonly id: string;
  readonly name: string;
  readonly score: string | number | null;
  readonly exploitedSince: Temporal.PlainDate | null;
}

interface Spoken {
  readonly key: string;
  readonly ecosystem: string;
  readonly affected: OsvAffected;
  readonly vulnerabilityId: string;
}

/** Packages looked up at once: what their advisories say is in memory while they are judged. */
const packagesAtOnce = 500;

/**
 * Matches everything an inventory holds against the register. Nothing is stored.
 *
 * @returns each vulnerability of each package version once, the worst first
 */
export async function scanComponents(db: Db, inventory: Inventory): Promise<readonly Match[]> {
  const byKey = versionsByKey(inventory.components);
  const keys = [...byKey.keys()];
  const found: Affecting[] = [];
  for (let at = 0; at < keys.length; at += packagesAtOnce) {
    const spoken = await spokenOf(db, keys.slice(at, at + packagesAtOnce));
    found.push(...affectingOf(byKey, spoken));
  }
  const known = await vulnerabilitiesOf(db, [...new Set(found.map((each) => each.id))]);
  const pathOf = found.length === 0 ? () => [] : shortestPaths(inventory);
  return found
    .flatMap(({ places, id, fixes }) => {
      const vulnerability = known.get(id);
      return vulnerability ? [matchOf(vulnerability, places, fixes, pathOf(places))] : [];
    })
    .toSorted(worstFirst);
}

/** Package versions by the key under which advisories speak of them. */
function versionsByKey(components: readonly Component[]): ReadonlyMap<string, readonly Places[]> {
  const byKey = new Map<string, Places[]>();
  for (const places of onceEach(components)) {
    const { ecosystem, name, version } = places[0];
    if (ecosystem === null || version === null) continue;
    const key = packageKey(ecosystem, name);
    const list = byKey.get(key);
    if (list) list.push(places);
    else byKey.set(key, [places]);
  }
  return byKey;
}

async function spokenOf(db: Db, keys: readonly string[]): Promise<readonly Spoken[]> {
  const { rows } = await sql<Spoken>`
    select ap.package_key as key, ap.ecosystem, ap.affected, a.vulnerability_id as "vulnerabilityId"
    from advisory_package ap join advisory a on a.id = ap.advisory_id
    where ap.package_key = any(${[...keys]}::text[]) and a.withdrawn_at is null
    order by ap.id`.execute(db);
  return rows;
}

interface Affecting {
  readonly id: string;
  readonly places: Places;
  readonly fixes: readonly string[];
}

function affectingOf(
  byKey: ReadonlyMap<string, readonly Places[]>,
  spoken: readonly Spoken[],
): readonly Affecting[] {
  const found = new Map<Places, Map<string, string[]>>();
  for (const { key, ecosystem: told, affected, vulnerabilityId } of spoken) {
    let versions: AffectedVersions | null = null;
    for (const places of byKey.get(key) ?? []) {
      const { ecosystem, version } = places[0];
      if (!sameRelease(ecosystem ?? '', told) || version === null) continue;
      versions ??= readAffected(affected);
      if (!versions.includes(version)) continue;
      const of = found.get(places) ?? new Map<string, string[]>();
      found.set(places, of);
      const fix = versions.nextFix(version);
      of.set(vulnerabilityId, [...(of.get(vulnerabilityId) ?? []), ...(fix === null ? [] : [fix])]);
    }
  }
  return [...found].flatMap(([places, of]) =>
    [...of].map(([id, fixes]) => ({ id, places, fixes })),
  );
}

async function vulnerabilitiesOf(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Vulnerability>> {
  const { rows } = await sql<Vulnerability>`
    select v.id, v.name, v.summary, v.severity, v.score, v.vector, n.names as ids,
      n.since as "exploitedSince", n.likelihood
    from vulnerability v
    join (
      select vulnerability_id, array_agg(name order by name) as names, min(added_on) as since,
        max(e.score) as likelihood
      from vulnerability_name
      left join exploited x on x.cve = name
      left join exploit_prediction e on e.cve = name
      where vulnerability_id = any(${[...ids]}::uuid[]) group by 1) n on n.vulnerability_id = v.id
    `.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

function matchOf(
  { id: _, name, ids, score, exploitedSince, ...rest }: Vulnerability,
  places: Places,
  fixes: readonly string[],
  path: readonly string[],
): Match {
  return {
    ...rest,
    component: places[0],
    ids: [name, ...ids.filter((each) => each !== name)],
    score: score === null ? null : Number(score),
    exploitedSince: exploitedSince?.toString() ?? null,
    fixedIn: latestFix(places[0].ecosystem ?? '', fixes),
    path,
  };
}

/** What of some inventories cannot be judged, by ecosystem; what is of none is not counted. */
export async function unjudgedComponents(
  db: Db,
  inventories: readonly Inventory[],
): Promise<readonly Unjudged[]> {
  const counts = countByFamily(inventories.flatMap(({ components }) => components));
  const { rows } = await sql<{ family: string }>`
    select family from unnest(${[...counts.keys()]}::text[]) as t (family)
    where not exists (
      select from advisory_package where starts_with(package_key, family || '/'))
    order by family`.execute(db);
  return rows.map(({ family }) => ({ ecosystem: family, components: counts.get(family) ?? 0 }));
}
