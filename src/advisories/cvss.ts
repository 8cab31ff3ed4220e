import calculator from 'ae-cvss-calculator';

const { Cvss2, Cvss3P0, Cvss3P1, Cvss4P0 } = calculator;

export type CvssVersion = '2.0' | '3.0' | '3.1' | '4.0';

/** What a vector comes to, each from 0 to 10 in tenths. */
export interface CvssScores {
  readonly version: CvssVersion;
  readonly base: number;
  /** With the threat or temporal metrics of the vector; the base where it has none. */
  readonly temporal: number;
  /** With all metrics of the vector; what ranks the vulnerability. */
  readonly environmental: number;
}

/** What an asset's loss would do, per property: 1 low, 2 moderate, 3 high (FIPS 199). */
export interface Requirements {
  readonly confidentiality: number;
  readonly integrity: number;
  readonly availability: number;
}

/** Why a text is no CVSS vector. */
export class CvssFault extends Error {
  override readonly name = 'CvssFault';
}

interface Kind {
  readonly version: CvssVersion;
  readonly prefix: string;
  /** Metrics of the base, all of which a vector has. */
  readonly base: readonly string[];
  readonly score: (vector: string) => Omit<CvssScores, 'version'>;
}

const kinds: readonly Kind[] = [
  {
    version: '4.0',
    prefix: 'CVSS:4.0/',
    base: ['AV', 'AC', 'AT', 'PR', 'UI', 'VC', 'VI', 'VA', 'SC', 'SI', 'SA'],
    score(vector) {
      const { overall, threat, baseMetricsOnly } = new Cvss4P0(vector).calculateScores();
      const base = baseMetricsOnly ?? overall;
      return { base, temporal: threat ?? base, environmental: overall };
    },
  },
  {
    version: '3.1',
    prefix: 'CVSS:3.1/',
    base: ['AV', 'AC', 'PR', 'UI', 'S', 'C', 'I', 'A'],
    score: (vector) => scoresOf(new Cvss3P1(withRequirement(vector)).calculateScores()),
  },
  {
    version: '3.0',
    prefix: 'CVSS:3.0/',
    base: ['AV', 'AC', 'PR', 'UI', 'S', 'C', 'I', 'A'],
    score: (vector) => scoresOf(new Cvss3P0(withRequirement(vector)).calculateScores()),
  },
  {
    version: '2.0',
    prefix: '',
    base: ['AV', 'AC', 'Au', 'C', 'I', 'A'],
    score: (vector) => scoresOf(new Cvss2(vector).calculateScores()),
  },
];

/**
 * Scores a vector of CVSS 2.0, 3.0, 3.1 or 4.0 (first.org/cvss).
 *
 * @throws CvssFault where a metric of the base is missing, one stands there twice, or one is unknown
 */
export function scoreVector(vector: string): CvssScores {
  const { kind, metrics } = readVector(vector);
  return score(kind, metrics);
}

/**
 * Scores a vector for one asset: its requirements become the vector's security requirements
 * (CR, IR, AR), unless the vector states its own.
 *
 * @throws CvssFault
 */
export function scoreForAsset(vector: string, requirements: Requirements): CvssScores {
  const { kind, metrics } = readVector(vector);
  const asked = new Map([
    ['CR', levelOf(requirements.confidentiality)],
    ['IR', levelOf(requirements.integrity)],
    ['AR', levelOf(requirements.availability)],
  ]);
  for (const [name, value] of asked) {
    const own = metrics.get(name);
    if (own === undefined || own === 'X' || own === 'ND') metrics.set(name, value);
  }
  return score(kind, metrics);
}

function score(kind: Kind, metrics: ReadonlyMap<string, string>): CvssScores {
  const vector = write(kind, metrics);
  try {
    return { version: kind.version, ...kind.score(vector) };
  } catch (cause) {
    if (cause instanceof CvssFault) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CvssFault(`"${shown(vector)}" cannot be scored: ${reason}`, { cause });
  }
}

function levelOf(requirement: number): string {
  if (requirement >= 3) return 'H';
  return requirement <= 1 ? 'L' : 'M';
}

function readVector(vector: string): { kind: Kind; metrics: Map<string, string> } {
  const text = vector.trim().replace(/^\((.*)\)$/, '$1');
  const kind = kinds.find(({ prefix }) => text.startsWith(prefix));
  if (!kind || (kind.prefix === '' && text.startsWith('CVSS:'))) {
    throw new CvssFault(
      `"${shown(vector)}" is of no version of CVSS that is known: 2.0, 3.0, 3.1, 4.0`,
    );
  }
  const metrics = new Map<string, string>();
  for (const part of text.slice(kind.prefix.length).split('/')) {
    const found = /^([A-Za-z]{1,3}):([A-Za-z]{1,6})$/.exec(part);
    if (!found) throw new CvssFault(`"${shown(part)}" is no metric of "${shown(vector)}"`);
    const [, name = '', value = ''] = found;
    if (metrics.has(name)) throw new CvssFault(`${name} stands twice in "${shown(vector)}"`);
    metrics.set(name, value);
  }
  const missing = kind.base.filter((name) => !metrics.has(name));
  if (missing.length > 0) {
    throw new CvssFault(`"${shown(vector)}" lacks ${missing.join(', ')}`);
  }
  return { kind, metrics };
}

function write(kind: Kind, metrics: ReadonlyMap<string, string>): string {
  return `${kind.prefix}${[...metrics].map(([name, value]) => `${name}:${value}`).join('/')}`;
}

/**
 * The environmental formula of 3.x differs from the base's even where no environmental metric is set.
 * A medium requirement weighs 1, as none does, and has it calculated.
 */
function withRequirement(vector: string): string {
  const stated = /\/(?:CR|IR|AR|M[A-Z]{1,2}):[^X/]/.test(vector);
  return stated ? vector : `${vector.replace('/CR:X', '')}/CR:M`;
}

function scoresOf(scores: {
  readonly base: number | undefined;
  readonly temporal: number | undefined;
  readonly environmental: number | undefined;
}): Omit<CvssScores, 'version'> {
  if (scores.base === undefined) throw new CvssFault('a metric of the base has an unknown value');
  const temporal = scores.temporal ?? scores.base;
  return { base: scores.base, temporal, environmental: scores.environmental ?? temporal };
}

function shown(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
