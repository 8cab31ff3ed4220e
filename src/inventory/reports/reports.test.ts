import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readReport } from './read.ts';
import { limitFindings, ReportFault, reportedFinding } from './report.ts';
import {
  codeAlert,
  cycloneDx,
  dependabotAlert,
  grype,
  npmAudit,
  openVex,
  osvScanner,
  samples,
  sarif,
  sarifOfPackages,
  trivy,
} from './samples.fixture.ts';
import { cycloneDxXml } from './samples.xml.fixture.ts';

const read = (document: unknown) => readReport(JSON.stringify(document));
const jquery = { ecosystem: 'npm', name: 'jquery', version: '3.3.1' };
const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N';

describe('findings of other tools (VUL-2)', () => {
  test('SARIF: rules of a tool by place; what passed or is absent is none', () => {
    const { reporter, complete, findings, notes } = read(sarif);
    expect({ reporter, complete }).toEqual({ reporter: 'codeql', complete: true });
    expect(findings).toMatchObject([
      {
        names: ['codeql/js/sql-injection'],
        isRule: true,
        package: null,
        place: 'src/orders.js:42',
        summary: 'Database query built from user-controlled sources',
        severity: 'high',
      },
      { names: ['codeql/js/unused'], severity: 'low' },
    ]);
    expect(notes).toEqual(['1 results are suppressed in CodeQL: here they are not']);
  });

  test('SARIF of a scanner of packages names the vulnerability and its aliases', () => {
    expect(read(sarifOfPackages).findings).toMatchObject([
      {
        names: ['CVE-2019-11358', 'GHSA-6c3j-c64m-qhgq'],
        isRule: false,
        package: jquery,
        fixedIn: '3.4.0',
        severity: 'medium',
      },
    ]);
  });

  test('SARIF of a run that failed proves nothing gone', () => {
    const [run] = sarif.runs;
    const failed = { ...sarif, runs: [{ ...run, invocations: [{ executionSuccessful: false }] }] };
    expect(read(failed).complete).toBe(false);
  });

  test('CycloneDX: a disclosure report is whole, an exploitability exchange is not', () => {
    const { reporter, complete, findings } = read(cycloneDx);
    expect({ reporter, complete }).toEqual({ reporter: 'sample-scanner', complete: true });
    expect(findings).toMatchObject([
      {
        names: ['CVE-2019-11358', 'GHSA-6c3j-c64m-qhgq'],
        package: jquery,
        vector,
        severity: 'medium',
        fixedIn: '3.4.0',
        statement: null,
      },
      {
        names: ['CVE-2020-0001'],
        package: { ecosystem: 'unknown', name: 'org.example/inner', version: null },
        statement: { kind: 'notAffected', justification: 'vulnerable_code_not_in_execute_path' },
      },
      {
        names: ['CVE-2020-0002'],
        package: { ecosystem: 'PyPI', name: 'django', version: '3.0.0' },
        fixedIn: '3.0.1',
        statement: { kind: 'fixed' },
      },
    ]);
    expect(read({ ...cycloneDx, components: [] }).complete).toBe(false);
  });

  test('CycloneDX in XML tells the same as in JSON', () => {
    const { format, ...told } = readReport(cycloneDxXml);
    const { format: _, ...inJson } = read(cycloneDx);
    expect(told).toEqual(inJson);
    expect(format).toBe('CycloneDX 1.6 XML');
  });

  test('OpenVEX: about parts of products, in 0.2 and as it was before', () => {
    const { reporter, complete, findings } = read(openVex);
    expect({ reporter, complete }).toEqual({ reporter: 'openvex-example-vendor', complete: false });
    expect(findings).toMatchObject([
      {
        names: ['CVE-2023-12345', 'GHSA-2222-3333-4444'],
        package: { ecosystem: 'npm', name: 'left-pad', version: '1.3.0' },
        statement: { kind: 'notAffected', justification: 'vulnerable_code_not_in_execute_path' },
      },
      { package: { ecosystem: 'PyPI', name: 'django', version: '4.2' }, statement: null },
      { package: { ecosystem: 'crates.io', name: 'time' }, statement: { kind: 'fixed' } },
    ]);
  });

  test.each([
    ['osv-scanner', osvScanner],
    ['trivy', trivy],
    ['grype', grype],
  ] as const)('%s: the same vulnerability, told alike', (reporter, document) => {
    const found = read(document);
    expect(found).toMatchObject({ reporter, complete: true });
    expect(found.findings[0]).toMatchObject({
      isRule: false,
      package: jquery,
      vector,
      severity: 'medium',
      fixedIn: '3.4.0',
      statement: null,
    });
    expect(found.findings[0]?.names).toContain('CVE-2019-11358');
  });

  test('Trivy: misconfigurations and secrets are rules, and no secret is taken in', () => {
    const { findings } = read(trivy);
    expect(findings.slice(1)).toMatchObject([
      { names: ['CVE-2020-0001'], statement: { kind: 'notAffected' } },
      { names: ['trivy/DS002'], isRule: true, place: 'Dockerfile:3', severity: 'high' },
      { names: ['trivy/secret/aws-access-key-id'], isRule: true, place: 'Dockerfile:7' },
    ]);
    expect(JSON.stringify(findings)).not.toContain('*****');
  });

  test('npm audit: advisories, each where it is told; the version is not', () => {
    expect(read(npmAudit)).toMatchObject({
      reporter: 'npm-audit',
      complete: true,
      findings: [
        {
          names: ['GHSA-6c3j-c64m-qhgq'],
          package: { ecosystem: 'npm', name: 'jquery', version: null },
          vector,
          severity: 'medium',
          fixedIn: '3.4.0',
        },
      ],
    });
  });
});

