import { type Context, Hono } from 'hono';
import { askedHeader } from '../../platform/http/caller.ts';
import { type Env, languageOf } from '../../platform/http/mount.ts';
import type { Dictionary } from '../../platform/words.ts';
import type { World } from '../../platform/world.ts';
import { type Asked, askedOf, Mistaken, readName } from './asked.ts';
import { productBearersOf } from './bearer.ts';
import { getCollections, getCustomer, getLimits, putCustomer } from './http.customers.ts';
import { postKey, postRewrap, postRewrapped, postUnwrap, postWrap } from './http.keys.ts';
import {
  deleteObject,
  getMetadata,
  getObject,
  listObjects,
  type Place,
  putMetadata,
  putObject,
  verifyObject,
} from './http.objects.ts';
import {
  deleteRecord,
  getRecord,
  getRecords,
  listRecords,
  patchRecord,
  putRecord,
  putRecords,
} from './http.records.ts';
import {
  deleteUpload,
  getUpload,
  postCompletion,
  postUpload,
  putUploadPart,
} from './http.uploads.ts';
import { explain, ProtocolFault } from './problems.ts';
import { begunOf, lastOf } from './swift.socket.ts';

/** The vault, as product back ends use it. Mount at `/vault/v1`. */
export function vaultHandler(world: World, words: Dictionary): Hono<Env> {
  const app = new Hono<Env>();
  app.all('*', async (c) => {
    try {
      const begun = begunOf(c);
      if (begun?.thrown) throw begun.thrown;
      return await answer(world, c);
    } catch (thrown) {
      // What was not read of a body is not read on: the caller hears the answer instead.
      if (c.req.method !== 'GET' && c.req.method !== 'HEAD') c.header('connection', 'close');
      return explain(c, words, languageOf(c.req.raw, null), thrown);
    }
  });
  return app;
}

const already = () => Promise.resolve();

/** Goes on with the product that the token was when it was last read, if any, and is sure of it before it counts. */
async function answer(world: World, c: Context<Env>): Promise<Response> {
  const bearer = productBearersOf(world).bearerOf(askedHeader(c, 'authorization'));
  if (!bearer) throw unknownToken();
  const last = lastOf(bearer);
  if (last) {
    try {
      return await route(askedOf(world, c, last));
    } catch (thrown) {
      if (!(thrown instanceof Mistaken)) throw thrown;
    }
  }
  const product = await bearer.holder();
  if (!product) throw unknownToken();
  return route(askedOf(world, c, { bearer, product, surely: already, swiftly: false }));
}

function unknownToken(): ProtocolFault {
  return new ProtocolFault('tokenUnknown', {}, undefined, {
    'www-authenticate': 'Bearer realm="Kept"',
  });
}

type Methods = Partial<Record<string, () => Response | Promise<Response>>>;

/** Routes that are sure of their token by themselves, before they answer. */
const swiftKinds: ReadonlySet<string> = new Set([
  'records',
  'records-put',
  'records-get',
  'unwrap',
]);

/** Routes are few and their names may hold anything: they are told apart by their segments. */
async function route(asked: Asked): Promise<Response> {
  const [first, customerKey, kind, ...rest] = asked.path;
  const isSwift = swiftKinds.has((kind === 'keys' ? rest[0] : rest[1]) ?? '');
  if (!isSwift) await asked.surely();
  if (first === undefined) return by(asked, { GET: () => getLimits(asked) });
  if (first !== 'customers' || !customerKey) throw new ProtocolFault('routeUnknown');
  if (kind === undefined) {
    return by(asked, {
      GET: () => getCustomer(asked, customerKey),
      PUT: () => putCustomer(asked, customerKey),
    });
  }
  if (kind === 'keys') return routeKeys(asked, customerKey, rest);
  if (kind === 'uploads') return routeUploads(asked, customerKey, rest);
  if (kind === 'collections') return routeCollections(asked, customerKey, rest);
  throw new ProtocolFault('routeUnknown');
}

