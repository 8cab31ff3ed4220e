import { type Severity, severityOf } from '../../advisories/severity.ts';
import { packageOf } from '../purls.ts';
import type { ReportedFinding } from './report.ts';

/** How vulnerabilities are named, wherever they are published. */
const published =
  /\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|(?:GO|RUSTSEC|PYSEC|MAL|OSV|DSA|DLA|USN|RHSA|ALSA|RLSA|ELSA|ALAS\d*|SUSE-SU|SNYK|TEMP|CGA|BIT|HSEC|RSEC|PSF|DRUPAL|JLSEC|BELL|ROOT|MINI|EEF|AZL|ALPINE|DEBIAN|UBUNTU|GSD|PRISMA|NSWG)-[A-Za-z0-9](?:[\w.:-]*\w)?)/g;

/** All published names within a text, in order: `CVE-2021-3449-libssl1.1` holds one. */
export function publishedNamesIn(text: string): readonly string[] {
  return [...text.slice(0, 2000).matchAll(published)].map(([name]) => name);
}

/** Whether a text is, as a whole, the name of a published vulnerability. */
export function isPublishedName(text: string): boolean {
  return publishedNamesIn(text)[0] === text;
}

type Package = NonNullable<ReportedFinding['package']>;

/** The package that a package URL names; null where it is none. */
export function packageOfPurl(purl: string | null | undefined): Package | null {
  const found = purl ? packageOf(purl) : null;
  if (!found) return null;
  const type = /^pkg:\/*([^/]+)/i.exec(purl ?? '')?.[1]?.toLowerCase() ?? 'unknown';
  const unplaced = type === 'generic' ? 'unknown' : type;
  return { ecosystem: found.ecosystem ?? unplaced, name: found.name, version: found.version };
}

const words: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  important: 'high',
  high: 'high',
  error: 'high',
  moderate: 'medium',
  medium: 'medium',
  warning: 'medium',
  low: 'low',
  minor: 'low',
  note: 'low',
  negligible: 'low',
  none: 'none',
  info: 'none',
  informational: 'none',
};

/** A tool's word for how bad it is, in the words of CVSS; null where it is no word or says nothing. */
export function severityWord(word: string | null | undefined): Severity | null {
  const known = (word ?? '').toLowerCase();
  return Object.hasOwn(words, known) ? (words[known] ?? null) : null;
}

/** The word for a score that a tool gives as a number or writes as one. */
export function severityOfScore(score: string | number | null | undefined): Severity | null {
  if (score === null || score === undefined || score === '') return null;
  const value = Number(score);
  return Number.isFinite(value) && value >= 0 && value <= 10 ? severityOf(value) : null;
}

const kinds = [/^CVSS:4\.0\//, /^CVSS:3\.1\//, /^CVSS:3\.0\//, /^\(?AV:/];

/** Of several vectors that of the newest CVSS; null where there is none. */
export function newestVector(vectors: readonly (string | null | undefined)[]): string | null {
  for (const kind of kinds) {
    const found = vectors.find((vector) => kind.test(vector ?? ''));
    if (found) return found.replace(/^\(|\)$/g, '');
  }
  return null;
}
