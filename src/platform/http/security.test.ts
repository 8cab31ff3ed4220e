import { Hono } from 'hono';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { enrolledPerson, goodPassword, identityApp } from '../identity/testing.ts';
import type { TestBrowser } from '../testing/browser.ts';
import { type TestWorld, testWorld } from '../testing/world.ts';
import { readDictionary } from '../words.ts';
import { isFromHere } from './caller.ts';
import type { Env } from './mount.ts';
import { responseHeaders, security } from './security.ts';

let world: TestWorld;
let browser: (address?: string) => TestBrowser;
let signedIn: TestBrowser;
let app: Hono<Env>;

const change = route({
  method: 'post',
  path: '/change',
  summary: 'A change, by anybody',
  permission: 'public',
  input: z.object({}),
  output: z.object({ changed: z.boolean() }),
  limitBytes: 100,
  handle: async () => ok({ changed: true }),
});

/** The same, for officers. */
const guarded = route({ ...change, path: '/guarded', permission: 'manageSignIn' });

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  ({ app, browser } = await identityApp(world, { change, guarded }));
  signedIn = browser();
  await enrolledPerson(world, signedIn, 'Some One', 'employee');
});

/** What a request says of itself: '' leaves a header out. */
const here = { origin: 'http://localhost:4747', 'sec-fetch-site': 'same-origin', 'x-kept': '1' };

describe('a change by cookie', () => {
  const cases: readonly (readonly [string, Record<string, string>, number])[] = [
    ['from our own page', here, 200],
    [
      'from our own page under another name of this machine',
      { ...here, host: '127.0.0.1:4747', origin: 'http://127.0.0.1:4747' },
      200,
    ],
    ['with Fetch Metadata but no Origin', { ...here, origin: '' }, 200],
    ['with Origin but no Fetch Metadata', { ...here, 'sec-fetch-site': '' }, 200],
    ['without X-Kept', { ...here, 'x-kept': '' }, 403],
    ['with another X-Kept', { ...here, 'x-kept': '0' }, 403],
    ['with neither Origin nor Fetch Metadata', { ...here, origin: '', 'sec-fetch-site': '' }, 403],
    [
      'from another site',
      { ...here, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      403,
    ],
    ['from a sibling site', { ...here, 'sec-fetch-site': 'same-site' }, 403],
    ['from a sandboxed page', { ...here, origin: 'null', 'sec-fetch-site': '' }, 403],
    ['from another port', { ...here, origin: 'http://localhost:3000', 'sec-fetch-site': '' }, 403],
    [
      'from the same name over another scheme',
      { ...here, origin: 'https://localhost:4747', 'sec-fetch-site': '' },
      403,
    ],
  ];
  test.each(cases)('%s', async (_, headers, status) => {
    expect((await signedIn.post('/api/v1/change', {}, headers)).status).toBe(status);
  });

  test.each(cases.filter(([, headers]) => headers['x-kept'] === '1'))(
    'at Better Auth, %s',
    async (_, headers, status) => {
      const answer = await signedIn.post(
        '/api/auth/passkey/delete-passkey',
        { id: 'none' },
        { ...headers, 'x-kept': '' },
      );
      // Whatever is not forged reaches the guard, which keeps an only second factor.
      expect(answer.status === 403).toBe(status === 403);
    },
  );

  test('by PUT and DELETE is held to the same', async () => {
    const forged = { ...here, origin: 'https://evil.example' };
    expect((await signedIn.send('DELETE', '/api/v1/sessions/x', undefined, forged)).status).toBe(
      403,
    );
    expect(
      (await signedIn.send('PUT', '/api/v1/me/language', { language: 'en' }, forged)).status,
    ).toBe(403);
    expect((await signedIn.send('DELETE', '/api/v1/sessions/x', undefined, here)).status).toBe(404);
  });
});

describe('a change without a cookie', () => {
  const nothing = { origin: '', 'sec-fetch-site': '', 'x-kept': '' };
  test.each([
    ['by a program', nothing, 200],
    [
      'by a program with a token',
      { ...nothing, authorization: 'Bearer x', origin: 'https://elsewhere.example' },
      200,
    ],
    [
      'by another site’s page: signing a victim in as somebody else',
      { ...nothing, origin: 'https://evil.example' },
      403,
    ],
  ])('%s', async (_, headers, status) => {
    expect((await browser().post('/api/v1/change', {}, headers)).status).toBe(status);
  });
});

describe('the name asked for', () => {
  test.each([
    ['localhost:4747', 200],
    ['localhost:9999', 200],
    ['127.0.0.1:4747', 200],
    ['[::1]:4747', 200],
    ['LOCALHOST:4747', 200],
    ['evil.example', 421],
    ['evil.example:4747', 421],
    ['localhost.evil.example:4747', 421],
    ['127.0.0.1.evil.example', 421],
  ])('%s', async (host, status) => {
    expect((await browser().get('/api/v1/openly', { host })).status).toBe(
      status === 200 ? 404 : status,
    );
  });

  test('an installation with a name of its own answers to it', async () => {
    const named = { ...world, url: 'https://kept.example.com' };
    const words = await readDictionary(`${import.meta.dirname}/../..`);
    const app = new Hono<Env>();
    for (const each of security({ world: named, words })) app.use(each);
    app.get('/', (c) => c.html('<p>page</p>'));
    const ask = (host: string) => app.request('/', { headers: { host } });
    expect((await ask('kept.example.com')).status).toBe(200);
    expect((await ask('kept.example.com.')).status).toBe(421);
    const refused = await ask('other.example.com');
    expect(refused.status).toBe(421);
    expect(refused.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}$/);
    expect(await refused.json()).toMatchObject({ code: 'unknownHost', status: 421 });
  });
});

