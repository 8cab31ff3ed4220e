import { generateKeyPairSync } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { outgoing } from '../../http/outgoing.ts';
import { type TestWorld, testWorld } from '../../testing/world.ts';
import { identityApp, registered } from '../testing.ts';
import { type FakeProvider, halfHash, type Lies, startFakeProvider } from './fake.provider.ts';
import { createRelyingParty } from './party.ts';
import { readProvider } from './store.ts';
import {
  goToProvider,
  linkPerson,
  placeOf,
  setUpFake,
  setUpProvider,
  signInBy,
} from './testing.ts';

/**
 * A provider that lies in each way of the OpenID conformance suite's modules for relying parties.
 * Of every lie the person is told why, and nothing of it is written.
 */
const tenantId = '5f4dcc3b-5aa7-45d6-8d83-27deb882cf99';
const now = () => Math.floor(Date.now() / 1000);

let world: TestWorld;
let app: Awaited<ReturnType<typeof identityApp>>;
let fake: FakeProvider;

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  fake = await startFakeProvider();
  app = await identityApp(
    world,
    {},
    { ask: outgoing({ internalHosts: ['127.0.0.1'], limitBytes: 50_000, timeoutMs: 5000 }) },
  );
  await setUpFake(world, fake);
  const { id } = await registered(world, 'Hana Sato', 'employee');
  await linkPerson(world, id, 'somebody');
});

afterAll(() => fake.end());

beforeEach(() => {
  world.advance(Temporal.Now.instant());
  fake.lies = {};
  fake.claims = { sub: 'somebody', amr: ['pwd', 'mfa'] };
  fake.userInfo = {};
});

/** What sign-in has written so far; attempts are taken away by being finished, whatever comes of it. */
async function written(): Promise<unknown> {
  const { rows } = await sql`
    select (select count(*)::int from auth_session) as sessions, (select count(*)::int from auth_user) as logins,
      (select count(*)::int from sign_in_stranger) as strangers, (select count(*)::int from sign_in_attempt) as attempts,
      (select json_agg(i order by i.id) from sign_in_identity i) as identities,
      (select count(*)::int from ledger_entry) as entries`.execute(world.database.db);
  return rows[0];
}

const without =
  (...names: readonly string[]): NonNullable<Lies['payload']> =>
  (payload) =>
    Object.fromEntries(Object.entries(payload).filter(([name]) => !names.includes(name)));

