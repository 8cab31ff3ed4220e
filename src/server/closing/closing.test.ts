import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  closedAccountsAreGoneInTime,
  closedAccountsHaveNoKey,
} from '../../clauses/retention/checks.closure.ts';
import { closureClock } from '../../clauses/retention/facts.closure.ts';
import { closureFlow } from '../../clauses/retention/flows.closure.ts';
import { closureOf } from '../../clauses/retention/store.closure.ts';
import { execute } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { holdFlow } from '../../registers/customers/store.holds.ts';
import { findCustomer } from '../../registers/customers/store.ts';
import { heldOf } from '../../registers/vault/store.erasing.ts';
import { beginRooms } from '../begin.ts';
import { rooms, sources } from '../composition.ts';
import { work } from '../tick.ts';
import { type Account, anAccount, aProduct, fill, reopen, requestClosure } from './testing.ts';

let world: TestWorld;
let account: Account;
let other: Account;
const system = { kind: 'system', id: 'test' } as const;
const [placer, lifter] = [
  '0199aaaa-0000-7000-8000-000000000001',
  '0199aaaa-0000-7000-8000-000000000002',
];
/** Day 0 is 5 January in Tokyo; day 30 ends with 4 February there. */
const start = Temporal.Instant.from('2026-01-05T03:00:00Z');
const day30 = Temporal.Instant.from('2026-02-04T15:00:00Z');

beforeEach(async () => {
  world = await testWorld({ start: start.toString() });
  await beginRooms(world, rooms, sources);
  const productId = await aProduct(world);
  account = await anAccount(world, productId, 'alpha');
  other = await anAccount(world, productId, 'beta');
  await fill(world, account, {});
  await fill(world, other, {});
  await sql`
    insert into person (id, name, roles) values (${placer}, 'Placer', '{employee,security-officer}'),
      (${lifter}, 'Lifter', '{employee,commercial-officer}')`.execute(world.database.db);
});

async function standing() {
  const closure = await closureOf(world.database.db, account.customerId);
  const customer = await findCustomer(world.database.db, account.customerId);
  return { closure: closure?.state, customer: customer?.state };
}

async function at(instant: Temporal.Instant): Promise<void> {
  world.advance(instant);
  await work(world, rooms);
}

async function filesOf({ customerId }: Account): Promise<number> {
  let n = 0;
  for await (const _ of world.objects.list(customerId)) n += 1;
  return n;
}

async function placeHold(): Promise<void> {
  const placed = await execute(
    world,
    holdFlow,
    {
      do: 'placeHold',
      customerId: account.customerId,
      reason: 'A claim is expected.',
      reviewOn: world
        .now()
        .toZonedDateTimeISO('Asia/Tokyo')
        .add({ days: 90 })
        .toPlainDate()
        .toString(),
    },
    actorWith(placer as string, 'security-officer'),
  );
  expect(placed).toMatchObject({ ok: true });
}