describe('headers', () => {
  const app = new Hono<Env>();
  beforeAll(() => {
    app.use(responseHeaders(world));
    app.get('/page', (c) => c.html(`<meta name="csp-nonce" content="${c.get('nonce')()}">`));
    app.get(
      '/ledger/checkpoint',
      () => new Response('note', { headers: { 'content-type': 'text/plain' } }),
    );
  });

  test('of a page allow its own scripts, its own styles and this answer’s nonce', async () => {
    const first = await app.request('/page');
    const policy = first.headers.get('content-security-policy') ?? '';
    const nonce = /content="([^"]+)"/.exec(await first.text())?.[1];
    expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(policy).toMatch(/^default-src 'none'/);
    const second = await app.request('/page');
    expect(second.headers.get('content-security-policy')).not.toBe(policy);
    expect(first.headers.get('x-content-type-options')).toBe('nosniff');
    expect(first.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(first.headers.get('strict-transport-security')).toBeNull();
  });

  test('of anything else allow nothing; the ledger may be loaded from anywhere', async () => {
    const { headers } = await app.request('/ledger/checkpoint');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; frame-ancestors 'none'/,
    );
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect((await app.request('/page')).headers.get('cross-origin-resource-policy')).toBe(
      'same-origin',
    );
  });
});

describe('problems', () => {
  test.each([
    ['GET', '/api/v1/no-such-thing', 404, 'notFound'],
    ['GET', '/nowhere', 404, 'notFound'],
    ['DELETE', '/api/v1/change', 405, 'methodNotAllowed'],
    ['GET', '/api/auth/two-factor/verify-totp', 405, 'methodNotAllowed'],
  ])('%s %s', async (method, path, status, code) => {
    const answer = await browser().send(method, path);
    expect([answer.status, answer.body['code'], answer.headers.get('content-type')]).toEqual([
      status,
      code,
      'application/problem+json',
    ]);
    if (status === 405) expect(answer.headers.get('allow')).toBe('POST');
  });

  test('of whoever may not ask, with none of the body read', async () => {
    let read = 0;
    const body = new ReadableStream(
      { pull: (stream) => stream.enqueue(new Uint8Array(++read)) },
      { highWaterMark: 0 },
    );
    const sent = { method: 'POST', body, duplex: 'half' };
    const answer = await app.request(new Request('http://localhost:4747/api/v1/guarded', sent));
    expect([answer.status, read]).toEqual([401, 0]);
    const named = await signedIn.post('/api/v1/guarded', { filler: 'x'.repeat(200) }, here);
    expect(named.body).toMatchObject({ status: 403, code: 'notAllowed' });
  });

  test('of bodies too large and not JSON', async () => {
    const long = { filler: 'x'.repeat(200) };
    expect((await browser().post('/api/v1/change', long)).body).toMatchObject({
      status: 413,
      code: 'tooLarge',
    });
    const huge = { email: 'a@example.com', password: 'x'.repeat(70_000) };
    expect((await browser().post('/api/auth/sign-in/email', huge)).body).toMatchObject({
      status: 413,
      code: 'tooLarge',
    });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const posted = await browser().post(
      '/api/auth/sign-in/email',
      { email: 'a@example.com', password: 'x' },
      form,
    );
    expect(posted.body).toMatchObject({ status: 415, code: 'unsupportedMedia' });
  });
});

