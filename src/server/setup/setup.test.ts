import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Hono } from 'hono';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { ok, refuse } from '../../kernel/result.ts';
import { type Env, mountRoutes } from '../../platform/http/mount.ts';
import { security } from '../../platform/http/security.ts';
import { createIdentity } from '../../platform/identity/identity.ts';
import { TestBrowser, totp } from '../../platform/testing/browser.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readDictionary } from '../../platform/words.ts';
import { openSetupGate } from '../setup.ts';
import { setupHandler } from './handler.ts';
import { type PublishFirst, setupRoutes } from './routes.ts';

let world: TestWorld;
let token: string;
let browser: () => TestBrowser;
let published: string[];

const good = {
  organisation: {
    name: 'Example Brewing',
    zone: 'Asia/Tokyo',
    languages: ['ja', 'en'],
    domain: 'Example.COM.',
  },
  administrator: {
    name: 'Sato Yui',
    email: 'Yui@example.com',
    password: 'marmot juggles nine teacups',
  },
};

beforeEach(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  await sql`delete from organisation`.execute(world.database.db);
  world.forgetOrganisation();
  const opened = openSetupGate(world.now(), (bytes) => randomBytes(bytes));
  ({ token } = opened);
  published = [];
  const publish: PublishFirst = async ({ actor }) => {
    if (published.length > 0) return refuse('alreadyPublished');
    published.push(actor?.kind === 'person' ? actor.id : '');
    return ok(null);
  };
  const words = await readDictionary(join(import.meta.dirname, '../..'));
  const identity = createIdentity(world, { words });
  const app = new Hono<Env>();
  for (const each of security({ world, words })) app.use(each);
  app.use(identity.withActor);
  app.route('/api/auth', identity.handler);
  app.route('/api/v1/setup', setupHandler({ world, words, gate: opened.gate }));
  mountRoutes(
    app,
    { ...identity.routes, ...setupRoutes(publish) },
    { world, words, checkAnswers: true },
  );
  browser = () =>
    new TestBrowser((path, init, bindings) => app.request(path, init, bindings), world.url);
});

async function rowsOf(table: string): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select count(*)::int as n from ${sql.table(table)}`.execute(world.database.db);
  return rows[0]?.n ?? 0;
}

test('from the link to the first policy: organisation, administrator, second factor, publication', async () => {
  const own = browser();
  expect((await own.get('/api/v1/setup')).body).toEqual({ needed: true });
  const done = await own.post('/api/v1/setup', { token, ...good });
  expect([done.status, done.body]).toEqual([200, { state: 'enrol' }]);
  expect((await browser().get('/api/v1/setup')).body).toEqual({ needed: false });
  // Signed in by password only: nothing is open but enrolment.
  expect((await own.post('/api/v1/setup/publish')).body['code']).toBe('secondFactorMissing');
  const begun = await own.post('/api/auth/two-factor/enable', {
    password: good.administrator.password,
  });
  const uri = new URL(begun.body['totpURI'] as string);
  expect(uri.searchParams.get('issuer')).toBe('Example Brewing');
  const code = totp(uri.searchParams.get('secret') ?? '', Date.now());
  expect((await own.post('/api/auth/two-factor/verify-totp', { code })).status).toBe(200);
  const me = await own.get('/api/v1/me');
  expect(me.body).toMatchObject({
    person: { name: 'Sato Yui' },
    roles: ['security-officer', 'employee'],
    secondFactor: true,
    zone: 'Asia/Tokyo',
    organisation: 'Example Brewing',
  });
  expect((await own.post('/api/v1/setup/publish')).body).toEqual({ published: true });
  expect(published).toEqual([(me.body['person'] as { id: string }).id]);
  expect((await own.post('/api/v1/setup/publish')).status).toBe(422);
});

test('the founding stands in the ledger, without who the administrator is', async () => {
  await browser().post('/api/v1/setup', { token, ...good });
  const { rows } = await sql<{
    bytes: Buffer;
  }>`select bytes from ledger_entry order by seq`.execute(world.database.db);
  const entries = rows.map(({ bytes }) => bytes.toString());
  expect(entries.map((text) => JSON.parse(text).type)).toEqual([
    'OrganisationFounded',
    'PersonRegistered',
  ]);
  expect(JSON.parse(entries[0] ?? '')).toMatchObject({
    actor: 'system/setup',
    body: {
      name: 'Example Brewing',
      zone: 'Asia/Tokyo',
      languages: ['en', 'ja'],
      domain: 'example.com',
    },
  });
  for (const secret of ['Sato', 'yui@', 'Yui@', 'marmot'])
    expect(entries.join()).not.toContain(secret);
});

describe('refused', () => {
  test('with a wrong, missing or late token', async () => {
    for (const wrong of ['', 'x', undefined, 7]) {
      expect((await browser().post('/api/v1/setup', { ...good, token: wrong })).body).toMatchObject(
        {
          status: 403,
          code: 'setupLinkInvalid',
        },
      );
    }
    world.advance({ hours: 24 });
    expect((await browser().post('/api/v1/setup', { token, ...good })).status).toBe(403);
    expect(await rowsOf('organisation')).toBe(0);
  });

  test('the second time, and of two at once one', async () => {
    const two = await Promise.all(
      [1, 2].map(() => browser().post('/api/v1/setup', { token, ...good })),
    );
    expect(two.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await browser().post('/api/v1/setup', { token, ...good })).status).toBe(409);
    expect([
      await rowsOf('organisation'),
      await rowsOf('person'),
      await rowsOf('auth_user'),
    ]).toEqual([1, 1, 1]);
  });

  test.each([
    ['zone', { organisation: { ...good.organisation, zone: 'Mars/Olympus' } }, 400],
    ['zone', { organisation: { ...good.organisation, zone: '+09:00' } }, 400],
    ['domain', { organisation: { ...good.organisation, domain: 'not a domain' } }, 400],
    ['domain', { organisation: { ...good.organisation, domain: 'localhost' } }, 400],
    ['domain', { organisation: { ...good.organisation, domain: '192.0.2.1' } }, 400],
    ['languages', { organisation: { ...good.organisation, languages: [] } }, 400],
    ['languages', { organisation: { ...good.organisation, languages: ['fr'] } }, 400],
    ['email', { administrator: { ...good.administrator, email: 'nobody' } }, 400],
    ['password', { administrator: { ...good.administrator, password: 'short' } }, 422],
    ['password', { administrator: { ...good.administrator, password: 'ExampleBrewing2026' } }, 422],
  ])(
    'an unfit %s, with nothing half done and the link still good',
    async (field, change, status) => {
      const refused = await browser().post('/api/v1/setup', { token, ...good, ...change });
      expect(refused.status).toBe(status);
      if (status === 400) expect(JSON.stringify(refused.body['errors'])).toContain(field);
      expect([
        await rowsOf('organisation'),
        await rowsOf('person'),
        await rowsOf('ledger_entry'),
      ]).toEqual([0, 0, 0]);
      expect((await browser().post('/api/v1/setup', { token, ...good })).status).toBe(200);
    },
  );

  test('a domain in Japanese is kept as DNS spells it', async () => {
    const organisation = { ...good.organisation, domain: '例え.jp' };
    expect((await browser().post('/api/v1/setup', { token, ...good, organisation })).status).toBe(
      200,
    );
    expect((await world.organisation())?.domain).toBe('xn--r8jz45g.jp');
  });
});
