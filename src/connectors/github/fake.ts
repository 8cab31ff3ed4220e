import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Something that goes wrong on the way: what is answered instead, or nothing at all. */
export type Fault = (path: string, query: URLSearchParams) => FaultAnswer | 'hangUp' | null;

export interface FaultAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
}

export interface FakeUser {
  readonly id: number;
  readonly login: string;
  readonly secondFactor: boolean;
  /** In the organisation's verified domain. */
  readonly email?: string;
}

interface FakeTeam {
  readonly id: number;
  readonly slug: string;
  /** Roles by login: `member`, `maintainer`. */
  readonly members: Map<string, string>;
  /** Permissions by repository: `pull`, `admin`. */
  readonly repositories: Readonly<Record<string, string>>;
}

interface FakeRepository {
  readonly id: number;
  readonly name: string;
  /** Roles of direct collaborators by login: `read`, `admin`. */
  readonly collaborators: Map<string, string>;
}

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
};
/** With headers of its own a list is sent as it is; else a page of it. */
export type Answered = {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};
export type Handler = (asked: Asked, names: Readonly<Record<string, string>>) => Answered;

const documentation = 'https://docs.github.com/rest';

/**
 * A fake of GitHub's REST API (version 2022-11-28), on a real socket of this machine. It speaks the
 * documented endpoints that the connector uses: one organisation, `Link` paging, what only owners or
 * apps may see, primary and secondary limits and failures as a test wants them. It is no part of
 * Kept as it runs.
 */
export class FakeGithub {
  readonly organisation: string;
  readonly token: string;
  readonly users = new Map<string, FakeUser>();
  /** Roles of members by login: `admin`, `member`. */
  readonly members = new Map<string, string>();
  readonly outside = new Set<string>();
  readonly teams: FakeTeam[] = [];
  readonly repositories: FakeRepository[] = [];
  readonly tokens: Readonly<Record<string, unknown>>[] = [];
  /** Requests so far, as `METHOD path`. */
  readonly asked: string[] = [];
  /** Whether the token is an owner's, and whether it is an app's. */
  owner = true;
  app = true;
  /** Whether people have node ids, by which GraphQL is asked; a second goes by before each query. */
  nodeIds = true;
  fault: Fault = () => null;
  /** Endpoints beside those of an organisation. */
  readonly more: (readonly [string, Handler])[] = [];
  /** Items of a page at most, whatever `per_page` asks for. */
  pageSize = 100;
  #server: Server | null = null;

  constructor(organisation: string, token: string) {
    this.organisation = organisation;
    this.token = token;
  }

  addUser(user: FakeUser, role: 'admin' | 'member' | 'outside'): void {
    this.users.set(user.login, user);
    if (role === 'outside') this.outside.add(user.login);
    else this.members.set(user.login, role);
  }

  /** @returns the address of the API */
  async listen(): Promise<string> {
    const server = createServer((request, response) => void this.#receive(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  get url(): string {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    if (!address) throw new Error('the fake does not listen');
    return `http://127.0.0.1:${address.port}`;
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
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    this.asked.push(`${method} ${url.pathname}`);
    const fault = this.fault(url.pathname, url.searchParams);
    if (fault === 'hangUp') {
      request.socket.destroy();
      return;
    }
    if (fault) {
      const body = {
        message: fault.message ?? 'as the test wants it',
        documentation_url: documentation,
      };
      return send(response, fault.status, body, fault.headers);
    }
    const authorization = request.headers.authorization ?? '';
    if (!this.#admits(url.pathname, authorization))
      return send(response, 401, { message: 'Bad credentials', documentation_url: documentation });
    const asked = {
      method,
      path: url.pathname,
      query: url.searchParams,
      body: Buffer.concat(pieces).toString('utf8'),
      headers: request.headers,
    };
    const { status, json, headers } = this.#answer(asked);
    if (headers) send(response, status, json, headers);
    else if (Array.isArray(json) && method === 'GET') this.#sendPage(response, url, json);
    else send(response, status, json);
  }

  /** An app shows a JSON web token where it asks for the token of an installation. */
  #admits(path: string, authorization: string): boolean {
    if (path.startsWith('/app/')) return /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/.test(authorization);
    return authorization === `Bearer ${this.token}`;
  }

  #answer(asked: Asked): Answered {
    for (const [route, handler] of [...this.more, ...this.#routes]) {
      const [method, pattern = ''] = route.split(' ');
      const names = method === asked.method ? namesIn(pattern, asked.path) : null;
      if (!names) continue;
      if (names['org'] !== undefined && names['org'] !== this.organisation) return notFound;
      return handler(asked, names);
    }
    return notFound;
  }

  /** A page as GitHub sends it: `Link` with `next` and `last` (RFC 8288), absolute addresses. */
  #sendPage(response: ServerResponse, url: URL, items: readonly unknown[]): void {
    const size = Math.min(Number(url.searchParams.get('per_page') ?? 30), this.pageSize);
    const page = Number(url.searchParams.get('page') ?? 1);
    const last = Math.max(1, Math.ceil(items.length / size));
    const to = (number: number, rel: string) => {
      const other = new URL(url);
      other.searchParams.set('page', String(number));
      return `<${other}>; rel="${rel}"`;
    };
    const links = page < last ? [to(page + 1, 'next'), to(last, 'last')] : [];
    const headers: Record<string, string> = links.length > 0 ? { link: links.join(', ') } : {};
    send(response, 200, items.slice((page - 1) * size, page * size), headers);
  }

