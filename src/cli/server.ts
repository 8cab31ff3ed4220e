import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CliFault, exit, type Problem } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** A server and the way into it. */
export interface Server {
  readonly url: string;
  readonly token: string | null;
  /** For people: where the two come from. */
  readonly from: string;
}

const defaultUrl = 'http://localhost:4747';

/**
 * Finds the server: `KEPT_URL` with `KEPT_TOKEN`, or the file that a server of this machine keeps
 * in its data folder while it runs. `KEPT_URL` alone may be that server's own setting, in the same
 * environment; where it names another one, the file's token is nobody's there and the file not asked.
 */
export async function findServer(terminal: Terminal): Promise<Server> {
  const url = terminal.env['KEPT_URL']?.replace(/\/+$/, '');
  const token = terminal.env['KEPT_TOKEN'];
  if (url && !URL.canParse(url))
    throw new CliFault(exit.usage, `KEPT_URL must be a URL such as ${defaultUrl}; it is "${url}"`);
  if (url && token) return { url, token, from: 'KEPT_URL and KEPT_TOKEN' };
  const local = await localServer(terminal, url);
  if (token) return { url: url ?? local?.url ?? defaultUrl, token, from: 'KEPT_TOKEN' };
  return local ?? { url: url ?? defaultUrl, token: null, from: url ? 'KEPT_URL' : 'the default' };
}

async function localServer(
  { env, folder }: Terminal,
  wanted: string | undefined,
): Promise<Server | null> {
  const folders = env['KEPT_DATA'] ? [env['KEPT_DATA']] : ['data', join('data', 'demo')];
  for (const name of folders) {
    const path = resolve(folder, name, 'cli.json');
    const found = await stat(path).catch(() => null);
    if (!found) continue;
    if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
      throw new CliFault(
        exit.usage,
        `${path} can be read by others and is not used; make its mode 0600`,
      );
    }
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new CliFault(
        exit.notAllowed,
        `${path} belongs to another account; run as that one, or set KEPT_TOKEN`,
        cause,
      );
    });
    const { url, origin, token } = JSON.parse(text) as Record<'url' | 'origin' | 'token', string>;
    if (wanted && wanted !== url && wanted !== origin) continue;
    return { url, token, from: path };
  }
  return null;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
}

/**
 * Calls the API; `path` as documented, from `/api/v1` on or any other.
 *
 * @throws CliFault with the server's own problem where it says no
 */
export async function call(
  server: Server,
  path: string,
  { method = 'GET', body }: Call = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(server.token ? { authorization: `Bearer ${server.token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
    });
  } catch (cause) {
    throw new CliFault(
      exit.unreachable,
      {
        title: `No Kept answers at ${server.url} (from ${server.from})`,
        detail: reasonOf(cause),
        action: 'start it with `kept up`, or say where it is by KEPT_URL and KEPT_TOKEN',
      },
      cause,
    );
  }
  if (response.ok) return response;
  throw await faultOf(response, server);
}

/** `call` for answers in JSON. */
export async function ask<T>(server: Server, path: string, options: Call = {}): Promise<T> {
  return (await (await call(server, path, options)).json()) as T;
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? String((error as Error).message ?? error);
}

async function faultOf(response: Response, server: Server): Promise<CliFault> {
  const { status } = response;
  const told = /json/.test(response.headers.get('content-type') ?? '')
    ? ((await response.json().catch(() => null)) as Problem | null)
    : null;
  const problem: Problem = {
    status,
    ...(told ?? { title: `The server answered ${status} ${response.statusText}`.trim() }),
  };
  if (status === 401 && !server.token) {
    return new CliFault(exit.notAllowed, {
      ...problem,
      action:
        'run it on the server’s machine with the same KEPT_DATA, or set KEPT_URL and KEPT_TOKEN',
    });
  }
  if (status === 401 || status === 403) return new CliFault(exit.notAllowed, problem);
  if (problem.code === 'starting') return new CliFault(exit.unreachable, problem);
  return new CliFault(status >= 500 ? exit.fault : exit.refused, problem);
}