const lies: readonly (readonly [string, Lies, string])[] = [
  ['a signature that is broken', { signature: 'broken' }, 'badSignature'],
  ['a signature by a key not its own', { signature: 'otherKey' }, 'badSignature'],
  ['no signature', { signature: 'none' }, 'wrongAlgorithm'],
  ['HMAC with its public key', { signature: 'publicKey' }, 'wrongAlgorithm'],
  ['HMAC with the client’s secret', { signature: 'clientSecret' }, 'wrongAlgorithm'],
  ['an unknown key', { header: (it) => ({ ...it, kid: 'unheard-of' }) }, 'unknownKey'],
  [
    'another issuer',
    { payload: (it) => ({ ...it, iss: 'https://else.example.com' }) },
    'wrongIssuer',
  ],
  [
    'its issuer with a slash more',
    { payload: (it) => ({ ...it, iss: `${it.iss}/` }) },
    'wrongIssuer',
  ],
  ['no issuer', { payload: without('iss') }, 'claimMissing'],
  ['another audience', { payload: (it) => ({ ...it, aud: 'another' }) }, 'wrongAudience'],
  [
    'an audience beside us',
    { payload: (it) => ({ ...it, aud: ['kept', 'another'] }) },
    'wrongAudience',
  ],
  ['another authorised party', { payload: (it) => ({ ...it, azp: 'another' }) }, 'wrongAudience'],
  ['no audience', { payload: without('aud') }, 'claimMissing'],
  ['another nonce', { payload: (it) => ({ ...it, nonce: 'another' }) }, 'wrongNonce'],
  ['no nonce', { payload: without('nonce') }, 'wrongNonce'],
  ['a token that has expired', { payload: (it) => ({ ...it, exp: now() - 120 }) }, 'expired'],
  ['no expiry', { payload: without('exp') }, 'claimMissing'],
  ['a token from the future', { payload: (it) => ({ ...it, iat: now() + 300 }) }, 'issuedInFuture'],
  ['a token not valid yet', { payload: (it) => ({ ...it, nbf: now() + 300 }) }, 'issuedInFuture'],
  ['a token of an hour ago', { payload: (it) => ({ ...it, iat: now() - 3600 }) }, 'tooOld'],
  ['no time of issue', { payload: without('iat') }, 'claimMissing'],
  ['no subject', { payload: without('sub') }, 'noSubject'],
  ['an empty subject', { payload: (it) => ({ ...it, sub: '' }) }, 'noSubject'],
  ['a subject without end', { payload: (it) => ({ ...it, sub: 's'.repeat(300) }) }, 'noSubject'],
  [
    'the hash of another access token',
    { payload: (it) => ({ ...it, at_hash: halfHash('another') }) },
    'wrongAccessTokenHash',
  ],
  [
    'the hash of another code',
    { payload: (it) => ({ ...it, c_hash: halfHash('another') }) },
    'wrongCodeHash',
  ],
  ['no ID token', { tokens: ({ id_token: _, ...rest }) => rest }, 'notConform'],
  ['an ID token that is none', { tokens: (it) => ({ ...it, id_token: 'x.y' }) }, 'notConform'],
  ['no access token', { tokens: ({ access_token: _, ...rest }) => rest }, 'notConform'],
  [
    'another issuer in the redirect (RFC 9207)',
    { redirect: (query) => query.set('iss', 'https://else.example.com') },
    'wrongResponseIssuer',
  ],
  [
    'no issuer in the redirect, though it announces one',
    { redirect: (query) => query.delete('iss') },
    'wrongResponseIssuer',
  ],
  [
    'a token that it refuses',
    { instead: { '/token': (response) => response.writeHead(302, { location: '/x' }).end() } },
    'redirected',
  ],
  [
    'a token answer without end',
    { instead: { '/token': (response) => response.end('x'.repeat(100_000)) } },
    'tooLarge',
  ],
];

