import { type RawBuilder, sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { holdFlow } from '../../registers/customers/store.holds.ts';
import { productFlow } from '../../registers/customers/store.products.ts';
import { customerFlow } from '../../registers/customers/store.ts';
import { keptInVault } from '../../registers/vault/store.keeping.ts';
import {
  everyCollectionIsOnItsMap,
  everyCustomerHasATerm,
  everyProductIsMapped,
  holdsAreReviewed,
  installedProductsHoldNothing,
  nothingOutlastsItsTerm,
} from './checks.holds.ts';

const world = await testWorld({ start: '2026-01-05T00:00:00Z' });
const { db } = world.database;
const officer = world.newId();
const commerce = actorWith(officer, 'commercial-officer', 'employee');
const zone = 'Asia/Tokyo';
const ids: Record<string, string> = {};

async function found(check: Check): Promise<readonly string[]> {
  const query: RawBuilder<Violation> = check.violations(world.now(), zone);
  return (await query.execute(db)).rows.map(({ label }) => label).sort();
}
async function examined(check: Check): Promise<number> {
  const { rows } = await check.population(world.now(), zone).execute(db);
  return rows[0]?.examined ?? 0;
}

const line = { what: { en: 'Documents', ja: '書類' }, place: 'Tokyo', controller: 'customer' };

async function product(key: string, given: object): Promise<void> {
  const command = productFlow.command.parse({
    do: 'addProduct',
    product: { key, name: key, ...given },
  });
  const done = await execute(world, productFlow, command, commerce);
  ids[key] = done.ok ? (done.value[0]?.subject.split('/')[1] ?? '') : '';
}

async function customer(key: string, of: string, given: object = {}): Promise<void> {
  const command = customerFlow.command.parse({
    do: 'registerCustomer',
    customer: {
      key,
      name: key,
      productId: ids[of],
      basis: 'terms',
      basisReference: '2026-1',
      ...given,
    },
  });
  const done = await execute(world, customerFlow, command, commerce);
  ids[key] = done.ok ? (done.value[0]?.subject.split('/')[1] ?? '') : '';
}

/** A record in the vault, as its row says; nobody reads it here. */
async function record(of: string, collection: string): Promise<void> {
  const at = world.now();
  const keyId = world.newId();
  await sql`
    insert into vault_key (id, customer_id, recipient, version, made_at)
    values (${keyId}, ${ids[of]}, 'age1', 1, ${at})
    on conflict do nothing`.execute(db);
  const { rows } = await sql<{ id: string }>`
    select id from vault_key where customer_id = ${ids[of]} limit 1`.execute(db);
  await sql`
    insert into vault_record (id, customer_id, collection, key_index, sealed_key, sealed_value, key_id, made_at, changed_at)
    values (${world.newId()}, ${ids[of]}, ${collection}, ${Buffer.from(world.newId())}, ''::bytea, ''::bytea,
      ${rows[0]?.id}, ${at}, ${at})`.execute(db);
}

beforeAll(async () => {
  await sql`insert into person (id, name) values (${officer}, 'Chika')`.execute(db);
  await product('scheduler', {
    kind: 'cloud',
    custody: 'vault',
    holdings: [{ ...line, collection: 'documents' }],
  });
  await product('solver', { kind: 'installed', holdings: [line] });
});

describe('terms (RET-2)', () => {
  test('a contract says how long, or an officer does', async () => {
    await customer('by-terms', 'scheduler');
    await customer('by-contract', 'scheduler', { basis: 'contract', termMonths: 12 });
    await customer('silent', 'scheduler', { basis: 'contract' });
    expect(await examined(everyCustomerHasATerm)).toBe(3);
    expect(await found(everyCustomerHasATerm)).toEqual(['silent']);
    await sql`
      insert into retention_schedule (id, kind, customer_id, version, after, period, purpose_en,
        purpose_ja, ground_en, ground_ja, set_at)
      values (${world.newId()}, 'contents', ${ids['silent']}, 1, 'changed', null, 'p', 'p', 'g', 'g',
        ${world.now()})`.execute(db);
    expect(await found(everyCustomerHasATerm)).toEqual([]);
  });

  test('nothing outlasts the months of the contract, but by a hold', async () => {
    const check = nothingOutlastsItsTerm(() => keptInVault);
    await record('by-contract', 'documents');
    await record('by-terms', 'documents');
    world.advance(Temporal.Instant.from('2027-01-06T00:00:00Z'));
    expect(await found(check)).toEqual([]);
    world.advance(Temporal.Instant.from('2027-01-09T00:00:00Z'));
    expect(await found(check)).toEqual(['by-contract']);
    const place = {
      do: 'placeHold',
      customerId: ids['by-contract'] ?? '',
      reason: 'A claim.',
      reviewOn: '2027-02-01',
    } as const;
    expect(await execute(world, holdFlow, place, commerce)).toMatchObject({ ok: true });
    expect(await found(check)).toEqual([]);
  });

  test('anotherLiftsTheHold: who placed it is refused, and the refusal is a guard’s', async () => {
    const { rows } = await sql<{ id: string }>`select id from legal_hold`.execute(db);
    const lift = { do: 'liftHold', holdId: rows[0]?.id ?? '', note: 'settled' } as const;
    expect(await execute(world, holdFlow, lift, commerce)).toMatchObject({
      refusal: { code: 'ownHold', guard: 'RET-2' },
    });
    expect(await examined(holdsAreReviewed)).toBe(1);
  });

  test('a hold is looked at again by the end of its day', async () => {
    expect(await examined(holdsAreReviewed)).toBe(1);
    const next = await holdsAreReviewed.nextChange?.(db, world.now(), zone);
    expect(next?.toString()).toBe('2027-02-01T15:00:00Z');
    world.advance(Temporal.Instant.from('2027-02-01T14:59:59Z'));
    expect(await found(holdsAreReviewed)).toEqual([]);
    world.advance(Temporal.Instant.from('2027-02-01T15:00:00Z'));
    expect(await found(holdsAreReviewed)).toEqual(['by-contract']);
  });
});

describe('data maps (RET-3)', () => {
  test('a product without a map is found, and a collection that is on none', async () => {
    expect(await found(everyProductIsMapped)).toEqual([]);
    await product('fresh', { kind: 'cloud', custody: 'vault' });
    expect(await found(everyProductIsMapped)).toEqual(['fresh']);
    expect(await found(everyCollectionIsOnItsMap)).toEqual([]);
    await record('by-terms', 'images');
    expect(await examined(everyCollectionIsOnItsMap)).toBe(2);
    expect(await found(everyCollectionIsOnItsMap)).toEqual(['scheduler']);
  });

  test('installedHoldsNothing: no custody and no collection for what is installed', async () => {
    const refused = async (given: object) => {
      const command = productFlow.command.parse({ do: 'addProduct', ...given });
      return await execute(world, productFlow, command, commerce);
    };
    const guarded = { refusal: { code: 'installedHoldsNothing', guard: 'RET-3' } };
    const product = { key: 'other', name: 'Other', kind: 'installed' };
    expect(await refused({ product: { ...product, custody: 'keys' } })).toMatchObject(guarded);
    const holdings = [{ ...line, collection: 'documents' }];
    expect(await refused({ product: { ...product, holdings } })).toMatchObject(guarded);
  });

  test('of customers of an installed product nothing lies with us', async () => {
    await customer('at-home', 'solver');
    expect(await examined(installedProductsHoldNothing)).toBe(1);
    expect(await found(installedProductsHoldNothing)).toEqual([]);
    await record('at-home', 'anything');
    expect(await found(installedProductsHoldNothing)).toEqual(['at-home']);
  });

  test('registers in which nothing stands prove nothing', async () => {
    const empty = await testWorld();
    const read = await everyProductIsMapped.sources?.(empty.database.db, empty.now());
    expect(read).toMatchObject([{ readAt: null }]);
    const terms = await everyCustomerHasATerm.sources?.(empty.database.db, empty.now());
    expect(terms).toMatchObject([{ readAt: null }]);
    expect(await everyCustomerHasATerm.sources?.(db, world.now())).toEqual([]);
  });
});
