import type { OsvAdvisory } from '../../advisories/osv.ts';
import { familyOf, packageKey } from '../../advisories/packages.ts';
import { type ReadText, readAdvisoryText, readAdvisoryValue } from '../../advisories/reading.ts';
import { ratingOf, type Severity } from '../../advisories/severity.ts';

/** What is kept of an advisory. */
export interface TakenAdvisory {
  readonly id: string;
  /** RFC 3339, in UTC. */
  readonly modified: string;
  readonly published: string | null;
  readonly withdrawn: string | null;
  readonly aliases: readonly string[];
  readonly related: readonly string[];
  readonly summary: string;
  readonly details: string;
  readonly severities: readonly GivenSeverity[];
  readonly vector: string | null;
  readonly score: number | null;
  readonly severity: Severity;
  /** JSON of [{type, url}]. */
  readonly links: string;
  readonly packages: readonly TakenPackage[];
}

/** A severity as it was given: of the advisory, or of one of its packages. */
interface GivenSeverity {
  readonly type: string;
  readonly score: string;
  readonly package?: string;
}

interface TakenPackage {
  readonly key: string;
  readonly ecosystem: string;
  readonly name: string;
  /** JSON of {package, ranges, versions} as OSV writes them: thousands wait in memory as one text each. */
  readonly affected: string;
}

/** What was set aside: its name among what was read, and why it is no advisory. */
export interface SetAside {
  readonly name: string;
  readonly reason: string;
}

export type Read = { readonly advisory: TakenAdvisory } | { readonly reason: string };

/** More names than this no vulnerability has; one that claimed them would join what is not one. */
const aliasLimit = 200;
/** So many characters of prose and links are kept; the rest is at the address of the advisory. */
const detailsLimit = 100_000;
const linkLimit = 500;

/**
 * Reads one advisory in the OSV format. Whatever the text is, it answers: with what is kept of it,
 * or with the reason why it is none. It never throws.
 */
export function readAdvisory(text: string): Read {
  return keptOf(readAdvisoryText(text), unstorable.test(text));
}

/** As `readAdvisory`, of a value that was parsed already. */
export function adviceOf(value: unknown): Read {
  return keptOf(readAdvisoryValue(value), true);
}

/** @param suspect whether its texts may hold what PostgreSQL does not store */
function keptOf(read: ReadText, suspect: boolean): Read {
  if ('reason' in read) return read;
  const taken = takenOf(read.advisory);
  if (taken.aliases.length > aliasLimit) {
    return { reason: `aliases: ${taken.aliases.length} names are more than ${aliasLimit}` };
  }
  if (suspect && writtenOf(taken).some((json) => unstorable.test(json)))
    return { reason: 'a text in it has characters that are none' };
  return { advisory: taken };
}

/** As JSON, what is JSON already being left as it is: written again its escapes would be plain text. */
function writtenOf({ links, packages, ...rest }: TakenAdvisory): readonly string[] {
  const named = packages.map(({ affected: _, ...names }) => names);
  return [JSON.stringify([rest, named]), links, ...packages.map(({ affected }) => affected)];
}

function takenOf(advisory: OsvAdvisory): TakenAdvisory {
  const { vector, score, severity } = ratingOf(advisory);
  return {
    id: advisory.id,
    modified: instantOf(advisory.modified),
    published: advisory.published ? instantOf(advisory.published) : null,
    withdrawn: advisory.withdrawn ? instantOf(advisory.withdrawn) : null,
    aliases: namesOf(advisory.aliases, advisory.id),
    related: namesOf([...(advisory.related ?? []), ...(advisory.upstream ?? [])], advisory.id),
    summary: summaryOf(advisory),
    details: cut(advisory.details ?? '', detailsLimit),
    severities: severitiesOf(advisory),
    vector,
    score,
    severity,
    links: JSON.stringify((advisory.references ?? []).slice(0, linkLimit)),
    packages: packagesOf(advisory),
  };
}

/** To the microsecond, as PostgreSQL keeps it: finer would seem newer than itself for ever. */
function instantOf(text: string): string {
  if (/^[\dT:-]{19}(?:\.\d{1,6})?Z$/.test(text)) return text;
  return Temporal.Instant.from(text)
    .round({ smallestUnit: 'microsecond', roundingMode: 'floor' })
    .toString();
}

function namesOf(names: readonly string[] | null | undefined, own: string): readonly string[] {
  if (!names || names.length === 0) return [];
  const plain = names.map((name) => name.trim());
  return [...new Set(plain)].filter((name) => name !== '' && name !== own);
}

const summaryLimit = 300;

function summaryOf({ summary, details }: OsvAdvisory): string {
  if (summary) return cut(summary.trim(), 2000);
  const [line = ''] = (details ?? '').trim().split('\n', 1);
  return line.length <= summaryLimit ? line : `${cut(line, summaryLimit - 1)}…`;
}

/** A cut may go through a pair of surrogates: what is left of it is no character. */
function cut(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit).toWellFormed();
}

function severitiesOf(advisory: OsvAdvisory): readonly GivenSeverity[] {
  const word = advisory.database_specific?.['severity'];
  return [
    ...(advisory.severity ?? []).map(({ type, score }) => ({ type, score })),
    ...(advisory.affected ?? []).flatMap(({ package: named, severity }) =>
      (severity ?? []).map(({ type, score }) => ({
        type,
        score,
        ...(named ? { package: named.name } : {}),
      })),
    ),
    ...(typeof word === 'string' && word !== ''
      ? [{ type: 'WORD', score: word.slice(0, 60) }]
      : []),
  ];
}

function packagesOf({ affected }: OsvAdvisory): readonly TakenPackage[] {
  return (affected ?? []).flatMap(({ package: named, ranges, versions }) =>
    named
      ? [
          {
            key: packageKey(named.ecosystem, named.name),
            ecosystem: named.ecosystem,
            name: named.name,
            affected: JSON.stringify({
              package: named,
              ranges: ranges ?? [],
              versions: versions ?? [],
            }),
          },
        ]
      : [],
  );
}

/** An advisory that speaks of a package of an ecosystem, whatever the release. */
export interface CountedAdvisory {
  readonly family: string;
  readonly id: string;
}

/** Those that speak of one of some ecosystems, once for each. */
export function countedOf(
  advisories: readonly TakenAdvisory[],
  covers: readonly string[],
): readonly CountedAdvisory[] {
  if (covers.length === 0) return [];
  const families = new Set(covers.map(familyOf));
  return advisories.flatMap(({ id, packages }) =>
    [...families.intersection(new Set(packages.map(({ ecosystem }) => familyOf(ecosystem))))].map(
      (family) => ({ family, id }),
    ),
  );
}

/**
 * PostgreSQL stores neither U+0000 nor half of a surrogate pair. JSON that is well-formed has them as
 * escapes alone; a backslash before the escape makes it plain text.
 */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/i;
