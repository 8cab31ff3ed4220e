import { type Bits, countBits, hasBit, membersOf, retain } from './mining.bits.ts';
import { type Graph, graphOf, partsOf, reduce } from './mining.graph.ts';
import { type Effort, withOneLess } from './mining.repair.ts';

/** Cliques that cover all nodes of a graph, each node in one. */
export interface Cover {
  readonly cliques: readonly (readonly number[])[];
  /** No cover has fewer: so many nodes are not near each other, each needs a clique of its own. */
  readonly atLeast: number;
}

/** Rounds without a better cover after which the search of a part ends. */
const PATIENCE = 3000;
/** Comparisons that the laying of one part may take; what is left then is better spent on repair. */
const MOST_LAID = 100_000_000;
/** What it costs to lay a node in another order, in comparisons. */
const COSTLY = 50;
/** Tries for a bound, and how many steps they may take: below a second. */
const BOUND_TRIES = 50;
const MOST_BOUND_STEPS = 10_000_000;

/**
 * Few cliques that cover a graph: domination first, which leaves little, then a search in what it
 * leaves. Each round lays the cliques of the last in another order, one after the other, and fills
 * new ones in that order; nodes of one clique stand together, so a round never needs more cliques
 * than the one before, and now and then fewer (iterated greedy of J. Culberson and F. Luo, 1996).
 * Deterministic: chance comes from a generator with a fixed seed, and rounds are counted, not timed.
 */
export function coverOf(graph: Graph, effort: Effort): Cover {
  const { remaining, dropped } = reduce(graph);
  const neighbours = neighboursIn(graph);
  const rest = graphOf(remaining, neighbours);
  const cliqueOf = new Map<number, number[]>();
  let atLeast = 0;
  const cliques: number[][] = [];
  for (const part of partsOf(remaining.length, neighboursIn(rest))) {
    const found = search(graphOf(part, neighboursIn(rest)), effort);
    atLeast += found.atLeast;
    for (const clique of found.cliques) {
      const nodes = clique.map((place) => remaining[part[place] as number] as number);
      cliques.push(nodes);
      for (const node of nodes) cliqueOf.set(node, nodes);
    }
  }
  // Last dropped, first back: then all that its clique holds was there when it was dropped.
  for (const { node, after } of dropped.toReversed()) {
    const clique = cliqueOf.get(after) as number[];
    clique.push(node);
    cliqueOf.set(node, clique);
  }
  return { cliques, atLeast };
}

const neighboursIn =
  ({ near }: Graph) =>
  (n: number): number[] =>
    membersOf(near[n] as Bits);

function search(graph: Graph, effort: Effort): Cover {
  const size = graph.near.length;
  if (size === 1) return { cliques: [[0]], atLeast: 1 };
  const chance = seeded(size);
  let best = fill(graph, byDegree(graph));
  let current = best;
  const atLeast = boundOf(graph, chance);
  const least = Math.max(0, effort.left - MOST_LAID);
  for (let idle = 0; idle < PATIENCE && best.length > atLeast && effort.left > least; idle++) {
    effort.left -= size * (current.length + COSTLY);
    current = fill(graph, rearranged(current, chance));
    if (current.length < best.length) {
      best = current;
      idle = 0;
    }
  }
  while (best.length > atLeast) {
    const better = withOneLess(graph, best, { chance, effort });
    if (better === undefined) break;
    best = better;
  }
  return { cliques: best, atLeast };
}

/** Each node goes to the first clique that takes it. */
function fill({ near }: Graph, order: readonly number[]): number[][] {
  const cliques: number[][] = [];
  const open: Bits[] = [];
  for (const node of order) {
    const place = open.findIndex((bits) => hasBit(bits, node));
    if (place < 0) {
      cliques.push([node]);
      open.push((near[node] as Bits).slice());
    } else {
      cliques[place]?.push(node);
      retain(open[place] as Bits, near[node] as Bits);
    }
  }
  return cliques;
}

/** The nodes that fit least come first. */
function byDegree({ near }: Graph): number[] {
  const degrees = near.map(countBits);
  return degrees
    .map((_, n) => n)
    .sort((a, b) => (degrees[a] as number) - (degrees[b] as number) || a - b);
}

function rearranged(cliques: readonly (readonly number[])[], chance: () => number): number[] {
  const way = chance();
  if (way < 0.4) return cliques.toReversed().flat();
  if (way < 0.7) return cliques.toSorted((a, b) => b.length - a.length).flat();
  return shuffled(cliques, chance).flatMap((clique) => shuffled(clique, chance));
}

function shuffled<T>(list: readonly T[], chance: () => number): T[] {
  const all = [...list];
  for (let n = all.length - 1; n > 0; n--) {
    const m = Math.floor(chance() * (n + 1));
    [all[n], all[m]] = [all[m] as T, all[n] as T];
  }
  return all;
}

/** The most nodes that some tries find of which no two are near; fewer tries in large graphs. */
function boundOf(graph: Graph, chance: () => number): number {
  const tries = Math.min(BOUND_TRIES, Math.ceil(MOST_BOUND_STEPS / graph.near.length ** 2));
  let most = 1;
  for (let n = 0; n < tries; n++) most = Math.max(most, apart(graph, chance));
  return most;
}

/** How many nodes can be taken of which no two are near: least degree first, ties by chance. */
function apart({ near }: Graph, chance: () => number): number {
  // The fraction breaks ties, and differently each time.
  const degrees = near.map((bits) => countBits(bits) + chance());
  const left = new Set(near.keys());
  let taken = 0;
  for (; left.size > 0; taken++) {
    let chosen = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const node of left) {
      if ((degrees[node] as number) < least) [least, chosen] = [degrees[node] as number, node];
    }
    for (const gone of membersOf(near[chosen] as Bits)) {
      if (!left.delete(gone)) continue;
      for (const other of membersOf(near[gone] as Bits))
        degrees[other] = (degrees[other] as number) - 1;
    }
  }
  return taken;
}

/** Numbers from 0 up to 1, the same for the same seed (a multiplicative generator of 2³¹ − 1). */
function seeded(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
