import { z } from 'zod';
import { severities } from '../../advisories/severity.ts';

const shortText = z.string().max(300);

/** Why something does not affect who uses it (CISA, "VEX Status Justifications", as OpenVEX writes them). */
export const justifications = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;
export type Justification = (typeof justifications)[number];

/** What a report says of one vulnerability in one package, or of one rule at one place. */
export const reportedFinding = z.object({
  /** What it goes by, the reporter's own name first: CVE, GHSA; of a rule `codeql/js/sql-injection`. */
  names: z.array(shortText.min(1)).min(1).max(100),
  /** Of no published vulnerability: something that a tool looks for. */
  isRule: z.boolean(),
  package: z
    .object({
      /** As OSV writes it; where no advisories tell of it the type of its package URL, or `unknown`. */
      ecosystem: shortText,
      name: shortText.min(1),
      /** Null where the reporter does not tell it. */
      version: shortText.nullable(),
    })
    .nullable(),
  /** File and line, address of a page, path within an image. */
  place: z.string().max(1000).nullable(),
  summary: z.string().max(1000),
  /** CVSS, as given: not held against its grammar here. */
  vector: shortText.nullable(),
  severity: z.enum(severities).nullable(),
  fixedIn: shortText.nullable(),
  /** What the reporter says has become of it; null: it is there. */
  statement: z
    .object({
      kind: z.enum(['notAffected', 'fixed', 'underInvestigation']),
      justification: z.enum(justifications).nullable(),
    })
    .nullable(),
});
export type ReportedFinding = z.output<typeof reportedFinding>;

/** Another tool's findings, read. */
export interface FindingsReport {
  /** Who reports, in lower case: `trivy`, `codeql`, `dependabot`. */
  readonly reporter: string;
  /** Format, for people: `SARIF 2.1.0`. */
  readonly format: string;
  /** Whether it is all that the reporter sees: what is missing then is gone. */
  readonly complete: boolean;
  readonly findings: readonly ReportedFinding[];
  /** What was not taken in, and why. */
  readonly notes: readonly string[];
}

/** Why a text is no report that can be used: nothing of it is. */
export class ReportFault extends Error {
  override readonly name = 'ReportFault';
}

/** Longest report, in bytes of UTF-8, and most findings of one. */
export const limitReportBytes = 32 * 1024 * 1024;
export const limitFindings = 100_000;
const limitNotes = 200;

/** A finding as a reader hands it over: what is left out is not told. */
export interface Found extends Partial<Omit<ReportedFinding, 'names'>> {
  readonly names: readonly string[];
  readonly isRule: boolean;
}

/** Gathers findings, each once, with texts cleaned and cut to what can be kept. */
export class Findings {
  readonly #format: string;
  readonly #found = new Map<string, ReportedFinding>();
  readonly #notes: string[] = [];
  #notesLeftOut = 0;

  constructor(format: string) {
    this.#format = format;
  }

  /** @throws ReportFault where there are more than can be taken in */
  add(found: Found): void {
    const finding = cleaned(found);
    if (finding === null) {
      this.note('a finding without a name was left out');
      return;
    }
    const { names, package: about, place } = finding;
    const key = JSON.stringify([names[0], about, place]);
    const known = this.#found.get(key);
    // What still stands somewhere counts before what is said to be settled elsewhere.
    if (known && (known.statement === null || finding.statement !== null)) return;
    if (!known && this.#found.size >= limitFindings)
      throw new ReportFault(`${this.#format}: more than ${limitFindings} findings`);
    this.#found.set(key, finding);
  }

  note(text: string): void {
    if (this.#notes.length < limitNotes) this.#notes.push(cut(text, 300));
    else this.#notesLeftOut += 1;
  }

  report(reporter: string, complete: boolean): FindingsReport {
    const more = this.#notesLeftOut > 0 ? [`and ${this.#notesLeftOut} more notes`] : [];
    return {
      reporter: slugOf(reporter) || 'unknown',
      format: this.#format,
      complete,
      findings: [...this.#found.values()],
      notes: [...this.#notes, ...more],
    };
  }
}

/** @returns null where nothing names it */
function cleaned(found: Found): ReportedFinding | null {
  const names = [...new Set(found.names.map((name) => cut(name, 300)))].filter(Boolean);
  if (names.length === 0) return null;
  const name = found.package ? cut(found.package.name, 300) : '';
  const ecosystem = cut(found.package?.ecosystem ?? '', 300) || 'unknown';
  const version = cutOrNull(found.package?.version, 300);
  return {
    names: names.slice(0, 100),
    isRule: found.isRule,
    package: name === '' ? null : { ecosystem, name, version },
    place: cutOrNull(found.place, 1000),
    summary: cut(found.summary ?? '', 1000),
    vector: cutOrNull(found.vector, 300),
    severity: found.severity ?? null,
    fixedIn: cutOrNull(found.fixedIn, 300),
    statement: found.statement ?? null,
  };
}

/** One line without control characters or half characters, which no database keeps. */
export function cut(text: string, limit: number): string {
  return text
    .slice(0, limit * 4)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, limit)
    .toWellFormed();
}

function cutOrNull(text: string | null | undefined, limit: number): string | null {
  return text === null || text === undefined ? null : cut(text, limit) || null;
}

/** Name of a tool as it stands in names of rules: `Semgrep OSS` is `semgrep-oss`. */
export function slugOf(name: string): string {
  return cut(name, 60)
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
