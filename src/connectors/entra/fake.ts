import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Directory, type FakeObject } from './fake.directory.ts';

/** Something that goes wrong on the way: what is answered instead, or nothing at all. */
export type Fault = (
  path: string,
) => { readonly status: number; readonly retryAfter?: string } | 'hangUp' | null;

export interface FakeCredentials {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * A fake of Microsoft Graph and of its sign-in authority, on a real socket of this machine. It
 * speaks the documented endpoints that the connector uses, with paging (`@odata.nextLink`), delta
 * queries (`@odata.deltaLink`, `@removed`, 410), throttling and failures as a test wants them. It is
 * no part of Kept as it runs.
 */
export class FakeGraph {
  readonly directory = new Directory();
  readonly credentials: FakeCredentials;
  /** Requests to Graph so far, as `METHOD path`. */
  readonly asked: string[] = [];
  /** Paths, by their beginning, that the application may not read. */
  readonly forbidden = new Set<string>();
  fault: Fault = () => null;
  pageSize = 999;
  /** Delta tokens from before this version are no longer known. */
  forgottenBefore = 0;
  #server: Server | null = null;
  #known: { readonly key: string; readonly changed: readonly FakeObject[] } | null = null;

  constructor(credentials: FakeCredentials) {
    this.credentials = credentials;
  }

  /** @returns the origin under which both Graph and the authority are reached */
  async listen(): Promise<string> {
    const server = createServer((request, response) => void this.#receive(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  get url(): string {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    if (!address) throw new Error('the fake does not listen');
    const { port } = address;
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString('utf8');
    const url = new URL(request.url ?? '/', this.url);
    const fault = this.fault(url.pathname);
    if (fault === 'hangUp') {
      request.socket.destroy();
      return;
    }
    if (fault) {
      const retry = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
      return answer(response, fault.status, errorOf('fault', 'as the test wants it'), retry);
    }
    if (url.pathname.endsWith('/oauth2/v2.0/token')) return this.#token(url, body, response);
    const path = url.pathname.replace(/^\/v1\.0/, '');
    this.asked.push(`${request.method} ${path}`);
    if (request.headers.authorization !== `Bearer ${this.#accessToken}`)
      return answer(response, 401, errorOf('InvalidAuthenticationToken', 'Access token is empty.'));
    if (
      [...this.forbidden].some((beginning) =>
        `${path}${decodeURIComponent(url.search)}`.includes(beginning),
      )
    )
      return answer(
        response,
        403,
        errorOf('Authorization_RequestDenied', 'Insufficient privileges.'),
      );
    const asked = { method: request.method ?? 'GET', path, url, body };
    const { status, json } = asked.method === 'GET' ? this.#read(asked) : this.#write(asked);
    answer(response, status, json);
  }

  get #accessToken(): string {
    return `token-of-${this.credentials.clientId}`;
  }

  #token(url: URL, body: string, response: ServerResponse): void {
    const form = new URLSearchParams(body);
    const { tenantId, clientId, clientSecret } = this.credentials;
    const good =
      url.pathname.startsWith(`/${tenantId}/`) &&
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_id') === clientId &&
      form.get('client_secret') === clientSecret;
    if (!good) {
      answer(response, 401, { error: 'invalid_client', error_codes: [7000215] });
      return;
    }
    answer(response, 200, {
      token_type: 'Bearer',
      expires_in: 3599,
      access_token: this.#accessToken,
    });
  }

