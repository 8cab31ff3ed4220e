import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Actor, Role } from '../../kernel/actor.ts';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import type { TestBrowser } from '../testing/browser.ts';
import { actorWith, type TestWorld, testWorld } from '../testing/world.ts';
import { localTokenId, type TokenCommand, tokenFlow } from './flow.token.ts';
import { issueToken } from './identity.ts';
import { enrolledPerson, identityApp } from './testing.ts';

let world: TestWorld;
let browser: (address?: string) => TestBrowser;
const operator = { kind: 'system', id: 'test' } as const;

/** Asks for a permission that a security officer has; answers who asked. */
const officersOnly = route({
  method: 'get',
  path: '/officers-only',
  summary: 'A route of the test',
  permission: 'invitePeople',
  input: z.object({}),
  output: z.object({ actor: z.string() }),
  handle: async ({ actor }) => ok({ actor: actor?.kind ?? '' }),
});

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  ({ browser } = await identityApp(world, { officersOnly }));
});

async function entry(type: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from ledger_entry where type = ${type} order by seq desc limit 1`.execute(
    world.database.db,
  );
  return JSON.parse(rows[0]?.bytes.toString() ?? '{}');
}

const bearer = (token: unknown) => ({ authorization: `Bearer ${token}` });

describe('an API token', () => {
  test('is shown once, kept as a hash, and does what its roles may', async () => {
    const own = browser();
    const officer = await enrolledPerson(
      world,
      own,
      'Token Officer',
      'employee',
      'security-officer',
    );
    const made = await own.post('/api/v1/tokens', {
      name: 'nightly',
      roles: ['security-officer'],
      days: 30,
    });
    expect(made.body['token']).toMatch(/^kept_[\w-]{43}$/);
    const caller = browser();
    expect((await caller.get('/api/v1/officers-only', bearer(made.body['token']))).body).toEqual({
      actor: 'token',
    });
    const { body } = await own.get('/api/v1/tokens');
    expect(body).toMatchObject({
      total: 1,
      items: [{ name: 'nightly', roles: ['security-officer'], scope: null }],
    });
    expect(JSON.stringify(body)).not.toContain(made.body['token']);
    const { rows } = await sql<{ all: string }>`
      select string_agg(t::text, '') || (select string_agg(encode(bytes, 'escape'), '') from ledger_entry) as all
      from api_token as t`.execute(world.database.db);
    expect(rows[0]?.all).not.toContain(String(made.body['token']).slice(5));
    expect(await entry('ApiTokenCreated')).toMatchObject({
      body: { person: officer.id, roles: ['security-officer'] },
    });
  });

  test('is narrowed by its scope, and loses a role that its person loses', async () => {
    const own = browser();
    const officer = await enrolledPerson(
      world,
      own,
      'Narrow Officer',
      'employee',
      'security-officer',
    );
    const make = async (body: object) =>
      bearer((await own.post('/api/v1/tokens', body)).body['token']);
    const narrow = await make({ name: 'a', roles: ['security-officer'], scope: ['readMe'] });
    const wide = await make({ name: 'b', roles: ['security-officer'] });
    const caller = browser();
    expect((await caller.get('/api/v1/me', narrow)).body['permissions']).toEqual(['readMe']);
    expect((await caller.get('/api/v1/officers-only', narrow)).status).toBe(403);
    expect((await caller.get('/api/v1/officers-only', wide)).status).toBe(200);
    await sql`update person set roles = '{employee}' where id = ${officer.id}`.execute(
      world.database.db,
    );
    expect((await caller.get('/api/v1/officers-only', wide)).status).toBe(403);
  });

  test('of a program is made by the operator at the machine, and by no person or other token', () => {
    const decide = (actor: Actor, role: Role) => {
      const command: TokenCommand = {
        do: 'create',
        name: 'directory',
        roles: [role],
        scope: null,
        days: 30,
        sha256: '0'.repeat(64),
        personId: actor.kind === 'person' ? actor.id : null,
      };
      const context = { now: world.now(), zone: 'UTC', actor, newId: () => world.newId() };
      const answer = tokenFlow.decide({ token: null }, command, context);
      return answer.ok ? 'made' : answer.refusal.code;
    };
    const token = (id: string): Actor => ({
      kind: 'token',
      id,
      roles: ['security-officer', 'people', 'auditor'],
      person: null,
      scope: null,
    });
    expect(decide(token(localTokenId), 'service')).toBe('made');
    expect(decide(token(localTokenId), 'engineer')).toBe('rolesNotYours');
    expect(decide(token('another'), 'service')).toBe('tokenNeedsPerson');
    expect(decide(actorWith(world.newId(), 'security-officer'), 'service')).toBe('rolesNotYours');
  });

  test('cannot have what its maker has not, last longer than a year, or make another', async () => {
    const own = browser();
    await enrolledPerson(world, own, 'Plain Maker', 'employee');
    const make = (body: object, headers = {}) =>
      own.post('/api/v1/tokens', { name: 'x', roles: ['employee'], ...body }, headers);
    expect((await make({ roles: ['auditor'] })).body['code']).toBe('rolesNotYours');
    expect((await make({ scope: ['noSuchAction'] })).body['code']).toBe('unknownAction');
    expect((await make({ days: 400 })).status).toBe(400);
    const good = await make({});
    expect((await make({}, bearer(good.body['token']))).body['code']).toBe('tokenNeedsPerson');
    const swept = await browser().post(
      '/api/v1/sessions/revoke-others',
      {},
      bearer(good.body['token']),
    );
    expect(swept.body['code']).toBe('sessionNeedsPerson');
  });

  test('is refused once revoked, once expired, and where it is not ours', async () => {
    const time = await testWorld({ start: Temporal.Now.instant().toString() });
    const { browser: another } = await identityApp(time);
    const own = another();
    await enrolledPerson(time, own, 'Short Lived', 'employee');
    const make = async () =>
      (await own.post('/api/v1/tokens', { name: 'x', roles: ['employee'], days: 1 })).body;
    const [first, second] = [await make(), await make()];
    const status = async (token: unknown) =>
      (await another().get('/api/v1/me', bearer(token))).status;
    expect(await status(first['token'])).toBe(200);
    await own.send('DELETE', `/api/v1/tokens/${first['id']}`);
    expect(await status(first['token'])).toBe(401);
    expect(await status(second['token'])).toBe(200);
    time.advance({ hours: 24 });
    expect(await status(second['token'])).toBe(401);
    expect(await status(`kept_${'A'.repeat(43)}`)).toBe(401);
    expect(await status('not-a-token')).toBe(401);
  });

  test('notes its use at most once a minute', async () => {
    const time = await testWorld({ start: Temporal.Now.instant().toString() });
    const { browser: another } = await identityApp(time);
    const token = await issueToken(time, operator, {
      name: 'x',
      roles: ['auditor'],
      days: 1,
      personId: null,
    });
    const use = () => another().get('/api/v1/me', bearer(token.ok && token.value.token));
    const usedAt = async () =>
      (
        await sql<{ at: Temporal.Instant }>`select last_used_at as at from api_token`.execute(
          time.database.db,
        )
      ).rows[0]?.at;
    const start = time.now();
    await use();
    time.advance(start.add({ seconds: 30 }));
    await use();
    expect(await usedAt()).toEqual(start);
    time.advance(start.add({ seconds: 61 }));
    await use();
    expect(await usedAt()).toEqual(start.add({ seconds: 61 }));
  });

  test('beside a cookie is who asks, and a bad one is nobody', async () => {
    const own = browser();
    await enrolledPerson(world, own, 'Cookie Too', 'employee');
    expect((await own.get('/api/v1/me')).status).toBe(200);
    expect((await own.get('/api/v1/me', bearer(`kept_${'B'.repeat(43)}`))).status).toBe(401);
    expect((await own.get('/api/v1/me', { authorization: 'Basic Zm9v' })).status).toBe(401);
  });
});
