import type { House } from './house.ts';
import { resolveRelative } from './rooms.ts';
import type { Finding, Rule } from './rule.ts';

/**
 * No file needs itself to load. Type-only imports are erased and imports by call come later, so
 * neither counts.
 */
export const cycles: Rule = {
  name: 'cycles',
  judge(house: House) {
    const graph = new Map<string, { target: string; line: number }[]>();
    for (const source of house.sources) {
      const edges = source.imports
        .filter((one) => !one.typeOnly && !one.dynamic)
        .flatMap(({ specifier, line }) => {
          const target = resolveRelative(source.path, specifier);
          return target !== undefined && house.source(target) ? [{ target, line }] : [];
        });
      graph.set(source.path, edges);
    }
    return { findings: cyclesOf(graph), covered: {} };
  },
};

/** Depth-first; an edge to a file that is still being visited closes a cycle. */
function cyclesOf(
  graph: ReadonlyMap<string, readonly { target: string; line: number }[]>,
): Finding[] {
  const findings: Finding[] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    trail.push(path);
    for (const { target, line } of graph.get(path) ?? []) {
      if (finished.has(target)) continue;
      const since = trail.indexOf(target);
      if (since === -1) visit(target);
      else {
        const round = [...trail.slice(since), target].join(' → ');
        findings.push({ path, line, message: `import cycle ${round}` });
      }
    }
    trail.pop();
    finished.add(path);
  };
  for (const path of graph.keys()) if (!finished.has(path)) visit(path);
  return findings;
}
