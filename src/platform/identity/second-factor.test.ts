import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { type TestBrowser, totp } from '../testing/browser.ts';
import { type TestWorld, testWorld } from '../testing/world.ts';
import {
  acceptInvitation,
  type Enrolled,
  enrolledPerson,
  goodPassword,
  identityApp,
  registered,
} from './testing.ts';

let world: TestWorld;
let browser: (address?: string) => TestBrowser;

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  ({ browser } = await identityApp(world));
});

async function entriesOf(type: string): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from ledger_entry where type = ${type} order by seq`.execute(world.database.db);
  return rows.map(({ bytes }) => JSON.parse(bytes.toString()));
}

describe('an authenticator app', () => {
  let aiko: Enrolled;
  const first = () => browser('192.0.2.1');

  test('is enrolled by whoever accepts an invitation, who is then signed in', async () => {
    const own = first();
    aiko = await enrolledPerson(world, own, 'Aiko Tanaka', 'employee', 'engineer');
    const me = await own.get('/api/v1/me');
    expect(me.status).toBe(200);
    expect(me.body).toMatchObject({
      person: { id: aiko.id, name: 'Aiko Tanaka' },
      roles: ['employee', 'engineer'],
      secondFactor: true,
      persona: false,
      organisation: 'Example Engineering',
    });
    expect(me.body['permissions']).toContain('manageOwnTokens');
    expect(me.body['permissions']).not.toContain('invitePeople');
    expect(await entriesOf('SecondFactorEnrolled')).toMatchObject([
      { subject: `person/${aiko.id}`, actor: `person/${aiko.id}`, body: { factor: 'totp' } },
    ]);
  });

  test('names the organisation, and the secret cannot be read again', async () => {
    const own = browser();
    const { id } = await registered(world, 'Issuer Reader', 'employee');
    await acceptInvitation(world, own, id);
    const begun = await own.post('/api/auth/two-factor/enable', {
      password: goodPassword,
      issuer: 'Evil',
    });
    const uri = new URL(begun.body['totpURI'] as string);
    expect(uri.searchParams.get('issuer')).toBe('Example Engineering');
    expect(
      (await own.post('/api/auth/two-factor/get-totp-uri', { password: goodPassword })).status,
    ).toBe(404);
  });

  test('signs in with password and then code, and a code is taken once', async () => {
    const own = browser();
    const step = await own.post('/api/auth/sign-in/email', {
      email: aiko.email.toUpperCase(),
      password: goodPassword,
    });
    expect(step.body).toMatchObject({ twoFactorRedirect: true });
    expect((await own.get('/api/v1/me')).status).toBe(401);
    // The code of the enrolment is used up; the next one is taken half a minute early.
    const used = await own.post('/api/auth/two-factor/verify-totp', {
      code: totp(aiko.secret, aiko.enrolledAtMs),
    });
    expect(used.status).toBe(401);
    expect((await own.get('/api/v1/me')).status).toBe(401);
    await own.post('/api/auth/sign-in/email', { email: aiko.email, password: goodPassword });
    const code = totp(aiko.secret, aiko.enrolledAtMs + 30_000);
    const done = await own.post('/api/auth/two-factor/verify-totp', { code });
    expect(done.status).toBe(200);
    expect(done.body['token']).toBeUndefined();
    expect((await own.get('/api/v1/me')).body).toMatchObject({ secondFactor: true });

    const watcher = browser();
    await watcher.post('/api/auth/sign-in/email', { email: aiko.email, password: goodPassword });
    expect((await watcher.post('/api/auth/two-factor/verify-totp', { code })).status).toBe(401);
    expect((await watcher.get('/api/v1/me')).status).toBe(401);
  });

  test('may be replaced once by each recovery code', async () => {
    const [code = ''] = aiko.recoveryCodes;
    const own = browser();
    await own.post('/api/auth/sign-in/email', { email: aiko.email, password: goodPassword });
    expect((await own.post('/api/auth/two-factor/verify-backup-code', { code })).status).toBe(200);
    expect((await own.get('/api/v1/me')).body).toMatchObject({ secondFactor: true });
    const sessions = await own.get('/api/v1/sessions');
    expect(sessions.body['items']).toContainEqual(
      expect.objectContaining({ current: true, proof: ['pwd', 'recovery'] }),
    );

    const again = browser();
    await again.post('/api/auth/sign-in/email', { email: aiko.email, password: goodPassword });
    expect((await again.post('/api/auth/two-factor/verify-backup-code', { code })).status).toBe(
      401,
    );
  });

  test('takes five wrong codes for a password, and ten in a row lock it', async () => {
    const goro = await enrolledPerson(world, browser(), 'Goro Mori', 'employee');
    const wrong = { code: '000000' };
    const statuses: number[] = [];
    for (let round = 0; round < 2; round++) {
      const own = browser();
      await own.post('/api/auth/sign-in/email', { email: goro.email, password: goodPassword });
      for (let n = 0; n < 5; n++)
        statuses.push((await own.post('/api/auth/two-factor/verify-totp', wrong)).status);
      const right = await own.post('/api/auth/two-factor/verify-totp', {
        code: totp(goro.secret, Date.now()),
      });
      expect(right.status).not.toBe(200);
    }
    expect(statuses).toEqual(Array(10).fill(401));
    const own = browser();
    await own.post('/api/auth/sign-in/email', { email: goro.email, password: goodPassword });
    const locked = await own.post('/api/auth/two-factor/verify-totp', {
      code: totp(goro.secret, Date.now()),
    });
    expect(locked.status).toBe(429);
    expect(locked.body).toMatchObject({
      type: '/problems/locked',
      code: 'ACCOUNT_TEMPORARILY_LOCKED',
    });
  });

  test('trusts no device: the next sign-in asks again', async () => {
    const own = browser();
    const rin = await enrolledPerson(world, own, 'Rin Abe', 'employee');
    await own.post('/api/auth/sign-out');
    await own.post('/api/auth/sign-in/email', { email: rin.email, password: goodPassword });
    const [recovery = ''] = rin.recoveryCodes;
    await own.post('/api/auth/two-factor/verify-backup-code', {
      code: recovery,
      trustDevice: true,
    });
    expect([...own.cookies.keys()]).toEqual(['kept.session_token']);
    await own.post('/api/auth/sign-out');
    const again = await own.post('/api/auth/sign-in/email', {
      email: rin.email,
      password: goodPassword,
    });
    expect(again.body).toMatchObject({ twoFactorRedirect: true });
  });
});

describe('noSessionWithoutSecondFactor', () => {
  test('a session by password alone is nobody everywhere but at enrolment, and that is recorded once', async () => {
    const own = browser();
    const { id } = await registered(world, 'Half Way', 'employee', 'security-officer');
    await acceptInvitation(world, own, id);
    const before = (await entriesOf('GuardRefused')).length;
    for (const path of [
      '/api/v1/me',
      '/api/v1/sessions',
      '/api/v1/tokens',
      '/api/v1/invitations',
    ]) {
      const refused = await own.get(path);
      expect([path, refused.status, refused.body['code']]).toEqual([
        path,
        401,
        'secondFactorMissing',
      ]);
    }
    const made = await own.post('/api/v1/tokens', { name: 'x', roles: ['employee'] });
    expect(made.status).toBe(401);
    for (const path of [
      '/two-factor/disable',
      '/two-factor/generate-backup-codes',
      '/change-password',
    ]) {
      const body = {
        password: goodPassword,
        currentPassword: goodPassword,
        newPassword: 'otter paints eleven fences',
      };
      expect((await own.post(`/api/auth${path}`, body)).status).toBe(401);
    }
    expect((await own.get('/api/auth/passkey/list-user-passkeys')).status).toBe(401);
    const refusals = await entriesOf('GuardRefused');
    expect(refusals.length - before).toBe(1);
    expect(refusals.at(-1)).toMatchObject({
      subject: 'promise/ACC-3',
      actor: `person/${id}`,
      body: { promise: 'ACC-3', code: 'secondFactorMissing' },
    });
    expect((await own.get('/api/auth/state')).body).toMatchObject({
      state: 'enrol',
      hasPassword: true,
      passkeys: 0,
    });
    expect((await own.get('/api/auth/passkey/generate-register-options')).body).toMatchObject({
      rp: { id: 'localhost', name: 'Example Engineering' },
      authenticatorSelection: { userVerification: 'required' },
    });
  });

  test('who has a passkey cannot be given another factor by whoever learns the password', async () => {
    const { id, email } = await registered(world, 'Key Holder', 'employee');
    await acceptInvitation(world, browser(), id);
    await sql`
      insert into auth_passkey (id, user_id, public_key, credential_id, counter, device_type, backed_up)
      select ${world.newId()}, u.id, 'key', ${world.newId()}, 0, 'singleDevice', false
      from auth_user as u where u.person_id = ${id}`.execute(world.database.db);
    const thief = browser();
    await thief.post('/api/auth/sign-in/email', { email, password: goodPassword });
    expect((await thief.get('/api/auth/state')).body).toMatchObject({ state: 'passkeyNeeded' });
    expect(
      (await thief.post('/api/auth/two-factor/enable', { password: goodPassword })).status,
    ).toBe(401);
    expect((await thief.get('/api/auth/passkey/generate-register-options')).status).toBe(401);
    expect((await thief.post('/api/auth/two-factor/verify-totp', { code: '123456' })).status).toBe(
      401,
    );
    expect((await thief.get('/api/v1/me')).status).toBe(401);
  });

  test('the time to enrol by password ends with the invitation’s', async () => {
    const own = browser();
    const late = await registered(world, 'Late Comer', 'employee');
    await acceptInvitation(world, own, late.id);
    await sql`update auth_user set enrol_by = ${world.now()} where person_id = ${late.id}`.execute(
      world.database.db,
    );
    expect((await own.get('/api/auth/state')).body).toMatchObject({ state: 'enrolmentOver' });
    expect((await own.post('/api/auth/two-factor/enable', { password: goodPassword })).status).toBe(
      401,
    );
  });

  test('the last second factor cannot be removed', async () => {
    const own = browser();
    await enrolledPerson(world, own, 'Only One', 'employee');
    const kept = await own.post('/api/auth/two-factor/disable', { password: goodPassword });
    expect(kept.status).toBe(422);
    expect(kept.body['code']).toBe('lastSecondFactor');
    expect((await own.get('/api/auth/state')).body).toMatchObject({
      state: 'signedIn',
      hasTotp: true,
    });
    expect((await entriesOf('GuardRefused')).at(-1)).toMatchObject({
      body: { code: 'lastSecondFactor' },
    });
  });

  test('a session that says it chose a persona is nobody outside a demo', async () => {
    const own = browser();
    const poser = await enrolledPerson(world, own, 'Poser One', 'employee');
    await sql`
      update auth_session as s set amr = 'persona' from auth_user as u
      where u.id = s.user_id and u.person_id = ${poser.id}`.execute(world.database.db);
    expect((await own.get('/api/v1/me')).status).toBe(401);
  });
});
