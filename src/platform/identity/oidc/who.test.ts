import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../kernel/actor.ts';
import { outgoing } from '../../http/outgoing.ts';
import type { TestBrowser } from '../../testing/browser.ts';
import { type TestWorld, testWorld } from '../../testing/world.ts';
import { issueInvitation } from '../identity.ts';
import { revokeEverything } from '../revoke.ts';
import { enrolledPerson, goodPassword, identityApp, registered } from '../testing.ts';
import type { PeopleRegister } from './arrive.ts';
import { type FakeProvider, startFakeProvider } from './fake.provider.ts';
import type { ProviderSettings } from './settings.ts';
import { linkPerson, placeOf, setUpFake, signInBy } from './testing.ts';

/** Who somebody is here whom the provider vouches for, what they may, and who says so. */
const tenantId = '5f4dcc3b-5aa7-45d6-8d83-27deb882cf99';
const oid = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const operator = { kind: 'system', id: 'test' } as const;

let world: TestWorld;
let app: Awaited<ReturnType<typeof identityApp>>;
let entra: FakeProvider;
let officer: TestBrowser;

const expected = new Map<string, string>();

/** Stands for the register of people, which writes roles by a flow of its own. */
const people: PeopleRegister = {
  async giveRoles(personId, roles) {
    await sql`update person set roles = ${roles}::text[] where id = ${personId}`.execute(
      world.database.db,
    );
    return { given: true, waiting: [] };
  },
  expected: async (_, externalId) => expected.get(externalId) ?? null,
};

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  entra = await startFakeProvider(tenantId);
  app = await identityApp(world, {}, { ask: outgoing({ internalHosts: ['127.0.0.1'] }), people });
  officer = app.browser();
  await enrolledPerson(world, officer, 'Olga Officer', 'security-officer', 'employee');
  await settle({});
});

afterAll(() => entra.end());

beforeEach(() => {
  world.advance(Temporal.Now.instant());
  entra.lies = {};
  entra.groups = [[]];
});

async function settle(changes: Partial<ProviderSettings>): Promise<void> {
  const { rows } = await sql<{ revision: number }>`select revision from sign_in_provider`.execute(
    world.database.db,
  );
  const graphUrl = entra.origin;
  await setUpFake(
    world,
    entra,
    { kind: 'entra', tenantId, graphUrl, ...changes },
    rows[0]?.revision ?? 0,
  );
}

/** Signs in as object id `n`. */
async function come(n: number, body: { invitation?: string } = {}, browser = app.browser()) {
  entra.claims = { ...entra.claims, sub: `pairwise-${n}`, oid: oid(n) };
  const answer = await signInBy(browser, body);
  const { pathname, searchParams } = placeOf(answer);
  return { browser, pathname, code: searchParams.get('refused'), searchParams };
}

async function rolesOf(personId: string): Promise<readonly Role[]> {
  const { rows } = await sql<{
    roles: Role[];
  }>`select roles from person where id = ${personId}`.execute(world.database.db);
  return rows[0]?.roles ?? [];
}

