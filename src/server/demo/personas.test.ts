import { join } from 'node:path';
import { Hono } from 'hono';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { type Env, mountRoutes } from '../../platform/http/mount.ts';
import { security } from '../../platform/http/security.ts';
import { createIdentity } from '../../platform/identity/identity.ts';
import { TestBrowser } from '../../platform/testing/browser.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readDictionary } from '../../platform/words.ts';
import type { World } from '../../platform/world.ts';
import { demoHandler } from './personas.ts';

let world: TestWorld;
const officer = '00000000-0000-7000-8000-000000000001';
const leaver = '00000000-0000-7000-8000-000000000002';

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  await sql`
    insert into person (id, name, email, roles, ends_on) values
      (${officer}, 'Sample Officer', 'officer@example.com', '{security-officer,employee}', null),
      (${leaver}, 'Sample Leaver', 'leaver@example.com', '{engineer,employee}', '2020-01-01'),
      ('00000000-0000-7000-8000-000000000003', 'Sample Engineer', null, '{employee,engineer}', null),
      ('00000000-0000-7000-8000-000000000004', 'Other Engineer', null, '{engineer,employee}', null)
  `.execute(world.database.db);
});

async function browserOf(place: World, address = '127.0.0.1'): Promise<TestBrowser> {
  const words = await readDictionary(join(import.meta.dirname, '../..'));
  const identity = createIdentity(place, { words });
  const app = new Hono<Env>();
  for (const each of security({ world: place, words })) app.use(each);
  app.use(identity.withActor);
  app.route('/api/v1/demo', demoHandler(place, words));
  mountRoutes(app, identity.routes, { world: place, words, checkAnswers: true });
  return new TestBrowser(
    (path, init, bindings) => app.request(path, init, bindings),
    place.url,
    address,
  );
}

const demo = () => ({ ...world, demo: true });

test('in the demo, on this machine, choosing a persona signs in, and says that nothing was proven', async () => {
  const own = await browserOf(demo());
  const listed = await own.get('/api/v1/demo/personas');
  expect(listed.body['items']).toEqual([
    { id: officer, name: 'Sample Officer', roles: ['security-officer', 'employee'] },
    expect.objectContaining({ name: 'Sample Engineer' }),
  ]);
  expect((await own.post('/api/v1/demo/sign-in', { persona: officer })).status).toBe(200);
  expect((await own.get('/api/v1/me')).body).toMatchObject({
    person: { id: officer },
    secondFactor: true,
    persona: true,
    demo: true,
  });
  expect((await own.get('/api/v1/sessions')).body['items']).toMatchObject([{ proof: ['persona'] }]);

  // The same session on a server that is no demo is nobody's.
  const elsewhere = await browserOf(world);
  for (const [name, value] of own.cookies) elsewhere.cookies.set(name, value);
  expect((await elsewhere.get('/api/v1/me')).status).toBe(401);
});

test('nobody who has left, or is not there, can be chosen', async () => {
  const own = await browserOf(demo());
  for (const persona of [leaver, '00000000-0000-7000-8000-00000000000f', 'x']) {
    expect((await own.post('/api/v1/demo/sign-in', { persona })).status).toBe(404);
  }
});

test('outside the demo the paths do not exist', async () => {
  const own = await browserOf(world);
  expect((await own.get('/api/v1/demo/personas')).status).toBe(404);
  expect((await own.post('/api/v1/demo/sign-in', { persona: officer })).status).toBe(404);
  expect(own.cookies.size).toBe(0);
});

test.each([
  ['from another machine', '192.0.2.1', {}, 403],
  ['under another name', '127.0.0.1', { host: 'kept.example.com' }, 421],
  ['through a proxy', '127.0.0.1', { 'x-forwarded-for': '192.0.2.1' }, 403],
])('refused %s', async (_, address, headers, status) => {
  const own = await browserOf(demo(), address);
  expect((await own.post('/api/v1/demo/sign-in', { persona: officer }, headers)).status).toBe(
    status,
  );
  expect((await own.get('/api/v1/demo/personas', headers)).status).toBe(status);
  expect(own.cookies.size).toBe(0);
});
