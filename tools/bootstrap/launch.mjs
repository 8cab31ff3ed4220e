// The hand-over: from here on the target is the process, as far as anybody outside can tell.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { BootstrapFault } from './fault.mjs';

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];
// Sent by the terminal to every process in the foreground, hence to the target as well as to us.
const FROM_TERMINAL = new Set(['SIGINT', 'SIGHUP', 'SIGQUIT']);

const PARENT_CHECK_MS = 500;

/**
 * Runs `node` with `args` on our own streams and ends this process exactly as it ends. What Node
 * compiles it keeps in `compiled`, so that the next start need not strip and compile it again.
 */
export function launch(node, args, compiled) {
  return new Promise((_, reject) => {
    const env = { NODE_COMPILE_CACHE: compiled, ...process.env };
    const child = spawn(node, args, { stdio: 'inherit', env });
    child.on('error', (error) => {
      const hint = error.code === 'ENOENT' ? ' (a Linux without glibc cannot run it)' : '';
      reject(new BootstrapFault(`cannot run the pinned Node at ${node}: ${error.message}${hint}`));
    });

    const seen = new Set();
    for (const signal of FORWARDED) {
      process.on(signal, () => {
        const targetHasIt = FROM_TERMINAL.has(signal) && process.stdin.isTTY === true;
        // Once: a signal to npm arrives here both from npm and from whoever signalled its group.
        if (targetHasIt || seen.has(signal)) return;
        seen.add(signal);
        child.kill(signal);
      });
    }
    stopWithNpm(child);
    child.on('exit', (code, signal) => {
      for (const name of FORWARDED) process.removeAllListeners(name);
      if (signal === null) process.exit(code);
      process.exitCode = 128 + constants.signals[signal]; // should the signal below be ignored
      process.kill(process.pid, signal);
    });
  });
}

/**
 * npm runs a script inside a shell, and hands a signal to that shell, which dies of it and tells
 * nobody. A target that npm started is therefore asked to stop when what started it is gone.
 */
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, PARENT_CHECK_MS);
  watch.unref();
}
