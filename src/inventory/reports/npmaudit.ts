import { z } from 'zod';
import { publishedNamesIn, severityWord } from './named.ts';
import { Findings, type FindingsReport } from './report.ts';
import { listOf, optionalText, shapedAs, text } from './shape.ts';

const cause = z.object({
  source: z.union([z.number(), text]).nullish(),
  name: text,
  title: optionalText,
  url: optionalText,
  severity: optionalText,
  cvss: z.object({ vectorString: optionalText }).nullish(),
  range: optionalText,
});
type Cause = z.output<typeof cause>;
const audit = z.object({
  auditReportVersion: z.literal(2, 'only reports of npm 7 and later (version 2) are read'),
  vulnerabilities: z.record(
    z.string(),
    z.object({
      name: text,
      via: listOf(z.union([text, cause])),
      nodes: listOf(text),
    }),
  ),
});

/**
 * What `npm audit --json` of npm 7 and later prints. It tells advisories and ranges, but no installed
 * version, which the lockfile knows.
 *
 * @throws ReportFault
 */
export function readNpmAudit(document: unknown): FindingsReport {
  const { vulnerabilities } = shapedAs(audit, document, 'npm audit');
  const found = new Findings('npm audit');
  for (const { via, nodes } of Object.values(vulnerabilities)) {
    for (const one of via) {
      // A word names another entry, through which this one is affected: it stands there itself.
      if (typeof one !== 'string') found.add(findingOf(one, nodes[0] ?? null));
    }
  }
  return found.report('npm-audit', true);
}

function findingOf(
  { name, title, url, source, severity, cvss, range }: Cause,
  place: string | null,
) {
  const published = publishedNamesIn(url ?? '');
  return {
    names: published.length > 0 ? published : [`npm-audit/${source ?? title ?? name}`],
    isRule: false,
    package: { ecosystem: 'npm', name, version: null },
    place,
    summary: title ?? '',
    vector: cvss?.vectorString || null,
    severity: severityWord(severity),
    fixedIn: firstFixed(range ?? ''),
  };
}

/** The end of a single range that ends before a version; of several it is not told which is meant. */
function firstFixed(range: string): string | null {
  return /^(?:>=?\s?\S+ )?<\s?([^\s|=]+)$/.exec(range.trim())?.[1] ?? null;
}
