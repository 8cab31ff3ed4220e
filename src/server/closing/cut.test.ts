import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { closureOf, next, noteDue } from '../../clauses/retention/store.closure.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { World } from '../../platform/world.ts';
import { heldOf } from '../../registers/vault/store.erasing.ts';
import { rooms } from '../composition.ts';
import { work } from '../tick.ts';
import { advanceClosure } from './advance.ts';
import { type Account, anAccount, aProduct, fill, requestClosure } from './testing.ts';

let world: TestWorld;
let productId: string;
let other: Account;

beforeAll(async () => {
  world = await testWorld({ start: '2026-01-05T03:00:00Z' });
  productId = await aProduct(world);
  other = await anAccount(world, productId, 'other');
  await fill(world, other, {});
});

/** Dies at the n-th time that it reaches beyond itself: before it acts, or right after. */
class Cut extends Error {}

/** A world whose keystore, storage and commits count how often they are used, and die at one of them. */
function dyingAt(n: number): { readonly world: World; readonly used: () => number } {
  let used = 0;
  const point = (): void => {
    used += 1;
    if (used === n) throw new Cut(`cut off at ${n}`);
  };
  const dying = <T extends object>(it: T): T =>
    new Proxy(it, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          point();
          const answer: unknown = Reflect.apply(value, target, args);
          return answer instanceof Promise ? answer.finally(point) : answer;
        };
      },
    });
  const cut: World = {
    ...world,
    keystore: dying(world.keystore),
    objects: dying(world.objects),
    // Called as each command has committed.
    poke: point,
  };
  return { world: cut, used: () => used };
}

/** An account whose key is due to go, both looks taken. */
async function due(key: string): Promise<Account> {
  const account = await anAccount(world, productId, key);
  await fill(world, account, {});
  await requestClosure(world, account);
  const closure = await closureOf(world.database.db, account.customerId);
  await world.database.db.transaction().execute(async (tx) => {
    await noteDue(tx, closure?.id ?? '', closure?.dueAt ?? null);
    await next(tx, account.customerId, world.now().add({ hours: 24 * 400 }), world);
  });
  return account;
}

async function advanced(from: World, { customerId }: Account): Promise<'through' | 'cut'> {
  try {
    await advanceClosure(from, rooms, customerId);
    return 'through';
  } catch (error) {
    if (error instanceof Cut) return 'cut';
    throw error;
  }
}

test('RET-5: cut off between any two steps, erasing goes on where it was and nothing happens twice', {
  timeout: 120_000,
}, async () => {
  const untouched = await heldOf(world.database.db, other.customerId);
  let points = 0;
  for (let n = 1; ; n += 1) {
    const account = await due(`cut-${n}`);
    const closure = await closureOf(world.database.db, account.customerId);
    const start = world.now();
    world.advance((closure?.dueAt ?? start).add({ hours: 1 }));
    const first = await advanced(dyingAt(n).world, account);
    expect(await advanced(world, account)).toBe('through');
    expect(await closureOf(world.database.db, account.customerId)).toMatchObject({
      state: 'certified',
    });
    expect(await world.keystore.exists(account.customerId)).toBe(false);
    for await (const { name } of world.objects.list(account.customerId)) expect(name).toBe('gone');
    // Back to where the next account starts, so that days do not add up.
    world.advance(start);
    if (first === 'through') break;
    points = n;
  }
  expect(points).toBeGreaterThan(15);
  await work(world, rooms);
  const { rows } = await sql<{ times: number }>`
    select count(*)::int as times from ledger_entry
    where type in ('CustomerErasureBegun', 'CustomerKeyDestroyed', 'CustomerRowsErased', 'CustomerDataErased', 'ErasureCertified')
    group by subject, type`.execute(world.database.db);
  expect(new Set(rows.map(({ times }) => times))).toEqual(new Set([1]));
  expect(await heldOf(world.database.db, other.customerId)).toEqual(untouched);
  expect(await world.keystore.exists(other.customerId)).toBe(true);
});
