import { type Bits, hasBit } from './mining.bits.ts';
import type { Graph } from './mining.graph.ts';

/** Comparisons that are left to all searches of one relation: counted, not timed, so that it repeats. */
export interface Effort {
  left: number;
}

/** Comparisons after which one search for one clique less is given up: a fraction of a second. */
const MOST_COMPARISONS = 50_000_000;
/** Nodes × cliques beyond which a search could make but a few moves, and is not begun. */
const MOST_CELLS = 5_000_000;

/**
 * The nodes of a cover in one clique less, or undefined where none was found. The nodes of the
 * smallest clique go where they are least in the way; then, over and over, the node is moved whose
 * move leaves the fewest nodes together that are not near, and may not come back for a while
 * (A. Hertz and D. de Werra, Using tabu search techniques for graph coloring, 1987).
 */
export function withOneLess(
  graph: Graph,
  cliques: readonly (readonly number[])[],
  { chance, effort }: { readonly chance: () => number; readonly effort: Effort },
): number[][] | undefined {
  if (cliques.length < 2 || graph.near.length * cliques.length > MOST_CELLS) return undefined;
  const sorted = cliques.toSorted((a, b) => b.length - a.length);
  const places = new Places(graph, sorted.slice(0, -1), sorted.at(-1) as readonly number[]);
  const { length: size } = graph.near;
  const round = size * (cliques.length + 2);
  const least = Math.max(0, effort.left - MOST_COMPARISONS);
  effort.left -= size * size;
  for (let n = 0; effort.left > least; n++) {
    if (places.strangers === 0) return places.cliques();
    places.improve(n, chance);
    effort.left -= round;
  }
  return undefined;
}

/** Where each node is, and how many of each clique it is not near. */
class Places {
  readonly #graph: Graph;
  readonly #count: number;
  readonly #at: Uint32Array;
  /** Node × clique: how many members of the clique the node is not near. */
  readonly #strange: Int32Array;
  /** Node × clique: the round until which the node may not come back. */
  readonly #barred: Int32Array;
  /** Pairs of nodes that are together and not near. */
  strangers = 0;

  constructor(graph: Graph, cliques: readonly (readonly number[])[], loose: readonly number[]) {
    const size = graph.near.length;
    this.#graph = graph;
    this.#count = cliques.length;
    this.#at = new Uint32Array(size);
    this.#strange = new Int32Array(size * cliques.length);
    this.#barred = new Int32Array(size * cliques.length);
    cliques.forEach((clique, place) => {
      for (const node of clique) this.#enter(node, place);
    });
    for (const node of loose) this.#enter(node, this.#leastStrange(node));
  }

  /** Makes the best move that is not barred, even where it is for the worse. */
  improve(round: number, chance: () => number): void {
    const { node, place, torn } = this.#bestMove(round, chance);
    if (node < 0) return;
    const from = this.#at[node] as number;
    this.#leave(node);
    this.#enter(node, place);
    const rounds = Math.floor(chance() * 10 + 0.6 * torn);
    this.#barred[node * this.#count + from] = round + rounds;
  }

  cliques(): number[][] {
    const cliques: number[][] = Array.from({ length: this.#count }, () => []);
    this.#at.forEach((place, node) => {
      cliques[place]?.push(node);
    });
    return cliques.filter((clique) => clique.length > 0);
  }

  #bestMove(round: number, chance: () => number) {
    let best = { node: -1, place: 0 };
    let least = Number.POSITIVE_INFINITY;
    let equal = 0;
    let torn = 0;
    for (let node = 0; node < this.#at.length; node++) {
      const row = node * this.#count;
      const own = this.#strange[row + (this.#at[node] as number)] as number;
      if (own === 0) continue;
      torn += 1;
      for (let place = 0; place < this.#count; place++) {
        if (place === this.#at[node]) continue;
        const change = (this.#strange[row + place] as number) - own;
        if (change > least) continue;
        // A barred move is made all the same where it leads to the goal.
        if ((this.#barred[row + place] as number) > round && this.strangers + change > 0) continue;
        equal = change < least ? 1 : equal + 1;
        if (equal === 1 || chance() * equal < 1) best = { node, place };
        least = change;
      }
    }
    return { ...best, torn };
  }

  #leastStrange(node: number): number {
    let least = 0;
    const row = node * this.#count;
    for (let place = 1; place < this.#count; place++) {
      if ((this.#strange[row + place] as number) < (this.#strange[row + least] as number))
        least = place;
    }
    return least;
  }

  #enter(node: number, place: number): void {
    this.#at[node] = place;
    this.strangers += this.#strange[node * this.#count + place] as number;
    this.#tell(node, place, 1);
  }

  #leave(node: number): void {
    const place = this.#at[node] as number;
    this.strangers -= this.#strange[node * this.#count + place] as number;
    this.#tell(node, place, -1);
  }

  #tell(node: number, place: number, change: 1 | -1): void {
    const near = this.#graph.near[node] as Bits;
    for (let other = 0; other < this.#at.length; other++) {
      if (hasBit(near, other)) continue;
      const cell = other * this.#count + place;
      this.#strange[cell] = (this.#strange[cell] as number) + change;
    }
  }
}
