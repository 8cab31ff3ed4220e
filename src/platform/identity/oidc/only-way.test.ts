import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute } from '../../execute.ts';
import { outgoing } from '../../http/outgoing.ts';
import type { TestBrowser } from '../../testing/browser.ts';
import { type TestWorld, testWorld } from '../../testing/world.ts';
import { issueInvitation } from '../identity.ts';
import {
  type Enrolled,
  enrolledPerson,
  goodPassword,
  identityApp,
  registered,
} from '../testing.ts';
import { type FakeProvider, startFakeProvider } from './fake.provider.ts';
import { type LinkCommand, linkFlow } from './flow.link.ts';
import { setUpFake } from './testing.ts';

/** The provider as the only way in: passwords open for break-glass logins alone. */
const tenantId = '5f4dcc3b-5aa7-45d6-8d83-27deb882cf99';
const operator = { kind: 'system', id: 'test' } as const;

let world: TestWorld;
let app: Awaited<ReturnType<typeof identityApp>>;
let entra: FakeProvider;
let [hers, his]: TestBrowser[] = [];
let officer: Enrolled;
let engineer: Enrolled;

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  entra = await startFakeProvider(tenantId);
  app = await identityApp(world, {}, { ask: outgoing({ internalHosts: ['127.0.0.1'] }) });
  [hers, his] = [app.browser(), app.browser()];
  officer = await enrolledPerson(world, hers, 'Olga Officer', 'security-officer', 'employee');
  engineer = await enrolledPerson(world, his, 'Emil Engineer', 'engineer', 'employee');
});

afterAll(() => entra.end());

const settle = (onlyWay: boolean, revision: number) =>
  setUpFake(world, entra, { kind: 'entra', tenantId, onlyWay }, revision);
const linking = (command: LinkCommand) => execute(world, linkFlow, command, operator);
/** Signs in by password and a recovery code, each of which opens once. */
async function signIn({ email, recoveryCodes }: Enrolled, nth = 0) {
  const browser = app.browser();
  const begun = await browser.post('/api/auth/sign-in/email', { email, password: goodPassword });
  if (begun.status !== 200) return begun;
  const code = recoveryCodes[nth];
  return browser.post('/api/auth/two-factor/verify-backup-code', { code });
}
const statusOf = async (browser: TestBrowser | undefined) =>
  (await browser?.get('/api/v1/me'))?.status;

test('is not switched on while nobody could get in without it', async () => {
  await settle(false, 0);
  await expect(settle(true, 1)).rejects.toThrow('breakGlassMissing');
});

test('ends the sessions of others at once, and opens for nobody’s password but the named one’s', async () => {
  const named = await linking({
    do: 'nameBreakGlass',
    personId: officer.id,
    reason: 'Provider down',
  });
  expect(named.ok).toBe(true);
  await settle(true, 1);
  expect([await statusOf(hers), await statusOf(his)]).toEqual([200, 401]);
  expect(await signIn(engineer)).toMatchObject({
    status: 403,
    body: { type: '/problems/providerOnly' },
  });
  expect((await signIn(officer)).status).toBe(200);
});

test('lets no invitation make a login beside it', async () => {
  const { id } = await registered(world, 'Nina New', 'employee');
  const issued = await issueInvitation(world, operator, id);
  if (!issued.ok) throw new Error(issued.refusal.code);
  const token = new URL(issued.value.link).hash.slice(1);
  const accepting = { token, password: goodPassword };
  const refused = await app.browser().post('/api/v1/invitations/accept', accepting);
  expect(refused).toMatchObject({ status: 422, body: { code: 'providerOnly' } });
});

test('keeps the last login that opens without it', async () => {
  // Another is named, who may not enter: that is none.
  await linking({ do: 'nameBreakGlass', personId: engineer.id, reason: 'Second one' });
  await sql`update person set suspended_at = ${world.now()} where id = ${engineer.id}`.execute(
    world.database.db,
  );
  const unnamed = await linking({ do: 'unnameBreakGlass', personId: officer.id });
  expect(unnamed).toMatchObject({ refusal: { code: 'lastBreakGlass' } });
  await sql`update person set suspended_at = null`.execute(world.database.db);
  expect((await linking({ do: 'unnameBreakGlass', personId: engineer.id })).ok).toBe(true);
});

test('switched off again, logins open as before', async () => {
  await settle(false, 2);
  expect((await signIn(engineer, 1)).status).toBe(200);
});
