import { z } from 'zod';
import { newestVector, packageOfPurl, severityWord } from './named.ts';
import { Findings, type FindingsReport, type Justification } from './report.ts';
import { listOf, optionalText, shapedAs, text } from './shape.ts';

const vulnerability = z.object({
  VulnerabilityID: text,
  VendorIDs: listOf(text),
  PkgName: text,
  PkgPath: optionalText,
  PkgIdentifier: z.object({ PURL: optionalText }).nullish(),
  InstalledVersion: optionalText,
  FixedVersion: optionalText,
  Severity: optionalText,
  Title: optionalText,
  Description: optionalText,
  CVSS: z
    .record(
      z.string(),
      z.object({ V40Vector: optionalText, V3Vector: optionalText, V2Vector: optionalText }),
    )
    .nullish(),
});
type Vulnerability = z.output<typeof vulnerability>;
const lines = z.object({ StartLine: z.int().nullish() }).nullish();
const misconfiguration = z.object({
  ID: text,
  Title: optionalText,
  Message: optionalText,
  Severity: optionalText,
  Status: optionalText,
  CauseMetadata: lines,
});
/** Of a secret that was found neither its match nor the code around it is ever looked at. */
const secret = z.object({
  RuleID: text,
  Title: optionalText,
  Severity: optionalText,
  StartLine: z.int().nullish(),
});
const modified = z.object({
  Type: optionalText,
  Status: optionalText,
  Finding: z.unknown().optional(),
});
const result = z.object({
  Target: text,
  Type: optionalText,
  Vulnerabilities: listOf(vulnerability),
  Misconfigurations: listOf(misconfiguration),
  Secrets: listOf(secret),
  ExperimentalModifiedFindings: listOf(modified),
});
type Result = z.output<typeof result>;
const report = z.object({
  SchemaVersion: z.literal(2, 'only schema version 2 is read'),
  Results: listOf(result),
});

const format = 'Trivy JSON';

/**
 * What Trivy prints with `--format json`, schema version 2: vulnerabilities, misconfigurations and
 * secrets. @throws ReportFault
 */
export function readTrivy(document: unknown): FindingsReport {
  const { Results } = shapedAs(report, document, format);
  const found = new Findings(format);
  for (const one of Results) {
    for (const known of one.Vulnerabilities) found.add(vulnerable(known, one));
    for (const known of one.Misconfigurations) {
      if (known.Status && known.Status !== 'FAIL') continue;
      found.add({
        names: [`trivy/${known.ID}`],
        isRule: true,
        place: placed(one.Target, known.CauseMetadata?.StartLine),
        summary: known.Title ?? known.Message ?? '',
        severity: severityWord(known.Severity),
      });
    }
    for (const { RuleID, Title, Severity, StartLine } of one.Secrets) {
      found.add({
        names: [`trivy/secret/${RuleID}`],
        isRule: true,
        place: placed(one.Target, StartLine),
        summary: Title ?? '',
        severity: severityWord(Severity),
      });
    }
    addModified(found, one);
  }
  return found.report('trivy', true);
}

function vulnerable(known: Vulnerability, { Target, Type }: Result) {
  const named = packageOfPurl(known.PkgIdentifier?.PURL);
  const scores = Object.values(known.CVSS ?? {});
  return {
    names: [known.VulnerabilityID, ...known.VendorIDs],
    isRule: false,
    package: {
      ecosystem: named?.ecosystem ?? Type ?? '',
      name: named?.name ?? known.PkgName,
      version: known.InstalledVersion || named?.version || null,
    },
    place: known.PkgPath || Target,
    summary: known.Title ?? known.Description ?? '',
    vector: newestVector(scores.flatMap((one) => [one.V40Vector, one.V3Vector, one.V2Vector])),
    severity: severityWord(known.Severity),
    // Several where several lines of versions were fixed: which one is meant is not told.
    fixedIn: known.FixedVersion?.split(',')[0]?.trim() || null,
  };
}

const statuses = {
  not_affected: 'notAffected',
  fixed: 'fixed',
  under_investigation: 'underInvestigation',
} as const;

/** What VEX documents handed to Trivy took away again. */
function addModified(found: Findings, one: Result): void {
  for (const { Type, Status, Finding } of one.ExperimentalModifiedFindings) {
    const known = vulnerability.safeParse(Finding);
    if (Type !== 'vulnerability' || !known.success) continue;
    const kind = Object.hasOwn(statuses, Status ?? '')
      ? statuses[Status as keyof typeof statuses]
      : null;
    const justification: Justification | null = null;
    // A file of things to ignore is no statement about them: to us they are there.
    found.add({ ...vulnerable(known.data, one), statement: kind && { kind, justification } });
  }
}

function placed(target: string, line: number | null | undefined): string {
  return line ? `${target}:${line}` : target;
}