async function liftHold(): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from legal_hold where customer_id = ${account.customerId} and lifted_at is null`.execute(
    world.database.db,
  );
  const lifted = await execute(
    world,
    holdFlow,
    { do: 'liftHold', holdId: rows[0]?.id ?? '', note: 'Settled.' },
    actorWith(lifter as string, 'commercial-officer'),
  );
  expect(lifted).toMatchObject({ ok: true });
  await work(world, rooms);
}

/** Lets everything happen that falls due until then, at the moment it does, a day at a time at most. */
async function live(until: Temporal.Instant): Promise<void> {
  while (Temporal.Instant.compare(world.now(), until) < 0) {
    const { rows } = await sql<{ at: Temporal.Instant | null }>`
      select min(coalesce(retry_at, due_at)) as at from obligation where done_at is null`.execute(
      world.database.db,
    );
    const due = rows[0]?.at;
    const next = due && Temporal.Instant.compare(due, until) < 0 ? due : until;
    await at(
      Temporal.Instant.compare(next, world.now()) > 0 ? next : world.now().add({ minutes: 1 }),
    );
  }
}

const expectWhole = async (which: Account, seal: unknown) => {
  expect(await heldOf(world.database.db, which.customerId)).toEqual(seal);
  expect(await filesOf(which)).toBe(2);
  expect(await world.keystore.exists(which.customerId)).toBe(true);
};

describe('RET-5: the clock of a closure', { timeout: 90_000 }, () => {
  test('asked for with the key of the account typed once more, by an owner or on behalf', async () => {
    const ask = { do: 'requestClosure', customerId: account.customerId, requestId: null } as const;
    expect(
      await execute(world, closureFlow, { ...ask, confirmation: 'alfa' }, account.owner),
    ).toMatchObject({ refusal: { code: 'confirmationDiffers' } });
    expect(
      await execute(world, closureFlow, { ...ask, confirmation: 'alpha' }, other.owner),
    ).toMatchObject({ refusal: { code: 'customerUnknown' } });
    expect(
      await execute(
        world,
        closureFlow,
        { ...ask, confirmation: 'alpha' },
        actorWith(placer as string, 'support'),
      ),
    ).toMatchObject({ refusal: { code: 'needsVerifiedRequest' } });
    expect(
      await execute(
        world,
        closureFlow,
        { ...ask, confirmation: 'alpha' },
        actorWith(placer as string, 'engineer'),
      ),
    ).toMatchObject({ refusal: { code: 'notAllowed' } });
    expect(await requestClosure(world, account)).toMatchObject({ ok: true });
    expect(await standing()).toEqual({ closure: 'closing', customer: 'closing' });
    expect(await requestClosure(world, account)).toMatchObject({
      refusal: { code: 'alreadyClosing' },
    });
  });

  test('until the end of day 30 reopening gives everything back, to the bit', async () => {
    const before = await heldOf(world.database.db, account.customerId);
    await requestClosure(world, account);
    await live(day30.subtract({ seconds: 1 }));
    const reopened = await reopen(world, account);
    expect(reopened).toMatchObject({
      ok: true,
      value: [{ body: { same: true, sealAtClosure: before.digest, sealNow: before.digest } }],
    });
    await expectWhole(account, before);
    expect(await standing()).toEqual({ closure: 'reopened', customer: 'open' });
    await live(day30.add({ hours: 24 * 70 }));
    await expectWhole(account, before);
  });

  test('from day 30 on the key is gone, then rows and files, then the backups; then the certificate', async () => {
    const untouched = await heldOf(world.database.db, other.customerId);
    await requestClosure(world, account);
    await live(day30.subtract({ seconds: 1 }));
    expect(await standing()).toEqual({ closure: 'closing', customer: 'closing' });
    expect(await filesOf(account)).toBe(2);
    await live(day30.add({ minutes: 11 }));
    expect(await standing()).toEqual({ closure: 'erased', customer: 'erasing' });
    expect(await world.keystore.exists(account.customerId)).toBe(false);
    expect(await filesOf(account)).toBe(0);
    expect(await heldOf(world.database.db, account.customerId)).toMatchObject({
      objects: 0,
      records: 0,
    });
    expect(await reopen(world, account)).toMatchObject({ refusal: { code: 'erasureBegun' } });
    expect((await world.keystore.backupsHolding(account.customerId)).length).toBeGreaterThan(0);
    const { eraseBy } = closureClock(start, 'Asia/Tokyo');
    await live(eraseBy.subtract({ hours: 24 }));
    expect(await standing()).toEqual({ closure: 'certified', customer: 'gone' });
    expect(await world.keystore.backupsHolding(account.customerId)).toEqual([]);
    await expectWhole(other, untouched);
    expect(await types()).toEqual([
      'CustomerClosureRequested',
      'CustomerErasureBegun',
      'CustomerKeyDestroyed',
      'CustomerRowsErased',
      'CustomerDataErased',
      'KeyBackupsExpired',
      'ErasureCertified',
    ]);
  });
});

describe('RET-2, RET-5: a hold stops the clock', { timeout: 90_000 }, () => {
  const certifiedBy = (from: Temporal.Instant) => from.add({ hours: 24 * 62 });

  test('placed on day 29 and lifted on day 31: nothing goes before, all of it afterwards', async () => {
    const before = await heldOf(world.database.db, account.customerId);
    await requestClosure(world, account);
    await live(day30.subtract({ hours: 24 }));
    await placeHold();
    await live(day30.add({ hours: 20 }));
    await expectWhole(account, before);
    expect(await standing()).toEqual({ closure: 'closing', customer: 'closing' });
    await liftHold();
    await live(day30.add({ hours: 21 }));
    expect(await standing()).toEqual({ closure: 'erased', customer: 'erasing' });
    const closure = await closureOf(world.database.db, account.customerId);
    expect(closure?.eraseBy.toString()).toBe('2026-04-06T15:00:00Z');
    await live(certifiedBy(day30));
    expect(await standing()).toEqual({ closure: 'certified', customer: 'gone' });
  });

  test('placed on day 10 and lifted on day 29: day 30 stays day 30', async () => {
    await requestClosure(world, account);
    await live(start.add({ hours: 240 }));
    await placeHold();
    await live(day30.subtract({ hours: 24 }));
    await liftHold();
    await live(day30.subtract({ seconds: 1 }));
    expect(await standing()).toEqual({ closure: 'closing', customer: 'closing' });
    await live(day30.add({ minutes: 11 }));
    expect(await standing()).toEqual({ closure: 'erased', customer: 'erasing' });
    const closure = await closureOf(world.database.db, account.customerId);
    expect(closure?.eraseBy).toEqual(closureClock(start, 'Asia/Tokyo').eraseBy);
  });

  test('placed after the key is gone it is refused, and says why', async () => {
    await requestClosure(world, account);
    await live(day30.add({ hours: 1 }));
    expect(await standing()).toEqual({ closure: 'erased', customer: 'erasing' });
    const reviewOn = world.now().add({ hours: 240 }).toString().slice(0, 10);
    const place = {
      do: 'placeHold',
      customerId: account.customerId,
      reason: 'A claim.',
      reviewOn,
    } as const;
    const officer = actorWith(placer as string, 'security-officer');
    expect(await execute(world, holdFlow, place, officer)).toMatchObject({
      refusal: { code: 'holdTooLate' },
    });
  });

  test('placed between the two looks: the key stays', async () => {
    const before = await heldOf(world.database.db, account.customerId);
    await requestClosure(world, account);
    await live(day30.add({ minutes: 1 }));
    await placeHold();
    await live(day30.add({ hours: 24 * 100 }));
    await expectWhole(account, before);
    expect(await reopen(world, account)).toMatchObject({ refusal: { code: 'reopeningOver' } });
    await liftHold();
    await live(world.now().add({ minutes: 30 }));
    expect(await standing()).toEqual({ closure: 'erased', customer: 'erasing' });
  });

  test('the guard noErasureBeforeItsDay refuses the clock itself, and is recorded', async () => {
    const begin = { do: 'beginErasure', customerId: account.customerId } as const;
    await requestClosure(world, account);
    expect(await execute(world, closureFlow, begin, system)).toMatchObject({
      refusal: { code: 'erasureNotDue', guard: 'RET-5' },
    });
    await placeHold();
    world.advance(day30.add({ hours: 1 }));
    expect(await execute(world, closureFlow, begin, system)).toMatchObject({
      refusal: { code: 'closureHeld', guard: 'RET-5' },
    });
    expect(
      await execute(world, closureFlow, { ...begin, do: 'destroyKey', backups: [] }, system),
    ).toMatchObject({ refusal: { code: 'erasureNotDue', guard: 'RET-5' } });
    expect(await world.keystore.exists(account.customerId)).toBe(true);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from ledger_entry where type = 'GuardRefused'`.execute(
      world.database.db,
    );
    expect(rows[0]?.n).toBe(3);
  });
});

