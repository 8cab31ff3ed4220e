import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Role, roles } from '../kernel/actor.ts';
import { issueToken } from '../platform/identity/identity.ts';
import { identityRoutes } from '../platform/identity/routes.ts';
import { surface } from '../platform/identity/surface.ts';
import { enrolledPerson } from '../platform/identity/testing.ts';
import { type Answered, TestBrowser } from '../platform/testing/browser.ts';
import { type TestWorld, testWorld } from '../platform/testing/world.ts';
import { readDictionary } from '../platform/words.ts';
import type { World } from '../platform/world.ts';
import type { Route } from '../policy/route.ts';
import { composeApp } from './compose.ts';
import { sources } from './composition.ts';
import { publicDoors, publicOperations } from './doors.fixture.ts';
import { apiRoutes } from './operations.ts';
import { openSetupGate } from './setup.ts';

/**
 * The portal of customers, with sessions of its own: everything but signing in, links and files asks
 * for one and leads to where it is had; forms carry its token. `portal/*.test.ts` opens each.
 */
const portalDoors = [
  'GET /portal',
  'GET /portal/accesses',
  'GET /portal/account',
  'GET /portal/accounts',
  'GET /portal/archive/:secret',
  'GET /portal/cases',
  'GET /portal/cases/:id',
  'GET /portal/close',
  'GET /portal/close/:secret',
  'GET /portal/collections/:collection',
  'GET /portal/collections/:collection/delete',
  'GET /portal/delete',
  'GET /portal/enter/:secret',
  'GET /portal/export',
  'GET /portal/export/:id/archive',
  'GET /portal/export/:id/progress',
  'GET /portal/files/:faces{faces\\.[\\w-]+\\.css}',
  'GET /portal/files/script.{digest}.js',
  'GET /portal/files/sheet.{digest}.css',
  'GET /portal/ledger/:index{[0-9]{1,15}}',
  'GET /portal/objects/:id',
  'GET /portal/objects/:id/content',
  'GET /portal/objects/:id/delete',
  'GET /portal/records/:id',
  'GET /portal/records/:id/delete',
  'GET /portal/requests',
  'GET /portal/requests/:id',
  'GET /portal/sign-in',
  'POST /portal/account/contacts',
  ...['', '/confirm', '/remove'].map((act) => `POST /portal/account/contacts/:id${act}`),
  'POST /portal/account/language',
  'POST /portal/account/telling',
  'POST /portal/accounts',
  'POST /portal/cases/:id',
  'POST /portal/close',
  'POST /portal/close/:secret',
  'POST /portal/collections/:collection/delete',
  'POST /portal/collections/:collection/selected',
  'POST /portal/collections/:collection/upload',
  'POST /portal/delete',
  'POST /portal/enter/:secret',
  'POST /portal/export',
  'POST /portal/export/:id/cancel',
  'POST /portal/export/:id/link',
  'POST /portal/export/identity',
  'POST /portal/objects/:id/delete',
  'POST /portal/objects/:id/replace',
  'POST /portal/passkeys',
  'POST /portal/passkeys/:id/remove',
  'POST /portal/passkeys/options',
  'POST /portal/records/:id',
  'POST /portal/records/:id/delete',
  'POST /portal/reopen',
  'POST /portal/requests',
  'POST /portal/sessions/:id/end',
  'POST /portal/sign-in',
  'POST /portal/sign-in/passkey',
  'POST /portal/sign-in/passkey/options',
  'POST /portal/sign-out',
];

/** Not there at all but in the demo. */
const demoDoors = [
  'GET /api/v1/demo/personas',
  'GET /portal/demo',
  'POST /api/v1/demo/sign-in',
  'POST /portal/demo',
];

interface Door {
  readonly method: string;
  readonly path: string;
}

let world: TestWorld;
let request: (path: string, init: RequestInit, bindings: object) => Response | Promise<Response>;
let doors: readonly Door[];
let operations: readonly (readonly [string, Route])[];

/** The app as the server composes it, of a world of the test. */
async function compose(of: World) {
  const { gate } = openSetupGate(of.now(), (bytes) => randomBytes(bytes));
  return composeApp(of, await readDictionary(sources), {
    setup: gate,
    local: { actorOf: () => null },
  });
}

/** Everything that is mounted with a method of its own; what is mounted for all methods lets pass or refuses. */
const doorsOf = (app: Awaited<ReturnType<typeof compose>>): readonly Door[] =>
  app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => ({ method, path }));

const named = ({ method, path }: Door): string =>
  `${method} ${path.replace(/\.[\w-]{12}\.(css|js)$/, '.{digest}.$1')}`;
const doorOf = (route: Route): Door => ({
  method: route.method.toUpperCase(),
  path: `/api/v1${route.path.replace(/\{(\w+)\}/g, ':$1')}`,
});
const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
/** A path that the door opens for, with an id of nothing in every place of a parameter. */
const placeOf = ({ path }: Door): string =>
  path.replace(/:\w+(\{.*\})?|\*/g, '018f0000-0000-7000-8000-000000000000');

