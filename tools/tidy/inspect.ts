import type { House } from './house.ts';
import type { Covered, Finding, Rule } from './rule.ts';

export interface Inspection {
  /** `path:line rule message`, in the order of the paths. */
  readonly lines: readonly string[];
  /** What was looked at, summed over the rules. */
  readonly covered: Covered;
}

/**
 * Puts every rule to the house. A house without sources is itself a finding: a tidy that saw
 * nothing must not look like a tidy that found nothing.
 */
export function inspect(house: House, rules: readonly Rule[]): Inspection {
  const covered: Record<string, number> = {
    files: house.paths.length,
    sources: house.sources.length,
  };
  const found: (Finding & { rule: string })[] = house.sources.flatMap((source) =>
    source.syntaxErrors.map((error) => ({ rule: 'syntax', path: source.path, ...error })),
  );
  if (house.sources.length === 0)
    found.push({ rule: 'tidy', path: '.', line: 1, message: 'saw no source files' });
  for (const rule of rules) {
    const verdict = rule.judge(house);
    found.push(...verdict.findings.map((finding) => ({ rule: rule.name, ...finding })));
    for (const [noun, count] of Object.entries(verdict.covered))
      covered[noun] = (covered[noun] ?? 0) + count;
  }
  found.push(...unseen(house, covered));
  found.sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
  return { lines: found.map((it) => `${it.path}:${it.line} ${it.rule} ${it.message}`), covered };
}

/** A noun counted as zero although files that hold it exist: the rule has gone blind. */
function unseen(house: House, covered: Covered) {
  const holders: readonly [string, RegExp][] = [
    ['tables', /\/migrations\/.*\.sql$/],
    ['promises', /^src\/clauses\/[^/]+\/policy\.\w+\.md$/],
    ['words', /\/words\.\w+\.json$/],
    ['functions', /^src\/.*\.ts$/],
    ['imports', /^src\/server\/.*\.ts$/],
  ];
  return holders
    .filter(([noun, path]) => covered[noun] === 0 && house.paths.some((it) => path.test(it)))
    .map(([noun]) => ({
      rule: 'tidy',
      path: '.',
      line: 1,
      message: `saw no ${noun}, though there are files that hold them`,
    }));
}