  #read({ path, url }: Asked): Answered {
    const delta = /^\/(users|groups|directoryRoles)\/delta$/.exec(path)?.[1];
    if (delta) return this.#delta(delta as 'users' | 'groups' | 'directoryRoles', url);
    const { directory } = this;
    switch (path) {
      case '/users': {
        const name = /^userPrincipalName eq '(.*)'$/.exec(
          url.searchParams.get('$filter') ?? '',
        )?.[1];
        const found =
          name === undefined ? directory.users() : directory.usersNamed(name.replaceAll("''", "'"));
        return this.#list(
          found.map((user) => directory.signInOf(user)),
          url,
        );
      }
      case '/groups': {
        const name = /^displayName eq '(.*)'$/.exec(url.searchParams.get('$filter') ?? '')?.[1];
        return this.#list(directory.groupsNamed(name?.replaceAll("''", "'")), url);
      }
      case '/directoryRoles':
        return this.#list(directory.roles(), url);
      case '/reports/authenticationMethods/userRegistrationDetails':
        return this.#list(directory.registrations(), url);
      case '/identity/conditionalAccess/policies':
        return this.#list(directory.policies, url);
      case '/domains':
        return this.#list(directory.domains, url);
      case '/policies/identitySecurityDefaultsEnforcementPolicy':
        return { status: 200, json: directory.securityDefaults };
      default:
        return { status: 404, json: errorOf('Request_ResourceNotFound', path) };
    }
  }

  /** A page of a list that is read whole. */
  #list(all: readonly FakeObject[], url: URL): Answered {
    const top = Number(url.searchParams.get('$top') ?? this.pageSize);
    const from = Number(url.searchParams.get('$skiptoken') ?? 0);
    const value = all.slice(from, from + Math.min(top, this.pageSize));
    const end = from + value.length;
    const next = new URL(url);
    next.searchParams.set('$skiptoken', String(end));
    return {
      status: 200,
      json: { value, ...(end < all.length ? { '@odata.nextLink': next.href } : {}) },
    };
  }

  /** A page of a delta query: a round begins at a version, and its link holds where it stands. */
  #delta(kind: 'users' | 'groups' | 'directoryRoles', url: URL): Answered {
    const { searchParams: search } = url;
    const [since = 0, until = this.directory.version, from = 0] = (
      search.get('$skiptoken') ??
      search.get('$deltatoken') ??
      ''
    )
      .split('.')
      .filter(Boolean)
      .map(Number);
    if (search.has('$deltatoken') && since < this.forgottenBefore)
      return { status: 410, json: errorOf('syncStateNotFound', 'The sync state is not known.') };
    const changed = this.#round(kind, since);
    const page = changed.slice(from, from + this.pageSize);
    const end = from + page.length;
    // What was selected when the round began stays selected, in every round after it.
    const selected = search.get('$select');
    const value = kind === 'users' ? page.map((user) => only(user, selected)) : page;
    const link = (name: string, token: string) => {
      const to = new URL(`${url.origin}${url.pathname}`);
      to.searchParams.set(name, token);
      if (selected) to.searchParams.set('$select', selected);
      return to.href;
    };
    const links =
      end < changed.length
        ? { '@odata.nextLink': link('$skiptoken', `${since}.${until}.${end}`) }
        : { '@odata.deltaLink': link('$deltatoken', String(until)) };
    return { status: 200, json: { ...links, value } };
  }

  /** What changed, worked out once a round: a page is a stretch of it. */
  #round(kind: 'users' | 'groups' | 'directoryRoles', since: number): readonly FakeObject[] {
    const key = `${kind} ${since} ${this.directory.version} ${this.pageSize}`;
    if (this.#known?.key !== key)
      this.#known = { key, changed: this.directory.changed(kind, since, this.pageSize) };
    return this.#known.changed;
  }

  #write({ method, path, body }: Asked): Answered {
    const { directory } = this;
    const [, user, verb] = /^\/users\/([^/]+)(?:\/(revokeSignInSessions))?$/.exec(path) ?? [];
    if (user && method === 'POST' && verb)
      return directory.endSessions(user) ? { status: 200, json: { value: true } } : missing;
    if (user && method === 'PATCH')
      return directory.change(user, JSON.parse(body) as FakeObject)
        ? { status: 204, json: null }
        : missing;
    const [, group, member] = /^\/groups\/([^/]+)\/members\/([^/]+)\/\$ref$/.exec(path) ?? [];
    if (group && member && method === 'DELETE')
      return directory.remove(group, member) ? { status: 204, json: null } : missing;
    return missing;
  }
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly body: string;
}

interface Answered {
  readonly status: number;
  readonly json: unknown;
}

/** What was selected of an object, and what Graph says of it unasked. */
function only(object: FakeObject, selected: string | null): FakeObject {
  if (selected === null) return object;
  const wanted = new Set([...selected.split(','), '@removed']);
  return Object.fromEntries(Object.entries(object).filter(([name]) => wanted.has(name)));
}

const missing: Answered = { status: 404, json: errorOf('Request_ResourceNotFound', 'Not found.') };

function errorOf(code: string, message: string): unknown {
  return { error: { code, message } };
}

function answer(
  response: ServerResponse,
  status: number,
  json: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(json === null ? undefined : JSON.stringify(json));
}