let callers = 0;
/** A caller from an address that nobody has called from: allowances are counted by address. */
function browser(): TestBrowser {
  const n = callers++;
  return new TestBrowser(
    (path, init, bindings) => request(path, init, bindings),
    world.url,
    `192.0.2.${n % 256}:${n}`,
  );
}

function problemOf({ status, headers, body }: Answered): readonly [number, string, unknown] {
  return [status, headers.get('content-type') ?? '', body['code']];
}

async function entries(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ledger_entry`.execute(
    world.database.db,
  );
  return rows[0]?.n ?? 0;
}

beforeAll(async () => {
  // Authenticator apps and sessions go by the real time.
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  const app = await compose(world);
  request = (path, init, bindings) => app.request(path, init, bindings);
  doors = doorsOf(app);
  operations = Object.entries(
    apiRoutes(world, identityRoutes({ actions: world.authorizer.actions, demo: false })),
  );
});

describe('every operation', () => {
  test('is mounted, and nothing is mounted that is neither an operation nor a door named here', () => {
    const mounted = unique(doors.map(named));
    const known = [
      ...operations.map(([, route]) => named(doorOf(route))),
      ...publicDoors,
      ...portalDoors,
      ...guardedDoors(),
    ];
    expect(operations.length).toBeGreaterThan(80);
    expect(mounted).toEqual(unique(known));
  });

  test('needs a permission that somebody has, unless it is named here as public', () => {
    const open = operations
      .filter(([, { permission }]) => permission === 'public')
      .map(([name]) => name);
    expect(unique(open)).toEqual(unique(publicOperations));
    const nobodys = operations
      .filter(([, { permission }]) => permission !== 'public')
      .filter(
        ([, { permission }]) => !roles.some((role) => world.authorizer.roleMay(role, permission)),
      )
      .map(([name]) => name);
    expect(nobodys).toEqual([]);
  });

  test('stands in the golden files of routes and roles', async () => {
    const [routeTable = '', roleMatrix = ''] = await Promise.all(
      ['routes.md', 'roles.md'].map((file) =>
        readFile(join(sources, '..', 'docs', 'reference', file), 'utf8'),
      ),
    );
    const missing = operations.flatMap(([name, { method, path, permission }]) => {
      const row = `| ${method.toUpperCase()} | \`/api/v1${path}\` | ${name} | ${permission} |`;
      const isListed = routeTable.includes(row);
      const isInMatrix = permission === 'public' || roleMatrix.includes(`\n| ${permission} |`);
      return isListed && isInMatrix ? [] : [row];
    });
    expect(missing).toEqual([]);
  });
});

test('the demo has its four doors more, and no other installation has them', async () => {
  const demo = await compose({ ...world, demo: true });
  const more = doorsOf(demo)
    .map(named)
    .filter((name) => !doors.map(named).includes(name));
  expect(unique(more)).toEqual(demoDoors);
});

describe('without credentials', () => {
  test('every operation that is not public answers 401', async () => {
    const answers = await Promise.all(
      guardedOperations().map(async ([name, route]) => {
        const { method, path } = { method: doorOf(route).method, path: placeOf(doorOf(route)) };
        return [
          name,
          ...problemOf(await browser().send(method, path, method === 'GET' ? undefined : {})),
        ];
      }),
    );
    expect(answers).toEqual(
      guardedOperations().map(([name]) => [name, 401, 'application/problem+json', 'notSignedIn']),
    );
  });

  test('so does a token that is none, and one that has been made up', async () => {
    for (const authorization of ['Bearer kept_invented', 'Bearer ', 'Basic a3M6a3M=']) {
      const codes = await Promise.all(
        guardedOperations().map(async ([, route]) => {
          const { method } = doorOf(route);
          return (
            await browser().send(method, placeOf(doorOf(route)), undefined, { authorization })
          ).status;
        }),
      );
      expect(unique(codes.map(String))).toEqual(['401']);
    }
  });

  test('and every path of signing in that asks for somebody', async () => {
    const guarded = guardedDoors();
    expect(guarded.length).toBeGreaterThan(5);
    for (const name of guarded) {
      const [method = '', path = ''] = name.split(' ');
      // Bodies are read first: whichever of the two refuses, nothing was done and nobody was let in.
      const { status } = await browser().send(method, path, method === 'GET' ? undefined : {});
      expect([name, [400, 401].includes(status)]).toEqual([name, true]);
    }
  });
});

