import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../kernel/actor.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { peopleFor } from './people.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [officer, second, engineer] = [id(1), id(2), id(3)];
const oid = '5f4dcc3b-5aa7-45d6-8d83-27deb882cf99';

let world: TestWorld;

beforeAll(async () => {
  world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  await sql`
    insert into person (id, name, email, roles) values
      (${officer}, 'Olga', 'olga@example.com', '{employee,security-officer}'),
      (${second}, 'Sora', 'sora@example.com', '{employee,support}'),
      (${engineer}, 'Emi', 'emi@example.com', '{employee}')`.execute(world.database.db);
});

async function rolesOf(person: string): Promise<readonly Role[]> {
  const { rows } = await sql<{
    roles: Role[];
  }>`select roles from person where id = ${person}`.execute(world.database.db);
  return rows[0]?.roles ?? [];
}

describe('roles that a provider gives', () => {
  test('go into the register of people by its own flow, with an entry', async () => {
    const { giveRoles } = peopleFor(world);
    expect(await giveRoles(engineer, ['employee', 'engineer'])).toEqual({
      given: true,
      waiting: [],
    });
    expect(await rolesOf(engineer)).toEqual(['employee', 'engineer']);
    const { rows } = await sql<{ actor: string }>`
      select actor from ledger_entry where type = 'PersonUpdated'`.execute(world.database.db);
    expect(rows).toEqual([{ actor: 'system/provider' }]);
  });

  test('never leave nobody who could put a wrong mapping right', async () => {
    const { giveRoles } = peopleFor(world);
    expect(await giveRoles(officer, ['employee'])).toEqual({ given: false, waiting: [] });
    expect(await rolesOf(officer)).toContain('security-officer');
  });

  test('wait where a guard holds them back (PEO-4); what is taken away is taken all the same', async () => {
    const { db } = world.database;
    await sql`
      insert into undertaking_version (id, document, kind, number, titles, texts, digest, binding, sign_days, published_at)
      values (${id(9)}, 'confidentiality', 'undertaking', 1, '{}', '{}', 'x', true, 14, ${world.now()})`.execute(
      db,
    );
    const { giveRoles } = peopleFor(world);
    const answer = await giveRoles(second, ['auditor', 'employee']);
    expect(answer).toEqual({ given: true, waiting: ['auditor'] });
    expect(await rolesOf(second)).toEqual(['employee']);
  });
});

describe('whom provisioning expects', () => {
  test('is found by external id: one, not several, and not whom the directory deleted', async () => {
    const { expected } = peopleFor(world);
    const find = (externalId: string) =>
      world.database.db.transaction().execute((tx) => expected(tx, externalId));
    const insert = (person: string, externalId: string) =>
      sql`
        insert into scim_user (person_id, user_name, external_id, attributes)
        values (${person}, ${person}, ${externalId}, '{}')`.execute(world.database.db);
    expect(await find(oid)).toBeNull();
    await insert(engineer, oid.toUpperCase());
    expect(await find(oid)).toBe(engineer);
    await insert(second, oid);
    expect(await find(oid)).toBeNull();
    await sql`update scim_user set deleted_at = ${world.now()} where person_id = ${engineer}`.execute(
      world.database.db,
    );
    expect(await find(oid)).toBe(second);
    await sql`update scim_user set external_id = 'Name' where person_id = ${second}`.execute(
      world.database.db,
    );
    // Subjects that are no ids of that kind may differ by a capital.
    expect([await find('name'), await find('Name')]).toEqual([null, second]);
  });
});
