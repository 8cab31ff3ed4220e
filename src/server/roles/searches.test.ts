import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  adoptRole,
  cancelSearch,
  dropRole,
  requestRoles,
} from '../../clauses/access/flows.mining.ts';
import { routes } from '../../clauses/access/routes.ts';
import { claimSearch } from '../../clauses/access/store.mining.ts';
import type { Actor } from '../../kernel/actor.ts';
import { execute, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import { makeSearches } from './searches.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [officer, owner, ana, ben, erp, crm, empty] = [1, 2, 3, 4, 11, 12, 13].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];
const officerActor = actorWith(officer, 'security-officer', 'employee');
const ownerActor = actorWith(owner, 'employee');
const never = new AbortController().signal;

async function company(world: TestWorld): Promise<void> {
  await sql`
    insert into person (id, name, email, department, roles) values
      (${officer}, 'Olga Officer', 'olga@example.com', 'Office', '{employee,security-officer}'),
      (${owner}, 'Owen Owner', 'owen@example.com', 'Sales', '{employee}'),
      (${ana}, 'Ana Sales', 'ana@example.com', 'Sales', '{employee}'),
      (${ben}, 'Ben Sales', 'ben@example.com', 'Sales', '{employee}')`.execute(world.database.db);
  await sql`
    insert into system (id, key, name, owner_id) values
      (${erp}, 'erp', 'ERP', ${owner}), (${crm}, 'crm', 'CRM', null), (${empty}, 'empty', 'Empty', ${owner})`.execute(
    world.database.db,
  );
  await read(world, 'erp', [
    'ana@example.com offers',
    'ana@example.com orders',
    'ben@example.com offers',
    'ben@example.com orders',
    'owen@example.com admin',
    'robot offers',
  ]);
  await read(world, 'crm', [
    'ana@example.com contacts',
    'ben@example.com contacts',
    'olga@example.com contacts',
  ]);
  await sql`update account set kind = 'service' where name = 'robot'`.execute(world.database.db);
}

async function read(world: TestWorld, system: string, lines: readonly string[]): Promise<void> {
  const pairs = lines.map((line) => line.split(' ') as [string, string]);
  const accounts = [...new Set(pairs.map(([account]) => account))];
  const entitlements = [...new Set(pairs.map(([, entitlement]) => entitlement))];
  const command = {
    do: 'recordRead' as const,
    system,
    source: 'test',
    complete: true,
    empty: false,
    accounts: accounts.map((name) => ({ name, email: name })),
    entitlements: entitlements.map((name) => ({ name })),
    pairs: pairs.flatMap(([account, entitlement]) => [
      accounts.indexOf(account),
      entitlements.indexOf(entitlement),
    ]),
  };
  const done = await execute(world, readFlow, command, officerActor);
  if (!done.ok) throw new Error(done.refusal.code);
}

function requestOf(world: TestWorld, actor: Actor): Request {
  return {
    db: world.database.db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: (action) => world.authorizer.allows(actor, { action }),
    url: world.url,
  };
}

/** Asks, and gives the id of the search; or the code of the refusal. */
async function ask(world: TestWorld, actor: Actor, systemId: string | null): Promise<string> {
  const done = await execute(world, requestRoles, { systemId }, actor);
  return done.ok ? (done.value[0]?.subject.split('/')[1] ?? '') : done.refusal.code;
}

async function found(world: TestWorld, searchId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select role.name || ': ' || array_to_string(array(
      select entitlement.name from suggested_role_entitlement join entitlement on entitlement.id = entitlement_id
      where role_id = role.id order by 1), ' ') || ' → ' || array_to_string(array(
      select person.name from suggested_role_holder join person on person.id = holder_id
      where role_id = role.id order by 1), ', ') as line
    from suggested_role role where search_id = ${searchId} order by holders desc, name`.execute(
    world.database.db,
  );
  return rows.map(({ line }) => line);
}

const list = { limit: 50, offset: 0, format: 'json', bom: false } as const;

describe('ACC-4 roles are suggested from what people really hold', () => {
  let world: TestWorld;
  let search: string;
  beforeAll(async () => {
    world = await testWorld();
    await company(world);
  });

  test('the owner asks for their system, the officer for all, nobody for what is not theirs', async () => {
    expect(await ask(world, actorWith(ana, 'employee'), erp)).toBe('rolesOfOthers');
    expect(await ask(world, ownerActor, null)).toBe('rolesOfOthers');
    expect(await ask(world, ownerActor, empty)).toBe('nothingHeld');
    expect(await ask(world, officerActor, id(99))).toBe('systemsNotFound');
    search = await ask(world, ownerActor, erp);
    expect(await ask(world, officerActor, erp)).toBe('searchUnderWay');
  });

  test('the roles give everybody what they hold; machines are left out', async () => {
    expect(await makeSearches(world, never)).toBe(1);
    expect(await found(world, search)).toEqual([
      'Sales · offers: offers orders → Ana Sales, Ben Sales',
      'Sales · admin: admin → Owen Owner',
    ]);
    const answer = await routes.getRoleSearch.handle(requestOf(world, ownerActor), { id: search });
    expect(answer).toMatchObject({
      ok: true,
      value: {
        state: 'done',
        holders: 3,
        accesses: 5,
        entitlements: 3,
        leftOut: 1,
        roles: 2,
        atLeast: 2,
        assignments: 3,
        lone: 1,
        readSince: false,
      },
    });
  });

  test('all systems together: one role over several', async () => {
    const all = await ask(world, officerActor, null);
    await makeSearches(world, never);
    expect(await found(world, all)).toEqual([
      'Sales · ERP offers: contacts offers orders → Ana Sales, Ben Sales',
      'Office · CRM contacts: contacts → Olga Officer',
      'Sales · ERP admin: admin → Owen Owner',
    ]);
    const hidden = await routes.getRoleSearch.handle(requestOf(world, ownerActor), { id: all });
    expect(hidden).toMatchObject({ ok: false, refusal: { code: 'notFound' } });
  });

  test('lists tell it to its owner, and as a file with every name', async () => {
    const request = requestOf(world, ownerActor);
    expect(
      await routes.listSuggestedRoles.handle(request, { ...list, id: search, q: 'orders' }),
    ).toMatchObject({
      ok: true,
      value: {
        total: 1,
        items: [{ name: 'Sales · offers', holders: 2, gives: 'offers, orders', adopted: null }],
      },
    });
    expect(
      await routes.listRoleHolders.handle(request, { ...list, id: search, sort: 'name' }),
    ).toMatchObject({
      value: {
        items: [
          {
            name: 'Ana Sales',
            department: 'Sales',
            accesses: 2,
            roles: 1,
            roleNames: 'Sales · offers',
          },
          { name: 'Ben Sales', accesses: 2, roles: 1 },
          { name: 'Owen Owner', accesses: 1, roles: 1 },
        ],
      },
    });
    expect(await routes.listLoneAccess.handle(request, { ...list, id: search })).toMatchObject({
      value: { items: [{ holder: 'Owen Owner', entitlement: 'admin', system: 'ERP' }] },
    });
    const file = await routes.listSuggestedRoles.handle(request, {
      ...list,
      id: search,
      format: 'csv',
    });
    let text = '';
    if ('stream' in file) for await (const piece of file.stream) text += String(piece);
    expect(text.split('\r\n')).toContain('Sales · offers,2,2,"offers, orders",');
  });

  test('a role is adopted once, under a name of its own, and given up', async () => {
    const request = requestOf(world, ownerActor);
    const listed = await routes.listSuggestedRoles.handle(request, { ...list, id: search });
    const [sales, admin] = 'value' in listed && listed.ok ? listed.value.items : [];
    const adopt = async (suggestionId: string, name: string, actor: Actor = ownerActor) => {
      const done = await execute(world, adoptRole, { suggestionId, name }, actor);
      return done.ok ? done.value[0]?.type : done.refusal.code;
    };
    expect(await adopt(sales?.id ?? '', 'Seller', actorWith(ana, 'employee'))).toBe(
      'rolesOfOthers',
    );
    expect(await adopt(sales?.id ?? '', 'Seller')).toBe('RoleAdopted');
    expect(await adopt(sales?.id ?? '', 'Other')).toBe('roleAdopted');
    expect(await adopt(admin?.id ?? '', 'seller')).toBe('roleNameTaken');
    const adopted = await routes.listAdoptedRoles.handle(request, { ...list, scope: erp });
    expect(adopted).toMatchObject({
      value: {
        items: [
          {
            name: 'Seller',
            system: 'ERP',
            entitlements: 2,
            gives: 'offers, orders',
            holders: 2,
            adoptedBy: 'Owen Owner',
          },
        ],
      },
    });
    expect(
      await routes.listSuggestedRoles.handle(request, { ...list, id: search, adopted: true }),
    ).toMatchObject({
      value: { items: [{ adopted: 'Seller' }] },
    });
    const roleId = adopted && 'value' in adopted && adopted.ok ? adopted.value.items[0]?.id : '';
    const dropped = await execute(world, dropRole, { roleId: roleId ?? '' }, ownerActor);
    expect(dropped.ok).toBe(true);
    expect(await routes.listAdoptedRoles.handle(request, list)).toMatchObject({
      value: { total: 0 },
    });
  });

  test('what was read since is told, and a new suggestion takes the place of the old', async () => {
    world.advance({ minutes: 5 });
    await read(world, 'erp', ['ana@example.com offers', 'ben@example.com offers']);
    const request = requestOf(world, ownerActor);
    expect(await routes.getRoleSearch.handle(request, { id: search })).toMatchObject({
      value: { readSince: true },
    });
    const next = await ask(world, ownerActor, erp);
    await makeSearches(world, never);
    expect(await found(world, next)).toEqual(['Sales · offers: offers → Ana Sales, Ben Sales']);
    expect(await routes.getRoleSearch.handle(request, { id: search })).toMatchObject({ ok: false });
  });
});

describe('a search that does not end', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await testWorld();
    await company(world);
  });
  const stateOf = async (searchId: string) => {
    const { rows } = await sql<{
      state: string;
    }>`select state from role_search where id = ${searchId}`.execute(world.database.db);
    return rows[0]?.state;
  };

  test('cancelled while it waits, nobody takes it up', async () => {
    const search = await ask(world, officerActor, erp);
    expect((await execute(world, cancelSearch, { searchId: search }, officerActor)).ok).toBe(true);
    expect(await makeSearches(world, never)).toBe(0);
    expect(await stateOf(search)).toBe('cancelled');
    const again = await execute(world, cancelSearch, { searchId: search }, officerActor);
    expect(again).toMatchObject({ refusal: { code: 'searchOver' } });
  });

  test('cancelled while it is made, it ends and leaves nothing', async () => {
    // All but their own: nothing to simplify, so the search takes a while.
    const people = Array.from({ length: 40 }, (_, n) => n);
    const lines = people.flatMap((one) =>
      people.filter((other) => other !== one).map((other) => `person-${one} right-${other}`),
    );
    await read(world, 'empty', lines);
    const search = await ask(world, officerActor, empty);
    const made = makeSearches(world, never);
    while ((await stateOf(search)) === 'waiting') await new Promise(setImmediate);
    expect(await stateOf(search)).toBe('running');
    expect((await execute(world, cancelSearch, { searchId: search }, officerActor)).ok).toBe(true);
    expect(await made).toBe(1);
    expect(await stateOf(search)).toBe('cancelled');
    expect(await found(world, search)).toEqual([]);
  });

  test('its node stops: it waits for the next', async () => {
    const search = await ask(world, officerActor, erp);
    const stopping = new AbortController();
    const made = makeSearches(world, stopping.signal);
    stopping.abort();
    await made;
    expect(await stateOf(search)).toBe('waiting');
    await makeSearches(world, never);
    expect(await stateOf(search)).toBe('done');
  });

  test('its node dies: another takes it up once there is no sign of life', async () => {
    const search = await ask(world, officerActor, crm);
    const { db } = world.database;
    const at = world.now();
    expect(await claimSearch(db, at, at.subtract({ seconds: 60 }))).toEqual({
      id: search,
      systemId: crm,
    });
    expect(await makeSearches(world, never)).toBe(0);
    world.advance({ minutes: 2 });
    expect(await makeSearches(world, never)).toBe(1);
    expect(await stateOf(search)).toBe('done');
  });
});
