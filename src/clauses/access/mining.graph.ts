import {
  type Bits,
  clearBit,
  hasBit,
  isEmpty,
  membersOf,
  noBits,
  retain,
  setBit,
} from './mining.bits.ts';

/**
 * What is compatible with what: `near[n]` holds `n` itself and all its neighbours. The least number
 * of roles is the least number of cliques that cover all nodes.
 */
export interface Graph {
  readonly near: readonly Bits[];
}

/** The parts of a graph that nothing connects, each ascending, by their least node. */
export function partsOf(size: number, neighbours: (n: number) => readonly number[]): number[][] {
  const seen = noBits(size);
  const parts: number[][] = [];
  for (let first = 0; first < size; first++) {
    if (hasBit(seen, first)) continue;
    setBit(seen, first);
    const part = [first];
    for (let at = 0; at < part.length; at++) {
      for (const next of neighbours(part[at] as number)) {
        if (hasBit(seen, next)) continue;
        setBit(seen, next);
        part.push(next);
      }
    }
    parts.push(part.sort((a, b) => a - b));
  }
  return parts;
}

/** The graph of some nodes alone, numbered by their places in `nodes`. */
export function graphOf(
  nodes: readonly number[],
  neighbours: (n: number) => readonly number[],
): Graph {
  const places = new Map(nodes.map((node, place) => [node, place]));
  const near = nodes.map((node) => {
    const bits = noBits(nodes.length);
    for (const other of neighbours(node)) {
      const place = places.get(other);
      if (place !== undefined) setBit(bits, place);
    }
    return bits;
  });
  return { near };
}

/** A graph without its dominated nodes, and whom each of those follows. */
interface Reduced {
  readonly remaining: readonly number[];
  /** In the order in which they were dropped; `after` may itself be dropped later. */
  readonly dropped: readonly { readonly node: number; readonly after: number }[];
}

/**
 * Drops nodes, one after the other, until none is dominated: where all that is near `e` is near `f`,
 * whichever clique covers `e` can take `f` along. The least number of cliques stays what it was.
 */
export function reduce({ near }: Graph): Reduced {
  const size = near.length;
  const left = noBits(size);
  for (let n = 0; n < size; n++) setBit(left, n);
  const nearLeft = near.map((bits) => bits.slice());
  const dropped: { node: number; after: number }[] = [];
  const waiting = Array.from({ length: size }, (_, n) => n);
  const queued = left.slice();
  // Whether `e` dominates anything changes only where a neighbour of `e` has gone.
  for (let at = 0; at < waiting.length; at++) {
    const e = waiting[at] as number;
    clearBit(queued, e);
    if (!hasBit(left, e)) continue;
    for (const f of followersOf(e, nearLeft)) {
      dropped.push({ node: f, after: e });
      clearBit(left, f);
      for (const other of membersOf(nearLeft[f] as Bits)) {
        clearBit(nearLeft[other] as Bits, f);
        if (hasBit(queued, other) || !hasBit(left, other)) continue;
        setBit(queued, other);
        waiting.push(other);
      }
    }
  }
  return { remaining: membersOf(left), dropped };
}

/**
 * Neighbours beside each other are near the same; far from each other, they soon have nothing in
 * common. A prime beyond the size of any graph, so that each neighbour has its turn once.
 */
const STRIDE = 1_000_003;

/** The nodes near everything that is near `e`; mostly none, which shows soon. */
function followersOf(e: number, near: readonly Bits[]): number[] {
  const own = near[e] as Bits;
  const followers = own.slice();
  clearBit(followers, e);
  const members = membersOf(own);
  for (let n = 0; n < members.length; n++) {
    if (isEmpty(followers)) return [];
    const other = members[(n * STRIDE) % members.length] as number;
    retain(followers, near[other] as Bits);
  }
  return membersOf(followers);
}
