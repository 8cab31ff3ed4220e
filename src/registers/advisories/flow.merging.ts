import type { Severity } from '../../advisories/severity.ts';

/** An advisory, as far as it tells which vulnerability it speaks of and how bad that is. */
export interface Speaking {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly withdrawn: string | null;
  readonly published: string | null;
  readonly summary: string;
  readonly vector: string | null;
  readonly score: number | null;
  readonly severity: Severity;
}

/** A vulnerability that is known, with what stands in it. */
export interface KnownVulnerability {
  readonly id: string;
  readonly name: string;
  /** Orders the older before the newer. */
  readonly knownAt: string;
  /** Ids of its advisories. */
  readonly advisories: readonly string[];
  /** Names that tools gave it, whatever advisories say. */
  readonly reported: readonly string[];
  /** What tools said of it, where no advisory does. */
  readonly summary: string;
  readonly vector: string | null;
  readonly score: number | null;
  readonly severity: Severity;
}

/** A vulnerability as it is to be. */
export interface MergedVulnerability {
  readonly id: string;
  readonly isNew: boolean;
  readonly name: string;
  readonly names: readonly string[];
  readonly advisories: readonly string[];
  readonly summary: string;
  readonly published: string | null;
  readonly withdrawn: string | null;
  readonly vector: string | null;
  readonly score: number | null;
  readonly severity: Severity;
}

export interface Merged {
  readonly vulnerabilities: readonly MergedVulnerability[];
  /** From a vulnerability into the one that it is part of now. */
  readonly joined: readonly (readonly [from: string, into: string])[];
}

/**
 * Makes vulnerabilities of advisories: those that share a name, at whatever distance, are one. What is
 * one depends on what the advisories say now, never on when they arrived: an alias that is taken back
 * parts what it had joined. A withdrawn advisory joins nothing; it stands where others name it.
 *
 * Of known vulnerabilities the older keeps its id; one that parts keeps it where most of it is.
 *
 * @param advisories every advisory of the vulnerabilities in `known`, as it is now, and the new ones
 */
export function mergeAdvisories(
  advisories: readonly Speaking[],
  known: readonly KnownVulnerability[],
  newId: () => string,
): Merged {
  const groups = groupsOf(advisories, known);
  const { idOf, joined } = assignIds(groups, known, newId);
  const knownById = new Map(known.map((each) => [each.id, each]));
  return {
    vulnerabilities: groups.map((group, at) => {
      const id = idOf[at] as string;
      return vulnerabilityOf(id, group, knownById.get(id) ?? null);
    }),
    joined,
  };
}

interface Group {
  readonly names: readonly string[];
  readonly advisories: readonly Speaking[];
}

function groupsOf(
  advisories: readonly Speaking[],
  known: readonly KnownVulnerability[],
): readonly Group[] {
  const union = new Union();
  for (const { id, aliases, withdrawn } of advisories) {
    union.add(id);
    if (withdrawn === null) for (const alias of aliases) union.join(id, alias);
  }
  for (const { reported } of known) {
    const [first] = reported;
    for (const name of reported) union.join(first as string, name);
  }
  const groups = new Map<string, { names: string[]; advisories: Speaking[] }>();
  for (const name of union.names()) {
    const root = union.rootOf(name);
    const group = groups.get(root);
    if (group) group.names.push(name);
    else groups.set(root, { names: [name], advisories: [] });
  }
  for (const advisory of advisories) {
    groups.get(union.rootOf(advisory.id))?.advisories.push(advisory);
  }
  return [...groups.values()];
}

function assignIds(
  groups: readonly Group[],
  known: readonly KnownVulnerability[],
  newId: () => string,
) {
  const groupOf = new Map(groups.flatMap(({ names }, at) => names.map((name) => [name, at])));
  const ids: (string | undefined)[] = groups.map(() => undefined);
  const joined: (readonly [string, string])[] = [];
  const older = (a: KnownVulnerability, b: KnownVulnerability): number =>
    compare(a.knownAt, b.knownAt) || compare(a.id, b.id);
  for (const one of known.toSorted(older)) {
    const at = mostOf(one, groupOf);
    if (at === null) continue;
    const taken = ids[at];
    if (taken === undefined) ids[at] = one.id;
    else joined.push([one.id, taken]);
  }
  return { idOf: ids.map((id) => id ?? newId()), joined };
}

