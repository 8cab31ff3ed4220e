// The web console: built by vite into dist/web, once per state of its sources.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { BootstrapFault } from './fault.mjs';
import { pinnedNode } from './install.mjs';
import { showProgress } from './progress.mjs';

// Whole rooms that a page may draw values from, and single files elsewhere. Rather a few too many:
// a build takes two seconds, a stale console costs somebody an afternoon.
const WHOLE_ROOMS = ['src/web', 'src/ui', 'src/kernel', 'src/ledger', 'src/policy'];
const ROOMS_WITH_PAGES = ['src/clauses', 'src/registers'];
const BUILT_FILE = /^(page|words|facts|clause)\b.*\.(tsx?|json|css)$/;
const SINGLE_FILES = ['vite.config.ts', 'package-lock.json', 'tsconfig.json'];
const TEST_FILE = /\.test\.tsx?$/;

const stampPath = (root) => join(root, 'dist', 'web', '.kept-build');

/** Whether dist/web was built from the sources as they are now. */
export function consoleIsCurrent(root) {
  if (!existsSync(join(root, 'vite.config.ts'))) return true; // nothing to build it with
  const stamp = readStamp(root);
  if (stamp === undefined) return false;
  const files = sources(root);
  if (stamp.outline === outline(root, files)) return true;
  // Times and sizes differ after a checkout of the same text; then the text itself decides.
  if (stamp.digest !== digest(root, files)) return false;
  try {
    writeFileSync(stampPath(root), JSON.stringify(stateOf(root, files)));
  } catch {
    // Somebody else's folder: the text is read again at the next start.
  }
  return true;
}

/** Builds the console. Throws a fault that holds all vite said when it does not succeed. */
export async function buildConsole(root) {
  const files = sources(root); // before the build: an edit meanwhile must make it stale
  const before = stateOf(root, files);
  const progress = showProgress('building the web console');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const { code, output } = await runChild(pinnedNode(root), [vite, 'build'], { cwd: root });
  if (code !== 0) {
    progress.failed();
    throw new BootstrapFault(`the web console could not be built; vite said:\n${output}`);
  }
  if (!existsSync(join(root, 'dist', 'web'))) {
    progress.failed();
    throw new BootstrapFault(`vite ran, but made no dist/web; it said:\n${output}`);
  }
  writeFileSync(stampPath(root), JSON.stringify(before));
  progress.done();
}

function sources(root) {
  const inWholeRooms = WHOLE_ROOMS.flatMap((room) => filesBelow(root, room));
  const pages = ROOMS_WITH_PAGES.flatMap((room) => filesBelow(root, room)).filter((path) =>
    BUILT_FILE.test(path.slice(path.lastIndexOf('/') + 1)),
  );
  const single = SINGLE_FILES.filter((path) => existsSync(join(root, path)));
  return [...inWholeRooms, ...pages, ...single].filter((path) => !TEST_FILE.test(path)).sort();
}

function filesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

const stateOf = (root, files) => ({ outline: outline(root, files), digest: digest(root, files) });

function outline(root, files) {
  const hash = createHash('sha256');
  for (const path of files) {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function digest(root, files) {
  const hash = createHash('sha256');
  for (const path of files) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

function readStamp(root) {
  try {
    return JSON.parse(readFileSync(stampPath(root), 'utf8'));
  } catch {
    return undefined; // absent or half-written: build
  }
}