describe('with a role that may not', () => {
  test.each(roles)('%s is answered 403 by every operation that is not theirs', async (role) => {
    const token = await tokenOf(role);
    const forbidden = guardedOperations().filter(
      ([, { permission }]) => !world.authorizer.roleMay(role, permission),
    );
    // Nobody may do everything: approving one's own policy is the least that is left out.
    expect(forbidden.length).toBeGreaterThan(0);
    const before = await entries();
    const answers = await Promise.all(
      forbidden.map(async ([name, route]) => {
        const { method } = doorOf(route);
        const headers = { authorization: `Bearer ${token}` };
        return [
          name,
          ...problemOf(
            await browser().send(
              method,
              placeOf(doorOf(route)),
              method === 'GET' ? undefined : {},
              headers,
            ),
          ),
        ];
      }),
    );
    expect(answers).toEqual(
      forbidden.map(([name]) => [name, 403, 'application/problem+json', 'notAllowed']),
    );
    expect(await entries()).toBe(before);
  });
});

describe('by a cookie', () => {
  let cookies: ReadonlyMap<string, string>;
  beforeAll(async () => {
    const signedIn = browser();
    await enrolledPerson(world, signedIn, 'Ito Ren', 'security-officer', 'employee');
    expect((await signedIn.get('/api/v1/me')).status).toBe(200);
    cookies = signedIn.cookies;
  });

  /** Each write there is, sent with the cookie and these headers beside it. */
  async function written(given: Record<string, string>, to: (door: Door) => boolean = () => true) {
    const before = await entries();
    const writes = doors.filter(({ method }) => method !== 'GET').filter(to);
    expect(writes.length).toBeGreaterThan(5);
    const answers = await Promise.all(
      writes.map(async (door) => {
        const rider = browser();
        for (const [name, value] of cookies) rider.cookies.set(name, value);
        return [named(door), ...problemOf(await rider.send(door.method, placeOf(door), {}, given))];
      }),
    );
    expect(await entries()).toBe(before);
    return {
      answers,
      refused: writes.map((door) => [named(door), 403, 'application/problem+json', 'crossSite']),
    };
  }

  test('no write goes without X-Kept', async () => {
    // Signing in is done by a library that does not know the header; the forms of the public pages
    // have no script and act for nobody who sends them; neither does a webhook, which is signed.
    const { answers, refused } = await written(
      { 'x-kept': '' },
      ({ path }) =>
        !path.startsWith('/api/auth/') &&
        !path.startsWith('/portal/') &&
        !['/contact', '/certificates/:code', '/hooks/github/:id'].includes(path),
    );
    expect(answers).toEqual(refused);
  });

  test('none that another site sends, not even signing in or out', async () => {
    for (const given of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': '', origin: 'https://elsewhere.example' },
      { 'sec-fetch-site': '', origin: 'null' },
      { 'sec-fetch-site': '', origin: '' },
    ]) {
      const { answers, refused } = await written(given);
      expect(answers).toEqual(refused);
    }
  });

  test('a token of theirs that is narrowed to one action is answered 403 by all others', async () => {
    const officer = browser();
    for (const [name, value] of cookies) officer.cookies.set(name, value);
    const wanted = { name: 'narrow', roles: ['security-officer'], scope: ['readPeople'], days: 1 };
    const { body } = await officer.post('/api/v1/tokens', wanted);
    const authorization = `Bearer ${String(body['token'])}`;
    const others = guardedOperations().filter(([, { permission }]) => permission !== 'readPeople');
    const statuses = await Promise.all(
      others.map(async ([, route]) => {
        const { method } = doorOf(route);
        return (await browser().send(method, placeOf(doorOf(route)), undefined, { authorization }))
          .status;
      }),
    );
    expect(unique(statuses.map(String))).toEqual(['403']);
    expect((await browser().get('/api/v1/people', { authorization })).status).toBe(200);
  });
});

test('every answer of every door carries the headers that every answer carries', async () => {
  const bare: string[] = [];
  for (const door of doors) {
    const { headers } = await browser().send(
      door.method,
      placeOf(door),
      door.method === 'GET' ? undefined : {},
    );
    const isGuarded =
      headers.get('x-content-type-options') === 'nosniff' &&
      headers.get('x-frame-options') === 'DENY' &&
      /default-src 'none'/.test(headers.get('content-security-policy') ?? '') &&
      !/unsafe/.test(headers.get('content-security-policy') ?? '');
    if (!isGuarded) bare.push(named(door));
  }
  expect(bare).toEqual([]);
});

function guardedOperations() {
  return operations.filter(([, { permission }]) => permission !== 'public');
}

/** Paths of signing in that need somebody, or somebody half-way: the table says which. */
function guardedDoors(): string[] {
  return Object.entries(surface)
    .filter(([, { need }]) => need !== 'nothing')
    .map(([path, { method }]) => `${method} /api/auth${path}`);
}

async function tokenOf(role: Role): Promise<string> {
  const issued = await issueToken(
    world,
    { kind: 'system', id: 'test' },
    { name: role, roles: [role], days: 1, personId: null },
  );
  if (!issued.ok) throw new Error(issued.refusal.code);
  return issued.value.token;
}