describe('alerts of GitHub', () => {
  const told = {
    names: ['GHSA-rf4j-j272-fj86', 'CVE-2018-6188'],
    package: { ecosystem: 'PyPI', name: 'django', version: null },
    place: 'backend/requirements.txt',
    severity: 'high',
    fixedIn: '2.0.2',
  };

  test('Dependabot: the same from the list and from the webhook', () => {
    for (const document of [[dependabotAlert], { action: 'created', alert: dependabotAlert }])
      expect(read(document)).toMatchObject({
        reporter: 'dependabot',
        complete: false,
        findings: [{ ...told, statement: null }],
      });
  });

  test.each([
    ['fixed', null, { kind: 'fixed', justification: null }],
    [
      'dismissed',
      'not_used',
      { kind: 'notAffected', justification: 'vulnerable_code_not_in_execute_path' },
    ],
    ['dismissed', 'inaccurate', { kind: 'notAffected', justification: null }],
    ['dismissed', 'tolerable_risk', null],
    ['dismissed', 'no_bandwidth', null],
    ['auto_dismissed', null, null],
  ])('Dependabot: %s for %s', (state, dismissed_reason, statement) => {
    const [finding] = read([{ ...dependabotAlert, state, dismissed_reason }]).findings;
    expect(finding?.statement).toEqual(statement);
  });

  test('code scanning: rules of the tool, alike in the list and in the webhook', () => {
    for (const document of [[codeAlert], { action: 'created', alert: codeAlert }])
      expect(read(document)).toMatchObject({
        reporter: 'github-code-scanning',
        findings: [
          {
            names: ['codeql/js/zipslip'],
            isRule: true,
            place: 'src/unpack.js:17',
            severity: 'high',
          },
        ],
      });
  });
});

describe('what is no report', () => {
  test.each([
    ['{', /this is no JSON/],
    ['[]', /empty list/],
    ['[1]', /no list of alerts/],
    ['"SARIF"', /no report that is read: SARIF/],
    ['{"spdxVersion":"SPDX-2.3"}', /no report that is read/],
    ['{"version":"2.0.0","runs":[]}', /SARIF 2\.1\.0: at version/],
    ['{"version":"2.1.0","runs":[{"tool":{"driver":{}}}]}', /at runs\.0\.tool\.driver\.name/],
    ['{"SchemaVersion":1}', /Trivy JSON: at SchemaVersion: only schema version 2/],
    ['{"auditReportVersion":1}', /npm audit: at auditReportVersion/],
    ['{"matches":[{}]}', /Grype JSON: at matches\.0\.vulnerability/],
    [
      '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[{"status":"fine"}]}',
      /OpenVEX: at statements\.0/,
    ],
    [
      '{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":7}',
      /CycloneDX: at vulnerabilities/,
    ],
    ['<html><body/></html>', /of reports in XML only CycloneDX is read/],
    [
      '<bom xmlns="http://cyclonedx.org/schema/bom/1.3"/>',
      /CycloneDX: at vulnerabilities: a report has a list of vulnerabilities/,
    ],
    ['<!DOCTYPE bom [<!ENTITY a "b">]><bom/>', /a document type is not allowed/],
    [cycloneDxXml.replace('</affects>', ''), /CycloneDX XML: \d+:\d+: /],
    [cycloneDxXml.replace('6.1<', 'high<'), /at vulnerabilities\.0\.ratings\.0\.score/],
    ['[{"security_advisory":{}}]', /Dependabot alerts: at 0\.number/],
  ])('%s is refused with what is wrong and where', (text, said) => {
    expect(() => readReport(text)).toThrow(ReportFault);
    expect(() => readReport(text)).toThrow(said);
  });

  test('is what has too many findings, or is too long', () => {
    const many = Array.from({ length: limitFindings + 1 }, (_, n) => ({
      ruleId: `r${n}`,
      message: { text: '' },
    }));
    const runs = [{ tool: { driver: { name: 't' } }, results: many }];
    expect(() => read({ version: '2.1.0', runs })).toThrow(/more than 100000 findings/);
    expect(() => readReport(' '.repeat(33 * 1024 * 1024))).toThrow(/32 MB/);
  });
});

