import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import {
  advise,
  audit,
  company,
  depot,
  officer,
  requestOf,
  shop,
  source,
  vectors,
} from '../../clauses/vulnerabilities/backlog.fixture.ts';
import { execute } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import { connectionFlow } from '../../registers/connections/store.ts';
import { hookHandler, hookRoutes } from './hooks.ts';
import { sealSecret } from './secrets.ts';

const world = await testWorld();
const { db } = world.database;
const app = hookHandler(world);
await company(world);

/** A connection of GitHub with a secret for its webhooks. */
async function connected(system: string): Promise<{ id: string; secret: string }> {
  const id = world.newId();
  const setUp = {
    do: 'setUpConnection',
    id,
    system,
    kind: 'github',
    settings: { organisation: 'example', apiUrl: '', appId: '', installationId: '' },
    secret: sealSecret(world.keys, id, 'reading', { key: 'sample' }),
    everyHours: 24,
  } as const;
  const done = await execute(world, connectionFlow, setUp, actorWith(officer, 'security-officer'));
  if (!done.ok) throw new Error(done.refusal.code);
  const set = await hookRoutes(world).setUpHook.handle(requestOf(world, officer), { id });
  if ('stream' in set || !set.ok) throw new Error('no secret');
  return { id, secret: set.value.secret };
}

test('what nobody has signed is not read, though nothing says how long it is', async () => {
  const { id } = await connected('depot');
  let read = 0;
  const body = new ReadableStream(
    { pull: (stream) => stream.enqueue(new Uint8Array(++read)) },
    { highWaterMark: 0 },
  );
  const sent = { method: 'POST', body, duplex: 'half' };
  expect((await app.request(new Request(`http://localhost/${id}`, sent))).status).toBe(401);
  expect(read).toBe(0);
});

test('an issue is spoken of by the connection alone that reads its repository', async () => {
  const web = await source(world, 'web', shop);
  await advise(world, [{ id: 'KEPT-SAMPLE-1', name: 'sample-a', vector: vectors.high }]);
  await audit(world, web, { 'sample-a': '1.0.0' });
  await sql`insert into backlog_issue (item_id, repository, number, url, state, seen_at)
    select id, 'example/shop', 1, 'https://github.example.com/example/shop/issues/1', 'open', opened_at
    from backlog_item`.execute(db);
  const own = await connected('shop');
  const { rows } = await sql<{ id: string }>`
    select id from connection where system_id = ${depot}`.execute(db);
  const other = { id: rows[0]?.id ?? '', secret: '' };
  const set = await hookRoutes(world).setUpHook.handle(requestOf(world, officer), {
    id: other.id,
  });
  if (!('stream' in set) && set.ok) other.secret = set.value.secret;
  await sql`update source set location = 'example/shop', connection_id = ${own.id} where id = ${web}`.execute(
    db,
  );
  const closed = async ({ id, secret }: typeof own): Promise<unknown[]> => {
    const body = JSON.stringify({
      repository: { full_name: 'example/shop' },
      issue: { number: 1, state: 'closed' },
    });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = {
      'x-github-event': 'issues',
      'x-github-delivery': 'd1',
      'x-hub-signature-256': `sha256=${signature}`,
    };
    const answer = await app.request(`/${id}`, { method: 'POST', body, headers });
    const seen = await sql<{ state: string }>`select state from backlog_issue`.execute(db);
    return [answer.status, ...seen.rows.map(({ state }) => state)];
  };
  expect(await closed(other)).toEqual([202, 'open']);
  expect(await closed(own)).toEqual([202, 'closed']);
});
