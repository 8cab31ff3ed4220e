import { readCodeScanning } from './codescanning.ts';
import { readCycloneDxFindings } from './cyclonedx.ts';
import { cycloneDxOfXml } from './cyclonedx.xml.ts';
import { readDependabot } from './dependabot.ts';
import { readGrype } from './grype.ts';
import { readNpmAudit } from './npmaudit.ts';
import { readOpenVex } from './openvex.ts';
import { readOsvScanner } from './osvscanner.ts';
import { type FindingsReport, limitReportBytes, ReportFault } from './report.ts';
import { readSarif } from './sarif.ts';
import { readTrivy } from './trivy.ts';

type Document = Readonly<Record<string, unknown>>;

/** How each format gives itself away, and who reads it; the first that fits is taken. */
const formats: readonly {
  readonly fits: (document: Document) => boolean;
  readonly read: (document: unknown) => FindingsReport;
}[] = [
  { fits: (one) => one['bomFormat'] === 'CycloneDX', read: readCycloneDxFindings },
  { fits: (one) => /^https:\/\/openvex\.dev\//.test(wordAt(one, '@context')), read: readOpenVex },
  { fits: (one) => Array.isArray(one['runs']), read: readSarif },
  { fits: (one) => 'auditReportVersion' in one, read: readNpmAudit },
  { fits: (one) => 'SchemaVersion' in one, read: readTrivy },
  { fits: (one) => Array.isArray(one['matches']), read: readGrype },
  { fits: (one) => isAlert(one['alert'], 'security_advisory'), read: readDependabot },
  { fits: (one) => isAlert(one['alert'], 'rule'), read: readCodeScanning },
  { fits: (one) => Array.isArray(one['results']), read: readOsvScanner },
];

const known =
  'SARIF 2.1.0 and OpenVEX in JSON, CycloneDX in JSON and XML, what OSV-Scanner, Trivy, Grype and npm audit print as JSON, and alerts of Dependabot and GitHub code scanning are read';

/**
 * Reads another tool's findings, whichever tool it was: the format is known by its content.
 *
 * @throws ReportFault naming the format, the place and what is wrong, or what would have been read
 */
export function readReport(text: string): FindingsReport {
  if (text.length > limitReportBytes || Buffer.byteLength(text) > limitReportBytes)
    throw new ReportFault(`a report may have ${limitReportBytes / 1024 / 1024} MB at most`);
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.trimStart().startsWith('<')) return readCycloneDxFindings(cycloneDxOfXml(body));
  const document = parsed(body);
  if (Array.isArray(document)) return readAlerts(document);
  if (typeof document === 'object' && document !== null) {
    const format = formats.find(({ fits }) => fits(document as Document));
    if (format) return format.read(document);
  }
  throw new ReportFault(`this is no report that is read: ${known}`);
}

/** A list is one of alerts of GitHub: of which kind its first says. */
function readAlerts(alerts: readonly unknown[]): FindingsReport {
  if (alerts.length === 0)
    throw new ReportFault('an empty list does not say what it is a list of: nothing was taken in');
  if (isAlert(alerts[0], 'security_advisory')) return readDependabot(alerts);
  if (isAlert(alerts[0], 'rule')) return readCodeScanning(alerts);
  throw new ReportFault(`this is no list of alerts that is read: ${known}`);
}

function isAlert(value: unknown, field: string): boolean {
  return typeof value === 'object' && value !== null && field in value;
}

function wordAt(document: Document, key: string): string {
  const value = document[key];
  return typeof value === 'string' ? value : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
    throw new ReportFault(`this is no JSON: ${reason.slice(0, 200)}. ${known}`, {
      cause,
    });
  }
}