describe('a provider that lies', () => {
  test('is believed where it does not', async () => {
    const browser = app.browser();
    const answer = await signInBy(browser, { next: '/console/today' });
    expect([answer.status, placeOf(answer).pathname]).toEqual([303, '/console/today']);
    expect((await browser.get('/api/v1/me')).body['secondFactor']).toBe(true);
  });

  test.each(lies)('about %s, is not', async (_, lie, reason) => {
    const browser = app.browser();
    const before = await written();
    fake.lies = lie;
    const answer = await signInBy(browser);
    const { searchParams } = placeOf(answer);
    expect([searchParams.get('refused'), searchParams.get('reason')]).toEqual([
      'answerUntrusted',
      reason,
    ]);
    expect(await written()).toEqual(before);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
    const said = await browser.get(`/api/auth/provider?${searchParams}`);
    const { detail, title } = said.body['problem'] as { detail: string; title: string };
    expect(`${title} ${detail}`).not.toMatch(/[{}]|problem\.|provider\./);
  });

  test('about which key, of several, is not; of one, is', async () => {
    const nameless: Lies = { header: ({ kid: _, ...rest }) => rest };
    fake.lies = nameless;
    expect(placeOf(await signInBy(app.browser())).pathname).toBe('/console/policy');
    await fake.rotate(false);
    // An unknown key makes us read the keys again, from which both are known.
    world.advance({ minutes: 1 });
    fake.lies = {};
    expect(placeOf(await signInBy(app.browser())).pathname).toBe('/console/policy');
    fake.lies = nameless;
    const ambiguous = await signInBy(app.browser());
    expect(placeOf(ambiguous).searchParams.get('reason')).toBe('ambiguousKey');
  });

  test('about who somebody is in another place, is not', async () => {
    fake.userInfo = { sub: 'somebody else' };
    const before = await written();
    const answer = await signInBy(app.browser());
    expect(placeOf(answer).searchParams.get('reason')).toBe('subjectMismatch');
    expect(await written()).toEqual(before);
  });

  test('gets no further with a code or an answer used before, or in another browser', async () => {
    const browser = app.browser();
    const back = await goToProvider(browser);
    const other = app.browser();
    const signInOver = async (answer: Promise<Parameters<typeof placeOf>[0]>) =>
      expect(placeOf(await answer).searchParams.get('refused')).toBe('signInOver');
    await signInOver(other.get(back));
    await signInOver(browser.get(back.replace(/state=[^&]+/, 'state=another')));
    expect(placeOf(await browser.get(back)).pathname).toBe('/console/policy');
    await signInOver(browser.get(back));
    // The code once more, in a sign-in of its own: the provider gives nothing for it.
    const code = new URL(back, world.url).searchParams.get('code') ?? '';
    const again = (await goToProvider(browser)).replace(/code=[^&]+/, `code=${code}`);
    expect(placeOf(await browser.get(again)).searchParams.get('reason')).toBe('tokenRefused');
    // And from a provider that gives out for a code whatever it is asked: nonce and PKCE differ.
    fake.lies = { codesLast: true };
    const first = await goToProvider(browser);
    const second = await goToProvider(browser);
    const stolen = new URL(first, world.url).searchParams.get('code') ?? '';
    const mixed = await browser.get(second.replace(/code=[^&]+/, `code=${stolen}`));
    expect(placeOf(mixed).searchParams.get('reason')).toBe('tokenRefused');
  });

  test('is late: after fifteen minutes nobody waits for it', async () => {
    const browser = app.browser();
    const back = await goToProvider(browser);
    world.advance({ minutes: 16 });
    expect(placeOf(await browser.get(back)).searchParams.get('refused')).toBe('signInOver');
  });

  test('that declines is quoted, and only in words that are codes', async () => {
    const browser = app.browser();
    fake.lies = {
      redirect: (query) => {
        query.delete('code');
        query.set('error', 'access_denied');
        query.set('error_description', '<b>pay here</b>');
      },
    };
    const { searchParams } = placeOf(await signInBy(browser));
    expect([searchParams.get('refused'), searchParams.get('said')]).toEqual([
      'providerDeclined',
      'access_denied',
    ]);
    const said = await browser.get('/api/auth/provider?refused=providerDeclined&said=<b>pay</b>');
    expect(JSON.stringify(said.body)).not.toContain('pay');
  });
});

const discoveries: readonly (readonly [string, Lies, string])[] = [
  [
    'another issuer',
    { discovery: (it) => ({ ...it, issuer: 'https://else.example.com' }) },
    'discoveryIssuer',
  ],
  [
    'its issuer with a slash more',
    { discovery: (it) => ({ ...it, issuer: `${it['issuer']}/` }) },
    'discoveryIssuer',
  ],
  ['no issuer', { discovery: ({ issuer: _, ...rest }) => rest }, 'notConform'],
  [
    'no place to sign in',
    { discovery: ({ authorization_endpoint: _, ...rest }) => rest },
    'discoveryIncomplete',
  ],
  [
    'a place that is a script',
    { discovery: (it) => ({ ...it, authorization_endpoint: 'javascript:alert(1)' }) },
    'discoveryIncomplete',
  ],
  ['no keys', { discovery: ({ jwks_uri: _, ...rest }) => rest }, 'discoveryIncomplete'],
  ['that it is a list', { discovery: () => [] }, 'notConform'],
];
const somewhere = '/.well-known/openid-configuration';
const documents: readonly (readonly [string, Lies, string])[] = [
  ...discoveries,
  [
    'nothing but where else to ask',
    { instead: { [somewhere]: (it) => it.writeHead(302, { location: '/else' }).end() } },
    'redirected',
  ],
  [
    'more than anybody can read',
    { instead: { [somewhere]: (it) => it.end('x'.repeat(60_000)) } },
    'tooLarge',
  ],
  [
    'it in HTML',
    {
      instead: {
        [somewhere]: (it) => it.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      },
    },
    'notConform',
  ],
  [
    'that it is not there',
    { instead: { [somewhere]: (it) => it.writeHead(404).end() } },
    'notConform',
  ],
];

