import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageKey } from '../src/advisories/packages.ts';
import { InventoryFault } from '../src/inventory/component.ts';
import { readerOf } from '../src/inventory/readers.ts';
import { type Outcome, Tally } from './suite.ts';

export const name =
  'lockfiles: as osv-scalibr, the reader of osv-scanner, reads its own test files';

const sources = join(import.meta.dirname, 'go-scalibr');
const program = join(import.meta.dirname, '..', '.cache', 'go', 'scalibr');

/** What one file holds, as osv-scalibr says. */
interface Told {
  readonly kind: string;
  readonly path: string;
  readonly error?: string;
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly ecosystem: string;
  }[];
}

/**
 * Where we read otherwise on purpose, by the file's place below `testdata`, and why. What is not listed
 * has to agree.
 */
const otherwise: Readonly<Record<string, string>> = {
  'pubspec.lock empty.lock': 'an empty file asks for nothing',
  'pubspec.lock source-path.lock': 'a folder of the software is no package of the registry',
  'pubspec.lock source-sdk.lock': 'a part of the SDK is no package of the registry',
  'go.mod indirect-1.16.mod': 'the reader sees one file; kept scan reads the go.sum beside it',
  'go.mod replace-local.mod': 'a folder of the software is no module',
  'verification-metadata.xml missing-attribute.xml': 'what has half a name is a note',
  'pom.xml multi-version.xml': 'of two versions both are looked at',
  'pom.xml with-parent.xml': 'what a parent decides is a note',
  'bun.lock bad-tuple.json5': 'what is malformed is a note, the rest is read',
  'bun.lock files.json5': 'a folder of the software is no package of the registry',
  'bun.lock urls.json5': 'an archive at an address has no version',
  'package-lock.json both/package-lock.json':
    'the reader sees one file; kept scan prefers npm-shrinkwrap.json, as npm does',
  'package-lock.json files.v1.json': 'a folder of the software is no package of the registry',
  'package-lock.json files.v2.json': 'a folder of the software is no package of the registry',
  'package-lock.json workspaces-object.v3.json': 'workspaces are the software itself',
  'package-lock.json workspaces.v3.json': 'workspaces are the software itself',
  'pnpm-lock.yaml empty.yaml': 'no lockfile of pnpm is without lockfileVersion',
  'pnpm-lock.yaml invalid-path.yaml': 'what is malformed is a note, the rest is read',
  'pnpm-lock.yaml invalid-paths.yaml': 'what is malformed is a note, the rest is read',
  'yarn.lock exclude-root.v2.lock': 'workspaces are the software itself',
  'yarn.lock files.v2.lock': 'a folder of the software is no package of the registry',
  'yarn.lock with-build-string.v1.lock': 'what comes from a repository is of no registry',
  'renv.lock with-bioconductor.lock': 'a package of another repository is there, of no registry',
  'renv.lock with-mixed-sources.lock': 'a package of another repository is there, of no registry',
  'renv.lock without-repository.lock': 'a package of no repository is there, of no registry',
  'requirements.txt env_var.txt': 'a package whose version is a variable is there all the same',
  'requirements.txt example.txt': 'the reader sees one file; kept scan follows -r',
  'requirements.txt invalid.txt': 'a package without a version is there all the same',
  'requirements.txt per_req_options.txt': 'prose behind a version is no part of it',
  'Gemfile.lock has-local-gem.lock': 'a folder of the software is no gem of the registry',
  'Cargo.lock two-packages-with-local.lock': 'crates of the workspace are the software itself',
};

export async function run(): Promise<Outcome> {
  const tally = new Tally();
  const root = build(tally);
  if (root === null) return tally.outcome();
  const ran = spawnSync(program, [root], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const lines = ran.stdout.trim().split('\n');
  tally.expect(ran.status === 0 && lines.length > 300, 'osv-scalibr reads its files', ran.stderr);
  for (const line of lines) await judge(tally, root, JSON.parse(line) as Told);
  return tally.outcome();
}

/** Builds their reader; null where there is no Go or no network, which is said. */
function build(tally: Tally): string | null {
  const go = (...words: readonly string[]) =>
    spawnSync('go', words, { cwd: sources, encoding: 'utf8', timeout: 900_000 });
  if (!existsSync(program)) {
    mkdirSync(join(program, '..'), { recursive: true });
    const built = go('build', '-o', program, '.');
    if (built.status !== 0) {
      tally.skip(
        `osv-scalibr cannot be built: ${built.error?.message ?? built.stderr.slice(-300)}`,
      );
      return null;
    }
  }
  const listed = go('list', '-m', '-f', '{{.Dir}}', 'github.com/google/osv-scalibr');
  if (listed.status === 0) return listed.stdout.trim();
  tally.skip(`the files of osv-scalibr cannot be found: ${listed.stderr.slice(-300)}`);
  return null;
}

async function judge(tally: Tally, root: string, told: Told): Promise<void> {
  const label = `${told.kind} ${told.path.replace(/^.*\/testdata\//, '')}`;
  const { error, found } = await readOurs(told.kind, readFileSync(join(root, told.path), 'utf8'));
  const wanted = new Set(told.packages.filter(({ ecosystem }) => ecosystem !== '').map(keyOf));
  const missing = [...wanted].filter((key) => !found.has(key));
  const more = [...found].filter((key) => !wanted.has(key));
  const agrees =
    missing.length === 0 && more.length === 0 && (error === null) === (told.error === undefined);
  const reason = otherwise[label];
  if (reason !== undefined) tally.expect(!agrees, label, 'agrees by now: take it off the list');
  else tally.expect(agrees, label, said({ missing, more, error, theirs: told.error }));
}

function said(difference: object): string {
  return JSON.stringify(difference).slice(0, 500);
}

/** What comes from a repository has no ecosystem with us and `GIT` with them. */
function keyOf(one: Told['packages'][number]): string {
  const { ecosystem, version } = one;
  const v = ecosystem === 'Go' && one.name !== 'stdlib' && version !== '' ? 'v' : '';
  const key = ecosystem === 'GIT' ? `/${one.name}` : packageKey(ecosystem, one.name);
  return `${key} ${v}${version}`;
}

async function readOurs(
  kind: string,
  text: string,
): Promise<{ error: string | null; found: Set<string> }> {
  const reader = readerOf(kind);
  if (reader === null) return { error: 'there is no reader', found: new Set() };
  try {
    const { components } = await reader(text);
    const found = components.map(
      (one) =>
        `${one.ecosystem === null ? `/${one.name}` : packageKey(one.ecosystem, one.name)} ${one.version ?? ''}`,
    );
    return { error: null, found: new Set(found) };
  } catch (error) {
    if (!(error instanceof InventoryFault)) throw error;
    return { error: error.message, found: new Set() };
  }
}
