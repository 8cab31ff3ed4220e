import { Hono } from 'hono';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { execute, executeAs } from '../../platform/execute.ts';
import type { Env } from '../../platform/http/mount.ts';
import { enrolledPerson, identityApp } from '../../platform/identity/testing.ts';
import { sha256Hex } from '../../platform/identity/token.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { personFlow } from '../../registers/people/store.ts';
import { mappingFlow } from '../../registers/provisioning/store.mapping.ts';
import { provisioningFlow } from '../../registers/provisioning/store.tokens.ts';
import { rooms } from '../composition.ts';
import { tick } from '../tick.ts';
import { bearersOf } from './bearer.ts';
import { bulkUrn } from './bulk.ts';
import { enterpriseUrn, groupUrn, userUrn } from './definitions.ts';
import { scimHandler } from './handler.ts';
import { patchUrn } from './patch.ts';
import { searchUrn } from './query.ts';

let world: TestWorld;
let app: Hono<Env>;
const operator = { kind: 'system', id: 'test' } as const;
const tokenOf = (name: string): string => `kept_scim_${name.padEnd(43, '0')}`;

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the protocol answers; each test says what it expects
  readonly body: any;
  readonly headers: Headers;
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await app.request(`/scim/v2${path}`, {
    method,
    headers: {
      authorization: `Bearer ${tokenOf('first')}`,
      'content-type': 'application/scim+json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    body: text === '' ? null : JSON.parse(text),
    headers: answer.headers,
  };
}

const issue = (name: string) =>
  execute(
    world,
    provisioningFlow,
    { do: 'issueToken', name, days: 30, sha256: sha256Hex(tokenOf(name)) },
    operator,
  );

const user = (name: string, more: object = {}) => ({
  schemas: [userUrn, enterpriseUrn],
  userName: `${name}@example.com`,
  name: { givenName: name, familyName: 'Example' },
  emails: [{ value: `${name}@example.com`, type: 'work', primary: true }],
  active: true,
  ...more,
});

const patch = (...Operations: object[]) => ({ schemas: [patchUrn], Operations });
const filtered = (kind: string, filter: string) => `/${kind}?filter=${encodeURIComponent(filter)}`;

async function person(id: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<Record<string, unknown>>`
    select name, email, department, manager_id, language, roles, ends_on::text, left_at is not null as left,
      suspended_at is not null as suspended
    from person where id = ${id}`.execute(world.database.db);
  return rows[0] ?? {};
}

beforeEach(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  app = new Hono<Env>().route(
    '/scim/v2',
    scimHandler(world, () => rooms),
  );
  await issue('first');
});

