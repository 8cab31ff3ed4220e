import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Env } from '../../platform/http/mount.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import type { Rooms } from '../rooms.ts';
import { type Answered, type Asked, MethodFault, protocol } from './answer.ts';
import { bearersOf, directoryOf } from './bearer.ts';
import { answerBulk } from './bulk.ts';
import { bodyLimitBytes, discover } from './discovery.ts';
import { bad, faultBody, ScimFault } from './fault.ts';
import { callOf } from './kind.ts';

const mediaType = 'application/scim+json';

/** SCIM 2.0 (RFC 7643, RFC 7644): by it a directory says who is here. Mount at `/scim/v2`. */
export function scimHandler(world: World, rooms: () => Rooms): Hono<Env> {
  const app = new Hono<Env>();
  const tokens = bearersOf(world);
  const { answer } = protocol(rooms);
  app.use(
    bodyLimit({
      maxSize: bodyLimitBytes,
      onError: (c) => explain(c, new ScimFault(413, `more than ${bodyLimitBytes} bytes`)),
    }),
  );
  app.all('*', async (c) => {
    try {
      const asked = askedOf(c);
      const open = openTo(asked, world.url);
      if (open && !c.req.header('authorization')) return send(c, open);
      const token = await tokens.holderOf(c.req.header('authorization'));
      if (!token) throw new ScimFault(401, 'a valid bearer token is required');
      const call = await callOf(world, directoryOf(token));
      const bulk = asked.path.length === 1 && asked.path[0] === 'Bulk';
      return send(c, await (bulk ? answerBulk({ answer }, call, asked) : answer(call, asked)));
    } catch (thrown) {
      return explain(c, thrown);
    }
  });
  return app;
}

/** How to authenticate is there for whoever has yet to (RFC 7643, section 5). */
function openTo({ method, path, params }: Asked, url: string): Answered | null {
  const [name = '', id = null] = path;
  if (name !== 'ServiceProviderConfig' || method !== 'GET' || id !== null) return null;
  return { status: 200, body: discover(name, null, params, `${url}/scim/v2`), headers: {} };
}

function askedOf(c: Context<Env>): Asked {
  const url = new URL(c.req.url);
  const path = url.pathname.slice('/scim/v2'.length).split('/').filter(Boolean).map(decoded);
  return {
    // HEAD is GET without the body, which Hono leaves out.
    method: c.req.method === 'HEAD' ? 'GET' : c.req.method,
    path,
    params: url.searchParams,
    ifMatch: c.req.header('if-match') ?? null,
    ifNoneMatch: c.req.header('if-none-match') ?? null,
    body: () => jsonOf(c),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

async function jsonOf(c: Context<Env>): Promise<unknown> {
  const type = c.req.header('content-type') ?? mediaType;
  if (!/^application\/(?:scim\+)?json\s*(?:;|$)/i.test(type))
    throw new ScimFault(415, `bodies are ${mediaType} or application/json`);
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    throw bad('invalidSyntax', 'the body is no JSON');
  }
}

function send(c: Context<Env>, { status, body, headers }: Answered): Response {
  const all = { ...headers, 'cache-control': 'no-store' };
  if (body === null) return c.body(null, status as 204, all);
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, {
    ...all,
    'content-type': mediaType,
  });
}

function explain(c: Context<Env>, thrown: unknown): Response {
  const fault = thrown instanceof ScimFault ? thrown : unforeseen(c, thrown);
  const headers = {
    ...(fault.status === 401 ? { 'www-authenticate': 'Bearer realm="Kept"' } : {}),
    ...(fault instanceof MethodFault ? { allow: fault.allowed.join(', ') } : {}),
  };
  return send(c, { status: fault.status, body: faultBody(fault), headers });
}

function unforeseen(c: Context<Env>, error: unknown): ScimFault {
  const reference = randomUUID();
  log.error('request failed', { route: c.req.path, reference, error });
  return new ScimFault(500, `Kept could not do this; the log says why under ${reference}`);
}
