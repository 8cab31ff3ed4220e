import type { Inventory } from './component.ts';

/** Why components are there, each worked out when it is asked for. */
export interface Paths {
  /** From what the software asks for to the component, `ref` by `ref`; undefined where nothing leads to it. */
  get(ref: string): readonly string[] | undefined;
  /** Components that something leads to. */
  keys(): Iterable<string>;
  values(): Iterable<readonly string[]>;
}

/** Longer ones tell nobody anything, and a chain of a million would fill any memory. */
const limitSteps = 100;
/** Stands for the beginning of a path that is longer. */
const left = '…';

/**
 * Why each component is there: the shortest way to it from what the software itself asks for, `ref` by
 * `ref`, itself last. What the file does not connect has none; cycles end where they began. Of a way
 * longer than a hundred steps the end is given, behind `…`.
 */
export function pathsOf({ roots, dependsOn }: Inventory): Paths {
  const cameFrom = new Map<string, string | null>(roots.map((root) => [root, null]));
  const waiting = [...cameFrom.keys()];
  for (let at = 0; at < waiting.length; at += 1) {
    const from = waiting[at] as string;
    for (const to of dependsOn.get(from) ?? []) {
      if (cameFrom.has(to)) continue;
      cameFrom.set(to, from);
      waiting.push(to);
    }
  }
  return {
    get: (ref) => (cameFrom.has(ref) ? walkBack(cameFrom, ref) : undefined),
    keys: () => waiting,
    values: () => waiting.map((ref) => walkBack(cameFrom, ref)),
  };
}

function walkBack(cameFrom: ReadonlyMap<string, string | null>, ref: string): readonly string[] {
  const path = [ref];
  for (let at = cameFrom.get(ref) ?? null; at !== null; at = cameFrom.get(at) ?? null) {
    if (path.length === limitSteps) {
      path.push(left);
      break;
    }
    path.push(at);
  }
  return path.reverse();
}
