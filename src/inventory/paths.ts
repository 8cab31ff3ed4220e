import type { Inventory } from './component.ts';

/**
 * Why each component is there: the shortest way to it from what the software itself asks for, `ref` by
 * `ref`, itself last. What the file does not connect has none; cycles end where they began.
 */
export function pathsOf({ roots, dependsOn }: Inventory): ReadonlyMap<string, readonly string[]> {
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
  return new Map(waiting.map((ref) => [ref, walkBack(cameFrom, ref)]));
}

function walkBack(cameFrom: ReadonlyMap<string, string | null>, ref: string): readonly string[] {
  const path = [ref];
  for (let at = cameFrom.get(ref) ?? null; at !== null; at = cameFrom.get(at) ?? null)
    path.push(at);
  return path.reverse();
}
