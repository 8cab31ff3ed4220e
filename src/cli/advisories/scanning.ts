import { readAffected } from '../../advisories/affected.ts';
import { type Severity, severities } from '../../advisories/severity.ts';
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
  /** The smallest fixed version above the one that is there; null where there is none. */
  readonly fixedIn: string | null;
  /** Names of packages from what the software asks for to the component; empty where unknown. */
  readonly path: readonly string[];
}

/** Matches everything an inventory holds against the store. */
export function scanInventory(inventory: Inventory, store: AdvisoryStore): readonly Match[] {
  const names = new Map(inventory.components.map(({ ref, name }) => [ref, name]));
  const found = inventory.components.flatMap((component) => matchesOf(component, store));
  const paths = found.length === 0 ? new Map() : pathsOf(inventory);
  return found
    .map((match) => ({
      ...match,
      path: (paths.get(match.component.ref) ?? []).map((ref: string) => names.get(ref) ?? ref),
    }))
    .toSorted(worstFirst);
}

function matchesOf(component: Component, store: AdvisoryStore): readonly Omit<Match, 'path'>[] {
  const { ecosystem, name, version } = component;
  if (ecosystem === null || version === null) return [];
  const merged: { names: Set<string>; advisories: StoredAdvisory[]; fixes: string[] }[] = [];
  for (const { advisory, affected } of store.about(ecosystem, name)) {
    const versions = readAffected(affected);
    if (!versions.includes(version)) continue;
    const names = [advisory.id, ...advisory.aliases];
    const same = merged.find((one) => names.some((each) => one.names.has(each)));
    const into = same ?? { names: new Set<string>(), advisories: [], fixes: [] };
    if (!same) merged.push(into);
    for (const each of names) into.names.add(each);
    into.advisories.push(advisory);
    const fix = versions.nextFix(version);
    if (fix !== null) into.fixes.push(fix);
  }
  return merged.map(({ names, advisories, fixes }) => {
    const worst = advisories.toSorted((a, b) => rank(a.severity) - rank(b.severity))[0];
    return {
      component,
      ids: [...names],
      summary: advisories.find(({ summary }) => summary !== '')?.summary ?? '',
      severity: worst?.severity ?? 'unknown',
      score: worst?.score ?? null,
      vector: worst?.vector ?? null,
      fixedIn: fixes[0] ?? null,
    };
  });
}

export function rank(severity: Severity): number {
  return severities.indexOf(severity);
}

function worstFirst(a: Match, b: Match): number {
  return (
    rank(a.severity) - rank(b.severity) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    (a.component.name < b.component.name ? -1 : 1)
  );
}
