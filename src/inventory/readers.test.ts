import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bendingOf, bent } from './bending.fixture.ts';
import { type Inventory, InventoryFault } from './component.ts';
import { pathsOf } from './paths.ts';
import { readerOf } from './readers.ts';
import { samples } from './samples.fixture.ts';

const read = async (file: string, text = samples[file] ?? ''): Promise<Inventory> => {
  const reader = readerOf(file);
  if (!reader) throw new Error(`no reader of ${file}`);
  return await reader(text);
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
  'stack.yaml.lock',
  'verification-metadata.xml',
  'packages.config',
  'pylock.toml',
];

describe('lockfiles', () => {
  it.each(files)('%s: alpha 1.0.0 and beta 2.1.0 are found', async (file) => {
    const found = (await read(file)).components.map(({ name, version }) =>
      `${name} ${version}`.toLowerCase(),
    );
    expect(found.some((one) => /alpha v?1\.0\.0$/.test(one))).toBe(true);
    expect(found.some((one) => /beta(?:-two)? v?2\.1\.0(?:\+incompatible)?$/.test(one))).toBe(true);
  });

  it.each(files.filter((file) => !flat.includes(file)))(
    '%s: beta is there because of alpha',
    async (file) => {
      const inventory = await read(file);
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
  ])('%s says what it could not take in: %s', async (file, words) => {
    expect((await read(file)).notes.join('\n')).toMatch(words);
  });

  it('of npm: a package is found as Node finds it', async () => {
    const inventory = await read('package-lock.json');
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

  it('of Go: what is replaced counts as what it is replaced by, and the toolchain has a library', async () => {
    const found = (await read('go.mod')).components.map(
      ({ name, version }) => `${name} ${version}`,
    );
    expect(found).toContain('example.com/fork v3.0.0');
    expect(found).toContain('stdlib 1.22.1');
    expect(found.join(' ')).not.toContain('example.com/gamma');
  });

  it.each([
    [
      'yarn.lock',
      'a@git+https://x:y@host/a.git:\n  version "1.0.0"\n  resolved "git+https://x:y@host/a.git#0011223"\n',
    ],
    [
      'package-lock.json',
      '{"packages":{"node_modules/a":{"version":"1.0.0","resolved":"git+ssh://git@host/a.git#00"}}}',
    ],
    [
      'pnpm-lock.yaml',
      'lockfileVersion: 5\npackages:\n  host/a/00:\n    resolution: {type: git, repo: "https://host/a"}\n    name: a\n    version: 1.0.0\n',
    ],
    ['bun.lock', '{"packages": {"a": ["a@github:host/a#0011223", {}]}}'],
  ])('%s: what comes from a repository is there, and of no registry', async (file, text) => {
    const { components, notes } = await read(file, text);
    expect(components).toMatchObject([{ name: 'a', ecosystem: null, purl: null }]);
    expect(components[0]?.ref).not.toContain('x:y');
    expect(notes.join()).toMatch(/1 components come from a repository/);
  });

  it.each([
    ['requirements.txt', 'gamma>=3.0', 'gamma 3.0', /the one named is looked at: gamma>=3.0/],
    [
      'requirements.txt',
      'gamma[x]==3.0 --hash=sha256:aa ; python_version > "3"',
      'gamma 3.0',
      null,
    ],
    ['requirements.txt', 'gamma!=3.0', 'gamma null', /not pinned/],
    [
      'pom.xml',
      '<project><dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId><version>[3.0,4)</version></dependency></dependencies></project>',
      'a:b 3.0',
      /least/,
    ],
    [
      'pom.xml',
      '<project><version>3</version><profiles><profile><dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId><version>${project.version}</version></dependency></dependencies></profile></profiles></project>',
      'a:b 3',
      null,
    ],
    ['go.mod', 'module a\ngo 1.22\ntoolchain go1.23.6-xyz', 'stdlib 1.23.6', null],
    ['go.mod', 'module a\ngo 1.16\nrequire b v1.0.0', 'b v1.0.0', /go\.sum/],
    [
      'yarn.lock',
      '__metadata:\n  version: 8\n"a@patch:a@npm%3A1.0.0#x":\n  version: 1.0.0\n  resolution: "a@patch:a@npm%3A1.0.0#x::version=1.0.0"\n',
      'a 1.0.0',
      null,
    ],
    [
      'pnpm-lock.yaml',
      'lockfileVersion: 5\npackages:\n  registry.example.com/@a/b/1.0.0_c@2: {}\n',
      '@a/b 1.0.0',
      null,
    ],
    [
      'pnpm-lock.yaml',
      "lockfileVersion: '9.0'\npackages:\n  own@1.0.0: {}\n---\nlockfileVersion: '9.0'\npackages:\n  a@1.0.0: {}\n",
      'a 1.0.0',
      null,
    ],
    [
      'Gemfile.lock',
      'GIT\n  remote: x\n  specs:\n    a (1.0.0)\n\nDEPENDENCIES\n  a!\n',
      'a 1.0.0',
      null,
    ],
  ])('%s: %s', async (file, text, wanted, note) => {
    const { components, notes } = await read(file, text);
    expect(components.map(({ name, version }) => `${name} ${version}`)).toContain(wanted);
    if (note) expect(notes.join('\n')).toMatch(note);
    else expect(notes).toEqual([]);
  });

  it.each(files)(
    '%s: empty it asks for nothing, half-merged it is none, a mark before it is nothing',
    async (file) => {
      expect(await read(file, ' \r\n')).toMatchObject({
        components: [],
        notes: ['the file is empty'],
      });
      const text = samples[file] ?? '';
      await expect(read(file, `${text}\n<<<<<<< HEAD\n`)).rejects.toThrow(
        /merge is unsettled at line/,
      );
      const marked = await read(file, `\uFEFF${text.replaceAll('\n', '\r\n')}`);
      expect(marked.components).toEqual((await read(file)).components);
    },
  );

  it.each([
    ['go.mod', 'module a\nrequire (\n\tb v1.0.0\n'],
    ['poetry.lock', '[[package]]\nname = "a"\nversion = "1"\n'],
    ['Gemfile.lock', 'GEM\n  specs:\n    a (1.0.0)\n'],
    ['pubspec.lock', 'packages:\n  a:\n    version: "1.0.0"\n    source: hosted\n'],
    ['mix.lock', '%{\n  "a": {:hex, :a, "1.0.0", "00", [:mix], []},\n'],
  ])('%s, cut between two lines, says that it ends early', async (file, text) => {
    expect((await read(file, text)).notes.join()).toMatch(/ends early/);
  });

  it.each(['pom.xml', 'packages.config', 'verification-metadata.xml'])(
    '%s with half a pair of code units is refused in words',
    async (file) => {
      for (const text of ['<verif\ud800', '<!\ud800', '<?\ud800', '<a>\ud800', '<a b="\ud800'])
        await expect(read(file, text)).rejects.toThrow(InventoryFault);
    },
  );

  it.each(files)('%s, cut or bent anywhere, is read in part or refused in words', async (file) => {
    const text = samples[file] ?? '';
    await fc.assert(
      fc.asyncProperty(bendingOf(text), async (bending) => {
        try {
          await read(file, bent(text, bending));
        } catch (error) {
          expect(error).toBeInstanceOf(InventoryFault);
        }
      }),
      { numRuns: 300 },
    );
  });

  // Its square would be minutes, on any machine.
  it.each([
    ['mix.lock', '%{', '"a": {:hex, :a, "1", "x", ['],
    ['mix.lock', '%{', '\\"'],
    ['bun.lock', '{', '/*'],
    ['yarn.lock', '# yarn lockfile v1\na@1:\n  version ', 'a "x'],
    ['pom.xml', '<project><dependencies><dependency><version>', '${'],
    ['pnpm-lock.yaml', 'lockfileVersion: 5\npackages:\n  ', '{a: '],
    ['Cargo.lock', 'a = ', '['],
    ['package-lock.json', '', '{"dependencies":'],
    ['requirements.txt', '-r ', '[ '],
    ['Gemfile.lock', 'GEM\n', '    a ('],
    ['yarn.lock', '', '\n'],
    ['go.mod', '', '\n'],
    ['pubspec.lock', '', '"""'],
    ['pom.xml', '', '<a>'],
  ])(
    '%s: the same over and over takes no longer than its length',
    async (file, beginning, repeated) => {
      try {
        await read(file, beginning + repeated.repeat(100_000));
      } catch (error) {
        expect(error).toBeInstanceOf(InventoryFault);
      }
    },
    20_000,
  );

  it('YAML says where it breaks, by line and column', async () => {
    await expect(read('pubspec.lock', 'packages:\n  a: "b" c\n')).rejects.toThrow(
      /pubspec\.lock cannot be read: .* at line 2, column \d+$/,
    );
  });

  it('is none of whatever else', async () => {
    expect(readerOf('package.json')).toBeNull();
    expect(readerOf('constructor')).toBeNull();
    expect(readerOf('requirements-dev.txt')).not.toBeNull();
  });
});
