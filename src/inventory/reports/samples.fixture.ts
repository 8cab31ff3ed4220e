/** Small reports in the shape of each format, written for these tests; every project in them is a sample. */

export const sarif = {
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          name: 'CodeQL',
          rules: [
            {
              id: 'js/sql-injection',
              shortDescription: { text: 'Database query built from user-controlled sources' },
              defaultConfiguration: { level: 'error' },
              properties: { tags: ['security'], 'security-severity': '8.8' },
            },
            { id: 'js/unused', shortDescription: { text: 'Unused variable' } },
          ],
        },
      },
      artifacts: [{ location: { uri: 'src/orders.js' } }],
      results: [
        {
          ruleIndex: 0,
          ruleId: 'js/sql-injection',
          message: { text: 'This query depends on a user-provided value.' },
          locations: [
            { physicalLocation: { artifactLocation: { index: 0 }, region: { startLine: 42 } } },
          ],
        },
        {
          ruleId: 'js/unused',
          level: 'note',
          message: { text: 'x is unused' },
          suppressions: [{}],
        },
        { ruleId: 'js/unused', kind: 'pass', message: { text: 'all well' } },
        { ruleId: 'js/unused', baselineState: 'absent', message: { text: 'was here' } },
      ],
    },
  ],
};

export const sarifOfPackages = {
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          name: 'Trivy',
          rules: [
            {
              id: 'CVE-2019-11358',
              shortDescription: { text: 'Prototype pollution in jquery' },
              properties: {
                tags: ['vulnerability', 'GHSA-6c3j-c64m-qhgq'],
                purl: 'pkg:npm/jquery@3.3.1',
              },
            },
          ],
        },
      },
      results: [
        {
          ruleId: 'CVE-2019-11358',
          ruleIndex: 0,
          level: 'warning',
          message: { text: 'Package: jquery\nInstalled Version: 3.3.1\nFixed Version: 3.4.0\n' },
          locations: [{ physicalLocation: { artifactLocation: { uri: 'package-lock.json' } } }],
        },
      ],
    },
  ],
};

export const cycloneDx = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { tools: { components: [{ type: 'application', name: 'Sample Scanner' }] } },
  components: [
    {
      type: 'library',
      'bom-ref': 'jquery-ref',
      name: 'jquery',
      version: '3.3.1',
      purl: 'pkg:npm/jquery@3.3.1',
      components: [{ type: 'library', 'bom-ref': 'inner', group: 'org.example', name: 'inner' }],
    },
  ],
  vulnerabilities: [
    {
      id: 'CVE-2019-11358',
      references: [{ id: 'GHSA-6c3j-c64m-qhgq', source: { name: 'GitHub' } }],
      ratings: [
        { severity: 'medium', score: 6.1, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N' },
      ],
      description: 'Prototype pollution',
      recommendation: 'Upgrade to 3.4.0',
      analysis: { state: 'exploitable' },
      affects: [{ ref: 'jquery-ref' }],
    },
    {
      id: 'CVE-2020-0001',
      analysis: { state: 'not_affected', justification: 'code_not_reachable' },
      affects: [{ ref: 'inner' }],
    },
    {
      id: 'CVE-2020-0002',
      analysis: { state: 'resolved' },
      affects: [
        {
          ref: 'urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg:pypi/django',
          versions: [
            { version: '3.0.0', status: 'affected' },
            { version: '3.0.1', status: 'unaffected' },
          ],
        },
      ],
    },
  ],
};

export const openVex = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://example.com/vex/1',
  author: 'Example Vendor',
  timestamp: '2026-01-08T18:02:03Z',
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2023-12345', aliases: ['GHSA-2222-3333-4444'] },
      products: [
        {
          '@id': 'pkg:oci/shop@sha256%3Aabc',
          subcomponents: [{ '@id': 'pkg:npm/left-pad@1.3.0' }],
        },
      ],
      status: 'not_affected',
      justification: 'vulnerable_code_not_in_execute_path',
    },
    {
      vulnerability: { name: 'CVE-2023-99999' },
      products: [
        { '@id': 'https://example.com/shop', identifiers: { purl: 'pkg:pypi/Django@4.2' } },
      ],
      status: 'affected',
      action_statement: 'Upgrade to 4.2.1',
    },
    { vulnerability: 'CVE-2022-1', products: ['pkg:cargo/time@0.1.0'], status: 'fixed' },
  ],
};

