// One bootstrap at a time per checkout. The lock is a file that names its holder; the holder touches
// it while it lives, so a lock left by a killed process (even one whose pid is taken again) is seen
// to be dead and broken.
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BootstrapFault } from './fault.mjs';

const HEARTBEAT_MS = 2_000;
const DEAD_AFTER_MS = 30_000;
const POLL_MS = 200;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `work` while holding the lock at `path`; waits as long as another live process holds it. */
export async function withLock(path, work) {
  await acquire(path);
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener('exit', release);
    release();
  }
}

async function acquire(path) {
  makeFolder(dirname(path));
  let toldAbout;
  while (!create(path)) {
    const holder = holderOf(path);
    if (holder === undefined) continue; // released between our two looks
    if (!holder.alive) {
      breakLock(path, holder);
      continue;
    }
    if (toldAbout !== holder.pid) {
      process.stderr.write(
        `kept: another start is preparing this checkout (process ${holder.pid}); waiting for it\n`,
      );
      toldAbout = holder.pid;
    }
    await pause(POLL_MS);
  }
}

function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new BootstrapFault(`cannot write to ${folder}: ${error.message}`);
  }
}

/** Creates the file if nobody has; `wx` makes the test and the creation one act. */
function create(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new BootstrapFault(`cannot write ${path}: ${error.message}`);
  }
}

function holderOf(path) {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    const quietMs = Date.now() - statSync(path).mtimeMs;
    // A file without a pid is one that is being written this instant, unless it stays so.
    const running = Number.isNaN(pid) || isRunning(pid);
    return { pid, alive: running && quietMs < DEAD_AFTER_MS };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM'; // it runs, under another user
  }
}

/**
 * Removes a dead holder's lock. Two waiters may find it dead together; without care the slower one
 * would remove the lock that the faster one has just made. So breaking has its own short-lived lock,
 * under which the holder is looked at again.
 */
function breakLock(path, dead) {
  const breaking = `${path}.breaking`;
  if (!create(breaking)) {
    if (holderOf(breaking)?.alive === false) rmSync(breaking, { force: true });
    return;
  }
  try {
    const holder = holderOf(path);
    if (holder !== undefined && !holder.alive && Object.is(holder.pid, dead.pid))
      rmSync(path, { force: true });
  } finally {
    rmSync(breaking, { force: true });
  }
}

function touch(path) {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // The folder may be taken away under us (a deleted checkout); the work itself will say so.
  }
}
