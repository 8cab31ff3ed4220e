/** One small bill of materials a format, each with `alpha` asked for and `beta` asked for by alpha. */
export const bills: Readonly<Record<string, string>> = {
  'CycloneDX 1.6 JSON': JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'own', 'bom-ref': 'own' } },
    components: [
      {
        type: 'library',
        name: 'alpha',
        version: '1.0.0',
        'bom-ref': 'a',
        purl: 'pkg:npm/alpha@1.0.0',
        components: [
          {
            type: 'library',
            name: 'beta',
            version: '2.1.0',
            'bom-ref': 'b',
            purl: 'pkg:npm/beta@2.1.0',
          },
        ],
      },
    ],
    dependencies: [
      { ref: 'own', dependsOn: ['a'] },
      { ref: 'a', dependsOn: ['b'] },
      { ref: 'b', dependsOn: ['a'] },
    ],
  }),
  'CycloneDX 1.5 XML': `<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1">
  <metadata><component type="application" bom-ref="own"><name>own</name></component></metadata>
  <components>
    <component type="library" bom-ref="a"><name>alpha</name><version>1.0.0</version><purl>pkg:npm/alpha@1.0.0</purl>
      <components><component type="library" bom-ref="b"><name>beta</name><version>2.1.0</version><purl>pkg:npm/beta@2.1.0</purl></component></components>
    </component>
  </components>
  <dependencies><dependency ref="own"><dependency ref="a"/></dependency><dependency ref="a"><dependency ref="b"/></dependency></dependencies>
</bom>`,
  'SPDX-2.3 JSON': JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    SPDXID: 'SPDXRef-DOCUMENT',
    packages: [
      {
        SPDXID: 'SPDXRef-a',
        name: 'alpha',
        versionInfo: '1.0.0',
        externalRefs: [
          {
            referenceCategory: 'PACKAGE-MANAGER',
            referenceType: 'purl',
            referenceLocator: 'pkg:npm/alpha@1.0.0',
          },
        ],
      },
      {
        SPDXID: 'SPDXRef-b',
        name: 'beta',
        versionInfo: '2.1.0',
        externalRefs: [
          {
            referenceCategory: 'PACKAGE-MANAGER',
            referenceType: 'purl',
            referenceLocator: 'pkg:npm/beta@2.1.0',
          },
        ],
      },
    ],
    relationships: [
      {
        spdxElementId: 'SPDXRef-DOCUMENT',
        relationshipType: 'DESCRIBES',
        relatedSpdxElement: 'SPDXRef-a',
      },
      {
        spdxElementId: 'SPDXRef-b',
        relationshipType: 'DEPENDENCY_OF',
        relatedSpdxElement: 'SPDXRef-a',
      },
    ],
  }),
  'SPDX-2.2 tag-value': `SPDXVersion: SPDX-2.2
SPDXID: SPDXRef-DOCUMENT
DocumentComment: <text>several
PackageName: not one
lines</text>
PackageName: alpha
SPDXID: SPDXRef-a
PackageVersion: 1.0.0
ExternalRef: PACKAGE-MANAGER purl pkg:npm/alpha@1.0.0

PackageName: beta
SPDXID: SPDXRef-b
PackageVersion: 2.1.0
ExternalRef: PACKAGE-MANAGER purl pkg:npm/beta@2.1.0

Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a
Relationship: SPDXRef-a DEPENDS_ON SPDXRef-b
`,
  'SPDX 3.0 JSON': JSON.stringify({
    '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
    '@graph': [
      { type: 'SpdxDocument', spdxId: 'urn:doc', rootElement: ['urn:a'] },
      {
        type: 'software_Package',
        spdxId: 'urn:a',
        name: 'alpha',
        software_packageVersion: '1.0.0',
        software_packageUrl: 'pkg:npm/alpha@1.0.0',
      },
      {
        type: 'software_Package',
        spdxId: 'urn:b',
        name: 'beta',
        software_packageVersion: '2.1.0',
        externalIdentifier: [
          { externalIdentifierType: 'packageUrl', identifier: 'pkg:npm/beta@2.1.0' },
        ],
      },
      { type: 'Relationship', relationshipType: 'dependsOn', from: 'urn:a', to: ['urn:b'] },
    ],
  }),
};
