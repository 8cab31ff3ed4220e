import { beforeAll, expect, test } from 'vitest';
import { SoftAuthenticator } from '../testing/authenticator.ts';
import type { TestBrowser } from '../testing/browser.ts';
import { type TestWorld, testWorld } from '../testing/world.ts';
import {
  acceptInvitation,
  enrolledPerson,
  goodPassword,
  identityApp,
  registered,
} from './testing.ts';

let world: TestWorld;
let browser: () => TestBrowser;

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  ({ browser } = await identityApp(world));
});

async function register(own: TestBrowser, key: SoftAuthenticator) {
  const options = await own.get('/api/auth/passkey/generate-register-options?name=Forged');
  const response = key.create(options.body as never);
  return own.post('/api/auth/passkey/verify-registration', {
    response,
    name: 'Laptop',
    createSession: true,
  });
}

async function signIn(own: TestBrowser, key: SoftAuthenticator) {
  const options = await own.get('/api/auth/passkey/generate-authenticate-options');
  expect(options.body['userVerification']).toBe('required');
  return own.post('/api/auth/passkey/verify-authentication', {
    response: key.get(options.body as never),
  });
}

test('a passkey that verifies its holder completes the session and is a sign-in by itself', async () => {
  const own = browser();
  const { id } = await registered(world, 'Pass Key', 'employee');
  await acceptInvitation(world, own, id);
  const before = own.cookies.get('kept.session_token');
  const key = new SoftAuthenticator(world.url, true);
  expect((await register(own, key)).status).toBe(200);
  // Rights grew, so the session is another.
  expect(own.cookies.get('kept.session_token')).not.toBe(before);
  expect((await own.get('/api/v1/me')).body).toMatchObject({ secondFactor: true, person: { id } });
  const { body } = await own.get('/api/v1/sessions');
  expect(body['items']).toMatchObject([{ current: true, proof: ['pwd', 'passkey'] }]);
  await own.post('/api/auth/sign-out');
  expect((await own.get('/api/v1/me')).status).toBe(401);

  const again = await signIn(own, key);
  expect([again.status, again.body]).toEqual([200, { status: true }]);
  expect((await own.get('/api/v1/me')).body).toMatchObject({ secondFactor: true, person: { id } });
});

test('a passkey that was only touched is refused, at enrolment and at sign-in', async () => {
  const own = browser();
  const { id } = await registered(world, 'Touch Only', 'employee');
  await acceptInvitation(world, own, id);
  const refused = await register(own, new SoftAuthenticator(world.url, false));
  expect([refused.status, refused.body['type']]).toEqual([401, '/problems/passkeyUnverified']);
  expect((await own.get('/api/v1/me')).status).toBe(401);

  const key = new SoftAuthenticator(world.url, true);
  await register(own, key);
  await own.post('/api/auth/sign-out');
  Object.defineProperty(key, 'verifies', { value: false });
  expect((await signIn(own, key)).status).toBe(401);
  expect((await own.get('/api/v1/me')).status).toBe(401);
});

test('a passkey of another origin is refused', async () => {
  const own = browser();
  const { id } = await registered(world, 'Other Origin', 'employee');
  await acceptInvitation(world, own, id);
  const answer = await register(own, new SoftAuthenticator('http://localhost:9999', true));
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect((await own.get('/api/auth/state')).body).toMatchObject({ state: 'enrol', passkeys: 0 });
});

test('with a passkey beside it, the authenticator app can be removed; the passkey then stays', async () => {
  const own = browser();
  await enrolledPerson(world, own, 'Both Ways', 'employee');
  await register(own, new SoftAuthenticator(world.url, true));
  const disabled = await own.post('/api/auth/two-factor/disable', { password: goodPassword });
  expect(disabled.status).toBe(200);
  expect((await own.get('/api/v1/me')).body).toMatchObject({ secondFactor: true });
  const [passkey] = (await own.get('/api/auth/passkey/list-user-passkeys')).body as unknown as [
    { id: string },
  ];
  expect((await own.post('/api/auth/passkey/delete-passkey', { id: passkey.id })).status).toBe(422);
});

test('whoever signs in by passkey alone may add an authenticator app, and stays complete', async () => {
  const own = browser();
  const { id } = await registered(world, 'App Later', 'employee');
  await acceptInvitation(world, own, id);
  const key = new SoftAuthenticator(world.url, true);
  await register(own, key);
  await own.post('/api/auth/sign-out');
  await signIn(own, key);
  expect((await own.post('/api/auth/two-factor/enable', { password: goodPassword })).status).toBe(
    200,
  );
  const changed = await own.post('/api/auth/change-password', {
    currentPassword: goodPassword,
    newPassword: 'otter paints eleven fences',
  });
  expect(changed.status).toBe(200);
  const { body } = await own.get('/api/v1/sessions');
  expect(body['items']).toMatchObject([{ current: true, proof: ['passkey'] }]);
});