function routeKeys(
  asked: Asked,
  key: string,
  rest: readonly string[],
): Response | Promise<Response> {
  const acts: Methods = {
    '': () => postKey(asked, key),
    wrap: () => postWrap(asked, key),
    unwrap: () => postUnwrap(asked, key),
    rewrap: () => postRewrap(asked, key),
    rewrapped: () => postRewrapped(asked, key),
  };
  const name = rest[0] ?? '';
  const act = rest.length <= 1 && Object.hasOwn(acts, name) ? acts[name] : undefined;
  if (!act) throw new ProtocolFault('routeUnknown');
  return by(asked, { POST: act });
}

function routeUploads(
  asked: Asked,
  key: string,
  [id, act, part, ...rest]: readonly string[],
): Response | Promise<Response> {
  if (!id || rest.length > 0) throw new ProtocolFault('routeUnknown');
  if (act === undefined) {
    return by(asked, {
      GET: () => getUpload(asked, key, id),
      DELETE: () => deleteUpload(asked, key, id),
    });
  }
  if (act === 'parts' && part !== undefined) {
    return by(asked, { PUT: () => putUploadPart(asked, key, id, part) });
  }
  if (act === 'complete' && part === undefined) {
    return by(asked, { POST: () => postCompletion(asked, key, id) });
  }
  throw new ProtocolFault('routeUnknown');
}

function routeCollections(
  asked: Asked,
  customerKey: string,
  [collection, kind = '', name, ...rest]: readonly string[],
): Response | Promise<Response> {
  if (collection === undefined) {
    return by(asked, { GET: () => getCollections(asked, customerKey) });
  }
  // A slash belongs into the name as %2F: where it stands bare, others may tidy the path up.
  if (rest.length > 0) throw new ProtocolFault('nameInPath');
  if (name === undefined && asked.params.get('name') === null) {
    return routeMany(asked, customerKey, collection, kind);
  }
  // `.` and `..` are tidied away in every path: such names come as a parameter.
  const place = { customerKey, collection, name: readName(name ?? asked.params.get('name')) };
  return routeOne(asked, place, kind);
}

function routeMany(
  asked: Asked,
  key: string,
  collection: string,
  kind: string,
): Response | Promise<Response> {
  const kinds: Record<string, Methods> = {
    objects: { GET: () => listObjects(asked, key, collection) },
    records: { GET: () => listRecords(asked, key, collection) },
    'records-put': { POST: () => putRecords(asked, key, collection) },
    'records-get': { POST: () => getRecords(asked, key, collection) },
    uploads: { POST: () => postUpload(asked, key, collection) },
  };
  const methods = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!methods) throw new ProtocolFault('routeUnknown');
  return by(asked, methods);
}

function routeOne(asked: Asked, place: Place, kind: string): Response | Promise<Response> {
  const kinds: Record<string, Methods> = {
    objects: {
      GET: () => getObject(asked, place),
      PUT: () => putObject(asked, place),
      DELETE: () => deleteObject(asked, place),
    },
    metadata: { GET: () => getMetadata(asked, place), PUT: () => putMetadata(asked, place) },
    verification: { GET: () => verifyObject(asked, place) },
    records: {
      GET: () => getRecord(asked, place),
      PUT: () => putRecord(asked, place),
      PATCH: () => patchRecord(asked, place),
      DELETE: () => deleteRecord(asked, place),
    },
  };
  const methods = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!methods) throw new ProtocolFault('routeUnknown');
  return by(asked, methods);
}

function by({ method }: Asked, methods: Methods): Response | Promise<Response> {
  const name = method === 'HEAD' ? 'GET' : method;
  const act = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (act) return act();
  const allow = Object.keys(methods).join(', ');
  throw new ProtocolFault('methodUnknown', { allow }, undefined, { allow });
}