describe('a user', () => {
  test('is made, read, changed and found, in the register and in the protocol alike', async () => {
    const boss = await ask('POST', '/Users', user('boss'));
    const made = await ask('POST', '/Users', {
      ...user('hanako', { preferredLanguage: 'ja-JP', title: 'Clerk', password: 'secret' }),
      [enterpriseUrn]: { department: 'Accounts', manager: { value: boss.body.id } },
    });
    const { id } = made.body;
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`http://localhost:4747/scim/v2/Users/${id}`);
    expect(made.headers.get('content-type')).toBe('application/scim+json');
    expect(JSON.stringify(made.body)).not.toContain('secret');
    expect((await ask('GET', `/Users/${id}`)).body).toEqual(made.body);
    expect(await person(id)).toMatchObject({
      name: 'hanako Example',
      email: 'hanako@example.com',
      department: 'Accounts',
      manager_id: boss.body.id,
      language: 'ja',
      roles: ['employee'],
    });
    world.advance({ minutes: 1 });
    const changed = await ask(
      'PATCH',
      `/Users/${id}`,
      patch({ op: 'Replace', path: 'displayName', value: 'Hanako Renamed' }),
    );
    expect(changed.body.displayName).toBe('Hanako Renamed');
    expect(changed.body.meta.version).not.toBe(made.body.meta.version);
    expect(changed.body.meta.lastModified > made.body.meta.lastModified).toBe(true);
    expect((await ask('GET', `/Users/${id}`)).body).toEqual(changed.body);
    expect(await person(id)).toMatchObject({ name: 'Hanako Renamed' });
    const found = await ask('GET', filtered('Users', 'userName eq "HANAKO@example.com"'));
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id, title: 'Clerk' }] });
  });

  test('that somebody registered in Kept is found by address, and taken over by a PATCH', async () => {
    const command = personFlow.command.parse({
      do: 'registerPerson',
      person: { name: '見本 花子', email: 'mihon@example.com', department: '経理' },
    });
    const done = await execute(world, personFlow, command, operator);
    const id = done.ok ? done.value[0]?.about : '';
    const found = await ask('GET', filtered('Users', 'userName eq "mihon@example.com"'));
    expect(found.body.Resources).toMatchObject([
      { id, active: true, name: { familyName: '見本', givenName: '花子' } },
    ]);
    expect((await ask('POST', '/Users', user('mihon'))).status).toBe(409);
    const operation = { op: 'Add', path: 'externalId', value: 'directory-7' };
    const taken = await ask('PATCH', `/Users/${id}`, patch(operation));
    expect(taken.body).toMatchObject({ externalId: 'directory-7', userName: 'mihon@example.com' });
    expect(await person(String(id))).toMatchObject({ name: '見本 花子', department: '経理' });
  });

  test('whose name or address is another’s is refused', async () => {
    await ask('POST', '/Users', user('one'));
    const two = await ask('POST', '/Users', user('two'));
    const same = await ask('POST', '/Users', user('three', { userName: 'ONE@example.com' }));
    const mail = await ask(
      'POST',
      '/Users',
      user('four', { emails: [{ value: 'One@example.com' }] }),
    );
    const changed = await ask(
      'PATCH',
      `/Users/${two.body.id}`,
      patch({ op: 'replace', path: 'emails', value: [{ value: 'one@example.com' }] }),
    );
    for (const answer of [same, mail, changed])
      expect(answer).toMatchObject({
        status: 409,
        body: { status: '409', scimType: 'uniqueness' },
      });
    const both = await Promise.all(
      [user('five'), user('five')].map((it) => ask('POST', '/Users', it)),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test('manages nobody above themselves', async () => {
    const top = (await ask('POST', '/Users', user('top'))).body.id;
    const below = await ask('POST', '/Users', {
      ...user('below'),
      [enterpriseUrn]: { manager: { value: top } },
    });
    const operation = { op: 'add', path: `${enterpriseUrn}:manager`, value: below.body.id };
    expect(await ask('PATCH', `/Users/${top}`, patch(operation))).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
  });

  test('is changed only as it was read, where the client says so', async () => {
    const { body } = await ask('POST', '/Users', user('hanako'));
    const path = `/Users/${body.id}`;
    const none = { 'if-none-match': body.meta.version };
    expect((await ask('GET', path, undefined, none)).status).toBe(304);
    const put = user('hanako', { title: 'Head' });
    const put1 = await ask('PUT', path, put, { 'if-match': body.meta.version });
    expect(put1.body.title).toBe('Head');
    expect((await ask('PUT', path, put, { 'if-match': body.meta.version })).status).toBe(412);
    expect((await ask('DELETE', path, undefined, { 'if-match': 'W/"99"' })).status).toBe(412);
    expect((await ask('GET', path, undefined, none)).status).toBe(200);
    // The same again is no change.
    const again = await ask('PUT', path, put, { 'if-match': put1.body.meta.version });
    expect(again.body.meta.version).toBe(put1.body.meta.version);
  });

  test('says nothing of itself in the ledger, and is gone with the person', async () => {
    const made = await ask('POST', '/Users', user('hanako', { title: 'Sonderfach' }));
    const { id } = made.body;
    await ask('DELETE', `/Users/${id}`);
    world.advance({ hours: 48 });
    expect(await execute(world, personFlow, { do: 'erasePerson', id }, operator)).toMatchObject({
      ok: true,
    });
    const { rows } = await sql<{ all: string }>`
      select coalesce(string_agg(encode(bytes, 'escape'), ''), '') as all from ledger_entry`.execute(
      world.database.db,
    );
    expect(rows[0]?.all).toContain('PersonRegistered');
    for (const word of ['hanako', 'Sonderfach']) expect(rows[0]?.all).not.toContain(word);
    const left = await sql`select from scim_user where person_id = ${id}`.execute(
      world.database.db,
    );
    expect(left.rows).toEqual([]);
  });
});

describe('ACC-7: active false', () => {
  const inactive = patch({ op: 'Replace', path: 'active', value: 'False' });

  /** Somebody with a session, whom the directory then deactivates. */
  async function deactivated() {
    const kept = await identityApp(world);
    const browser = kept.browser();
    const { id } = await enrolledPerson(world, browser, 'Leaving Example', 'employee', 'engineer');
    expect((await browser.get('/api/v1/me')).status).toBe(200);
    const answer = await ask('PATCH', `/Users/${id}`, inactive);
    return { id, answer, me: (await browser.get('/api/v1/me')).status };
  }

  test('takes everything in the transaction that answers it', async () => {
    const { id, answer, me } = await deactivated();
    expect([answer.status, answer.body.active, me]).toEqual([200, false, 401]);
    expect(await person(id)).toMatchObject({ left: true, roles: [] });
    const { rows } = await sql<{ bytes: Buffer }>`
      select bytes from ledger_entry where type = 'AccessEnded'`.execute(world.database.db);
    expect(JSON.parse(String(rows[0]?.bytes)).body).toMatchObject({
      trigger: 'provisioning',
      counts: { sessions: 1, roles: 2 },
    });
    // Again is not twice; back is not back to what was.
    await ask('PATCH', `/Users/${id}`, inactive);
    const active = patch({ op: 'replace', value: { active: true } });
    const back = await ask('PATCH', `/Users/${id}`, active);
    expect(back.body.active).toBe(true);
    expect(await person(id)).toMatchObject({ left: false, ends_on: null, roles: ['employee'] });
    const after = await sql`select from ledger_entry where type = 'AccessEnded'`.execute(
      world.database.db,
    );
    expect(after.rows).toHaveLength(1);
  });

  test('is a suspension where the setting says so; a deletion is the end all the same', async () => {
    const setting = { do: 'setOnDeactivation', what: 'suspend' } as const;
    await execute(world, provisioningFlow, setting, operator);
    const { id, answer, me } = await deactivated();
    expect([answer.body.active, me]).toEqual([false, 401]);
    expect(await person(id)).toMatchObject({
      left: false,
      suspended: true,
      ends_on: null,
      roles: ['employee', 'engineer'],
    });
    await ask('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: true }));
    expect(await person(id)).toMatchObject({ suspended: false });
    expect((await ask('DELETE', `/Users/${id}`)).status).toBe(204);
    expect(await person(id)).toMatchObject({ left: true, roles: [] });
  });

  test('deleted is not there any more, and comes back as the same person', async () => {
    const { id } = (await ask('POST', '/Users', user('hanako', { externalId: 'd-1' }))).body;
    expect((await ask('DELETE', `/Users/${id}`)).status).toBe(204);
    for (const method of ['GET', 'DELETE'])
      expect((await ask(method, `/Users/${id}`)).status).toBe(404);
    expect((await ask('GET', filtered('Users', 'externalId eq "d-1"'))).body.totalResults).toBe(0);
    const again = await ask('POST', '/Users', user('hanako', { externalId: 'd-1', title: 'Head' }));
    expect(again).toMatchObject({ status: 201, body: { id, active: true, title: 'Head' } });
    expect(await person(id)).toMatchObject({ left: false, roles: ['employee'] });
  });
});

describe('groups', () => {
  const group = (name: string, ...members: string[]) => ({
    schemas: [groupUrn],
    displayName: name,
    members: members.map((value) => ({ value })),
  });

  test('have members, who are added and removed in every spelling', async () => {
    const [a, b, c] = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => (await ask('POST', '/Users', user(name))).body.id),
    );
    const made = await ask('POST', '/Groups', group('Engineers', a));
    const path = `/Groups/${made.body.id}`;
    const membersAfter = async (...operations: object[]): Promise<string[]> => {
      const { body } = await ask('PATCH', path, patch(...operations));
      return (body.members ?? []).map((each: { value: string }) => each.value).sort();
    };
    expect(
      await membersAfter({ op: 'Add', path: 'members', value: [{ value: b }, { value: c }] }),
    ).toEqual([a, b, c].sort());
    expect(await membersAfter({ op: 'Remove', path: `members[value eq "${a}"]` })).toEqual(
      [b, c].sort(),
    );
    expect(await membersAfter({ op: 'Remove', path: 'members', value: [{ value: b }] })).toEqual([
      c,
    ]);
    expect(await membersAfter({ op: 'replace', value: { id: 'x', displayName: 'Eng' } })).toEqual([
      c,
    ]);
    const { body } = await ask('GET', `/Users/${c}`);
    expect(body.groups).toMatchObject([{ value: made.body.id, display: 'Eng', type: 'direct' }]);
    const lean = await ask('GET', `${path}?excludedAttributes=members`);
    expect(lean.body).not.toHaveProperty('members');
    const byMember = await ask('GET', filtered('Groups', `members.value eq "${c}"`));
    expect(byMember.body.totalResults).toBe(1);
    expect((await ask('POST', '/Groups', group('ENG'))).status).toBe(409);
    const nobody = patch({ op: 'add', path: 'members', value: [{ value: world.newId() }] });
    expect((await ask('PATCH', path, nobody)).body.scimType).toBe('invalidValue');
    expect((await ask('DELETE', path)).status).toBe(204);
    expect((await ask('GET', path)).status).toBe(404);
  });

  test('give a role where a setting says so, to members and as long as they are', async () => {
    const { id } = (await ask('POST', '/Users', user('hanako'))).body;
    const one = (await ask('POST', '/Groups', group('One', id))).body.id;
    const two = (await ask('POST', '/Groups', group('Two', id))).body.id;
    for (const each of [one, two]) {
      const command = { do: 'mapGroup', id: each, role: 'engineer' } as const;
      expect((await execute(world, mappingFlow, command, operator)).ok).toBe(true);
    }
    expect(await person(id)).toMatchObject({ roles: ['employee', 'engineer'] });
    await ask('DELETE', `/Groups/${one}`);
    expect(await person(id)).toMatchObject({ roles: ['employee', 'engineer'] });
    await ask('PATCH', `/Groups/${two}`, patch({ op: 'remove', path: 'members' }));
    expect(await person(id)).toMatchObject({ roles: ['employee'] });
    await tick(world, rooms);
  });
});