export const osvScanner = {
  results: [
    {
      source: { path: '/srv/shop/package-lock.json', type: 'lockfile' },
      packages: [
        {
          package: { name: 'jquery', version: '3.3.1', ecosystem: 'npm' },
          vulnerabilities: [
            {
              id: 'GHSA-6c3j-c64m-qhgq',
              modified: '2024-01-01T00:00:00Z',
              aliases: ['CVE-2019-11358'],
              summary: 'XSS in jQuery',
              severity: [
                { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N' },
              ],
              affected: [
                {
                  package: { ecosystem: 'npm', name: 'jquery' },
                  ranges: [
                    { type: 'SEMVER', events: [{ introduced: '1.1.4' }, { fixed: '3.4.0' }] },
                  ],
                },
              ],
            },
          ],
          groups: [
            { ids: ['GHSA-6c3j-c64m-qhgq'], aliases: ['CVE-2019-11358', 'GHSA-6c3j-c64m-qhgq'] },
          ],
        },
      ],
    },
  ],
};

export const trivy = {
  SchemaVersion: 2,
  ArtifactName: 'shop',
  ArtifactType: 'repository',
  Results: [
    {
      Target: 'package-lock.json',
      Class: 'lang-pkgs',
      Type: 'npm',
      Vulnerabilities: [
        {
          VulnerabilityID: 'CVE-2019-11358',
          PkgName: 'jquery',
          PkgIdentifier: { PURL: 'pkg:npm/jquery@3.3.1' },
          InstalledVersion: '3.3.1',
          FixedVersion: '3.4.0, 4.0.0',
          Severity: 'MEDIUM',
          Title: 'jquery: prototype pollution',
          CVSS: {
            nvd: {
              V2Vector: 'AV:N/AC:M/Au:N/C:N/I:P/A:N',
              V3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N',
            },
          },
        },
      ],
      ExperimentalModifiedFindings: [
        {
          Type: 'vulnerability',
          Status: 'not_affected',
          Statement: 'vulnerable_code_not_present',
          Finding: {
            VulnerabilityID: 'CVE-2020-0001',
            PkgName: 'lodash',
            InstalledVersion: '4.0.0',
          },
        },
      ],
    },
    {
      Target: 'Dockerfile',
      Class: 'config',
      Type: 'dockerfile',
      Misconfigurations: [
        {
          ID: 'DS002',
          Title: 'Image user should not be root',
          Severity: 'HIGH',
          Status: 'FAIL',
          CauseMetadata: { StartLine: 3 },
        },
        { ID: 'DS001', Title: 'Latest tag', Severity: 'LOW', Status: 'PASS' },
      ],
      Secrets: [
        {
          RuleID: 'aws-access-key-id',
          Title: 'AWS key',
          Severity: 'CRITICAL',
          StartLine: 7,
          Match: 'key: *****',
        },
      ],
    },
  ],
};

export const grype = {
  matches: [
    {
      vulnerability: {
        id: 'GHSA-6c3j-c64m-qhgq',
        namespace: 'github:language:javascript',
        severity: 'Medium',
        description: 'XSS in jQuery',
        cvss: [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N' }],
        fix: { versions: ['3.4.0'], state: 'fixed' },
      },
      relatedVulnerabilities: [{ id: 'CVE-2019-11358', cvss: [] }],
      artifact: {
        name: 'jquery',
        version: '3.3.1',
        type: 'npm',
        purl: 'pkg:npm/jquery@3.3.1',
        locations: [{ path: '/app/package-lock.json' }],
      },
    },
  ],
  ignoredMatches: [{}],
  descriptor: { name: 'grype', version: '0.80.0' },
};

export const npmAudit = {
  auditReportVersion: 2,
  vulnerabilities: {
    jquery: {
      name: 'jquery',
      severity: 'moderate',
      isDirect: true,
      via: [
        {
          source: 1088000,
          name: 'jquery',
          dependency: 'jquery',
          title: 'XSS in jQuery',
          url: 'https://github.com/advisories/GHSA-6c3j-c64m-qhgq',
          severity: 'moderate',
          cvss: { score: 6.1, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N' },
          range: '>=1.1.4 <3.4.0',
        },
      ],
      effects: ['sample-widgets'],
      range: '1.1.4 - 3.3.1',
      nodes: ['node_modules/jquery'],
      fixAvailable: true,
    },
    'sample-widgets': {
      name: 'sample-widgets',
      severity: 'moderate',
      isDirect: true,
      via: ['jquery'],
      effects: [],
      range: '*',
      nodes: ['node_modules/sample-widgets'],
      fixAvailable: false,
    },
  },
  metadata: { vulnerabilities: { total: 2 } },
};

export const dependabotAlert = {
  number: 2,
  state: 'open',
  dependency: {
    package: { ecosystem: 'pip', name: 'django' },
    manifest_path: 'backend/requirements.txt',
    scope: 'runtime',
  },
  security_advisory: {
    ghsa_id: 'GHSA-rf4j-j272-fj86',
    cve_id: 'CVE-2018-6188',
    summary: 'Django may leak sensitive details',
    severity: 'high',
    identifiers: [{ type: 'GHSA', value: 'GHSA-rf4j-j272-fj86' }],
    cvss: { vector_string: 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', score: 7.5 },
    cvss_severities: {
      cvss_v3: { vector_string: 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' },
      cvss_v4: null,
    },
  },
  security_vulnerability: {
    package: { ecosystem: 'pip', name: 'django' },
    severity: 'high',
    vulnerable_version_range: '>= 2.0.0, < 2.0.2',
    first_patched_version: { identifier: '2.0.2' },
  },
  dismissed_reason: null,
  updated_at: '2026-01-08T00:00:00Z',
};

export const codeAlert = {
  number: 4,
  state: 'open',
  rule: {
    id: 'js/zipslip',
    severity: 'error',
    security_severity_level: 'high',
    description: 'Arbitrary file write during zip extraction',
    name: 'js/zipslip',
  },
  tool: { name: 'CodeQL', version: '2.4.0' },
  most_recent_instance: {
    ref: 'refs/heads/main',
    state: 'open',
    location: { path: 'src/unpack.js', start_line: 17 },
    message: { text: 'This path flows to a write.' },
  },
  dismissed_reason: null,
};

/** Each format once, by its name. */
export const samples: Readonly<Record<string, unknown>> = {
  sarif,
  sarifOfPackages,
  cycloneDx,
  openVex,
  osvScanner,
  trivy,
  grype,
  npmAudit,
  dependabotList: [dependabotAlert],
  dependabotHook: {
    action: 'created',
    alert: dependabotAlert,
    repository: { full_name: 'example/shop' },
  },
  codeScanningList: [codeAlert],
  codeScanningHook: { action: 'created', alert: codeAlert },
};
