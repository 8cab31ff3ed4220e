import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Inventory, InventoryFault } from './component.ts';
import { pathsOf } from './paths.ts';
import { readerOf } from './readers.ts';
import { samples } from './samples.fixture.ts';

const read = (file: string, text = samples[file] ?? ''): Inventory => {
  const reader = readerOf(file);
  if (!reader) throw new Error(`no reader of ${file}`);
  return reader(text);
};

const files = Object.keys(samples);
/** Formats that say nothing of who asks for whom. */
const flat = [
  'go.mod',
  'go.sum',
  'requirements.txt',
  'Pipfile.lock',
  'pom.xml',
  'gradle.lockfile',
  'pubspec.lock',
];

describe('lockfiles', () => {
  it.each(files)('%s: alpha 1.0.0 and beta 2.1.0 are found', (file) => {
    const found = read(file).components.map(({ name, version }) =>
      `${name} ${version}`.toLowerCase(),
    );
    expect(found.some((one) => /alpha v?1\.0\.0$/.test(one))).toBe(true);
    expect(found.some((one) => /beta(?:-two)? v?2\.1\.0(?:\+incompatible)?$/.test(one))).toBe(true);
  });

  it.each(files.filter((file) => !flat.includes(file)))(
    '%s: beta is there because of alpha',
    (file) => {
      const inventory = read(file);
      const edges = [...inventory.dependsOn].flatMap(([from, to]) =>
        to.map((one) => `${from} ${one}`),
      );
      expect(edges.some((edge) => /alpha.* .*beta/i.test(edge))).toBe(true);
      for (const ref of pathsOf(inventory).keys()) {
        expect(inventory.components.some((one) => one.ref === ref)).toBe(true);
      }
    },
  );

  it.each([
    ['requirements.txt', /not pinned.*gamma/],
    ['requirements.txt', /another file/],
    ['pom.xml', /gamma has no version/],
    ['npm-shrinkwrap.json', /local is not from the registry/],
    ['go.mod', /delta is replaced by a folder/],
    ['pubspec.lock', /own is not from a package server/],
  ])('%s says what it could not take in: %s', (file, words) => {
    expect(read(file).notes.join('\n')).toMatch(words);
  });

  it('of npm: a package is found as Node finds it', () => {
    const inventory = read('package-lock.json');
    expect(pathsOf(inventory).get('node_modules/alpha/node_modules/beta')).toEqual([
      'node_modules/alpha',
      'node_modules/alpha/node_modules/beta',
    ]);
    expect(pathsOf(inventory).get('node_modules/beta')).toEqual([
      'node_modules/gamma',
      'node_modules/beta',
    ]);
    expect(
      inventory.components.find(({ ref }) => ref === 'node_modules/@example/gamma')?.purl,
    ).toBe('pkg:npm/%40example/gamma@3.0.0');
  });

  it('of Go: what is replaced counts as what it is replaced by, and the toolchain has a library', () => {
    const found = read('go.mod').components.map(({ name, version }) => `${name} ${version}`);
    expect(found).toContain('example.com/fork v3.0.0');
    expect(found).toContain('stdlib 1.22.1');
    expect(found.join(' ')).not.toContain('example.com/gamma');
  });

  it.each(files)('%s, cut or bent anywhere, is read in part or refused in words', (file) => {
    const text = samples[file] ?? '';
    const bent = fc.record({
      at: fc.nat(text.length),
      drop: fc.nat(text.length),
      put: fc.oneof(
        fc.string({ maxLength: 8 }),
        fc.constantFrom('{', '}', '[', '"', '\n', '&a *a', '<!DOCTYPE a>', '\0'),
      ),
    });
    fc.assert(
      fc.property(bent, ({ at, drop, put }) => {
        try {
          read(file, `${text.slice(0, at)}${put}${text.slice(at + drop)}`);
        } catch (error) {
          expect(error).toBeInstanceOf(InventoryFault);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is none of whatever else', () => {
    expect(readerOf('package.json')).toBeNull();
    expect(readerOf('constructor')).toBeNull();
    expect(readerOf('requirements-dev.txt')).not.toBeNull();
  });
});