describe('queries', () => {
  beforeEach(async () => {
    for (const name of ['cyan', 'azure', 'beige']) {
      world.advance({ minutes: 1 });
      await ask('POST', '/Users', user(name, name === 'beige' ? {} : { title: name }));
    }
  });

  const namesOf = ({ body }: Answer): string[] =>
    body.Resources.map((each: { userName: string }) => each.userName.split('@')[0]);

  test('are paged from 1 on, and count tells the total alone', async () => {
    const page = await ask('GET', '/Users?startIndex=2&count=1');
    expect(page.body).toMatchObject({ totalResults: 3, startIndex: 2, itemsPerPage: 1 });
    expect(namesOf(page)).toEqual(['azure']);
    const none = await ask('GET', '/Users?startIndex=-5&count=-1');
    expect(none.body).toMatchObject({
      totalResults: 3,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    });
    expect((await ask('GET', '/Users?count=few')).body.scimType).toBe('invalidValue');
  });

  test('are sorted, without a value last in ascending order', async () => {
    expect(namesOf(await ask('GET', '/Users?sortBy=title'))).toEqual(['azure', 'cyan', 'beige']);
    const down = await ask('GET', '/Users?sortBy=TITLE&sortOrder=descending');
    expect(namesOf(down)).toEqual(['beige', 'cyan', 'azure']);
  });

  test('go by message too, over one kind or all', async () => {
    await ask('POST', '/Groups', { schemas: [groupUrn], displayName: 'azure' });
    const search = { schemas: [searchUrn], filter: 'displayName eq "azure" or title eq "AZURE"' };
    const all = await ask('POST', '/.search', { ...search, attributes: ['title'] });
    expect(all.body.totalResults).toBe(2);
    expect(all.body.Resources.map((each: object) => Object.keys(each).sort())).toEqual([
      ['id', 'schemas', 'title'],
      ['id', 'schemas'],
    ]);
    expect((await ask('POST', '/Users/.search', search)).body.totalResults).toBe(1);
    expect((await ask('GET', filtered('Users', 'shoeSize eq 40'))).body.scimType).toBe(
      'invalidFilter',
    );
  });
});

describe('the protocol', () => {
  test('tells what it can, to whoever has no token yet as far as they need it', async () => {
    const open = await app.request('/scim/v2/ServiceProviderConfig');
    expect(await open.json()).toMatchObject({
      patch: { supported: true },
      etag: { supported: true },
    });
    const { body } = await ask('GET', '/Schemas');
    expect(body.Resources.map(({ id }: { id: string }) => id)).toEqual([
      userUrn,
      groupUrn,
      enterpriseUrn,
    ]);
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
    const statuses = bulk.body.Operations.map((each: { status: string }) => each.status);
    expect(statuses).toEqual(['201', '201', '404', '409']);
    expect((await ask('GET', '/Groups')).body.Resources[0].members).toHaveLength(1);
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
