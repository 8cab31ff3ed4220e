// The packages, exactly as package-lock.json names them.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { BootstrapFault } from './fault.mjs';
import { showProgress } from './progress.mjs';

/** The Node that everything of ours runs under, as the npm package `node` lays it down. */
export function pinnedNode(root) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(root, 'node_modules', 'node', 'bin', name);
}

const stampPath = (root) => join(root, 'node_modules', '.kept-install');

/** Whether node_modules is what package.json and the lock file ask for on this machine. */
export function installIsCurrent(root) {
  if (!existsSync(pinnedNode(root))) return false;
  const wanted = wantedStamp(root);
  if (read(stampPath(root)) === wanted) return true;
  if (!npmLaidDownAsLocked(root)) return false;
  try {
    writeFileSync(stampPath(root), wanted);
  } catch {
    // Somebody else's folder: it is compared again at the next start.
  }
  return true;
}

function wantedStamp(root) {
  const { dependencies, devDependencies, overrides, allowScripts } = readJson(
    join(root, 'package.json'),
  );
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(JSON.stringify([dependencies, devDependencies, overrides, allowScripts]))
    .update(`${process.platform} ${process.arch}`) // a checkout may be shared with a container
    .digest('hex');
}

/**
 * Somebody may have run npm by hand. npm leaves its own account of what it laid down in
 * node_modules/.package-lock.json, written last; if that agrees with the lock file, package by
 * package, installing again would only repeat it.
 */
function npmLaidDownAsLocked(root) {
  const account = read(join(root, 'node_modules', '.package-lock.json'));
  if (account === undefined) return false;
  const { '': manifest, ...locked } = readJson(join(root, 'package-lock.json')).packages;
  const laidDown = JSON.parse(account).packages;
  const { dependencies = {}, devDependencies = {} } = readJson(join(root, 'package.json'));
  const lockIsOfThisManifest =
    sameEntries(manifest.dependencies ?? {}, dependencies) &&
    sameEntries(manifest.devDependencies ?? {}, devDependencies);
  const same = (a, b) => a.version === b.version && a.integrity === b.integrity;
  return (
    lockIsOfThisManifest &&
    Object.entries(laidDown).every(
      ([path, entry]) => locked[path] !== undefined && same(locked[path], entry),
    ) &&
    Object.entries(locked).every(
      ([path, entry]) => laidDown[path] !== undefined || entry.optional === true,
    )
  );
}

/** Runs `npm ci`. Throws a fault that holds all npm said when it does not succeed. */
export async function install(root) {
  const total = packagesForThisMachine(root);
  const fetched = new Set();
  const progress = showProgress('installing packages', () =>
    fetched.size === 0 ? '' : `${Math.min(fetched.size, total)} of ${total} fetched`,
  );
  const onLine = (line) => {
    const archive = /^npm http (?:fetch|cache) .*?(\S+\.tgz)/.exec(line);
    if (archive !== null) fetched.add(archive[1]);
  };
  const { code, output } = await npm(
    root,
    ['ci', '--include=dev', '--include=optional', '--loglevel=http'],
    onLine,
  );
  if (code !== 0) {
    progress.failed();
    throw new BootstrapFault(
      `npm ci failed with code ${code}; it said:\n${withoutHttpLines(output)}`,
    );
  }
  try {
    await proveNodeRuns(root, withoutHttpLines(output));
  } catch (error) {
    progress.failed();
    throw error;
  }
  writeFileSync(stampPath(root), wantedStamp(root));
  progress.done();
}

/** The package `node` fetches its program by an install script; and a program may lack a library. */
async function proveNodeRuns(root, npmSaid) {
  if (!existsSync(pinnedNode(root))) {
    throw new BootstrapFault(
      `npm ci ran, but the pinned Node is not there: its install script did not run. If npm is set to ignore-scripts, allow them for this package: npm ci --ignore-scripts=false\n${npmSaid}`,
    );
  }
  const { code, output } = await runChild(pinnedNode(root), ['--version'], { cwd: root });
  if (code === 0) return;
  const remedy = output.includes('libatomic')
    ? 'Install the library (Debian and Ubuntu: apt-get install libatomic1; Fedora: dnf install libatomic)'
    : 'It is a program for glibc 2.28 or newer, or macOS';
  throw new BootstrapFault(`the pinned Node does not run here. ${remedy}. It said:\n${output}`);
}

/** The lock names packages of every platform; this counts those that npm will lay down here. */
function packagesForThisMachine(root) {
  const { '': _, ...locked } = readJson(join(root, 'package-lock.json')).packages;
  const admits = (list, own) => list === undefined || list.includes(own);
  const ownLibc =
    process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  return Object.values(locked).filter(
    ({ os, cpu, libc }) =>
      admits(os, process.platform) && admits(cpu, process.arch) && admits(libc, ownLibc),
  ).length;
}

function npm(root, args, onLine) {
  // Started by npm, we are told where it is; that one is used, whatever else is on the path.
  const startedBy = process.env.npm_execpath;
  if (startedBy?.endsWith('npm-cli.js')) {
    return runChild(process.execPath, [startedBy, ...args], { cwd: root, onLine });
  }
  const onWindows = process.platform === 'win32';
  return runChild(onWindows ? 'npm.cmd' : 'npm', args, {
    cwd: root,
    shell: onWindows,
    onLine,
  }).catch((error) => {
    throw new BootstrapFault(
      `${error.message}. npm comes with Node; Kept needs it once, to install its packages`,
    );
  });
}

const withoutHttpLines = (output) =>
  output
    .split('\n')
    .filter((line) => !line.startsWith('npm http '))
    .join('\n');

const sameEntries = (a, b) => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
