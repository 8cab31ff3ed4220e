import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { roles } from '../../kernel/actor.ts';
import { contextFor } from '../../platform/execute.ts';
import { actorWith, type TestWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { end, opened, read, reconcile } from './acts.fixture.ts';
import { acme, as, beta, company, contacts, idOf, product, who } from './cases.fixture.ts';
import {
  everyCustomerHasOneKey,
  everythingIsUnderItsOwnKey,
  everyUseOfAKeyHasItsReason,
} from './checks.custody.ts';
import {
  casesAreApprovedByAnother,
  casesKeepWithinTheirBounds,
  customersAreTold,
  staffDecryptsOnlyUnderCase,
} from './checks.ts';
import { daysSinceStaffRead } from './store.figures.ts';
import { kinds } from './store.keeping.ts';

const zone = 'Asia/Tokyo';

/** Labels of what violates, and how many were examined. */
async function judged(world: TestWorld, check: Check): Promise<readonly [number, ...string[]]> {
  const { db } = world.database;
  const found = await check.violations(world.now(), zone).execute(db);
  const population = await check.population(world.now(), zone).execute(db);
  return [population.rows[0]?.examined ?? -1, ...found.rows.map(({ label }) => label).sort()];
}

const run = (world: TestWorld, statement: RawBuilder<unknown>) =>
  statement.execute(world.database.db);

let made = 100;
async function key(world: TestWorld, customerId: string, recipient: string): Promise<string> {
  const id = idOf(made++);
  await run(
    world,
    sql`insert into vault_key (id, customer_id, recipient, made_at, version)
      values (${id}, ${customerId}, ${recipient}, ${world.now()}, ${made})`,
  );
  return id;
}

async function record(world: TestWorld, customerId: string, keyId: string): Promise<void> {
  const sealed = Buffer.from(`${made++}`);
  await run(
    world,
    sql`insert into vault_record (id, customer_id, collection, key_index, sealed_key, sealed_value, key_id, made_at, changed_at)
      values (${idOf(made++)}, ${customerId}, 'schedules', ${sealed}, ${sealed}, ${sealed}, ${keyId}, ${world.now()}, ${world.now()})`,
  );
}

async function use(
  world: TestWorld,
  kind: string,
  by: string,
  person: string | null = null,
): Promise<void> {
  await run(
    world,
    sql`insert into vault_unwrap (id, customer_id, by_kind, by_id, person_id, purpose, operations, from_at, to_at)
      values (${idOf(made++)}, ${acme}, ${kind}, ${by}, ${person}, 'x', 1, ${world.now()}, ${world.now()})`,
  );
}

describe('CUS-1', () => {
  test('everyCustomerHasOneKey: none for data, two, one that is shared', async () => {
    const world = await company();
    expect(await judged(world, everyCustomerHasOneKey)).toEqual([2]);
    const mine = await key(world, acme, 'age1acme');
    await record(world, acme, mine);
    expect(await judged(world, everyCustomerHasOneKey)).toEqual([2]);
    await key(world, beta, 'age1acme');
    expect(await judged(world, everyCustomerHasOneKey)).toEqual([2, 'Acme', 'Beta']);
    await run(world, sql`update vault_key set recipient = id::text`);
    await run(
      world,
      sql`update vault_key set replaced_at = ${world.now()} where customer_id = ${acme}`,
    );
    expect(await judged(world, everyCustomerHasOneKey)).toEqual([2, 'Acme']);
  });

  test('everythingIsUnderItsOwnKey: under another customer’s, a destroyed, a replaced one', async () => {
    const world = await company();
    const mine = await key(world, acme, 'age1acme');
    const theirs = await key(world, beta, 'age1beta');
    await record(world, acme, mine);
    await record(world, beta, theirs);
    expect(await judged(world, everythingIsUnderItsOwnKey)).toEqual([2]);
    await record(world, acme, theirs);
    expect(await judged(world, everythingIsUnderItsOwnKey)).toEqual([3, 'Acme']);
    // A re-key is under way for a while; what it leaves behind for a day is a violation.
    await run(world, sql`update vault_key set replaced_at = ${world.now()} where id = ${theirs}`);
    expect(await judged(world, everythingIsUnderItsOwnKey)).toEqual([3, 'Acme']);
    const next = await everythingIsUnderItsOwnKey.nextChange?.(
      world.database.db,
      world.now(),
      zone,
    );
    world.advance({ hours: 24, minutes: 1 });
    expect(next && Temporal.Instant.compare(next, world.now())).toBe(-1);
    expect(await judged(world, everythingIsUnderItsOwnKey)).toEqual([3, 'Acme', 'Beta']);
  });

  test('everyUseOfAKeyHasItsReason: strangers’ contacts, tokens and cases account for nothing', async () => {
    const world = await company();
    const id = await opened(world);
    const token = idOf(80);
    await run(
      world,
      sql`insert into vault_service (token_id, product_id, name, hash, made_at, expires_at)
        values (${token}, ${product}, 'x', 'x', ${world.now()}, ${world.now()})`,
    );
    await use(world, 'case', id, who.sami);
    await use(world, 'customer', contacts.owner);
    await use(world, 'service', token);
    await use(world, 'system', 'rekey');
    expect(await judged(world, everyUseOfAKeyHasItsReason)).toEqual([4]);
    await use(world, 'case', idOf(404), who.sami);
    await use(world, 'customer', contacts.other);
    await use(world, 'service', idOf(404));
    await use(world, 'system', 'erasure', who.sami);
    expect(await judged(world, everyUseOfAKeyHasItsReason)).toEqual([
      8,
      'Acme',
      'Acme',
      'Acme',
      'Acme',
    ]);
  });

  test('nobodyUnwrapsButTheDoor: no other file asks the keystore for a customer’s key', async () => {
    const root = join(import.meta.dirname, '..', '..');
    const asking: string[] = [];
    const files = (await readdir(root, { recursive: true })).filter((name) => /\.tsx?$/.test(name));
    for (const name of files.filter(
      (each) => !/\.test\.tsx?$|testing|platform\/keystore/.test(each),
    )) {
      const text = await readFile(join(root, name), 'utf8');
      if (/keystore\s*\.\s*unwrap(DataKey)?\s*\(/.test(text)) asking.push(name);
    }
    expect(files.length).toBeGreaterThan(500);
    expect(asking.sort()).toEqual(['server/vault/issuing.ts', 'server/vault/keyring.ts']);
  });
});

describe('CUS-2: staffDecryptsOnlyUnderCase', () => {
  test('reads and uses of keys inside and outside of the hours of a case', async () => {
    const world = await company();
    expect(await daysSinceStaffRead(world.database.db, world.now(), zone)).toBeNull();
    const id = await opened(world);
    await read(world, as('sami'), id);
    await use(world, 'case', id, who.sami);
    expect(await judged(world, staffDecryptsOnlyUnderCase)).toEqual([2]);
    world.advance({ hours: 1 });
    await end(world, as('sami'), id);
    world.advance({ minutes: 1 });
    await use(world, 'case', id, who.sami);
    await use(world, 'service', idOf(80), who.olga);
    await run(
      world,
      sql`insert into case_read (id, case_id, person_id, what, collection, at)
        values (${idOf(90)}, ${id}, ${who.sora}, 'names', 'schedules', ${world.now()})`,
    );
    expect(await judged(world, staffDecryptsOnlyUnderCase)).toEqual([
      5,
      'Acme · olga',
      'Acme · sami',
      'Acme · sami',
    ]);
    world.advance({ hours: 24 * 12 });
    expect(await daysSinceStaffRead(world.database.db, world.now(), zone)).toBe(12);
  });

  test('the last read is told after its records were disposed of', async () => {
    const world = await company();
    const id = await opened(world);
    await read(world, as('sami'), id);
    const context = await contextFor(world, as('olga'));
    await world.database.db
      .transaction()
      .execute(async (tx) => await kinds[0]?.remove(tx, [id], context));
    world.advance({ hours: 24 * 3 });
    expect(await daysSinceStaffRead(world.database.db, world.now(), zone)).toBe(3);
  });
});

describe('CUS-2: noRouteShowsCustomersContents', () => {
  // Route by route and role by role, with a canary, in src/server/cases/canary.test.ts.
  test('what every reading has to pass says no to every role while no case is open', async () => {
    const world = await company();
    const id = await opened(world);
    await end(world, as('sami'), id);
    for (const name of ['sami', 'sora', 'cora', 'olga', 'audi'] as const) {
      expect(await read(world, as(name), id)).toMatch(/^(caseNotOpen|caseNotYours|notAllowed)/);
    }
    expect(await read(world, actorWith(who.olga, ...roles), id)).toBe('caseNotYours (CUS-3)');
  });
});

describe('CUS-3', () => {
  test('casesAreApprovedByAnother: by nobody, by oneself, before the customer', async () => {
    const world = await company();
    const id = await opened(world);
    expect(await judged(world, casesAreApprovedByAnother)).toEqual([1]);
    await run(world, sql`update customer_case set customer_needed = true`);
    expect(await judged(world, casesAreApprovedByAnother)).toEqual([1, 'Acme · sami']);
    await run(world, sql`update customer_case set customer_needed = false, decided_by = null`);
    expect(await judged(world, casesAreApprovedByAnother)).toEqual([1, 'Acme · sami']);
    // The table refuses it; without that lock the check still finds it.
    await run(world, sql`alter table customer_case drop constraint another_decides`);
    await run(world, sql`update customer_case set decided_by = requester_id`);
    expect(await judged(world, casesAreApprovedByAnother)).toEqual([1, 'Acme · sami']);
    await run(world, sql`update customer_case set decided_by = ${who.cora} where id = ${id}`);
    expect(await judged(world, casesAreApprovedByAnother)).toEqual([1]);
  });

  test('casesKeepWithinTheirBounds: still open an hour late; read outside without a sentence', async () => {
    const world = await company();
    const id = await opened(world);
    world.advance({ hours: 4, minutes: 59 });
    expect(await judged(world, casesKeepWithinTheirBounds)).toEqual([1]);
    const next = await casesKeepWithinTheirBounds.nextChange?.(
      world.database.db,
      world.now(),
      zone,
    );
    world.advance({ minutes: 1 });
    expect(next?.toString()).toBe(world.now().toString());
    expect(await judged(world, casesKeepWithinTheirBounds)).toEqual([1, 'Acme · sami']);
    await run(world, sql`update customer_case set state = 'ended', ended_at = ends_at`);
    expect(await judged(world, casesKeepWithinTheirBounds)).toEqual([1]);
    await run(
      world,
      sql`insert into case_read (id, case_id, person_id, what, collection, item_id, at)
        select ${idOf(91)}, id, requester_id, 'object', 'invoices', ${idOf(92)}, opened_at from customer_case where id = ${id}`,
    );
    expect(await judged(world, casesKeepWithinTheirBounds)).toEqual([1, 'Acme · sami']);
    await run(world, sql`update customer_case set note = 'a wrong click'`);
    expect(await judged(world, casesKeepWithinTheirBounds)).toEqual([1]);
  });

  test('customersAreTold: not reconciled in time, not told, told at once where it must be', async () => {
    const world = await company();
    const id = await opened(world);
    await end(world, as('sami'), id);
    expect(await judged(world, customersAreTold)).toEqual([1]);
    world.advance({ hours: 24 * 5 });
    expect(await judged(world, customersAreTold)).toEqual([1, 'Acme · sami']);
    await reconcile(world, as('olga'), id);
    expect(await judged(world, customersAreTold)).toEqual([1]);
    await run(world, sql`update customer_case set told_at = null`);
    expect(await judged(world, customersAreTold)).toEqual([1, 'Acme · sami']);
    await run(world, sql`update customer_case set state = 'open'`);
    expect(await judged(world, customersAreTold)).toEqual([1]);
    // What the terms say later changes nothing about a case that was opened before.
    await run(world, sql`update customer set told = 'atOnce'`);
    expect(await judged(world, customersAreTold)).toEqual([1]);
    await run(world, sql`update customer_case set told_at_once = true`);
    expect(await judged(world, customersAreTold)).toEqual([1, 'Acme · sami']);
  });
});
