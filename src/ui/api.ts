/**
 * The typed client of the API. Routes are server-side objects; only their types reach the browser,
 * with a generated table of operation → method and path.
 *
 * @example
 * import type { routes } from './routes.ts';
 * const api = useApi<typeof routes>();
 * const { items } = await api.listPeople({ q: 'sato', limit: 50 });
 */
import { createContext, useContext } from 'react';
import type { input, output, ZodType } from 'zod';
import { freshKey } from './chance.ts';

export type OperationAddress = { readonly method: string; readonly path: string };
export type Operations = Readonly<Record<string, OperationAddress>>;

export type CallOptions = {
  readonly signal?: AbortSignal;
  /** Same key, same effect: give the key of the first try when repeating a write. */
  readonly idempotencyKey?: string;
};

/** One operation of the API: call it, or hand it to `useList`, `useRead`, `useCommand`, `RegisterTable`. */
export type Operation<Input, Output> = ((
  input: Input,
  options?: CallOptions,
) => Promise<Output>) & {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
};

type RouteTypes = { readonly input: ZodType; readonly output: ZodType };

export type ApiOf<Routes> = {
  readonly [Name in keyof Routes]: Routes[Name] extends RouteTypes
    ? Operation<input<Routes[Name]['input']>, output<Routes[Name]['output']>>
    : never;
};

/** A page of a list as every list operation answers it. */
export type Page<Row> = {
  readonly items: readonly Row[];
  readonly total: number;
  readonly next: string | null;
};

export type FieldProblem = { readonly path: string; readonly message: string };

type ProblemDetails = {
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly code?: string;
  readonly action?: string;
  readonly reference?: string;
  readonly errors?: readonly FieldProblem[];
};

/**
 * What the server said went wrong (RFC 9457), already in the reader's language.
 * `status` 0 and code `offline` mean that no answer came.
 */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** What the reader can do about it. */
  readonly action: string | undefined;
  /** Finds the request in the server's log. */
  readonly reference: string | undefined;
  readonly errors: readonly FieldProblem[];

  constructor(details: ProblemDetails & { status: number }, options?: ErrorOptions) {
    super(details.detail ?? details.title ?? `HTTP ${details.status}`, options);
    this.name = 'ApiProblem';
    this.status = details.status;
    this.code = details.code ?? (details.status === 0 ? 'offline' : `http-${details.status}`);
    this.title = details.title ?? '';
    this.detail = details.detail ?? '';
    this.action = details.action;
    this.reference = details.reference;
    this.errors = details.errors ?? [];
  }
}

const ROOT = '/api/v1';

const isWrite = (method: string) => method !== 'GET' && method !== 'HEAD';

type Filled = { readonly path: string; readonly rest: Readonly<Record<string, unknown>> };

/** Puts `{id}` of the path in place from the input; what is left goes to the query or the body. */
function fillPath(path: string, given: Readonly<Record<string, unknown>>): Filled {
  const rest = { ...given };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    if (value === undefined) throw new TypeError(`${path} needs ${name}`);
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  return { path: filled.startsWith('/api/') ? filled : ROOT + filled, rest };
}

function queryOf(values: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** The address of a reading operation, for links such as a CSV download. */
export function hrefOf(
  operation: OperationAddress,
  given: Readonly<Record<string, unknown>>,
): string {
  const { path, rest } = fillPath(operation.path, given);
  return path + queryOf(rest);
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  const details = isJson ? ((await response.json().catch(() => ({}))) as ProblemDetails) : {};
  return new ApiProblem({ title: response.statusText, ...details, status: response.status });
}

async function send(
  address: OperationAddress,
  given: unknown,
  options: CallOptions,
): Promise<unknown> {
  const method = address.method.toUpperCase();
  const { path, rest } = fillPath(address.path, (given ?? {}) as Record<string, unknown>);
  const inQuery = method === 'GET' || method === 'HEAD' || method === 'DELETE';
  // The page's language, which the reader may have switched; the browser's own would answer in another.
  const headers: Record<string, string> = {
    Accept: 'application/json',
    'Accept-Language': document.documentElement.lang || 'en',
  };
  if (isWrite(method)) {
    headers['Idempotency-Key'] = options.idempotencyKey ?? freshKey();
    headers['X-Kept'] = '1';
  }
  if (!inQuery) headers['Content-Type'] = 'application/json';
  const request: RequestInit = { method, headers, credentials: 'same-origin' };
  if (!inQuery) request.body = JSON.stringify(rest);
  if (options.signal) request.signal = options.signal;
  const response = await fetch(path + (inQuery ? queryOf(rest) : ''), request).catch(
    (cause: unknown) => {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      throw new ApiProblem({ status: 0 }, { cause });
    },
  );
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined;
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  return isJson ? response.json() : response.text();
}

/** The client for a table of operations. `Routes` is the type of the server's route objects, merged. */
export function createApi<Routes>(operations: Operations): ApiOf<Routes> {
  const calls = Object.entries(operations).map(([name, address]) => {
    const call = (given: unknown, options: CallOptions = {}) => send(address, given, options);
    return [
      name,
      Object.assign(call, { operation: name, method: address.method, path: address.path }),
    ] as const;
  });
  return Object.fromEntries(calls) as unknown as ApiOf<Routes>;
}

const ApiContext = createContext<unknown>(undefined);

/** The shell's own: hands the one client to all pages. */
export const ApiProvider = ApiContext.Provider;

/** The client, typed by the routes of your room. The same object at every render. */
export function useApi<Routes>(): ApiOf<Routes> {
  const api = useContext(ApiContext);
  if (api === undefined) throw new TypeError('useApi outside of the shell');
  return api as ApiOf<Routes>;
}
