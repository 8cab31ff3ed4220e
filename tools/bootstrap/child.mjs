// Runs a program for the bootstrap itself and listens to what it says.
import { spawn } from 'node:child_process';
import { BootstrapFault } from './fault.mjs';

/**
 * Runs `program` and resolves to `{ code, output }` when it has ended; `onLine` sees each line of
 * both streams. A signal that asks us to stop is passed on, and obeyed once the program has
 * stopped: an installation is never left running behind a dead parent.
 */
export function runChild(program, args, { cwd, env = process.env, shell = false, onLine }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    let asked;
    const passOn = (signal) => {
      asked = signal;
      child.kill(signal);
    };
    process.on('SIGINT', passOn).on('SIGTERM', passOn);
    const ended = () => process.off('SIGINT', passOn).off('SIGTERM', passOn);

    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (chunk) => {
        output.push(chunk);
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const line of lines) onLine?.(line);
      });
    }
    child.on('error', (error) => {
      ended();
      reject(new BootstrapFault(`cannot run ${program}: ${error.message}`));
    });
    child.on('close', (code) => {
      ended();
      if (asked !== undefined) process.exit(asked === 'SIGINT' ? 130 : 143);
      resolve({ code, output: output.join('') });
    });
  });
}
