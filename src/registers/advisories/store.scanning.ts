import { sql } from 'kysely';
import { type AffectedVersions, readAffected } from '../../advisories/affected.ts';
import type { OsvAffected } from '../../advisories/osv.ts';
import { familyOf, packageKey, sameRelease } from '../../advisories/packages.ts';
import type { Severity } from '../../advisories/severity.ts';
import { schemeOf } from '../../advisories/versions/ecosystems.ts';
import type { Component, Inventory } from '../../inventory/component.ts';
import { pathsOf } from '../../inventory/paths.ts';
import type { Db } from '../../kernel/db.ts';

/** One vulnerability of one component, whatever names it goes by. */
interface ScanMatch {
  readonly component: Component;
  /** Every name, the one shown first. */
  readonly ids: readonly string[];
  readonly summary: string;
  readonly severity: Severity;
  readonly score: number | null;
  readonly vector: string | null;
  /** Day on which CISA listed it as exploited; null where it has not. */
  readonly exploitedSince: string | null;
  /** Likelihood of exploitation within 30 days, 0 to 1. */
  readonly likelihood: number | null;
  /** The smallest version above the one that is there which all of its advisories call fixed. */
  readonly fixedIn: string | null;
  /** Names of packages from what the software asks for to the component; empty where unknown. */
  readonly path: readonly string[];
}

interface Vulnerability
  extends Omit<ScanMatch, 'component' | 'fixedIn' | 'path' | 'score' | 'exploitedSince'> {
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
export async function scanComponents(db: Db, inventory: Inventory): Promise<readonly ScanMatch[]> {
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

type Places = readonly [Component, ...Component[]];

/** A package version with every place where it lies; what is needed to run comes first. */
function versionsByKey(components: readonly Component[]): ReadonlyMap<string, readonly Places[]> {
  const versions = new Map<string, { key: string; places: [Component, ...Component[]] }>();
  for (const component of components) {
    const { ecosystem, name, version, isDevelopment } = component;
    if (ecosystem === null || version === null) continue;
    const known = versions.get(`${ecosystem}\n${name}\n${version}`);
    if (!known) {
      const key = packageKey(ecosystem, name);
      versions.set(`${ecosystem}\n${name}\n${version}`, { key, places: [component] });
    } else if (isDevelopment || !known.places[0].isDevelopment) known.places.push(component);
    else known.places.unshift(component);
  }
  const byKey = new Map<string, Places[]>();
  for (const { key, places } of versions.values()) {
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
): ScanMatch {
  return {
    ...rest,
    component: places[0],
    ids: [name, ...ids.filter((each) => each !== name)],
    score: score === null ? null : Number(score),
    exploitedSince: exploitedSince?.toString() ?? null,
    fixedIn: latestOf(places[0].ecosystem ?? '', fixes),
    path,
  };
}

/** Where advisories of one vulnerability name several fixes, the one that satisfies them all. */
function latestOf(ecosystem: string, fixes: readonly string[]): string | null {
  const scheme = schemeOf(ecosystem);
  if (!scheme) return fixes[0] ?? null;
  const read = fixes.flatMap((text) => {
    const version = scheme.read(text);
    return version === null ? [] : [{ text, version }];
  });
  return read.toSorted((a, b) => scheme.compare(b.version, a.version))[0]?.text ?? null;
}

function shortestPaths(inventory: Inventory): (places: Places) => readonly string[] {
  const paths = pathsOf(inventory);
  const names = new Map(inventory.components.map(({ ref, name }) => [ref, name]));
  return (places) => {
    const found = places
      .map(({ ref }): readonly string[] => paths.get(ref) ?? [])
      .filter(({ length }) => length > 0);
    const [shortest = []] = found.toSorted((a, b) => a.length - b.length);
    return shortest.map((ref) => names.get(ref) ?? ref);
  };
}

const order: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'none', 'unknown'];

function worstFirst(a: ScanMatch, b: ScanMatch): number {
  return (
    order.indexOf(a.severity) - order.indexOf(b.severity) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    (a.component.name < b.component.name ? -1 : 1)
  );
}

/** Components of an ecosystem of which the register has no advisory: nothing can be said of them. */
interface ScanUnjudged {
  readonly ecosystem: string;
  readonly components: number;
}

/** What of some inventories cannot be judged, by ecosystem; what is of none is not counted. */
export async function unjudgedComponents(
  db: Db,
  inventories: readonly Inventory[],
): Promise<readonly ScanUnjudged[]> {
  const counts = new Map<string, number>();
  for (const { ecosystem } of inventories.flatMap(({ components }) => components)) {
    const family = ecosystem === null ? null : familyOf(ecosystem);
    if (family !== null) counts.set(family, (counts.get(family) ?? 0) + 1);
  }
  const { rows } = await sql<{ family: string }>`
    select family from unnest(${[...counts.keys()]}::text[]) as t (family)
    where not exists (
      select from advisory_package where starts_with(package_key, family || '/'))
    order by family`.execute(db);
  return rows.map(({ family }) => ({ ecosystem: family, components: counts.get(family) ?? 0 }));
}
