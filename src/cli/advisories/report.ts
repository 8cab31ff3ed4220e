import { type Severity, severities } from '../../advisories/severity.ts';
import type { Match, Unjudged } from '../../inventory/scanned.ts';
import type { Sorted } from './ignoring.ts';
import type { ReadFile } from './inputs.ts';

/** What a scan found, file by file. */
export interface Report {
  readonly files: readonly {
    readonly path: string;
    readonly format: string;
    readonly components: number;
    readonly notes: readonly string[];
    readonly counted: readonly Match[];
    readonly ignored: Sorted['ignored'];
  }[];
  readonly unread: readonly { readonly path: string; readonly reason: string }[];
  /** Components of ecosystems that there are no advisories of. */
  readonly unjudged: readonly Unjudged[];
  readonly expired: readonly { readonly id: string; readonly until: string }[];
}

/**
 * The report in one of its forms: a table for people, or JSON, SARIF, CycloneDX for programs.
 *
 * @param read what was read, by path: CycloneDX lists every component
 */
export function reportText(
  format: 'table' | 'json' | 'sarif' | 'cyclonedx',
  report: Report,
  read: ReadonlyMap<string, ReadFile>,
): string {
  if (format === 'table') return reportTable(report);
  const forms = {
    json: () => report,
    sarif: () => reportSarif(report),
    cyclonedx: () => reportCycloneDx(report, read),
  };
  return `${JSON.stringify(forms[format](), null, 2)}\n`;
}

/** For people: a table a file, worst first, and a line that sums it up. */
function reportTable({ files, unread, unjudged, expired }: Report): string {
  const lines: string[] = [];
  for (const { path, format, components, counted, ignored, notes } of files) {
    lines.push(`${path}: ${components} components (${format})`);
    for (const match of counted) lines.push(...matchLines(match));
    for (const { match, reason, until } of ignored) {
      lines.push(`  ignored   ${match.ids[0]} ${shownComponent(match)} until ${until}: ${reason}`);
    }
    for (const note of notes.slice(0, 5)) lines.push(`  note: ${note}`);
    if (notes.length > 5) lines.push(`  note: and ${notes.length - 5} more; --json shows all`);
    lines.push('');
  }
  for (const { path, reason } of unread) lines.push(`not read: ${path}: ${reason}`);
  for (const { ecosystem, components } of unjudged) {
    lines.push(
      `not judged: ${components} components of ${ecosystem}, of which there are no advisories here (kept advisories update ${ecosystem})`,
    );
  }
  for (const { id, until } of expired)
    lines.push(`no longer ignored: ${id}, since ${until} has passed`);
  lines.push(
    summaryOf(
      files.flatMap(({ counted }) => counted),
      unread.length + unjudged.length === 0,
    ),
  );
  return `${lines.join('\n')}\n`;
}

function matchLines(match: Match): readonly string[] {
  const { ids, severity, score, exploitedSince, likelihood, fixedIn, summary, path } = match;
  const head = [
    `  ${severity.padEnd(9)}`,
    score === null ? '    ' : score.toFixed(1).padStart(4),
    ` ${shownComponent(match)}`,
    ` ${plain(ids.slice(0, 3).join(', '))}`,
    fixedIn === null ? '  no fix' : `  fixed in ${plain(fixedIn)}`,
    exploitedSince === null ? '' : `  EXPLOITED since ${exploitedSince}`,
    likelihood === null ? '' : `  EPSS ${(likelihood * 100).toFixed(1)} %`,
  ].join('');
  return [
    head,
    ...(summary === '' ? [] : [`            ${plain(summary)}`]),
    ...(path.length > 1 ? [`            by ${path.join(' > ')}`] : []),
  ];
}

const shownComponent = ({ component }: Match): string =>
  plain(`${component.name} ${component.version ?? ''}`);

/** Names and summaries are written by strangers: none of them moves the cursor. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}

/** @param whole everything found was read and judged: only then is nothing found good news */
function summaryOf(counted: readonly Match[], whole: boolean): string {
  if (counted.length === 0) {
    return whole
      ? 'No known vulnerability was found.'
      : 'No known vulnerability was found in what was read and judged; the rest is unknown.';
  }
  const counts = severities
    .map((severity: Severity) => ({
      severity,
      n: counted.filter((one) => one.severity === severity).length,
    }))
    .filter(({ n }) => n > 0)
    .map(({ severity, n }) => `${n} ${severity}`);
  return `${counted.length} known vulnerabilities: ${counts.join(', ')}`;
}

/** SARIF 2.1.0 (OASIS), as code hosts show it. */
function reportSarif({ files }: Report): object {
  const matches = files.flatMap(({ path, counted }) => counted.map((match) => ({ path, match })));
  const rules = new Map(matches.map(({ match }) => [match.ids[0] ?? '', match]));
  return {
    $schema:
      'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Kept',
            rules: [...rules].map(([id, { summary, score, ids, exploitedSince }]) => ({
              id,
              shortDescription: { text: summary || id },
              helpUri: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
              properties: {
                tags: tagsOf(ids, exploitedSince),
                ...(score === null ? {} : { 'security-severity': score.toFixed(1) }),
              },
            })),
          },
        },
        results: matches.map(({ path, match }) => ({
          ruleId: match.ids[0] ?? '',
          level: levelOf(match.severity),
          message: {
            text: [
              `${match.component.name} ${match.component.version} is affected by ${match.ids.join(', ')}.`,
              match.fixedIn === null ? 'There is no fix yet.' : `It is fixed in ${match.fixedIn}.`,
            ].join(' '),
          },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(path) },
                region: { startLine: 1 },
              },
            },
          ],
          partialFingerprints: {
            'kept/v1': `${match.ids[0]}/${match.component.purl ?? match.component.name}`,
          },
        })),
      },
    ],
  };
}

/** A path as a relative reference (RFC 3986, section 4.2), whatever signs its names have. */
function uriOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function tagsOf(ids: readonly string[], exploitedSince: string | null): readonly string[] {
  const exploited = exploitedSince === null ? [] : ['exploited'];
  return [...new Set(['security', 'vulnerability', ...exploited, ...ids.slice(1)])];
}

function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  if (severity === 'critical' || severity === 'high') return 'error';
  return severity === 'medium' || severity === 'unknown' ? 'warning' : 'note';
}

/** CycloneDX 1.6 with vulnerabilities (ECMA-424): what was read and what is known of it. */
function reportCycloneDx({ files }: Report, components: ReadonlyMap<string, ReadFile>): object {
  const refOf = (path: string, ref: string): string => `${path}#${ref}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { tools: { components: [{ type: 'application', name: 'Kept' }] } },
    components: [...components].flatMap(([path, { inventory }]) =>
      inventory.components.map(({ ref, name, version, purl }) => ({
        type: 'library',
        'bom-ref': refOf(path, ref),
        name,
        ...(version === null ? {} : { version }),
        ...(purl === null ? {} : { purl }),
      })),
    ),
    vulnerabilities: files.flatMap(({ path, counted }) =>
      counted.map(({ ids, component, severity, score, vector, summary, fixedIn }) => ({
        id: ids[0],
        references: ids.slice(1).map((id) => ({ id, source: { name: 'alias' } })),
        ratings: [
          { severity, ...(score === null ? {} : { score }), ...(vector ? { vector } : {}) },
        ],
        ...(summary === '' ? {} : { description: summary }),
        ...(fixedIn === null ? {} : { recommendation: `Upgrade to ${fixedIn}` }),
        affects: [{ ref: refOf(path, component.ref) }],
      })),
    ),
  };
}
