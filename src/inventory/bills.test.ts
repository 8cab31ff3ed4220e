import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bendingOf, bent } from './bending.fixture.ts';
import { bills } from './bills.fixture.ts';
import { readBill } from './bills.ts';
import { InventoryFault } from './component.ts';
import { pathsOf } from './paths.ts';
import { packageOf } from './purls.ts';

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

  it('XML nested beyond all sense is refused before it takes time', async () => {
    const head = '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>';
    const text = head + '<component><components>'.repeat(200_000);
    await expect(readBill(text)).rejects.toThrow('nest deeper than 500');
  });

  it('a chain as long as the bill has a way to its end that can be shown', async () => {
    const count = 20_000;
    const refs = Array.from({ length: count }, (_, n) => `p${n}`);
    const inventory = {
      ...(await readBill(bills['CycloneDX 1.6 JSON'] ?? '')),
      roots: ['p0'],
      dependsOn: new Map(refs.map((ref, n) => [ref, [`p${(n + 1) % count}`]])),
    };
    const paths = pathsOf(inventory);
    expect(paths.get('p5')).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);
    const last = paths.get(`p${count - 1}`) ?? [];
    expect([last.length, last[0], last.at(-1)]).toEqual([101, '…', `p${count - 1}`]);
    expect(paths.get('elsewhere')).toBeUndefined();
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
      await fc.assert(
        fc.asyncProperty(bendingOf(text), async (bending) => {
          try {
            await readBill(bent(text, bending));
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
