import type { Terminal } from '../terminal.ts';

type UpModule = typeof import('../../server/up.ts');

/**
 * Becomes the server: the same process, another program. It is named by its address rather than
 * imported, because the command line is a client and takes nothing of the server but types.
 */
export async function up(terminal: Terminal, demo: boolean): Promise<number> {
  const program = (await import(new URL('../../server/up.ts', import.meta.url).href)) as UpModule;
  return program.up({
    env: terminal.env,
    folder: terminal.folder,
    demo,
    console: {
      say: (line, event) =>
        terminal.out(terminal.json ? `${JSON.stringify(event)}\n` : `${line}\n`),
      complain: (line) =>
        terminal.err(
          terminal.json ? `${JSON.stringify({ event: 'fault', what: line })}\n` : `kept: ${line}\n`,
        ),
    },
  });
}
