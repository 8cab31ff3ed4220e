import { beforeEach, describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { mappingFlow } from '../../registers/provisioning/store.mapping.ts';
import { rooms } from '../composition.ts';
import { tick } from '../tick.ts';
import { groupUrn } from './definitions.ts';
import { searchUrn } from './query.ts';
import {
  type Answer,
  ask,
  filtered,
  openDirectory,
  operator,
  patch,
  person,
  user,
  world,
} from './testing.ts';

beforeEach(openDirectory);

describe('groups', () => {
  const group = (name: string, ...members: string[]) => ({
    schemas: [groupUrn],
    displayName: name,
    members: members.map((value) => ({ value })),
  });

  test('have members, who are added and removed in every spelling', async () => {
    const people = ['a', 'b', 'c'].map(
      async (name) => (await ask('POST', '/Users', user(name))).body.id,
    );
    const [a = '', b = '', c = ''] = await Promise.all(people);
    const made = await ask('POST', '/Groups', group('Engineers', a));
    const path = `/Groups/${made.body.id}`;
    const membersAfter = async (...operations: object[]): Promise<string[]> => {
      const { body } = await ask('PATCH', path, patch(...operations));
      return (body.members ?? []).map((each) => each.value).sort();
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

  test('keep a leaver until the directory says otherwise, and nobody whom it deleted', async () => {
    const [left = '', gone = ''] = await Promise.all(
      ['left', 'gone'].map(async (name) => (await ask('POST', '/Users', user(name))).body.id),
    );
    const { id } = (await ask('POST', '/Groups', group('Engineers', left, gone))).body;
    const inactive = { op: 'replace', path: 'active', value: false };
    await ask('PATCH', `/Users/${left}`, patch(inactive));
    await ask('DELETE', `/Users/${gone}`);
    const members = (await ask('GET', `/Groups/${id}`)).body.members?.map(({ value }) => value);
    expect(members).toEqual([left]);
    const removal = { op: 'Remove', path: `members[value eq "${left}"]` };
    const removed = await ask('PATCH', `/Groups/${id}`, patch(removal));
    expect([removed.status, removed.body.members]).toEqual([200, undefined]);
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
    body.Resources.map((each) => each.userName.split('@')[0] ?? '');

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
    expect(all.body.Resources.map((each) => Object.keys(each).sort())).toEqual([
      ['id', 'schemas', 'title'],
      ['id', 'schemas'],
    ]);
    expect((await ask('POST', '/Users/.search', search)).body.totalResults).toBe(1);
    expect((await ask('GET', filtered('Users', 'shoeSize eq 40'))).body.scimType).toBe(
      'invalidFilter',
    );
  });
});
