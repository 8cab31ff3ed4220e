import { z } from 'zod';
import { newestVector, packageOfPurl, severityWord } from './named.ts';
import { Findings, type FindingsReport } from './report.ts';
import { listOf, optionalText, shapedAs, text } from './shape.ts';

const scored = listOf(z.object({ version: optionalText, vector: optionalText }));
const match = z.object({
  vulnerability: z.object({
    id: text,
    namespace: optionalText,
    severity: optionalText,
    description: optionalText,
    cvss: scored,
    fix: z.object({ versions: listOf(text), state: optionalText }).nullish(),
  }),
  relatedVulnerabilities: listOf(z.object({ id: text, description: optionalText, cvss: scored })),
  artifact: z.object({
    name: text,
    version: optionalText,
    type: optionalText,
    purl: optionalText,
    locations: listOf(z.object({ path: optionalText })),
  }),
});
type Match = z.output<typeof match>;
const report = z.object({
  matches: z.array(match),
  ignoredMatches: listOf(z.unknown()),
  descriptor: z.object({ name: optionalText, version: optionalText }).nullish(),
});

/** What Grype prints with `-o json` (anchore/grype). @throws ReportFault */
export function readGrype(document: unknown): FindingsReport {
  const { matches, ignoredMatches } = shapedAs(report, document, 'Grype JSON');
  const found = new Findings('Grype JSON');
  for (const one of matches) found.add(findingOf(one));
  if (ignoredMatches.length > 0)
    found.note(`${ignoredMatches.length} matches were ignored by a rule of Grype and are left out`);
  return found.report('grype', true);
}

function findingOf({ vulnerability, relatedVulnerabilities, artifact }: Match) {
  const named = packageOfPurl(artifact.purl);
  const { id, severity, description, cvss, fix } = vulnerability;
  // Related ones are the same vulnerability as another publisher names it.
  const all = [...cvss, ...relatedVulnerabilities.flatMap((one) => one.cvss)];
  return {
    names: [id, ...relatedVulnerabilities.map((one) => one.id)],
    isRule: false,
    package: {
      ecosystem: named?.ecosystem ?? artifact.type ?? '',
      name: named?.name ?? artifact.name,
      version: artifact.version || named?.version || null,
    },
    place: artifact.locations[0]?.path ?? null,
    summary: description || relatedVulnerabilities[0]?.description || '',
    vector: newestVector(all.map(({ vector }) => vector)),
    severity: severityWord(severity),
    fixedIn: fix?.state === 'fixed' ? (fix.versions[0] ?? null) : null,
  };
}
