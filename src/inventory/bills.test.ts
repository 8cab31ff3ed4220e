import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBill } from './bills.ts';
import { InventoryFault } from './component.ts';
import { pathsOf } from './paths.ts';
import { packageOf } from './purls.ts';

const bills: Readonly<Record<string, string>> = {
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

describe('bills of materials', () => {
  it.each(Object.entries(bills))('%s: components, and why each is there', async (format, text) => {
    const inventory = await readBill(text);
    expect(inventory.format).toBe(format);
    expect(
      inventory.components.map(({ ecosystem, name, version }) => [ecosystem, name, version]).sort(),
    ).toEqual([
      ['npm', 'alpha', '1.0.0'],
      ['npm', 'beta', '2.1.0'],
    ]);
    const paths = [...pathsOf(inventory).values()].map((path) => path.length);
    expect(paths).toEqual([1, 2]);
    expect(inventory.notes).toEqual([]);
  });

  it.each([
    ['', 'no bill of materials'],
    ['{"bomFormat": "CycloneDX", "specVersion": "9.9"}', '9.9 is not read'],
    ['{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": "one"}', '/version'],
    ['{"bomFormat": "CycloneDX", "specVersion": "1.6"', 'cannot be read'],
    ['<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>', 'cannot be read'],
    [
      '<!DOCTYPE bom [<!ENTITY a "aaaa">]><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>',
      'document type',
    ],
    ['<rss/>', 'is not read'],
    ['{"spdxVersion": "SPDX-2.0"}', 'SPDX-2.0 is not read'],
  ])('%s is refused, and why', async (text, words) => {
    await expect(readBill(text)).rejects.toThrow(InventoryFault);
    await expect(readBill(text)).rejects.toThrow(words);
  });

  it('nested beyond all sense is refused or read, and never breaks the reader', async () => {
    const depth = 20_000;
    const nested = `{"type":"library","name":"a","components":[`.repeat(depth) + ']}'.repeat(depth);
    const text = `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[${nested}]}`;
    await readBill(text).then(
      ({ components }) => expect(components.length).toBeGreaterThan(0),
      (error: unknown) => expect(error).toBeInstanceOf(InventoryFault),
    );
  });

  it('says which references are there twice, and of what nothing can be told', async () => {
    const inventory = await readBill(
      JSON.stringify({
        spdxVersion: 'SPDX-2.3',
        packages: [
          { SPDXID: 'a', name: 'one' },
          { SPDXID: 'a', name: 'two' },
          {
            SPDXID: 'c',
            name: 'three',
            externalRefs: [{ referenceType: 'purl', referenceLocator: 'no' }],
          },
        ],
      }),
    );
    expect(inventory.notes.join('\n')).toMatch(/two components are called "a"/);
    expect(inventory.notes.join('\n')).toMatch(/"no" is no package URL/);
    expect(inventory.notes.join('\n')).toMatch(/of no ecosystem/);
  });

  it.each(Object.entries(bills))(
    '%s, cut or bent anywhere, is read or refused in words',
    async (_, text) => {
      const bent = fc.record({
        at: fc.nat(text.length),
        drop: fc.nat(40),
        put: fc.string({ maxLength: 4 }),
      });
      await fc.assert(
        fc.asyncProperty(bent, async ({ at, drop, put }) => {
          try {
            await readBill(`${text.slice(0, at)}${put}${text.slice(at + drop)}`);
          } catch (error) {
            expect(error).toBeInstanceOf(InventoryFault);
          }
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe('packages by their URL', () => {
  it.each([
    ['pkg:npm/%40example/core@1.0.0', 'npm', '@example/core', '1.0.0'],
    ['pkg:maven/com.example/core@1.0', 'Maven', 'com.example:core', '1.0'],
    ['pkg:golang/example.com/core@v1.0.0', 'Go', 'example.com/core', 'v1.0.0'],
    [
      'pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12&upstream=openssl',
      'Debian:12',
      'openssl',
      '3.0.11-1',
    ],
    ['pkg:apk/alpine/zlib@1.3-r2?distro=3.19.1', 'Alpine:v3.19', 'zlib', '1.3-r2'],
    ['pkg:rpm/redhat/bash@5.1-2?epoch=1', 'Red Hat', 'bash', '1:5.1-2'],
    ['pkg:generic/thing@1', null, 'thing', '1'],
  ])('%s', (purl, ecosystem, name, version) => {
    expect(packageOf(purl)).toEqual({ ecosystem, name, version });
  });
});