  readonly #routes: readonly (readonly [string, Handler])[] = [
    ['GET /orgs/{org}', () => this.#organisation()],
    ['GET /orgs/{org}/members', ({ query }) => this.#listMembers(query)],
    [
      'GET /orgs/{org}/outside_collaborators',
      ({ query }) => this.#filtered([...this.outside], query),
    ],
    [
      'GET /orgs/{org}/teams',
      () => ok(this.teams.map(({ id, slug }) => ({ id, slug, name: slug }))),
    ],
    [
      'GET /orgs/{org}/teams/{team}/members',
      ({ query }, { team }) => this.#teamMembers(team, query),
    ],
    ['GET /orgs/{org}/teams/{team}/repos', (_, { team }) => this.#teamRepositories(team)],
    [
      'GET /orgs/{org}/repos',
      () => ok(this.repositories.map(({ id, name }) => ({ id, name, archived: false }))),
    ],
    ['GET /repos/{org}/{repo}/collaborators', (_, { repo }) => this.#collaborators(repo)],
    [
      'GET /orgs/{org}/personal-access-tokens',
      () =>
        this.app ? ok(this.tokens) : refused('Resource not accessible by personal access token'),
    ],
    ['GET /orgs/{org}/memberships/{login}', (_, { login }) => this.#membership(login)],
    [
      'PUT /orgs/{org}/memberships/{login}',
      (asked, { login }) => this.#setRole(this.members, login, asked),
    ],
    ['DELETE /orgs/{org}/memberships/{login}', (_, { login }) => this.#removeMember(login)],
    [
      'DELETE /orgs/{org}/outside_collaborators/{login}',
      (_, { login }) => this.#removeOutside(login),
    ],
    [
      'GET /orgs/{org}/teams/{team}/memberships/{login}',
      (_, names) =>
        found(this.#team(names['team'])?.members.get(names['login'] ?? ''), (role) => ({
          role,
          state: 'active',
        })),
    ],
    [
      'PUT /orgs/{org}/teams/{team}/memberships/{login}',
      (asked, { team, login }) => this.#setRole(this.#team(team)?.members, login, asked),
    ],
    [
      'DELETE /orgs/{org}/teams/{team}/memberships/{login}',
      (_, { team, login }) => removed(this.#team(team)?.members.delete(login ?? '')),
    ],
    [
      'DELETE /repos/{org}/{repo}/collaborators/{login}',
      (_, { repo, login }) => removed(this.#repository(repo)?.collaborators.delete(login ?? '')),
    ],
    ['POST /graphql', (asked) => this.#graph(asked)],
    [
      'POST /app/installations/{id}/access_tokens',
      () => ({ status: 201, json: { token: this.token } }),
    ],
  ];

  #organisation(): Answered {
    const shown = { login: this.organisation, id: 1 };
    const toOwners = {
      two_factor_requirement_enabled: false,
      default_repository_permission: 'read',
    };
    return ok(this.owner ? { ...shown, ...toOwners } : shown);
  }

  #listMembers(query: URLSearchParams): Answered {
    const role = query.get('role') ?? 'all';
    const logins = [...this.members].filter(([, held]) => role === 'all' || held === role);
    return this.#filtered(
      logins.map(([login]) => login),
      query,
    );
  }

  #filtered(logins: readonly string[], query: URLSearchParams): Answered {
    const unprotected = query.get('filter') === '2fa_disabled';
    if (unprotected && !this.owner)
      return {
        status: 422,
        json: { message: 'Only owners can use this filter.', documentation_url: documentation },
      };
    const chosen = logins.filter((login) => !unprotected || !this.users.get(login)?.secondFactor);
    return ok(chosen.map((login) => this.#user(login)));
  }

  #user(login: string) {
    const id = this.users.get(login)?.id ?? 0;
    return { login, id, node_id: this.nodeIds ? `U_${id}` : '', type: 'User', site_admin: false };
  }

  #team(slug: string | undefined): FakeTeam | undefined {
    return this.teams.find((team) => team.slug === slug);
  }

  #repository(name: string | undefined): FakeRepository | undefined {
    return this.repositories.find((repository) => repository.name === name);
  }

  #teamMembers(slug: string | undefined, query: URLSearchParams): Answered {
    const role = query.get('role') ?? 'all';
    return found(this.#team(slug), ({ members }) =>
      [...members]
        .filter(([, held]) => role === 'all' || held === role)
        .map(([login]) => this.#user(login)),
    );
  }

  #teamRepositories(slug: string | undefined): Answered {
    return found(this.#team(slug), ({ repositories }) =>
      Object.entries(repositories).map(([name, role]) => ({
        id: this.#repository(name)?.id ?? 0,
        name,
        role_name: role,
        permissions: { admin: role === 'admin', pull: true },
      })),
    );
  }

