import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';

// Half of a start is compiling; what was compiled once is kept beside the packages. Where nothing
// can be written there, starting takes longer and is otherwise the same.
enableCompileCache(
  join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'kept', 'compiled'),
);

const { run } = await import('./program.ts');
const { processTerminal } = await import('./terminal.ts');

const ended = run(process.argv.slice(2), processTerminal);
// A server that is killed later would never write what it compiled.
setTimeout(flushCompileCache, 5_000).unref();
process.exitCode = await ended;
