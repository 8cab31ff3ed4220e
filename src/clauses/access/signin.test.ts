import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { noSessionWithoutSecondFactor } from '../../platform/identity/guard.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { staffAccountsBelongToProvider } from './checks.signin.ts';
import { access } from './clause.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const zone = 'Asia/Tokyo';

let world: TestWorld;

beforeEach(async () => {
  world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  for (const [n, name, roles, ends] of [
    [1, 'Hana', '{employee}', null],
    [2, 'Ken', '{employee,engineer}', null],
    [3, 'Yui', '{employee}', '2026-01-31'],
    [4, 'Buyer', '{customer}', null],
  ] as const) {
    await sql`
      insert into person (id, name, email, roles, ends_on)
      values (${id(n)}, ${name}, ${`${name}@example.com`}, ${roles}::text[], ${ends}::date)`.execute(
      world.database.db,
    );
  }
});

async function ask(check: Check) {
  const { db } = world.database;
  const found = await check.violations(world.now(), zone).execute(db);
  const population = await check.population(world.now(), zone).execute(db);
  const sources = (await check.sources?.(db, world.now())) ?? [];
  return {
    violations: found.rows.map(({ label, detail }: Violation) => [label, detail['why']]),
    examined: population.rows[0]?.examined,
    unread: sources.filter(({ readAt }) => readAt === null).map(({ name }) => name),
  };
}

/** A system with accounts of some people; `sso` is what the register says of how it is entered. */
async function system(n: number, name: string, sso: boolean | null, people: readonly number[]) {
  const { db } = world.database;
  await sql`
    insert into system (id, key, name, single_sign_on) values (${id(n)}, ${name.toLowerCase()}, ${name}, ${sso})`.execute(
    db,
  );
  for (const person of people) {
    await sql`
      insert into account (id, system_id, name, person_id)
      values (${id(n * 10 + person)}, ${id(n)}, ${`${name}-${person}`}, ${id(person)})`.execute(db);
  }
}

async function aspectRead(n: number, aspect: string): Promise<void> {
  await sql`
    insert into aspect_read (system_id, aspect, at) values (${id(n)}, ${aspect}, ${world.now()})`.execute(
    world.database.db,
  );
}

async function entra(people: readonly number[]): Promise<void> {
  await system(20, 'Entra', true, people);
  await sql`
    insert into connection (id, system_id, kind, settings, secret, secret_at, every_hours, created_at)
    values (${id(21)}, ${id(20)}, 'entra', '{}', '', ${world.now()}, 24, ${world.now()})`.execute(
    world.database.db,
  );
  await aspectRead(20, 'accounts');
}

describe('ACC-1 in other systems', () => {
  test('is unknown before the provider and what opens the accounts have been read', async () => {
    await system(30, 'ERP', null, [1]);
    expect((await ask(staffAccountsBelongToProvider)).unread).toEqual(['unconnected:entra', 'ERP']);
    await entra([1]);
    await sql`
      insert into read_gap (system_id, aspect, permission, message, at)
      values (${id(30)}, 'credentials', 'iam:GetCredentialReport', 'denied', ${world.now()})`.execute(
      world.database.db,
    );
    expect((await ask(staffAccountsBelongToProvider)).unread).toEqual([
      'ERP · iam:GetCredentialReport',
    ]);
  });

  test('finds accounts with a password of their own, and of people who have none at the provider', async () => {
    await entra([1]);
    await system(30, 'ERP', null, [1, 2, 3]);
    await system(40, 'Wiki', true, [1]);
    await system(50, 'Till', false, [1]);
    for (const [n, aspect] of [
      [30, 'credentials'],
      [40, 'accounts'],
      [50, 'accounts'],
    ] as const) {
      await aspectRead(n, aspect);
    }
    await sql`
      insert into credential (id, system_id, account_id, key, kind, name, active)
      values (${id(60)}, ${id(30)}, ${id(301)}, 'a', 'password', 'a', true),
             (${id(61)}, ${id(40)}, ${id(401)}, 'b', 'accessKey', 'b', true)`.execute(
      world.database.db,
    );
    const found = await ask(staffAccountsBelongToProvider);
    const own = 'it opens by a password of its own instead of the identity provider';
    const none = 'its person has no active account at the identity provider';
    expect(found.violations.toSorted()).toEqual([
      ['ERP · ERP-1', own],
      ['ERP · ERP-2', none],
      ['Till · Till-1', own],
    ]);
    expect([found.examined, found.unread]).toEqual([5, []]);
  });

  test('leaves service and break-glass accounts alone', async () => {
    await entra([]);
    await system(50, 'Till', false, [1]);
    await sql`update account set kind = 'break-glass' where system_id = ${id(50)}`.execute(
      world.database.db,
    );
    expect((await ask(staffAccountsBelongToProvider)).violations).toEqual([]);
  });
});

describe('ACC-3 in Kept itself', () => {
  test('the guard noSessionWithoutSecondFactor is declared as the platform words it', () => {
    const guards = access.upholders.flatMap((each) => (each.by === 'guard' ? [each.guard] : []));
    expect(guards).toContainEqual(noSessionWithoutSecondFactor);
  });
});