  #collaborators(name: string | undefined): Answered {
    return found(this.#repository(name), ({ collaborators }) =>
      [...collaborators].map(([login, role]) => ({ ...this.#user(login), role_name: role })),
    );
  }

  #membership(login: string | undefined): Answered {
    return found(this.members.get(login ?? ''), (role) => ({ role, state: 'active' }));
  }

  #setRole(
    roles: Map<string, string> | undefined,
    login: string | undefined,
    { body }: Asked,
  ): Answered {
    const { role } = JSON.parse(body) as { role: string };
    if (!roles || login === undefined) return notFound;
    roles.set(login, role);
    return ok({ role, state: 'active' });
  }

  #removeMember(login: string | undefined): Answered {
    for (const { members } of this.teams) members.delete(login ?? '');
    for (const { collaborators } of this.repositories) collaborators.delete(login ?? '');
    return removed(this.members.delete(login ?? ''));
  }

  #removeOutside(login: string | undefined): Answered {
    if (this.members.has(login ?? ''))
      return {
        status: 422,
        json: {
          message:
            'You cannot specify an organization member to remove as an outside collaborator.',
        },
      };
    for (const { collaborators } of this.repositories) collaborators.delete(login ?? '');
    return removed(this.outside.delete(login ?? ''));
  }

  /** The one query that the connector asks: addresses in verified domains, by node id. */
  #graph({ body }: Asked): Answered {
    const { variables } = JSON.parse(body) as { variables: { ids: readonly string[] } };
    const nodes = variables.ids.map((id) => {
      const user = [...this.users.values()].find((one) => `U_${one.id}` === id);
      if (!user) return null;
      const addresses = user.email === undefined ? [] : [user.email];
      return { login: user.login, organizationVerifiedDomainEmails: addresses };
    });
    return ok({ data: { nodes } });
  }
}

const ok = (json: unknown): Answered => ({ status: 200, json });
const notFound: Answered = {
  status: 404,
  json: { message: 'Not Found', documentation_url: documentation },
};
const refused = (message: string): Answered => ({
  status: 403,
  json: { message, documentation_url: documentation },
});
const removed = (was: boolean | undefined): Answered => (was ? { status: 204 } : notFound);

function found<T>(it: T | undefined, answer: (it: T) => unknown): Answered {
  return it === undefined ? notFound : ok(answer(it));
}

/** Names in a pattern like `/orgs/{org}`; null where the path is another. */
function namesIn(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const names: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = decodeURIComponent(given[at] ?? '');
    if (part.startsWith('{')) names[part.slice(1, -1)] = value;
    else if (part !== value) return null;
  }
  return names;
}

function send(
  response: ServerResponse,
  status: number,
  json: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(status, { ...type, ...headers }).end(body);
}
