import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { everyCustomerHasOneKey } from '../../clauses/customer-data/checks.custody.ts';
import {
  closedAccountsHaveNoKey,
  goneAccountsHoldNothing,
} from '../../clauses/retention/checks.closure.ts';
import { closureOf } from '../../clauses/retention/store.closure.ts';
import { memoryKeystore } from '../../platform/keystore/memory.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { beginRooms } from '../begin.ts';
import { rooms, sources } from '../composition.ts';
import { work } from '../tick.ts';
import { lookThrough } from './looking.ts';
import { type Account, anAccount, aProduct, fill, once, requestClosure } from './testing.ts';

let world: TestWorld;
let account: Account;
let other: Account;
const start = Temporal.Instant.from('2026-01-05T03:00:00Z');
const day30 = Temporal.Instant.from('2026-02-04T15:00:00Z');

beforeEach(async () => {
  world = await testWorld({ start: start.toString() });
  await beginRooms(world, rooms, sources);
  const productId = await aProduct(world);
  account = await anAccount(world, productId, 'alpha');
  other = await anAccount(world, productId, 'beta');
  await fill(world, account, { objects: 1, records: 1 });
  await fill(world, other, { objects: 1, records: 1 });
});

async function live(until: Temporal.Instant): Promise<void> {
  for (;;) {
    const next = world.now().add({ hours: 24 });
    world.advance(Temporal.Instant.compare(next, until) < 0 ? next : until);
    await work(world, rooms);
    if (world.now().equals(until)) return;
  }
}

async function labels(check: Check): Promise<readonly string[]> {
  const found = await check.violations(world.now(), 'Asia/Tokyo').execute(world.database.db);
  return found.rows.map(({ label }) => label).sort();
}

const lookedAt = async () =>
  (await everyCustomerHasOneKey.sources?.(world.database.db, world.now()))?.[0]?.readAt ?? null;

async function file({ customerId }: Account): Promise<void> {
  const id = '0199aaaa-0000-7000-8000-00000000000f';
  await world.objects.put(`${customerId}/${id}`, once(world.random(10)));
}

describe('CUS-1, RET-5: keystore and storage are asked, not the register alone', {
  timeout: 90_000,
}, () => {
  test('looked through soon after the start; a source that is never read otherwise', async () => {
    expect(await lookedAt()).toBeNull();
    world.advance({ minutes: 1 });
    await work(world, rooms);
    expect(await lookedAt()).toEqual(world.now());
  });

  test('a keystore that was lost is found on the next look', async () => {
    world.advance({ hours: 1 });
    await lookThrough(world);
    expect(await labels(everyCustomerHasOneKey)).toEqual([]);
    const lost = { ...world, keystore: memoryKeystore((count) => world.random(count)) };
    await lookThrough(lost);
    expect(await labels(everyCustomerHasOneKey)).toEqual(['Sample alpha', 'Sample beta']);
    await lookThrough(world);
    expect(await labels(everyCustomerHasOneKey)).toEqual([]);
  });

  test('a destroyed key that came back, files and exports of who is gone', async () => {
    await requestClosure(world, account);
    await live(day30.add({ minutes: 1 }));
    await live(day30.add({ minutes: 12 }));
    await live(day30.add({ hours: 48 }));
    expect(await labels(closedAccountsHaveNoKey)).toEqual([]);
    expect(await labels(goneAccountsHoldNothing)).toEqual([]);
    const forgetful = memoryKeystore((count) => world.random(count));
    await forgetful.create(account.customerId);
    await forgetful.create(other.customerId);
    await file(account);
    await lookThrough({ ...world, keystore: forgetful });
    expect(await labels(closedAccountsHaveNoKey)).toEqual(['Sample alpha']);
    expect(await labels(goneAccountsHoldNothing)).toEqual(['Sample alpha']);
    for await (const { name } of world.objects.list(account.customerId)) {
      await world.objects.remove(name);
    }
    await lookThrough(world);
    expect(await labels(closedAccountsHaveNoKey)).toEqual([]);
    expect(await labels(goneAccountsHoldNothing)).toEqual([]);
    await sql`
      insert into portal_export (id, customer_id, form, asked_at)
      values (${world.newId()}, ${account.customerId}, 'plain', ${world.now()})`.execute(
      world.database.db,
    );
    expect(await labels(goneAccountsHoldNothing)).toEqual(['Sample alpha']);
  });

  test('backups that are out of sight before their day are not gone: no certificate', async () => {
    await requestClosure(world, account);
    await live(day30);
    // The folder of the backups is another one: none of those made so far is listed.
    const { keystore } = world;
    const since = world.now();
    const sighted: Partial<TestWorld['keystore']> = {
      backups: async () => (await keystore.backups()).filter(({ at }) => isAfter(at, since)),
      backupsHolding: async (customer) =>
        (await keystore.backupsHolding(customer)).filter((at) => isAfter(at, since)),
      expireBackups: async () => [],
    };
    const moved = { ...world, keystore: over(keystore, sighted) };
    const liveOn = async (until: Temporal.Instant) => {
      while (Temporal.Instant.compare(world.now(), until) < 0) {
        world.advance({ hours: 24 });
        await work(moved, rooms);
      }
    };
    await liveOn(day30.add({ hours: 24 * 30 }));
    const state = async () => (await closureOf(world.database.db, account.customerId))?.state;
    expect(await state()).toBe('erased');
    await liveOn(day30.add({ hours: 24 * 40 }));
    expect(await state()).toBe('certified');
  });
});

const isAfter = (at: Temporal.Instant, since: Temporal.Instant) =>
  Temporal.Instant.compare(at, since) > 0;

/** A keystore some of whose answers are others. */
function over(
  keystore: TestWorld['keystore'],
  others: Partial<TestWorld['keystore']>,
): TestWorld['keystore'] {
  return new Proxy(keystore, {
    get(it, name) {
      const other: unknown = Reflect.get(others, name);
      const own: unknown = Reflect.get(it, name);
      return other ?? (typeof own === 'function' ? own.bind(it) : own);
    },
  });
}
