import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { enrolledPerson, identityApp } from '../../platform/identity/testing.ts';
import { personFlow } from '../../registers/people/store.ts';
import { provisioningFlow } from '../../registers/provisioning/store.tokens.ts';
import { enterpriseUrn } from './definitions.ts';
import { ask, filtered, openDirectory, operator, patch, person, user, world } from './testing.ts';

beforeEach(openDirectory);

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