describe('a provider that says of itself', () => {
  test.each(documents)('%s, is not gone to', async (_, lie, reason) => {
    const liar = await startFakeProvider();
    try {
      liar.lies = lie;
      const { rows } = await sql<{
        revision: number;
      }>`select revision from sign_in_provider`.execute(world.database.db);
      await setUpFake(world, liar, {}, rows[0]?.revision);
      const before = await written();
      const begun = await app.browser().post('/api/auth/sign-in/provider', {});
      expect([begun.status, begun.body['code']]).toEqual([502, 'answerUntrusted']);
      expect(await written()).toEqual(before);
      const ask = outgoing({ internalHosts: ['127.0.0.1'], limitBytes: 50_000 });
      const provider = await readProvider(world.database.db, world.keys);
      if (!provider) throw new Error('one was set up');
      const found = createRelyingParty(world, ask).discover(provider.settings);
      await expect(found).rejects.toMatchObject({ reason });
    } finally {
      await liar.end();
    }
  });

  test('endpoints inside the network, is not asked there', async () => {
    const liar = await startFakeProvider();
    liar.lies = {
      discovery: (it) => ({ ...it, token_endpoint: 'https://169.254.169.254/latest/meta-data' }),
    };
    const { rows } = await sql<{ revision: number }>`select revision from sign_in_provider`.execute(
      world.database.db,
    );
    await setUpFake(world, liar, {}, rows[0]?.revision);
    const answer = await signInBy(app.browser());
    expect(placeOf(answer).searchParams.get('reason')).toBe('addressForbidden');
    await liar.end();
  });
});

test('Kept proves itself by a key of its own, RSA or elliptic, where it has one', async () => {
  const honest = await startFakeProvider();
  for (const { privateKey, publicKey } of [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ]) {
    const { rows } = await sql<{ revision: number }>`select revision from sign_in_provider`.execute(
      world.database.db,
    );
    const of = {
      issuer: honest.issuer,
      id: honest.client.id,
      secret: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    };
    await setUpProvider(world, of, { authentication: 'key' }, rows[0]?.revision);
    honest.clientKey = publicKey;
    const refused = (await signInBy(app.browser())).headers.get('location');
    // Nobody is linked to this provider, which is all that is wrong.
    expect(refused).toContain('identityUnknown');
    honest.clientKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    expect((await signInBy(app.browser())).headers.get('location')).toContain('tokenRefused');
  }
  await honest.end();
});

test('a tenant that is not ours, or none, is refused', async () => {
  const entra = await startFakeProvider(tenantId);
  const { rows } = await sql<{ revision: number }>`select revision from sign_in_provider`.execute(
    world.database.db,
  );
  await setUpFake(world, entra, { kind: 'entra', tenantId }, rows[0]?.revision);
  const { id } = await registered(world, 'Ken Mori', 'employee');
  const objectId = 'd2c0ae30-0b52-4b71-a6fc-3d3a5ab2b5b5';
  await linkPerson(world, id, objectId);
  entra.claims = { sub: 'pairwise', oid: objectId, amr: ['mfa'] };
  expect(placeOf(await signInBy(app.browser())).pathname).toBe('/console/policy');
  const before = await written();
  for (const [tid, reason] of [
    ['9188040d-6c67-4c5b-b112-36a304b66dad', 'wrongTenant'],
    [undefined, 'wrongTenant'],
    [tenantId.toUpperCase(), 'wrongTenant'],
  ] as const) {
    entra.lies = { payload: ({ tid: _, ...rest }) => (tid ? { ...rest, tid } : rest) };
    expect(placeOf(await signInBy(app.browser())).searchParams.get('reason')).toBe(reason);
  }
  entra.lies = { payload: ({ oid: _, ...rest }) => rest };
  expect(placeOf(await signInBy(app.browser())).searchParams.get('reason')).toBe('noSubject');
  expect(await written()).toEqual(before);
  await entra.end();
});
