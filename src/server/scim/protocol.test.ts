import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { executeAs } from '../../platform/execute.ts';
import { provisioningFlow } from '../../registers/provisioning/store.tokens.ts';
import { bearersOf } from './bearer.ts';
import { bulkUrn } from './bulk.ts';
import { enterpriseUrn, groupUrn, userUrn } from './definitions.ts';
import { app, ask, issue, openDirectory, operator, tokenOf, user, world } from './testing.ts';

beforeEach(openDirectory);

describe('the protocol', () => {
  test('tells what it can, to whoever has no token yet as far as they need it', async () => {
    const open = await app.request('/scim/v2/ServiceProviderConfig');
    expect(await open.json()).toMatchObject({
      patch: { supported: true },
      etag: { supported: true },
    });
    const { body } = await ask('GET', '/Schemas');
    expect(body.Resources.map(({ id }) => id)).toEqual([userUrn, groupUrn, enterpriseUrn]);
    expect((await ask('GET', `/Schemas/${userUrn}`)).body.name).toBe('User');
    expect((await ask('GET', '/ResourceTypes/User')).body.endpoint).toBe('/Users');
    expect((await ask('GET', '/Schemas?filter=id pr')).status).toBe(403);
    expect((await ask('POST', '/Schemas', {})).headers.get('allow')).toBe('GET');
  });

  test.each([
    ['GET', '/Me', 501],
    ['GET', '/Nothing', 404],
    ['GET', '/Users/1/2', 404],
    ['GET', '/Users/00919288221112222', 404],
    ['PUT', '/Users', 405],
    ['POST', `/Users/${'0'.repeat(8)}-0000-7000-8000-000000000000`, 405],
  ])('%s %s is %i', async (method, path, status) => {
    const answer = await ask(method, path, method === 'GET' ? undefined : {});
    expect(answer).toMatchObject({ status, body: { status: String(status) } });
  });

  test('takes JSON, of a size', async () => {
    const html = await ask('POST', '/Users', {}, { 'content-type': 'text/html' });
    expect(html.status).toBe(415);
    const broken = await app.request('/scim/v2/Users', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokenOf('first')}`,
        'content-type': 'application/json; charset=utf-8',
      },
      body: '{"schemas"',
    });
    expect(await broken.json()).toMatchObject({ status: '400', scimType: 'invalidSyntax' });
    const large = await ask('POST', '/Users', { text: 'x'.repeat(5_000_000) });
    expect(large).toMatchObject({ status: 413, body: { status: '413' } });
  });

  test('does many in one, whichever stands first, as far as errors go', async () => {
    const bulk = await ask('POST', '/Bulk', {
      schemas: [bulkUrn],
      Operations: [
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'g',
          data: { schemas: [groupUrn], displayName: 'G', members: [{ value: 'bulkId:u' }] },
        },
        { method: 'POST', path: '/Users', bulkId: 'u', data: user('hanako') },
        { method: 'DELETE', path: '/Users/nobody' },
        { method: 'DELETE', path: '/Groups/bulkId:lost' },
      ],
    });
    const statuses = bulk.body.Operations.map((each) => each.status);
    expect(statuses).toEqual(['201', '201', '404', '409']);
    expect((await ask('GET', '/Groups')).body.Resources[0]?.members).toHaveLength(1);
    const failing = { method: 'DELETE', path: '/Users/nobody' };
    const stopped = await ask('POST', '/Bulk', {
      schemas: [bulkUrn],
      failOnErrors: 1,
      Operations: [failing, failing],
    });
    expect(stopped.body.Operations).toHaveLength(1);
  });
});

describe('a token', () => {
  const status = async (token: string) =>
    (await ask('GET', '/Users?count=0', undefined, { authorization: `Bearer ${token}` })).status;

  test('is replaced while both are valid; a third is refused, one revoked is nobody at once', async () => {
    expect((await issue('second')).ok).toBe(true);
    expect(await issue('third')).toMatchObject({ refusal: { code: 'enoughTokens' } });
    expect(await Promise.all(['first', 'second'].map((name) => status(tokenOf(name))))).toEqual([
      200, 200,
    ]);
    const { rows } = await sql<{ id: string }>`
      select id from scim_token where name = 'first'`.execute(world.database.db);
    const run = executeAs(world, operator);
    expect((await run(provisioningFlow, { do: 'revokeToken', id: rows[0]?.id ?? '' })).ok).toBe(
      true,
    );
    expect(await Promise.all(['first', 'second'].map((name) => status(tokenOf(name))))).toEqual([
      401, 200,
    ]);
    expect((await issue('third')).ok).toBe(true);
  });

  test('is over on its day, kept as a hash, and every use is counted', async () => {
    for (let n = 0; n < 3; n++) expect(await status(tokenOf('first'))).toBe(200);
    await bearersOf(world).settle();
    const { rows } = await sql<{ uses: number; all: string }>`
      select uses, t::text as all from scim_token t`.execute(world.database.db);
    expect(rows[0]?.uses).toBe(3);
    expect(rows[0]?.all).not.toContain(tokenOf('first'));
    world.advance({ hours: 24 * 30 });
    expect(await status(tokenOf('first'))).toBe(401);
    const nobody = await app.request('/scim/v2/Users');
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="Kept"',
    ]);
  });
});
