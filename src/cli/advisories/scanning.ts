import { readAffected } from '../../advisories/affected.ts';
import { familyOf } from '../../advisories/packages.ts';
import { type Severity, severities } from '../../advisories/severity.ts';
import { schemeOf } from '../../advisories/versions/ecosystems.ts';
import type { Scheme } from '../../advisories/versions/scheme.ts';
import type { Component, Inventory } from '../../inventory/component.ts';
import { pathsOf } from '../../inventory/paths.ts';
import type { AdvisoryStore, StoredAdvisory } from './store.ts';

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

/** Components that nothing can be said of: the store has no advisories of their ecosystem. */
export interface Unjudged {
  readonly ecosystem: string;
  readonly components: number;
}

/** What of an inventory the store cannot judge, by ecosystem; what is of none is not counted. */
export function unjudgedOf(inventory: Inventory, store: AdvisoryStore): readonly Unjudged[] {
  const counts = new Map<string, number>();
  for (const { ecosystem } of inventory.components) {
    const family = ecosystem === null ? null : familyOf(ecosystem);
    if (family !== null) counts.set(family, (counts.get(family) ?? 0) + 1);
  }
  return [...counts]
    .filter(([family]) => !store.knows(family))
    .map(([ecosystem, components]) => ({ ecosystem, components }));
}

/** Matches everything an inventory holds against the store: each package in each version once. */
export function scanInventory(inventory: Inventory, store: AdvisoryStore): readonly Match[] {
  const names = new Map(inventory.components.map(({ ref, name }) => [ref, name]));
  const found = onceEach(inventory.components).flatMap((places) =>
    matchesOf(places[0], store).map((match) => ({ match, places })),
  );
  const paths = found.length === 0 ? null : pathsOf(inventory);
  return found
    .map(({ match, places }) => {
      const path = places
        .map(({ ref }): readonly string[] => paths?.get(ref) ?? [])
        .filter(({ length }) => length > 0)
        .toSorted((x, y) => x.length - y.length)[0];
      return { ...match, path: (path ?? []).map((ref) => names.get(ref) ?? ref) };
    })
    .toSorted(worstFirst);
}

/** The places at which a package lies in one version; what is needed to run comes first. */
function onceEach(components: readonly Component[]): readonly [Component, ...Component[]][] {
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

interface Merged {
  readonly names: Set<string>;
  readonly advisories: StoredAdvisory[];
  readonly fixes: string[];
}

function matchesOf(component: Component, store: AdvisoryStore): readonly Omit<Match, 'path'>[] {
  const { ecosystem, name, version } = component;
  if (ecosystem === null || version === null) return [];
  let merged: readonly Merged[] = [];
  for (const { advisory, affected } of store.about(ecosystem, name)) {
    const versions = readAffected(affected);
    if (!versions.includes(version)) continue;
    const fix = versions.nextFix(version);
    merged = joinedWith(merged, {
      names: new Set([advisory.id, ...advisory.aliases]),
      advisories: [advisory],
      fixes: fix === null ? [] : [fix],
    });
  }
  const scheme = schemeOf(ecosystem);
  return merged.map(({ names, advisories, fixes }) => {
    const worst = advisories.toSorted((a, b) => rank(a.severity) - rank(b.severity))[0];
    return {
      component,
      ids: [...names],
      summary: advisories.find(({ summary }) => summary !== '')?.summary ?? '',
      severity: worst?.severity ?? 'unknown',
      score: worst?.score ?? null,
      vector: worst?.vector ?? null,
      ...store.threatOf([...names]),
      fixedIn: scheme === null ? (fixes[0] ?? null) : latestOf(scheme, fixes),
    };
  });
}

/** One more advisory; whatever shares a name with it is one vulnerability from now on. */
function joinedWith(merged: readonly Merged[], one: Merged): readonly Merged[] {
  const isSame = ({ names }: Merged): boolean => [...one.names].some((name) => names.has(name));
  const all = [...merged.filter(isSame), one];
  const whole: Merged = {
    names: new Set(all.flatMap(({ names }) => [...names])),
    advisories: all.flatMap(({ advisories }) => advisories),
    fixes: all.flatMap(({ fixes }) => fixes),
  };
  return [...merged.filter((other) => !isSame(other)), whole];
}

/** Where advisories of one vulnerability name several fixes, the one that satisfies them all. */
function latestOf(scheme: Scheme, fixes: readonly string[]): string | null {
  const read = fixes.flatMap((text) => {
    const version = scheme.read(text);
    return version === null ? [] : [{ text, version }];
  });
  return read.toSorted((a, b) => scheme.compare(b.version, a.version))[0]?.text ?? null;
}

export function rank(severity: Severity): number {
  return severities.indexOf(severity);
}

function worstFirst(a: Match, b: Match): number {
  return (
    Number(b.exploitedSince !== null) - Number(a.exploitedSince !== null) ||
    rank(a.severity) - rank(b.severity) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    (a.component.name < b.component.name ? -1 : 1)
  );
}
