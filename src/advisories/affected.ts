import type { OsvAffected, OsvEvent, OsvRange } from './osv.ts';
import { schemeOf } from './versions/ecosystems.ts';
import type { Scheme } from './versions/scheme.ts';
import { semver } from './versions/semver.ts';

/** What one package of an advisory says, read once and asked of many versions. */
export interface AffectedVersions {
  /** Whether a version of the package is affected (OSV schema, "Evaluation"). */
  includes(version: string): boolean;
  /** Versions in which it was put right, least first, as written. */
  readonly fixed: readonly string[];
  /** The least of them above a version that is itself not affected again; null where there is none. */
  nextFix(version: string): string | null;
}

interface Turn {
  readonly version: unknown;
  readonly text: string;
  readonly kind: 'introduced' | 'fixed' | 'lastAffected' | 'limit';
}

interface Timeline {
  readonly scheme: Scheme;
  readonly turns: readonly Turn[];
  readonly limits: readonly unknown[];
}

/**
 * Reads ranges and versions of one affected package.
 *
 * Ranges of type GIT speak of commits, which only a repository can put in order; of those, what the
 * advisory lists by name counts and nothing else.
 */
export function readAffected(affected: OsvAffected): AffectedVersions {
  const scheme = schemeOf(affected.package?.ecosystem ?? '');
  const timelines = (affected.ranges ?? []).flatMap((range) => timelineOf(range, scheme) ?? []);
  const listed = listedVersions(affected.versions ?? [], scheme);
  const fixed = fixesOf(timelines);
  const includes = (version: string): boolean => {
    if (listed.has(version)) return true;
    const read = scheme?.read(version) ?? null;
    if (read !== null && scheme && listed.same(read)) return true;
    return timelines.some((timeline) => covers(timeline, version));
  };
  return {
    includes,
    fixed,
    nextFix(version) {
      const read = scheme?.read(version) ?? null;
      if (read === null || !scheme) return null;
      const above = fixed.find((one) => {
        const at = scheme.read(one);
        return at !== null && scheme.compare(at, read) > 0 && !includes(one);
      });
      return above ?? null;
    },
  };
}

function timelineOf(range: OsvRange, ecosystem: Scheme | null): Timeline | null {
  if (range.type === 'GIT') return null;
  const scheme = range.type === 'SEMVER' ? (ecosystem ?? semver) : ecosystem;
  if (!scheme) return null;
  const turns = range.events.flatMap((event) => turnOf(event, scheme) ?? []);
  const limits = turns.filter(({ kind }) => kind === 'limit').map(({ version }) => version);
  return { scheme, turns: turns.toSorted(inOrder(scheme)), limits };
}

/** `0` and `*` stand before and behind every version (OSV schema, "affected[].ranges[].events"). */
const beginning = Symbol('beginning');

function turnOf(event: OsvEvent, scheme: Scheme): Turn | null {
  if ('introduced' in event) return turn('introduced', event.introduced, scheme);
  if ('fixed' in event) return turn('fixed', event.fixed, scheme);
  if ('last_affected' in event) return turn('lastAffected', event.last_affected, scheme);
  return event.limit === '*' ? null : turn('limit', event.limit, scheme);
}

function turn(kind: Turn['kind'], text: string, scheme: Scheme): Turn | null {
  if (kind === 'introduced' && text === '0') return { kind, text, version: beginning };
  const version = scheme.read(text);
  return version === null ? null : { kind, text, version };
}

/** By version; at one version what is introduced comes after what was put right there. */
function inOrder(scheme: Scheme): (a: Turn, b: Turn) => number {
  const order = { fixed: 0, lastAffected: 2, limit: 3, introduced: 1 };
  return (a, b) => {
    if (a.version === beginning || b.version === beginning) {
      return Number(b.version === beginning) - Number(a.version === beginning);
    }
    return scheme.compare(a.version, b.version) || order[a.kind] - order[b.kind];
  };
}

function covers({ scheme, turns, limits }: Timeline, text: string): boolean {
  const version = scheme.read(text);
  if (version === null) return false;
  const below = limits.length === 0 || limits.some((limit) => scheme.compare(version, limit) < 0);
  if (!below) return false;
  let affected = false;
  for (const { kind, version: at } of turns) {
    const past = at === beginning ? 1 : scheme.compare(version, at);
    if (kind === 'introduced' && past >= 0) affected = true;
    else if (kind === 'fixed' && past >= 0) affected = false;
    else if (kind === 'lastAffected' && past > 0) affected = false;
  }
  return affected;
}

function listedVersions(texts: readonly string[], scheme: Scheme | null) {
  const exact = new Set(texts);
  let read: unknown[] | undefined;
  return {
    has: (text: string) => exact.has(text),
    /** The same version otherwise written: `2.7` and `2.7.0` of PyPI. */
    same(version: unknown): boolean {
      if (!scheme || texts.length === 0) return false;
      read ??= texts.flatMap((text) => scheme.read(text) ?? []).toSorted(scheme.compare);
      let [low, high] = [0, read.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (scheme.compare(read[middle], version) < 0) low = middle + 1;
        else high = middle;
      }
      return low < read.length && scheme.compare(read[low], version) === 0;
    },
  };
}

function fixesOf(timelines: readonly Timeline[]): readonly string[] {
  const found = timelines.flatMap(({ scheme, turns }) =>
    turns
      .filter(({ kind }) => kind === 'fixed')
      .map(({ text, version }) => ({ text, version, scheme })),
  );
  return [
    ...new Set(
      found.toSorted((a, b) => a.scheme.compare(a.version, b.version)).map(({ text }) => text),
    ),
  ];
}
