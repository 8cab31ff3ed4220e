import type { Rooms } from '../rooms.ts';
import { discover } from './discovery.ts';
import { notFound, ScimFault } from './fault.ts';
import { groups } from './groups.ts';
import type { Call, Kind } from './kind.ts';
import { listBody, type Query, queryOfMessage, queryOfUrl } from './query.ts';
import type { Resource } from './schema.ts';
import { type Selection, show } from './showing.ts';
import { users } from './users.ts';

/** A request, as far as the protocol looks at it. */
export interface Asked {
  readonly method: string;
  /** Segments behind `/scim/v2`, decoded. */
  readonly path: readonly string[];
  readonly params: URLSearchParams;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  /** Reads the body as JSON. */
  readonly body: () => Promise<unknown>;
}

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown> | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything below `/scim/v2` but Bulk, which is many of these. */
export interface Protocol {
  /** @throws ScimFault */
  answer(call: Call, asked: Asked): Promise<Answered>;
}

export function protocol(rooms: () => Rooms): Protocol {
  const kinds: Readonly<Record<string, Kind>> = { Users: users(rooms), Groups: groups };
  const all = Object.values(kinds);
  return {
    async answer(call, asked) {
      const [name = '', id = null, ...more] = asked.path;
      if (name === '') return listAll(call, all, asked, ['GET']);
      if (name === '.search' && id === null) return listAll(call, all, asked, ['POST']);
      if (name === 'Me') throw new ScimFault(501, 'a token is nobody’s: there is no "Me"');
      const discovered = discover(name, id, asked.params, call.setting.base);
      if (discovered) {
        allow(asked, ['GET']);
        if (more.length > 0) throw notFound(asked.path.join('/'));
        return plain(200, discovered);
      }
      const kind = kinds[name];
      if (!kind || more.length > 0) throw notFound(`/${asked.path.join('/')}`);
      if (id === null) return onKind(call, kind, asked);
      if (id === '.search') return listAll(call, [kind], asked, ['POST']);
      return onResource(call, kind, id, asked);
    },
  };
}

/** @throws ScimFault 405 */
function allow({ method, path }: Asked, methods: readonly string[]): void {
  if (methods.includes(method)) return;
  throw new MethodFault(`/${path.join('/')} takes ${methods.join(', ')}`, methods);
}

/** 405, with what would be allowed (RFC 9110, section 15.5.6). */
export class MethodFault extends ScimFault {
  readonly allowed: readonly string[];

  constructor(detail: string, allowed: readonly string[]) {
    super(405, detail);
    this.allowed = allowed;
  }
}

function plain(status: number, body: Answered['body']): Answered {
  return { status, body, headers: {} };
}

async function onKind(call: Call, kind: Kind, asked: Asked): Promise<Answered> {
  allow(asked, ['GET', 'POST']);
  if (asked.method === 'GET') return listed(call, [kind], queryOfUrl(asked.params));
  const { selection } = queryOfUrl(asked.params);
  const made = await kind.create(call, await asked.body(), selection);
  return single(kind, 201, made, selection);
}

async function onResource(call: Call, kind: Kind, id: string, asked: Asked): Promise<Answered> {
  allow(asked, ['GET', 'PUT', 'PATCH', 'DELETE']);
  const { ifMatch } = asked;
  const { selection } = queryOfUrl(asked.params);
  const at = { id, ifMatch, selection };
  switch (asked.method) {
    case 'PUT':
      return single(kind, 200, await kind.replace(call, at, await asked.body()), selection);
    case 'PATCH':
      return single(kind, 200, await kind.patch(call, at, await asked.body()), selection);
    case 'DELETE':
      await kind.remove(call, at);
      return plain(204, null);
    default: {
      const found = await kind.find(call, id, selection);
      const answer = single(kind, 200, found, selection);
      const known = sameVersion(asked.ifNoneMatch, answer.headers['etag'] ?? '');
      return known ? { ...answer, status: 304, body: null } : answer;
    }
  }
}

/** If-None-Match by the weak comparison (RFC 9110, section 13.1.2). */
function sameVersion(given: string | null, own: string): boolean {
  if (given === null) return false;
  const plainly = (tag: string) => tag.trim().replace(/^W\//, '');
  return given.trim() === '*' || given.split(',').some((tag) => plainly(tag) === plainly(own));
}

function single(kind: Kind, status: number, resource: Resource, selection: Selection): Answered {
  const { location, version } = resource['meta'] as { location: string; version: string };
  return {
    status,
    body: show(kind.type, resource, selection),
    headers: { location, etag: version },
  };
}

async function listAll(
  call: Call,
  kinds: readonly Kind[],
  asked: Asked,
  methods: readonly string[],
): Promise<Answered> {
  allow(asked, methods);
  const query =
    asked.method === 'GET' ? queryOfUrl(asked.params) : queryOfMessage(await asked.body());
  return listed(call, kinds, query);
}

/** A page of one kind of resource, or of several one after the other. */
async function listed(call: Call, kinds: readonly Kind[], query: Query): Promise<Answered> {
  const { startIndex, count, selection } = query;
  const page: Resource[] = [];
  let total = 0;
  for (const kind of kinds) {
    const from = Math.max(1, startIndex - total);
    const left = count - page.length;
    const found = await kind.list(
      call,
      { ...query, startIndex: from, count: left },
      kinds.length > 1,
    );
    total += found.total;
    page.push(...found.page.map((resource) => show(kind.type, resource, selection)));
  }
  return plain(200, listBody(page, total, startIndex));
}
