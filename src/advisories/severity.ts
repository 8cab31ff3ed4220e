import { CvssFault, scoreVector } from './cvss.ts';
import type { OsvAdvisory } from './osv.ts';

/** From worst to least; `unknown` where nobody has said. */
export const severities = ['critical', 'high', 'medium', 'low', 'none', 'unknown'] as const;
export type Severity = (typeof severities)[number];

export interface Rated {
  readonly severity: Severity;
  /** Base score, 0 to 10; null where only a word was given, or nothing. */
  readonly score: number | null;
  readonly vector: string | null;
}

/** Newer versions of CVSS count before older ones. */
const kinds = ['CVSS_V4', 'CVSS_V3', 'CVSS_V2'];

/** How bad an advisory says it is: by its newest vector, else by the word of its database. */
export function ratingOf(advisory: OsvAdvisory): Rated {
  const given = [
    ...(advisory.severity ?? []),
    ...(advisory.affected ?? []).flatMap(({ severity }) => severity ?? []),
  ];
  for (const kind of kinds) {
    for (const { type, score: vector } of given) {
      const score = type === kind ? scoreOrNull(vector) : null;
      if (score !== null) return { severity: severityOf(score), score, vector };
    }
  }
  const word = String(advisory.database_specific?.['severity'] ?? '').toLowerCase();
  return { severity: words[word] ?? 'unknown', score: null, vector: null };
}

const words: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
};

/** The words of CVSS 3 and 4 (FIRST, "Qualitative Severity Rating Scale"). */
export function severityOf(score: number): Severity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'none';
}

/** Vectors recur by the thousand, and scoring one costs more than reading its advisory. */
const scored = new Map<string, number | null>();
const scoredLimit = 20_000;

function scoreOrNull(vector: string): number | null {
  const known = scored.get(vector);
  if (known !== undefined) return known;
  const score = baseOrNull(vector);
  // Of strangers: neither many nor long.
  if (scored.size < scoredLimit && vector.length < 200) scored.set(vector, score);
  return score;
}

function baseOrNull(vector: string): number | null {
  try {
    return scoreVector(vector).base;
  } catch (error) {
    if (error instanceof CvssFault) return null;
    throw error;
  }
}