async function entriesOf(type: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from ledger_entry where type = ${type}`.execute(world.database.db);
  return rows[0]?.n ?? 0;
}

describe('an identity', () => {
  test('that nobody knows is told whom to ask, whatever its address says, until the officer links it', async () => {
    const person = await registered(world, 'Mika Abe', 'employee');
    entra.claims = {
      amr: ['mfa'],
      name: 'Mika',
      email: person.email,
      preferred_username: person.email,
    };
    const first = await come(1);
    expect([first.pathname, first.code]).toEqual(['/sign-in', 'identityUnknown']);
    const reference = first.searchParams.get('reference') ?? '';
    const said = await officer.get(`/api/auth/provider?${first.searchParams}`);
    expect((said.body['problem'] as { action: string }).action).toContain(reference);
    // Coming again makes no second one, and the same reference.
    expect((await come(1)).searchParams.get('reference')).toBe(reference);

    const strangers = await officer.get('/api/v1/sign-in/strangers');
    const items = strangers.body['items'] as { id: string; reference: string; email: string }[];
    expect(items).toMatchObject([{ reference, name: 'Mika', email: person.email }]);
    const linked = await officer.post(`/api/v1/sign-in/strangers/${items[0]?.id}/link`, {
      personId: person.id,
    });
    expect(linked.status).toBe(200);
    const { browser, pathname } = await come(1);
    expect(pathname).toBe('/console/policy');
    expect((await browser.get('/api/v1/me')).body['person']).toMatchObject({ id: person.id });
    expect((await officer.get('/api/v1/sign-in/strangers')).body['items']).toEqual([]);
    // The subject is what counts from now on: another object under the same one is nobody.
    entra.claims = { amr: ['mfa'], sub: 'pairwise-1', oid: oid(9) };
    expect(placeOf(await signInBy(app.browser())).searchParams.get('refused')).toBe(
      'identityUnknown',
    );
    await sql`delete from sign_in_stranger`.execute(world.database.db);
  });

  test('that provisioning expects is linked as it comes', async () => {
    const { id } = await registered(world, 'Ren Ito', 'employee');
    expected.set(oid(2), id);
    entra.claims = { amr: ['mfa'] };
    const before = await entriesOf('IdentityLinked');
    expect((await come(2)).pathname).toBe('/console/policy');
    expect((await come(2)).pathname).toBe('/console/policy');
    expect((await entriesOf('IdentityLinked')) - before).toBe(1);
  });

  test('that comes with an invitation becomes whom it is for, once', async () => {
    const { id } = await registered(world, 'Yui Kato', 'employee');
    const issued = await issueInvitation(world, operator, id);
    if (!issued.ok) throw new Error(issued.refusal.code);
    const invitation = new URL(issued.value.link).hash.slice(1);
    entra.claims = { amr: ['pwd'] };
    expect((await come(3, { invitation })).code).toBe('secondFactorUnproven');
    entra.claims = { amr: ['mfa'] };
    expect((await come(3, { invitation })).pathname).toBe('/console/policy');
    expect((await come(4, { invitation })).code).toBe('invitationGone');
    expect((await come(3)).pathname).toBe('/console/policy');
    // An account that is somebody's already opens nobody else's invitation.
    const other = await registered(world, 'Rin Ota', 'employee');
    const second = await issueInvitation(world, operator, other.id);
    if (!second.ok) throw new Error(second.refusal.code);
    const secret = new URL(second.value.link).hash.slice(1);
    expect((await come(3, { invitation: secret })).code).toBe('identityTaken');
  });

  test('of somebody who has left, was suspended, or had everything taken, is nobody', async () => {
    const { id } = await registered(world, 'Jun Endo', 'employee');
    await linkPerson(world, id, oid(5));
    entra.claims = { amr: ['mfa'] };
    const { browser } = await come(5);
    await sql`update person set ends_on = '2020-01-01' where id = ${id}`.execute(world.database.db);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
    expect((await come(5)).code).toBe('personGone');
    await sql`update person set ends_on = null, suspended_at = ${world.now()} where id = ${id}`.execute(
      world.database.db,
    );
    expect((await come(5)).code).toBe('personGone');
    await sql`update person set suspended_at = null where id = ${id}`.execute(world.database.db);
    await world.database.db.transaction().execute((tx) => revokeEverything(tx, id, world.now()));
    expect((await come(5)).code).toBe('identityUnknown');
  });

  test('unlinked, is out at once', async () => {
    const { id } = await registered(world, 'Aoi Mori', 'employee');
    await linkPerson(world, id, oid(6));
    entra.claims = { amr: ['mfa'] };
    const { browser } = await come(6);
    const logins = (await officer.get('/api/v1/sign-in/logins')).body['items'] as {
      person: { id: string };
      identity: { id: string } | null;
    }[];
    const identity = logins.find(({ person }) => person.id === id)?.identity;
    expect((await browser.get('/api/v1/me')).status).toBe(200);
    await officer.send('DELETE', `/api/v1/sign-in/identities/${identity?.id}`);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });
});

describe('a login beside the provider (ACC-1)', () => {
  test('is taken away by the officer, and none is made by whoever comes by the provider', async () => {
    const local = app.browser();
    const person = await enrolledPerson(world, local, 'Mio Hara', 'employee');
    const drop = () => officer.post(`/api/v1/sign-in/logins/${person.id}/drop-local`);
    expect((await drop()).body['code']).toBe('notLinked');
    await linkPerson(world, person.id, oid(0));
    entra.claims = { amr: ['mfa'] };
    const { browser } = await come(0);
    expect((await drop()).status).toBe(200);
    expect((await local.get('/api/v1/me')).status).toBe(401);
    expect((await browser.get('/api/v1/me')).status).toBe(200);
    const { email } = person;
    const answer = await app
      .browser()
      .post('/api/auth/sign-in/email', { email, password: goodPassword });
    expect(answer.status).toBe(401);
    for (const made of [
      browser.get('/api/auth/passkey/generate-register-options'),
      browser.post('/api/auth/two-factor/enable'),
    ]) {
      expect([(await made).status, (await made).body['code']]).toEqual([422, 'belongsToProvider']);
    }
    await officer.post('/api/v1/sign-in/break-glass', { personId: person.id, reason: 'the safe' });
    expect((await drop()).body['code']).toBe('breakGlassKeepsIt');
    expect((await browser.get('/api/auth/passkey/generate-register-options')).status).toBe(200);
  });
});

describe('the second factor (ACC-3)', () => {
  test('must be proven: the guard noSessionWithoutSecondFactor records once a day who came without', async () => {
    await settle({ secondFactor: { amr: ['mfa'], acr: ['strong'], acrs: 'c1' } });
    const { id } = await registered(world, 'Sora Ueda', 'employee');
    await linkPerson(world, id, oid(7));
    const before = await entriesOf('GuardRefused');
    for (const claims of [
      {},
      { amr: ['pwd'] },
      { amr: 'mfa2' },
      { acrs: ['c2'] },
      { acr: 'weak' },
    ]) {
      entra.claims = claims;
      expect((await come(7)).code).toBe('secondFactorUnproven');
    }
    expect((await entriesOf('GuardRefused')) - before).toBe(1);
    for (const claims of [{ amr: ['mfa'] }, { acrs: ['c1'] }, { acr: 'strong' }]) {
      entra.claims = claims;
      expect((await come(7)).pathname).toBe('/console/policy');
    }
    await settle({});
  });

  test('settings that name no proof of one are refused', async () => {
    await expect(settle({ secondFactor: { amr: [], acr: [], acrs: null } })).rejects.toThrow(
      'noProofOfSecondFactor',
    );
  });
});

describe('roles', () => {
  const mapping: ProviderSettings['mapping'] = [
    { value: 'group-engineers', role: 'engineer' },
    { value: 'group-auditors', role: 'auditor' },
  ];
  const byGroups = { rolesFrom: 'claim', rolesClaim: 'groups', mapping } as const;
  let id = '';

  beforeAll(async () => {
    ({ id } = await registered(world, 'Kei Doi', 'employee', 'support'));
    await linkPerson(world, id, oid(8));
  });

  test('come from the claim, more and fewer, and nothing that is not mapped', async () => {
    await settle(byGroups);
    entra.claims = { amr: ['mfa'], groups: ['group-engineers', 'group-of-others'] };
    const { browser } = await come(8);
    expect((await browser.get('/api/v1/me')).body['roles']).toEqual(['employee', 'engineer']);
    entra.claims = { amr: ['mfa'], groups: [] };
    await come(8);
    expect(await rolesOf(id)).toEqual(['employee']);
    await settle({ ...byGroups, rolesClaim: 'roles' });
    // Of app roles Entra ID says nothing where there are none.
    entra.claims = { amr: ['mfa'] };
    expect((await come(8)).pathname).toBe('/console/policy');
    entra.claims = { amr: ['mfa'], roles: ['group-auditors'] };
    await come(8);
    expect(await rolesOf(id)).toEqual(['auditor', 'employee']);
  });

  const overage = {
    amr: ['mfa'],
    _claim_names: { groups: 'src1' },
    _claim_sources: { src1: { endpoint: 'https://graph.windows.net/x/users/y/getMemberObjects' } },
  };

  test('that do not fit into a token are asked of Graph, all pages, where that is permitted', async () => {
    await settle({ ...byGroups, askGraph: true });
    entra.groups = [['a', 'b'], ['c'], ['group-engineers']];
    entra.claims = overage;
    expect((await come(8)).pathname).toBe('/console/policy');
    expect(await rolesOf(id)).toEqual(['employee', 'engineer']);
  });

  test.each<
    readonly [string, Partial<ProviderSettings>, object, readonly string[][] | null, string]
  >([
    ['not permitted', byGroups, overage, [['group-auditors']], 'groupsOverage'],
    [
      'not permitted, said otherwise',
      byGroups,
      { amr: ['mfa'], hasgroups: true },
      [[]],
      'groupsOverage',
    ],
    ['forbidden by Graph', { ...byGroups, askGraph: true }, overage, null, 'graphForbidden'],
    ['not said at all', byGroups, { amr: ['mfa'] }, [[]], 'groupsMissing'],
  ])('that are %s: nobody guesses', async (_, changes, claims, groups, reason) => {
    await settle(changes);
    entra.groups = groups;
    entra.claims = { ...claims };
    const before = await rolesOf(id);
    const { code, searchParams } = await come(8);
    expect([code, searchParams.get('reason')]).toEqual(['rolesUnreadable', reason]);
    expect(await rolesOf(id)).toEqual(before);
  });

  test('given in the register stay there', async () => {
    await settle({});
    const before = await rolesOf(id);
    entra.claims = { amr: ['mfa'], groups: ['group-auditors'] };
    await come(8);
    expect(await rolesOf(id)).toEqual(before);
  });
});

describe('the provider’s settings', () => {
  test('never show the secret, which goes to no other provider', async () => {
    const read = await officer.get('/api/v1/sign-in/provider');
    expect(JSON.stringify(read.body)).not.toContain(entra.client.secret);
    const { settings, revision } = read.body as { settings: ProviderSettings; revision: number };
    const moved = { ...settings, kind: 'oidc', issuer: 'https://else.example.com' };
    const answer = await officer.send('PUT', '/api/v1/sign-in/provider', {
      revision,
      enabled: true,
      settings: moved,
    });
    expect([answer.status, answer.body['code']]).toEqual([422, 'secretMissing']);
    const { rows } = await sql<{ text: string }>`
      select convert_from(bytes, 'UTF8') as text from ledger_entry where type = 'SignInProviderChanged'`.execute(
      world.database.db,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ text }) => text.includes(entra.client.secret))).toEqual([]);
  });

  test('are the officer’s alone', async () => {
    const engineer = app.browser();
    await enrolledPerson(world, engineer, 'Emi Engineer', 'engineer', 'employee');
    for (const path of ['provider', 'logins', 'strangers']) {
      expect((await engineer.get(`/api/v1/sign-in/${path}`)).status).toBe(403);
    }
    const asked = entra.asked.length;
    const { body } = await officer.get('/api/v1/sign-in/provider');
    const test = { settings: body['settings'] };
    expect((await engineer.post('/api/v1/sign-in/provider/test', test)).status).toBe(403);
    expect(entra.asked.length).toBe(asked);
    const tested = await officer.post('/api/v1/sign-in/provider/test', test);
    expect(tested.body['items']).toContainEqual({ about: 'keys', state: 'found', found: '1' });
  });

  test('of another tenant, or switched off, end the sessions that came by them; local ones go on', async () => {
    entra.claims = { amr: ['mfa'] };
    const { browser } = await come(8);
    expect((await browser.get('/api/v1/me')).status).toBe(200);
    const { body } = await officer.get('/api/v1/sign-in/provider');
    const { settings, revision } = body as { settings: ProviderSettings; revision: number };
    const off = { revision, enabled: false, settings };
    expect((await officer.send('PUT', '/api/v1/sign-in/provider', off)).status).toBe(200);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
    expect((await officer.get('/api/v1/me')).status).toBe(200);
    expect((await app.browser().post('/api/auth/sign-in/provider', {})).status).toBe(404);
    const local = app.browser();
    const email = 'olga.officer@example.com';
    const answer = await local.post('/api/auth/sign-in/email', { email, password: goodPassword });
    expect([answer.status, answer.body['twoFactorRedirect']]).toEqual([200, true]);
  });
});