describe('RET-5: nodes that are down, and clocks that jump', { timeout: 90_000 }, () => {
  test('down from day 20 to day 50: what was due is done at the return, after two looks', async () => {
    await requestClosure(world, account);
    await live(start.add({ hours: 24 * 20 }));
    await at(start.add({ hours: 24 * 50 }));
    expect(await standing()).toEqual({ closure: 'closing', customer: 'closing' });
    expect(await reopen(world, account)).toMatchObject({ refusal: { code: 'reopeningOver' } });
    await live(world.now().add({ minutes: 11 }));
    expect(await standing()).toEqual({ closure: 'erased', customer: 'erasing' });
    await live(closureClock(start, 'Asia/Tokyo').eraseBy.subtract({ seconds: 1 }));
    expect(await standing()).toEqual({ closure: 'certified', customer: 'gone' });
    // Late is late, though it is done: the promise was broken, and a year is told so.
    const late = async (check: Check) =>
      (await check.violations(world.now(), 'Asia/Tokyo').execute(world.database.db)).rows.length;
    expect(await late(closedAccountsHaveNoKey)).toBe(1);
    const { db } = world.database;
    await sql`update closure set state = 'certified', certified_at = erase_by`.execute(db);
    expect(await late(closedAccountsAreGoneInTime)).toBe(0);
    await sql`update closure set certified_at = erase_by + interval '1 second'`.execute(db);
    expect(await late(closedAccountsAreGoneInTime)).toBe(1);
    world.advance({ hours: 24 * 500 });
    expect(await late(closedAccountsHaveNoKey)).toBe(0);
    expect(await late(closedAccountsAreGoneInTime)).toBe(0);
  });

  test('a clock that jumps a year ahead and is put right destroys nothing', async () => {
    const before = await heldOf(world.database.db, account.customerId);
    await requestClosure(world, account);
    const now = start.add({ hours: 100 });
    await at(now.add({ hours: 24 * 365 }));
    expect(await standing()).toEqual({ closure: 'closing', customer: 'closing' });
    await at(now.add({ minutes: 5 }));
    await expectWhole(account, before);
    await live(day30.subtract({ seconds: 1 }));
    expect(await standing()).toEqual({ closure: 'closing', customer: 'closing' });
    await live(day30.add({ minutes: 30 }));
    expect(await standing()).toEqual({ closure: 'erased', customer: 'erasing' });
  });

  test('a clock that jumps back after the key is gone undoes nothing, and nothing happens twice', async () => {
    await requestClosure(world, account);
    await live(day30.add({ minutes: 11 }));
    const said = await types();
    await at(start.add({ hours: 24 }));
    expect(await reopen(world, account)).toMatchObject({ refusal: { code: 'erasureBegun' } });
    await live(day30.add({ hours: 24 }));
    expect(await types()).toEqual(said);
  });
});

/** What the ledger says of the account's end, without what repeats. */
async function types(): Promise<string[]> {
  const { rows } = await sql<{ type: string }>`
    select type from ledger_entry where subject = ${`customer/${account.customerId}`} order by index`.execute(
    world.database.db,
  );
  const all = rows.map(({ type }) => type);
  const from = all.indexOf('CustomerClosureRequested');
  return [...new Set(all.slice(from))];
}
