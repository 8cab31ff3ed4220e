import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { CliFault, type Exit, exit } from '../exit.ts';
import { progressOn, sizeText } from '../progress.ts';
import { ask, findServer, type Server } from '../server.ts';
import { answer, type Terminal } from '../terminal.ts';

interface RowProblem {
  readonly line: number;
  readonly column: string;
  readonly why: string;
}
type Counts = Readonly<Record<string, unknown>>;

/** Imports a file of people or of systems, whole or not at all. */
export async function importTable(
  terminal: Terminal,
  kind: 'people' | 'systems',
  name: string,
): Promise<Exit> {
  const server = await findServer(terminal);
  const file = await readInput(terminal, name);
  return send(
    terminal,
    server,
    `/api/v1/${kind}/import`,
    file,
    (counts) => `Imported ${kind} from ${name} into ${server.url}: ${countsText(counts)}`,
  );
}

export interface GrantFlags {
  readonly system: string;
  readonly create: boolean;
  /** Left out where the server is to tell it from the file. */
  readonly format?: 'pairs' | 'csv';
}

/**
 * Imports a complete read of who holds what on a system: lines of `user permission`, or a table. A
 * system that the register does not know is added, unless `--no-create` says otherwise.
 */
export async function importGrants(
  terminal: Terminal,
  name: string,
  { system, create, format }: GrantFlags,
): Promise<Exit> {
  const server = await findServer(terminal);
  const file = { ...(await readInput(terminal, name)), ...(format ? { format } : {}) };
  const path = `/api/v1/systems/${encodeURIComponent(system)}/reads`;
  const text = (counts: Counts) =>
    `Read ${system} from ${name} into ${server.url}: ${countsText(counts)}`;
  try {
    return await send(terminal, server, path, file, text);
  } catch (thrown) {
    const unknown = thrown instanceof CliFault && thrown.problem.status === 404;
    if (!unknown || !create) throw thrown;
    await addSystem(terminal, server, system);
    return send(terminal, server, path, file, text);
  }
}

async function addSystem(terminal: Terminal, server: Server, key: string): Promise<void> {
  const agreed = terminal.confirm
    ? await terminal.confirm(`The register has no system ${key}. Add it?`)
    : true;
  if (!agreed)
    throw new CliFault(exit.refused, `The register has no system ${key}; nothing was imported`);
  await ask(server, '/api/v1/systems', { method: 'POST', body: { key, name: key } });
  terminal.err(
    `Added the system ${key} to the register of ${server.url}; say there who owns it and how it is classified\n`,
  );
}

interface Input {
  readonly bytes: Buffer;
  readonly name: string;
  readonly format?: string;
}

async function readInput(terminal: Terminal, name: string): Promise<Input> {
  const path = resolve(terminal.folder, name);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : (cause.code ?? cause.message);
    throw new CliFault(exit.usage, `${path} cannot be read: ${why}`, cause);
  });
  return { bytes, name };
}

/** The bytes go as they are: the server finds out whether they are UTF-8, UTF-16 or Shift_JIS. */
async function send(
  terminal: Terminal,
  server: Server,
  path: string,
  file: Input,
  text: (counts: Counts) => string,
): Promise<Exit> {
  const body = {
    base64: file.bytes.toString('base64'),
    source: basename(file.name),
    ...(file.format ? { format: file.format } : {}),
  };
  const progress = progressOn(terminal);
  const startedMs = performance.now();
  const tick = (): void =>
    progress.show(
      `Importing ${file.name} (${sizeText(file.bytes.length)}): ${Math.round((performance.now() - startedMs) / 1000)} s`,
    );
  tick();
  const timer = setInterval(tick, 200);
  try {
    const counts = await ask<Counts>(server, path, { method: 'POST', body });
    progress.done();
    // Somebody who has several must see which one it was.
    answer(terminal, { server: server.url, ...counts }, text(counts));
    return exit.ok;
  } catch (thrown) {
    progress.done();
    if (thrown instanceof CliFault && thrown.problem.code === 'rowsUnfit')
      throw await explained(thrown, server, path, body);
    throw thrown;
  } finally {
    clearInterval(timer);
  }
}

/** The refusal names the first unfit row; the preview of the same file knows them all. */
async function explained(
  fault: CliFault,
  server: Server,
  path: string,
  body: object,
): Promise<CliFault> {
  const preview = await ask<{ problems?: readonly RowProblem[]; problemCount?: number }>(
    server,
    `${path}/preview`,
    {
      method: 'POST',
      body,
    },
  ).catch(() => null);
  if (!preview?.problems?.length) return fault;
  const { problems, problemCount = problems.length } = preview;
  const errors = problems.map(({ line, column, why }) => ({
    path: column ? `line ${line}, ${column}` : `line ${line}`,
    message: why,
  }));
  const more =
    problemCount > problems.length
      ? [{ path: '', message: `and ${problemCount - problems.length} more` }]
      : [];
  return new CliFault(fault.exit, { ...fault.problem, errors: [...errors, ...more] }, fault);
}

/** `added 3, changed 0`: whatever numbers the server answered, in its order. */
export function countsText(counts: Counts): string {
  const numbers = Object.entries(counts).filter(([, value]) => typeof value === 'number');
  return numbers
    .map(
      ([name, value]) =>
        `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${value}`,
    )
    .join(', ');
}
