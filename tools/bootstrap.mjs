// From a bare checkout to a running script: right Node, packages as locked, console built, hand-over.
//
// Plain JavaScript without packages, because it runs before anything is installed; and syntax that
// Node 14 can read, because an old Node must get as far as the sentence that says it is too old.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole, consoleIsCurrent } from './bootstrap/console.mjs';
import { BootstrapFault } from './bootstrap/fault.mjs';
import { install, installIsCurrent, pinnedNode } from './bootstrap/install.mjs';
import { launch } from './bootstrap/launch.mjs';
import { withLock } from './bootstrap/lock.mjs';

const OLDEST_NODE = 20;
/** As `kept --help` documents it. Never 1: by that a scan or a verification says what it found. */
const FAULT = 5;
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Makes the checkout ready, then runs `target` (a path from the root) with `args` under the pinned
 * Node with `flags`. Never returns normally: the process ends as the target ends, by code or by signal.
 */
export async function start({ target, args, needsConsole, flags = [] }) {
  try {
    refuseOldNode(process.versions.node);
    await makeReady(ROOT, needsConsole);
    const file = join(ROOT, target);
    if (!existsSync(file)) throw new BootstrapFault(`there is no ${target} in ${ROOT}`);
    // Below node_modules: an install that makes the old code useless takes it along.
    const compiled = join(ROOT, 'node_modules', '.cache', 'compiled');
    await launch(pinnedNode(ROOT), [...flags, file, ...args], compiled);
  } catch (error) {
    // What the reader can put right is told in words; the rest is a bug, and needs its stack.
    const said = error instanceof BootstrapFault ? `kept: ${error.message}` : error.stack;
    process.stderr.write(`${said}\n`);
    process.exit(FAULT);
  }
}

function refuseOldNode(version) {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return;
  throw new BootstrapFault(
    `Node ${OLDEST_NODE} or newer is needed, and this is Node ${version} (${process.execPath}). Get one from https://nodejs.org/`,
  );
}

/** Does only what is missing; when nothing is, it costs a few file reads and takes no lock. */
async function makeReady(root, needsConsole) {
  const ready = () => installIsCurrent(root) && (!needsConsole || consoleIsCurrent(root));
  if (ready()) return;
  await withLock(join(root, '.cache', 'bootstrap.lock'), async () => {
    // Whoever held the lock before us may have done the work.
    if (!installIsCurrent(root)) await install(root);
    if (needsConsole && !consoleIsCurrent(root)) await buildConsole(root);
  });
}
