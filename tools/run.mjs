// Runs any script of this package under the pinned Node: `node tools/run.mjs [--web] FILE args…`.
// FILE is taken from the package's root; `--web` asks that the web console be built first.
import { start } from './bootstrap.mjs';

const args = process.argv.slice(2);
const needsConsole = args[0] === '--web';
if (needsConsole) args.shift();

const target = args.shift();
if (target === undefined) {
  process.stderr.write('usage: node tools/run.mjs [--web] FILE args…\n');
  process.exit(2);
}
await start({ target, args, needsConsole });