/** The group in which most of a vulnerability's advisories are; of equals that with its shown name. */
function mostOf(
  { advisories, reported, name }: KnownVulnerability,
  groupOf: ReadonlyMap<string, number>,
): number | null {
  const counts = new Map<number, number>();
  for (const each of [...advisories, ...reported]) {
    const at = groupOf.get(each);
    if (at !== undefined) counts.set(at, (counts.get(at) ?? 0) + 2);
  }
  const shown = groupOf.get(name);
  if (shown !== undefined && counts.has(shown)) counts.set(shown, (counts.get(shown) ?? 0) + 1);
  const [most] = [...counts].toSorted(([a, m], [b, n]) => n - m || a - b);
  return most?.[0] ?? null;
}

function vulnerabilityOf(
  id: string,
  { names, advisories }: Group,
  known: KnownVulnerability | null,
): MergedVulnerability {
  const sorted = advisories.toSorted((a, b) => byRank(a.id, b.id));
  const live = sorted.filter(({ withdrawn }) => withdrawn === null);
  const telling = live.length > 0 ? live : sorted;
  const ordered = names.toSorted(byRank);
  const rated = ratingOf(telling.length > 0 ? telling : known ? [known] : []);
  return {
    id,
    isNew: known === null,
    name: ordered[0] ?? id,
    names: ordered,
    advisories: sorted.map((each) => each.id),
    summary: telling.find(({ summary }) => summary !== '')?.summary ?? known?.summary ?? '',
    published: least(telling.flatMap(({ published }) => published ?? [])),
    withdrawn:
      live.length > 0 || sorted.length === 0
        ? null
        : (sorted
            .flatMap(({ withdrawn }) => withdrawn ?? [])
            .toSorted(compare)
            .at(-1) ?? null),
    ...rated,
  };
}

type Rating = Pick<MergedVulnerability, 'vector' | 'score' | 'severity'>;

/** The newest CVSS version that any gives, of that the worst; else the worst word. */
function ratingOf(said: readonly Rating[]): Rating {
  const vectors = said.filter(({ vector }) => vector !== null);
  const [best] = vectors.toSorted(
    (a, b) =>
      cvssVersion(b.vector) - cvssVersion(a.vector) ||
      (b.score ?? 0) - (a.score ?? 0) ||
      compare(a.vector ?? '', b.vector ?? ''),
  );
  if (best) return { vector: best.vector, score: best.score, severity: best.severity };
  const worst = words.find((word) => said.some(({ severity }) => severity === word));
  return { vector: null, score: null, severity: worst ?? 'unknown' };
}

const words: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'none'];

function cvssVersion(vector: string | null): number {
  const written = /^CVSS:(\d)\.(\d)\//.exec(vector ?? '');
  return written ? Number(`${written[1]}.${written[2]}`) : 2;
}

/** A CVE before a GHSA before any other name; of equals the shorter. */
function byRank(a: string, b: string): number {
  return rankOf(a) - rankOf(b) || a.length - b.length || compare(a, b);
}

function rankOf(name: string): number {
  if (name.startsWith('CVE-')) return 0;
  return name.startsWith('GHSA-') ? 1 : 2;
}

/** By code units: the same on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function least(texts: readonly string[]): string | null {
  return texts.toSorted(compare)[0] ?? null;
}

/** Names that are joined into sets (union by halving paths). */
class Union {
  readonly #parent = new Map<string, string>();

  add(name: string): void {
    if (!this.#parent.has(name)) this.#parent.set(name, name);
  }

  join(a: string, b: string): void {
    this.add(a);
    this.add(b);
    this.#parent.set(this.rootOf(a), this.rootOf(b));
  }

  rootOf(name: string): string {
    let at = name;
    for (;;) {
      const up = this.#parent.get(at) ?? at;
      if (up === at) return at;
      const above = this.#parent.get(up) ?? up;
      this.#parent.set(at, above);
      at = above;
    }
  }

  names(): readonly string[] {
    return [...this.#parent.keys()];
  }
}