describe('whatever is made of a report', () => {
  const keepsOrder = (text: string) => {
    try {
      const { findings, reporter, notes } = readReport(text);
      expect(reporter).toMatch(/^[a-z0-9.-]+$/);
      expect(notes.length).toBeLessThan(300);
      for (const finding of findings) {
        expect(reportedFinding.safeParse(finding).success).toBe(true);
        expect(JSON.stringify(finding)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      }
    } catch (error) {
      if (!(error instanceof ReportFault)) throw error;
      expect(error.message.length).toBeLessThan(1000);
    }
  };
  const texts = Object.values(samples).map((sample) => JSON.stringify(sample));
  const cases = 500;

  test.each(Object.keys(samples))('%s cut off anywhere is refused', (name) => {
    const whole = JSON.stringify(samples[name]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (end) => {
        expect(() => readReport(whole.slice(0, end))).toThrow(ReportFault);
      }),
      { numRuns: 100 },
    );
  });

  test('values exchanged for any others: findings in order, or a fault that says what is wrong', () => {
    const place = fc.record({ text: fc.constantFrom(...texts), at: fc.nat(), by: fc.jsonValue() });
    fc.assert(
      fc.property(place, ({ text, at, by }) => {
        const document = JSON.parse(text) as unknown;
        const places = placesIn(document);
        const [holder, key] = places[at % places.length] as [Record<string, unknown>, string];
        holder[key] = by;
        keepsOrder(JSON.stringify(document));
      }),
      { numRuns: cases },
    );
  });

  test('XML cut off anywhere is refused; with pieces moved about it is read or refused', () => {
    const within = fc.nat(cycloneDxXml.trimEnd().length - 1);
    fc.assert(
      fc.property(within, (at) => {
        expect(() => readReport(cycloneDxXml.slice(0, at))).toThrow(ReportFault);
      }),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(within, within, within, (from, to, at) => {
        const piece = cycloneDxXml.slice(Math.min(from, to), Math.max(from, to));
        keepsOrder(cycloneDxXml.slice(0, at) + piece + cycloneDxXml.slice(at));
        keepsOrder(cycloneDxXml.replace(piece, ''));
      }),
      { numRuns: cases },
    );
  });

  test('any text, and any JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json({ maxDepth: 3 })), keepsOrder),
      {
        numRuns: 200,
      },
    );
  });

  test('nested as deep as it fits', () => {
    const bom = '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>';
    keepsOrder(bom + '<component><components>'.repeat(100_000));
    keepsOrder(
      `${bom}${'<component><components>'.repeat(2000)}${'</components></component>'.repeat(2000)}</components><vulnerabilities/></bom>`,
    );
    for (const open of [
      '[',
      '{"runs":[',
      '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[',
    ]) {
      keepsOrder(open.repeat(100_000));
      keepsOrder(`${open.repeat(2000)}${(open.startsWith('[') ? ']' : ']}').repeat(2000)}`);
    }
  });
});

/** Every place of a document: who holds it, and by which key. */
function placesIn(document: unknown): readonly (readonly [object, string])[] {
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) => [
    [document, key] as const,
    ...placesIn(value),
  ]);
}
