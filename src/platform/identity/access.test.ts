import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestBrowser } from '../testing/browser.ts';
import { type TestWorld, testWorld } from '../testing/world.ts';
import { issueInvitation, issueToken } from './identity.ts';
import { revokeEverything } from './revoke.ts';
import {
  acceptInvitation,
  enrolledPerson,
  goodPassword,
  identityApp,
  registered,
} from './testing.ts';

let world: TestWorld;
let browser: (address?: string) => TestBrowser;
const operator = { kind: 'system', id: 'test' } as const;

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  ({ browser } = await identityApp(world));
});

async function entry(type: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from ledger_entry where type = ${type} order by seq desc limit 1`.execute(
    world.database.db,
  );
  return JSON.parse(rows[0]?.bytes.toString() ?? '{}');
}

const bearer = (token: unknown) => ({ authorization: `Bearer ${token}` });

describe('sessions', () => {
  test('are listed, and one revoked is refused at once', async () => {
    const laptop = browser('192.0.2.10');
    const person = await enrolledPerson(world, laptop, 'Two Devices', 'employee');
    const phone = browser('2001:db8::7');
    await phone.post('/api/auth/sign-in/email', { email: person.email, password: goodPassword });
    await phone.post('/api/auth/two-factor/verify-backup-code', { code: person.recoveryCodes[0] });
    const { body } = await laptop.get('/api/v1/sessions');
    const items = body['items'] as {
      id: string;
      current: boolean;
      address: string;
      userAgent: string;
    }[];
    expect(items.map(({ current }) => current).sort()).toEqual([false, true]);
    expect(items.map(({ address }) => address).sort()).toEqual([
      '192.0.2.10',
      '2001:0db8:0000:0000:0000:0000:0000:0007',
    ]);
    expect(items[0]?.userAgent).toBe('Test Browser');
    expect((await phone.get('/api/v1/me')).status).toBe(200);
    const other = items.find(({ current }) => !current)?.id;
    expect((await laptop.send('DELETE', `/api/v1/sessions/${other}`)).body).toEqual({ revoked: 1 });
    expect((await phone.get('/api/v1/me')).status).toBe(401);
    expect((await laptop.get('/api/v1/me')).status).toBe(200);
    expect(await entry('SessionsRevoked')).toMatchObject({ body: { sessions: [other] } });
  });

  test('of others cannot be revoked', async () => {
    const mine = browser();
    await enrolledPerson(world, mine, 'Mine Only', 'employee');
    const theirs = browser();
    await enrolledPerson(world, theirs, 'Theirs Only', 'employee');
    const { body } = await theirs.get('/api/v1/sessions');
    const [{ id }] = body['items'] as [{ id: string }];
    expect((await mine.send('DELETE', `/api/v1/sessions/${id}`)).status).toBe(404);
    expect((await theirs.get('/api/v1/me')).status).toBe(200);
  });

  test('all but the one that asks are revoked together', async () => {
    const here = browser();
    const person = await enrolledPerson(world, here, 'Here And There', 'employee');
    const there = browser();
    await there.post('/api/auth/sign-in/email', { email: person.email, password: goodPassword });
    await there.post('/api/auth/two-factor/verify-backup-code', { code: person.recoveryCodes[0] });
    expect((await here.post('/api/v1/sessions/revoke-others')).body).toEqual({ revoked: 1 });
    expect((await there.get('/api/v1/me')).status).toBe(401);
    expect((await here.get('/api/v1/me')).status).toBe(200);
  });

  test('with a signature of someone else’s are nobody’s', async () => {
    const own = browser();
    await enrolledPerson(world, own, 'Forged Cookie', 'employee');
    const value = decodeURIComponent(own.cookies.get('kept.session_token') ?? '');
    const forged = `${value.slice(0, value.lastIndexOf('.'))}.${Buffer.alloc(32).toString('base64')}`;
    own.cookies.set('kept.session_token', encodeURIComponent(forged));
    expect((await own.get('/api/v1/me')).status).toBe(401);
  });

  test('end with the day, however busy', async () => {
    const day = await testWorld({ start: Temporal.Now.instant().toString() });
    const { browser: another } = await identityApp(day);
    const own = another();
    await enrolledPerson(day, own, 'All Day', 'employee');
    expect((await own.get('/api/v1/me')).status).toBe(200);
    day.advance({ hours: 25 });
    expect((await own.get('/api/v1/me')).status).toBe(401);
  });

  test('are ended, all but a new one, by a change of password; and a guessable one is refused', async () => {
    const here = browser();
    const person = await enrolledPerson(world, here, 'Changing Minds', 'employee');
    const there = browser();
    await there.post('/api/auth/sign-in/email', { email: person.email, password: goodPassword });
    await there.post('/api/auth/two-factor/verify-backup-code', { code: person.recoveryCodes[0] });
    const change = (newPassword: string) =>
      here.post('/api/auth/change-password', { currentPassword: goodPassword, newPassword });
    expect((await change('Changing2026!!')).body['code']).toBe('passwordGuessable');
    expect((await change('otter paints eleven fences')).status).toBe(200);
    expect((await here.get('/api/v1/me')).body).toMatchObject({ secondFactor: true });
    expect((await there.get('/api/v1/me')).status).toBe(401);
  });
});

describe('a leaver', () => {
  test('is nobody from the day after the last, by cookie and by token', async () => {
    const place = await testWorld({ start: '2027-03-31T03:00:00Z' });
    const { browser: another } = await identityApp(place);
    const own = another();
    const { id } = await registered(place, 'Last Day', 'employee');
    await acceptInvitation(place, own, id);
    await sql`update auth_session set amr = 'pwd otp'`.execute(place.database.db);
    const token = await issueToken(place, operator, {
      name: 'ci',
      roles: ['employee'],
      days: 30,
      personId: id,
    });
    const headers = bearer(token.ok && token.value.token);
    await sql`update person set ends_on = '2027-03-31' where id = ${id}`.execute(place.database.db);
    place.advance(Temporal.Instant.from('2027-03-31T14:59:59Z'));
    expect((await own.get('/api/v1/me')).status).toBe(200);
    expect((await another().get('/api/v1/me', headers)).status).toBe(200);
    // Midnight in Tokyo.
    place.advance(Temporal.Instant.from('2027-03-31T15:00:00Z'));
    expect((await own.get('/api/v1/me')).status).toBe(401);
    expect((await another().get('/api/v1/me', headers)).status).toBe(401);
  });

  test('loses sessions, tokens, login and invitations in one transaction', async () => {
    const own = browser();
    const person = await enrolledPerson(world, own, 'Gone Today', 'employee');
    const made = await own.post('/api/v1/tokens', { name: 'script', roles: ['employee'] });
    const open = await issueInvitation(world, operator, person.id);
    const link = open.ok ? new URL(open.value.link).hash.slice(1) : '';
    const revoked = await world.database.db
      .transaction()
      .execute((tx) => revokeEverything(tx, person.id, world.now()));
    expect(revoked).toEqual({ sessions: 1, tokens: 1, invitations: 1 });
    expect((await own.get('/api/v1/me')).status).toBe(401);
    expect((await browser().get('/api/v1/me', bearer(made.body['token']))).status).toBe(401);
    expect((await browser().post('/api/v1/invitations/open', { token: link })).status).toBe(410);
    const signIn = await browser().post('/api/auth/sign-in/email', {
      email: person.email,
      password: goodPassword,
    });
    expect([signIn.status, signIn.body['type']]).toEqual([401, '/problems/signInFailed']);
    const { rows } = await sql<{ left: number }>`
      select count(*)::int as left from auth_two_factor as f left join auth_user as u on u.id = f.user_id
      where u.person_id = ${person.id} or u.id is null`.execute(world.database.db);
    expect(rows[0]?.left).toBe(0);
  });
});

describe('an invitation', () => {
  test('is the security officer’s to make, says whom it is for, and opens once', async () => {
    const officer = browser();
    await enrolledPerson(world, officer, 'Inviting Officer', 'employee', 'security-officer');
    const guest = await registered(world, 'New Comer', 'employee');
    const plain = browser();
    await enrolledPerson(world, plain, 'Plain Inviter', 'employee');
    expect((await plain.post('/api/v1/invitations', { personId: guest.id })).status).toBe(403);
    const made = await officer.post('/api/v1/invitations', { personId: guest.id });
    const link = new URL(made.body['link'] as string);
    expect([link.pathname, link.search]).toEqual(['/invite', '']);
    const token = link.hash.slice(1);
    const fresh = browser();
    expect((await fresh.post('/api/v1/invitations/open', { token })).body).toMatchObject({
      name: 'New Comer',
      email: guest.email,
    });
    const weak = await fresh.post('/api/v1/invitations/accept', {
      token,
      password: 'newcomer2026!',
    });
    expect([weak.status, weak.body['code']]).toEqual([422, 'passwordGuessable']);
    expect(
      (await fresh.post('/api/v1/invitations/accept', { token, password: goodPassword })).status,
    ).toBe(200);
    expect(
      (await browser().post('/api/v1/invitations/accept', { token, password: goodPassword }))
        .status,
    ).toBe(410);
    expect(JSON.stringify(await entry('InvitationAccepted'))).not.toContain('New Comer');
  });

  test('is over after seven days, and replaced by a newer one', async () => {
    const time = await testWorld();
    const { browser: another } = await identityApp(time);
    const guest = await registered(time, 'Slow Guest', 'employee');
    const invite = async () => {
      const issued = await issueInvitation(time, operator, guest.id);
      return issued.ok ? new URL(issued.value.link).hash.slice(1) : '';
    };
    const open = async (token: string) =>
      (await another().post('/api/v1/invitations/open', { token })).status;
    const [first, second] = [await invite(), await invite()];
    expect([await open(first), await open(second)]).toEqual([410, 200]);
    time.advance({ hours: 7 * 24 });
    expect(await open(second)).toBe(410);
  });

  test('of someone with a login takes the place of all they had', async () => {
    const lost = browser();
    const person = await enrolledPerson(world, lost, 'Lost Phone', 'employee');
    const found = browser();
    await acceptInvitation(world, found, person.id);
    expect((await lost.get('/api/v1/me')).status).toBe(401);
    expect((await found.get('/api/auth/state')).body).toMatchObject({
      state: 'enrol',
      hasTotp: false,
    });
  });

  test('needs an address and somebody who works here', async () => {
    const nameless = world.newId();
    await sql`insert into person (id, name) values (${nameless}, 'No Mail')`.execute(
      world.database.db,
    );
    const gone = await registered(world, 'Already Gone', 'employee');
    await sql`update person set ends_on = '2020-01-01' where id = ${gone.id}`.execute(
      world.database.db,
    );
    expect(await issueInvitation(world, operator, nameless)).toMatchObject({
      refusal: { code: 'personWithoutEmail' },
    });
    expect(await issueInvitation(world, operator, gone.id)).toMatchObject({
      refusal: { code: 'personHasLeft' },
    });
    expect(await issueInvitation(world, operator, world.newId())).toMatchObject({
      refusal: { code: 'notFound' },
    });
  });
});

test('a login follows the register to a new address', async () => {
  const own = browser();
  const person = await enrolledPerson(world, own, 'Old Name', 'employee');
  await sql`update person set email = 'new.name@example.com' where id = ${person.id}`.execute(
    world.database.db,
  );
  const signIn = (email: string) =>
    browser().post('/api/auth/sign-in/email', { email, password: goodPassword });
  expect((await signIn('new.name@example.com')).body).toMatchObject({ twoFactorRedirect: true });
  expect((await signIn(person.email)).status).toBe(401);
});

test('nobody can sign up, and no other path of the library is reachable', async () => {
  const own = browser();
  const body = { name: 'x', email: 'x@example.com', password: goodPassword };
  for (const path of [
    '/sign-up/email',
    '/update-user',
    '/delete-user',
    '/change-email',
    '/list-sessions',
    '/request-password-reset',
  ]) {
    expect([path, (await own.post(`/api/auth${path}`, body)).status]).toEqual([path, 404]);
  }
  expect((await own.get('/api/auth/get-session')).status).toBe(404);
  expect((await own.get('/api/auth/sign-in/email')).status).toBe(405);
});
