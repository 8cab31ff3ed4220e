import { assign, type MinedRole } from './mining.assigning.ts';
import { membersOf } from './mining.bits.ts';
import { type Cover, coverOf } from './mining.cover.ts';
import { graphOf, partsOf } from './mining.graph.ts';
import { type Access, compatibleWith, kernelOf, sharedBy } from './mining.kernel.ts';
import { type Merged, merge, type Relation } from './mining.merging.ts';

import type { Effort } from './mining.repair.ts';

export type { MinedRole } from './mining.assigning.ts';
export type { Relation } from './mining.merging.ts';

export interface Mined {
  /** Held by the most first. */
  readonly roles: readonly MinedRole[];
  /** No set of roles that gives everybody exactly what they hold is smaller than this. */
  readonly atLeast: number;
}

/** How far the search is: `done` of `total` accesses that matter. */
export interface MiningProgress {
  readonly done: number;
  readonly total: number;
}

/** Comparisons that the search for fewer roles may take: about ten seconds. */
const MOST_COMPARISONS = 1_000_000_000;
/** Beyond so many accesses in one connected part its graph would take more than 200 MB. */
const MOST_IN_GRAPH = 40_000;

/**
 * Suggests roles: few, and such that the roles of each user together give exactly what the user
 * holds, never more. The role minimisation problem, a cover of a bipartite graph by complete
 * bipartite parts (A. Ene et al., SACMAT 2008). The same relation always gives the same roles,
 * whatever the order of its pairs.
 */
export function* mineRoles(relation: Relation): Generator<MiningProgress, Mined> {
  const merged = merge(relation);
  const accesses = kernelOf(merged);
  yield { done: 0, total: accesses.length };
  const neighbours = compatibleWith(accesses, merged);
  const effort: Effort = { left: MOST_COMPARISONS };
  const roles: number[][] = [];
  let atLeast = 0;
  let done = 0;
  for (const part of partsOf(accesses.length, neighbours)) {
    const cover = coverOfPart(part, accesses, neighbours, effort);
    atLeast += cover.atLeast;
    for (const clique of cover.cliques) {
      roles.push(
        widest(
          clique.map((place) => accesses[part[place] as number] as Access),
          merged,
        ),
      );
    }
    done += part.length;
    yield { done, total: accesses.length };
  }
  return { roles: assign(roles, merged), atLeast };
}

/** The result of a search at once, for whoever need not stop it. */
export function minedRoles(relation: Relation): Mined {
  const search = mineRoles(relation);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
}

/** The better of a search and of the plain ways, which alone are left for what is too large. */
function coverOfPart(
  part: readonly number[],
  accesses: readonly Access[],
  neighbours: (n: number) => number[],
  effort: Effort,
): Cover {
  const by = (side: keyof Access): Cover => ({
    cliques: [
      ...Map.groupBy(part.keys(), (place) => accesses[part[place] as number]?.[side]).values(),
    ],
    atLeast: 1,
  });
  const plain = fewer(by('column'), by('row'));
  return part.length > MOST_IN_GRAPH
    ? plain
    : fewer(coverOf(graphOf(part, neighbours), effort), plain);
}

/** The cover with fewer cliques; what is known of the least number counts for both. */
function fewer(one: Cover, other: Cover): Cover {
  const { cliques } = other.cliques.length < one.cliques.length ? other : one;
  return { cliques, atLeast: Math.max(one.atLeast, other.atLeast) };
}

/** The columns of the widest role that gives the accesses: all that all its holders hold. */
function widest(accesses: readonly Access[], { rows, columns, rowBits, columnBits }: Merged) {
  const needed = [...new Set(accesses.map(({ column }) => column))];
  const holders = membersOf(sharedBy(needed, columnBits, rows.length));
  return membersOf(sharedBy(holders, rowBits, columns.length));
}
