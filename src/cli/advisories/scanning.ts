import { readAffected } from '../../advisories/affected.ts';
import type { Component, Inventory } from '../../inventory/component.ts';
import {
  countByFamily,
  latestFix,
  type Match,
  onceEach,
  rank,
  shortestPaths,
  type Unjudged,
  worstFirst,
} from '../../inventory/scanned.ts';
import type { AdvisoryStore, StoredAdvisory } from './store.ts';

/** What of an inventory the store cannot judge, by ecosystem; what is of none is not counted. */
export function unjudgedOf(inventory: Inventory, store: AdvisoryStore): readonly Unjudged[] {
  return [...countByFamily(inventory.components)]
    .filter(([family]) => !store.knows(family))
    .map(([ecosystem, components]) => ({ ecosystem, components }));
}

/** Matches everything an inventory holds against the store: each package in each version once. */
export function scanInventory(inventory: Inventory, store: AdvisoryStore): readonly Match[] {
  const found = onceEach(inventory.components).flatMap((places) =>
    matchesOf(places[0], store).map((match) => ({ match, places })),
  );
  const pathOf = found.length === 0 ? () => [] : shortestPaths(inventory);
  return found
    .map(({ match, places }) => ({ ...match, path: pathOf(places) }))
    .toSorted(worstFirst);
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
      fixedIn: latestFix(ecosystem, fixes),
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
