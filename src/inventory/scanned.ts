import { familyOf } from '../advisories/packages.ts';
import { type Severity, severities } from '../advisories/severity.ts';
import { schemeOf } from '../advisories/versions/ecosystems.ts';
import type { Component, Inventory } from './component.ts';
import { pathsOf } from './paths.ts';

/** What a scan says, whoever makes it: the command line from its own store, a server from its register. */

/** One vulnerability of one component, whatever names it goes by. */
export interface Match {
  readonly component: Component;
  /** Every name it is known by, the one shown first. */
  readonly ids: readonly string[];
  readonly summary: string;
  readonly severity: Severity;
  readonly score: number | null;
  readonly vector: string | null;
  /** Day on which CISA listed it as exploited; null where it has not. */
  readonly exploitedSince: string | null;
  /** Likelihood of exploitation within 30 days, 0 to 1 (EPSS). */
  readonly likelihood: number | null;
  /** The smallest fixed version above the one that is there; null where there is none. */
  readonly fixedIn: string | null;
  /** Names of packages from what the software asks for to the component; empty where unknown. */
  readonly path: readonly string[];
}

/** Components that nothing can be said of: no advisories of their ecosystem are known. */
export interface Unjudged {
  readonly ecosystem: string;
  readonly components: number;
}

/** The places at which a package lies in one version; what is needed to run comes first. */
export type Places = readonly [Component, ...Component[]];

/** Each package in each version once, with all its places. */
export function onceEach(components: readonly Component[]): readonly Places[] {
  const places = new Map<string, [Component, ...Component[]]>();
  for (const component of components) {
    const key = `${component.ecosystem}\n${component.name}\n${component.version}`;
    const known = places.get(key);
    if (!known) places.set(key, [component]);
    else if (component.isDevelopment || !known[0].isDevelopment) known.push(component);
    else known.unshift(component);
  }
  return [...places.values()];
}

/** Names on the shortest way to any of the places; empty where the file does not tell. */
export function shortestPaths(inventory: Inventory): (places: Places) => readonly string[] {
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

/** Where advisories of one vulnerability name several fixes, the one that satisfies them all. */
export function latestFix(ecosystem: string, fixes: readonly string[]): string | null {
  const scheme = schemeOf(ecosystem);
  if (!scheme) return fixes[0] ?? null;
  const read = fixes.flatMap((text) => {
    const version = scheme.read(text);
    return version === null ? [] : [{ text, version }];
  });
  return read.toSorted((a, b) => scheme.compare(b.version, a.version))[0]?.text ?? null;
}

/** How many components there are of each ecosystem, without its release; those of none are not counted. */
export function countByFamily(components: readonly Component[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { ecosystem } of components) {
    const family = ecosystem === null ? null : familyOf(ecosystem);
    if (family !== null) counts.set(family, (counts.get(family) ?? 0) + 1);
  }
  return counts;
}

export function rank(severity: Severity): number {
  return severities.indexOf(severity);
}

/** What is exploited comes first, then what is worse. */
export function worstFirst(a: Match, b: Match): number {
  return (
    Number(b.exploitedSince !== null) - Number(a.exploitedSince !== null) ||
    rank(a.severity) - rank(b.severity) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    (a.component.name < b.component.name ? -1 : 1)
  );
}
