import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeExport } from '../src/ledger/exported.ts';
import { tilePath, widthOfTile } from '../src/ledger/tile.ts';
import { folderSink, growSample, type SamplePlan } from './ledger-sample.ts';
import { type Outcome, Tally } from './suite.ts';

export const name = 'our export by Go (golang.org/x/mod/sumdb note and tlog)';

/** Sizes around the edges of tiles, keys never, once and twice rotated, one tree of three levels. */
const plans: readonly SamplePlan[] = [
  { size: 0 },
  { size: 1 },
  { size: 256, privateEvery: 9, blobEvery: 100 },
  { size: 700, rotations: [99, 511], privateEvery: 7, blobEvery: 100 },
  { size: 66_000, rotations: [300, 65_535, 65_537], privateEvery: 1000, blobEvery: 9000 },
];

const goModules = '/usr/share/gocode';

interface Go {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export async function run(): Promise<Outcome> {
  const tally = new Tally();
  const folder = mkdtempSync(join(tmpdir(), 'kept-go-'));
  try {
    const program = build(folder, tally);
    if (program !== null) for (const plan of plans) await verifyPlan(program, folder, plan, tally);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return tally.outcome();
}

/** Builds the Go program; null where there is no Go to be had, which is said. */
function build(folder: string, tally: Tally): string | null {
  const program = join(folder, 'verify');
  const reasons: string[] = [];
  for (const { words, env } of toolchains()) {
    const built = spawnSync('go', [...words, '-o', program, '.'], {
      cwd: join(import.meta.dirname, 'go'),
      env: { ...process.env, ...env },
      encoding: 'utf8',
      timeout: 180_000,
    });
    if (built.status === 0) return program;
    reasons.push(built.error?.message ?? built.stderr.trim().slice(0, 300));
  }
  tally.skip(`no Go with golang.org/x/mod: ${reasons.join('; ')}`);
  return null;
}

/** The Debian package first, installed where we may; then whatever Go finds by itself. */
function* toolchains(): Generator<Go> {
  const packaged = () => existsSync(join(goModules, 'src/golang.org/x/mod/sumdb'));
  const hasGo = () => spawnSync('go', ['version']).status === 0;
  if ((!packaged() || !hasGo()) && process.getuid?.() === 0) {
    const wanted = ['golang-golang-x-mod-dev', ...(hasGo() ? [] : ['golang-go'])];
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...wanted], {
      timeout: 300_000,
    });
  }
  if (packaged()) yield { words: ['build'], env: { GO111MODULE: 'off', GOPATH: goModules } };
  yield { words: ['build', '-mod=mod'], env: {} };
}

async function verifyPlan(
  program: string,
  folder: string,
  plan: SamplePlan,
  tally: Tally,
): Promise<void> {
  const target = join(folder, `export-${plan.size}`);
  const { source, firstKey } = await growSample(plan);
  const { files } = await writeExport(source, folderSink(target));
  const told = `leaves=${plan.size} tiles=${tilesOf(plan.size)} rotations=${plan.rotations?.length ?? 0} files=${files - 1}`;
  const whole = verify(program, target, firstKey);
  tally.expect(
    whole.ok && whole.says === `verified ${told}`,
    `export of ${plan.size} entries`,
    whole.says,
  );
  if (whole.ok) tally.note(`${plan.size} entries: ${whole.says}`);
  for (const path of filesToFlip(plan, target)) {
    const copy = join(folder, 'flipped');
    cpSync(target, copy, { recursive: true });
    flipMiddle(join(copy, path));
    const flipped = verify(program, copy, firstKey);
    tally.expect(
      !flipped.ok,
      `${plan.size} entries with a byte of ${path} flipped`,
      'was accepted',
    );
    rmSync(copy, { recursive: true });
  }
  rmSync(target, { recursive: true });
}

function tilesOf(size: number): number {
  let tiles = 0;
  for (let hashes = size; hashes > 0; hashes = Math.floor(hashes / 256))
    tiles += Math.ceil(hashes / 256);
  return tiles;
}

/** One file of each kind that the plan has. */
function filesToFlip(plan: SamplePlan, folder: string): readonly string[] {
  const last = (level: number | 'entries') => {
    const hashes =
      level === 'entries' || level === 0 ? plan.size : Math.floor(plan.size / 256 ** level);
    const index = Math.max(0, Math.ceil(hashes / 256) - 1);
    return tilePath({ level, index, width: widthOfTile(plan.size, level, index) });
  };
  const paths = [
    'checkpoint',
    'MANIFEST',
    'register/0000.jsonl',
    'private/0000.jsonl',
    'rotations/0001',
  ];
  const tiles = [last('entries'), last(0), last(1), last(2), 'tile/entries/000', 'tile/0/000'];
  return [...new Set([...paths, ...tiles])].filter((path) => existsSync(join(folder, path)));
}

function flipMiddle(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] as number) ^ 4;
  writeFileSync(path, bytes);
}

function verify(
  program: string,
  folder: string,
  key: string,
): { readonly ok: boolean; readonly says: string } {
  const ran = spawnSync(program, [folder, key], { encoding: 'utf8', timeout: 120_000 });
  return { ok: ran.status === 0, says: `${ran.stdout}${ran.stderr}`.trim() };
}
