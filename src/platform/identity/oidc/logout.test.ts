import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { outgoing } from '../../http/outgoing.ts';
import type { TestBrowser } from '../../testing/browser.ts';
import { type TestWorld, testWorld } from '../../testing/world.ts';
import { identityApp, registered } from '../testing.ts';
import { type FakeProvider, startFakeProvider } from './fake.provider.ts';
import { linkPerson, setUpFake, signInBy } from './testing.ts';

/** Back-channel logout: who may end whose session, and who may not. */
const event = 'http://schemas.openid.net/event/backchannel-logout';
const now = () => Math.floor(Date.now() / 1000);

let world: TestWorld;
let app: Awaited<ReturnType<typeof identityApp>>;
let fake: FakeProvider;

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  fake = await startFakeProvider();
  app = await identityApp(world, {}, { ask: outgoing({ internalHosts: ['127.0.0.1'] }) });
  await setUpFake(world, fake);
  for (const name of ['Hana Sato', 'Ken Mori']) {
    const { id } = await registered(world, name, 'employee');
    await linkPerson(world, id, name.split(' ')[0] ?? '');
  }
});

afterAll(() => fake.end());

beforeEach(async () => {
  world.advance(Temporal.Now.instant());
  await sql`delete from auth_session`.execute(world.database.db);
});

async function signedIn(sub: string, sid: string): Promise<TestBrowser> {
  const browser = app.browser();
  fake.claims = { sub, sid, amr: ['mfa'] };
  await signInBy(browser);
  fake.claims = { sub: 'Hana' };
  return browser;
}

/** As the provider's server sends it: a form, no cookie, no origin. */
async function tell(token: string): Promise<readonly [number, string]> {
  const body = new URLSearchParams({ logout_token: token });
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    host: new URL(world.url).host,
  };
  const answer = await app.app.request(`${world.url}/api/auth/provider/logout`, {
    method: 'POST',
    headers,
    body: body.toString(),
  });
  const text = await answer.text();
  const said = text && (JSON.parse(text) as { error_description?: string }).error_description;
  return [answer.status, said || ''];
}

const statusOf = async (browser: TestBrowser): Promise<number> =>
  (await browser.get('/api/v1/me')).status;

describe('a logout token', () => {
  test('ends one session of the provider’s, or all of somebody, and nobody else’s', async () => {
    const first = await signedIn('Hana', 'one');
    const second = await signedIn('Hana', 'two');
    const other = await signedIn('Ken', 'one');
    expect(await tell(await fake.logoutToken({ sid: 'one' }))).toEqual([200, '']);
    expect(await Promise.all([first, second, other].map(statusOf))).toEqual([401, 200, 200]);
    expect(await tell(await fake.logoutToken())).toEqual([200, '']);
    expect(await Promise.all([second, other].map(statusOf))).toEqual([401, 200]);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from ledger_entry where type = 'SessionsEndedByProvider'`.execute(
      world.database.db,
    );
    expect(rows).toEqual([{ n: 2 }]);
  });

  test('of a session alone ends that session', async () => {
    const browser = await signedIn('Hana', 'three');
    const token = await fake.logoutToken({ sid: 'three', sub: undefined });
    expect(await tell(token)).toEqual([200, '']);
    expect(await statusOf(browser)).toBe(401);
  });

  test('is taken once', async () => {
    const token = await fake.logoutToken();
    expect(await tell(token)).toEqual([200, '']);
    const browser = await signedIn('Hana', 'one');
    expect(await tell(token)).toEqual([400, 'takenBefore']);
    expect(await statusOf(browser)).toBe(200);
  });

  test.each<readonly [string, Parameters<FakeProvider['logoutToken']>, string]>([
    ['a broken signature', [{}, { signature: 'broken' }], 'badSignature'],
    ['a key of nobody', [{}, { signature: 'otherKey' }], 'badSignature'],
    ['no signature', [{}, { signature: 'none' }], 'badSignature'],
    ['HMAC with the public key', [{}, { signature: 'publicKey' }], 'badSignature'],
    ['HMAC with the client’s secret', [{}, { signature: 'clientSecret' }], 'badSignature'],
    ['an unknown key', [{}, { header: (it) => ({ ...it, kid: 'x' }) }], 'unknownKey'],
    ['another type', [{}, { header: (it) => ({ ...it, typ: 'at+jwt' }) }], 'wrongType'],
    ['another issuer', [{ iss: 'https://else.example.com' }], 'wrongIssuer'],
    ['another audience', [{ aud: 'another' }], 'wrongAudience'],
    ['an end that has passed', [{ exp: now() - 120 }], 'expired'],
    ['no end', [{ exp: undefined }], 'claimMissing'],
    ['a beginning long ago', [{ iat: now() - 3600 }], 'expired'],
    ['a beginning to come', [{ iat: now() + 3600 }], 'expired'],
    ['no beginning', [{ iat: undefined }], 'claimMissing'],
    ['no id', [{ jti: undefined }], 'claimMissing'],
    ['an empty id', [{ jti: '' }], 'claimMissing'],
    ['no event', [{ events: undefined }], 'claimMissing'],
    ['another event', [{ events: { 'https://example.com/else': {} } }], 'eventMissing'],
    ['an event that is no object', [{ events: { [event]: 'yes' } }], 'eventMissing'],
    ['a nonce: an ID token', [{ nonce: 'x' }], 'noncePresent'],
    ['nobody', [{ sub: undefined }], 'nobodyNamed'],
    ['somebody who is no name', [{ sub: 7 }], 'nobodyNamed'],
    ['a session that is no name', [{ sid: {} }], 'nobodyNamed'],
  ])('with %s ends nothing', async (_, given, fault) => {
    const browser = await signedIn('Hana', 'one');
    expect(await tell(await fake.logoutToken(...given))).toEqual([400, fault]);
    expect(await statusOf(browser)).toBe(200);
  });

  test('that is none ends nothing', async () => {
    for (const token of ['', 'x', 'a.b.c', 'e30.e30.']) {
      expect((await tell(token))[0]).toBe(400);
    }
  });

  test('with unknown keys does not make Kept ask for keys again and again', async () => {
    world.advance({ minutes: 1 });
    const before = fake.asked.filter((path) => path === '/keys').length;
    for (let n = 0; n < 5; n += 1) {
      const token = await fake.logoutToken({}, { header: (it) => ({ ...it, kid: `x${n}` }) });
      expect(await tell(token)).toEqual([400, 'unknownKey']);
    }
    expect(fake.asked.filter((path) => path === '/keys').length - before).toBeLessThanOrEqual(1);
  });

  test('by a key that is new makes Kept read the keys again', async () => {
    const browser = await signedIn('Hana', 'one');
    world.advance({ minutes: 2 });
    await fake.rotate(true);
    expect(await tell(await fake.logoutToken())).toEqual([200, '']);
    expect(await statusOf(browser)).toBe(401);
  });
});
