import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  loginsBelongToProvider,
  loginsHaveSecondFactor,
} from '../../clauses/access/checks.signin.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check, Violation } from '../../policy/check.ts';

/** Checks of the clause over what the platform shows of its logins. */
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
    await login(n);
  }
});

/** A login with a password and an authenticator app. */
async function login(n: number): Promise<void> {
  const user = `user-${n}`;
  await sql`
    insert into auth_user (id, person_id, name, email, created_at, updated_at, two_factor_enabled)
    values (${user}, ${id(n)}, ${user}, ${`${user}@example.com`}, ${world.now()}, ${world.now()}, true)`.execute(
    world.database.db,
  );
  await sql`
    insert into auth_account (id, user_id, account_id, provider_id, password, created_at, updated_at)
    values (${user}, ${user}, ${user}, 'credential', 'x', ${world.now()}, ${world.now()})`.execute(
    world.database.db,
  );
}

async function provider(): Promise<void> {
  await sql`
    insert into sign_in_provider (enabled, settings, sealed, revision, changed_at)
    values (true, '{"label":"Microsoft"}', '', 1, ${world.now()})`.execute(world.database.db);
}

async function link(n: number): Promise<void> {
  await sql`
    insert into sign_in_identity (id, person_id, issuer, subject, how, linked_at)
    values (${id(100 + n)}, ${id(n)}, 'https://id.example.com', ${`s${n}`}, 'officer', ${world.now()})`.execute(
    world.database.db,
  );
}

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

const unlinked = 'the login is not linked to the identity provider';
const beside =
  'the login also opens beside the identity provider, by a password or a passkey of its own';

describe('ACC-1 in Kept itself', () => {
  test('is unknown where no provider is set up, and says so', async () => {
    expect(await ask(loginsBelongToProvider)).toEqual({
      violations: [],
      examined: 2,
      unread: ['unconnected:signIn'],
    });
  });

  test('finds every login of the staff that is not linked, or opens beside the link', async () => {
    await provider();
    await link(2);
    const found = await ask(loginsBelongToProvider);
    expect(found.violations).toEqual(
      expect.arrayContaining([
        ['Hana', unlinked],
        ['Ken', beside],
      ]),
    );
    // Who has left and who is a customer is nobody's staff.
    expect([found.violations.length, found.examined, found.unread]).toEqual([2, 2, []]);
  });

  test('excepts logins named as break-glass, and those that open by the provider alone', async () => {
    await provider();
    await link(2);
    const { db } = world.database;
    await sql`delete from auth_account where user_id = 'user-2'`.execute(db);
    await sql`
      insert into break_glass (person_id, reason, named_at) values (${id(1)}, 'in the safe', ${world.now()})`.execute(
      db,
    );
    expect((await ask(loginsBelongToProvider)).violations).toEqual([]);
  });
});

describe('ACC-3 in Kept itself', () => {
  test('finds a password whose time to enrol a second factor is over, when it is', async () => {
    const { db } = world.database;
    expect((await ask(loginsHaveSecondFactor)).violations).toEqual([]);
    const until = world.now().add({ hours: 24 });
    await sql`
      update auth_user set two_factor_enabled = false, enrol_by = ${until} where person_id = ${id(1)}`.execute(
      db,
    );
    expect((await ask(loginsHaveSecondFactor)).violations).toEqual([]);
    expect(await loginsHaveSecondFactor.nextChange?.(db, world.now(), zone)).toEqual(until);
    world.advance({ hours: 25 });
    expect((await ask(loginsHaveSecondFactor)).violations).toEqual([['Hana', undefined]]);
  });
});