describe('rates', () => {
  test('of sign-ins are limited for each address, and come back', async () => {
    const { browser: slow } = await identityApp(
      world,
      {},
      { allowances: { signIn: { burst: 3, perMinute: 6 } } },
    );
    const attempt = (address: string, n: number) =>
      slow(address).post('/api/auth/sign-in/email', {
        email: `nobody${n}@example.com`,
        password: 'wrong',
      });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await attempt('192.0.2.1', n)).status);
    expect(statuses).toEqual([401, 401, 401]);
    const limited = await attempt('192.0.2.1', 9);
    expect(limited.body).toMatchObject({ status: 429, code: 'tooMany' });
    expect(limited.headers.get('retry-after')).toBe('10');
    expect((await attempt('192.0.2.2', 1)).status).toBe(401);
    // Reading is not signing in.
    expect((await slow('192.0.2.1').get('/api/auth/state')).status).toBe(200);
    world.advance(world.now().add({ seconds: 10 }));
    expect((await attempt('192.0.2.1', 9)).status).toBe(401);
  });

  test('of guesses at one login are limited wherever they come from; what was right does not count', async () => {
    const own = browser();
    const person = await enrolledPerson(world, own, 'Guessed At', 'employee');
    const attempt = (n: number, password: string) =>
      browser(`198.51.100.${n}`).post('/api/auth/sign-in/email', { email: person.email, password });
    for (let n = 0; n < 12; n++) expect((await attempt(n, goodPassword)).status).toBe(200);
    for (let n = 0; n < 10; n++) expect((await attempt(n, 'wrong password')).status).toBe(401);
    expect((await attempt(99, goodPassword)).status).toBe(429);
  });

  test('are counted by the socket, not by what a caller writes', async () => {
    const { browser: slow } = await identityApp(
      world,
      {},
      { allowances: { publicPost: { burst: 1, perMinute: 1 } } },
    );
    const post = (forwarded: string) =>
      slow('192.0.2.5').post('/api/v1/change', {}, { 'x-forwarded-for': forwarded });
    expect((await post('203.0.113.1')).status).toBe(404);
    expect((await post('203.0.113.2')).status).toBe(429);
  });

  test('behind a proxy that is named are counted by whom it names', async () => {
    const options = {
      allowances: { publicPost: { burst: 1, perMinute: 1 } },
      trustedProxies: ['192.0.2.5'],
    };
    const { browser: slow } = await identityApp(world, {}, options);
    const post = (forwarded: string) =>
      slow('192.0.2.5').post('/api/v1/change', {}, { 'x-forwarded-for': forwarded });
    expect((await post('203.0.113.1')).status).toBe(404);
    expect((await post('203.0.113.2')).status).toBe(404);
    // What stands left of the proxy's own word was written by the caller.
    expect((await post('9.9.9.9, 203.0.113.1')).status).toBe(429);
  });
});

test('from here is: this machine’s address, one of its names, no proxy between', async () => {
  const app = new Hono();
  app.get('/', (c) => c.json(isFromHere(c)));
  const ask = async (address: string, headers: Record<string, string>) =>
    (
      await app.request('/', { headers }, { incoming: { socket: { remoteAddress: address } } })
    ).json();
  expect(await ask('127.0.0.1', { host: 'localhost:4747' })).toBe(true);
  expect(await ask('::1', { host: '[::1]:4747' })).toBe(true);
  expect(await ask('::ffff:127.0.0.1', { host: '127.0.0.1' })).toBe(true);
  expect(await ask('192.0.2.1', { host: 'localhost:4747' })).toBe(false);
  expect(await ask('127.0.0.1', { host: 'evil.example' })).toBe(false);
  expect(await ask('127.0.0.1', { host: 'localhost:4747', 'x-forwarded-for': '192.0.2.1' })).toBe(
    false,
  );
  const without = await app.request('/', { headers: { host: 'localhost' } });
  expect(await without.json()).toBe(false);
});
