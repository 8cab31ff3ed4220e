import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  nothingPastItsDate,
  whatRemainsHasItsDate,
} from '../../clauses/retention/checks.schedule.ts';
import { disposalFlow, scheduleFlow } from '../../clauses/retention/flows.schedule.ts';
import { keptOf } from '../../clauses/retention/store.past.ts';
import { planFor } from '../../clauses/retention/store.schedule.ts';
import { dateIn } from '../../kernel/instant.ts';
import { execute } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { beginRooms } from '../begin.ts';
import { rooms, sources } from '../composition.ts';
import { work } from '../tick.ts';
import { type Account, anAccount, aProduct, fill } from './testing.ts';

let world: TestWorld;
let productId: string;
let account: Account;
const zone = 'Asia/Tokyo';
const officerId = '0199aaaa-0000-7000-8000-000000000001';
const officer = actorWith(officerId, 'commercial-officer');
const kinds = () => [...rooms.registers, ...rooms.clauses].flatMap((room) => room.kinds ?? []);
const why = { purpose: { en: 'Testing', ja: '試験' }, ground: { en: 'Sample', ja: '見本' } };
const anybody = { productId: null, collection: null, customerId: null };

beforeEach(async () => {
  world = await testWorld({ start: '2026-01-05T03:00:00Z' });
  await beginRooms(world, rooms, sources);
  productId = await aProduct(world);
  account = await anAccount(world, productId, 'alpha');
  await sql`
    insert into person (id, name, roles) values (${officerId}, 'Officer', '{employee,commercial-officer}')`.execute(
    world.database.db,
  );
});

interface Wanted {
  readonly kind?: string;
  readonly period: string | null;
  readonly after?: 'made' | 'changed' | 'closed';
  readonly productId?: string;
  readonly collection?: string;
  readonly customerId?: string;
  readonly version?: number;
}

const set = ({ kind = 'contents', after = 'changed', version = 0, ...rest }: Wanted) =>
  execute(
    world,
    scheduleFlow(kinds),
    { do: 'setSchedule', kind, after, version, ...anybody, ...why, ...rest },
    officer,
  );

const plan = (on: string) => planFor(world.database.db, kinds(), Temporal.PlainDate.from(on), zone);

async function countsOf(check: Check): Promise<number> {
  const { rows } = await check.violations(world.now(), zone).execute(world.database.db);
  return rows.length;
}

/** Until somebody waits for a row or a table that another transaction holds. */
async function waiting(): Promise<void> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pg_locks
    join pg_database on pg_database.oid = pg_locks.database or pg_locks.database is null
    where not granted and datname = current_database()`.execute(world.database.db);
  if (rows[0]?.n === 0) await setTimeout(20).then(waiting);
}

const heldNow = async ({ customerId }: Account) => {
  const { rows } = await sql<{ n: number }>`
    select ((select count(*) from vault_object where customer_id = ${customerId})
      + (select count(*) from vault_record where customer_id = ${customerId}))::int as n`.execute(
    world.database.db,
  );
  return rows[0]?.n ?? 0;
};

describe('RET-1: schedules', { timeout: 60_000 }, () => {
  test('what is nearest speaks: the contract, its months, the product, the kind, what ships', async () => {
    await fill(world, account, { objects: 1, records: 1 });
    expect(await plan('2030-01-01')).toEqual([]);
    await set({ period: 'P5Y' });
    expect(await plan('2031-01-05')).toEqual([]);
    expect(await plan('2031-01-06')).toHaveLength(2);
    await set({ period: 'P1Y', productId });
    expect(await plan('2027-01-06')).toHaveLength(2);
    await set({ period: 'P2Y', productId, collection: 'files' });
    expect(await plan('2027-01-06')).toMatchObject([{ collection: 'orders', count: 1 }]);
    await sql`update customer set term_months = 3 where id = ${account.customerId}`.execute(
      world.database.db,
    );
    expect(await plan('2026-04-05')).toEqual([]);
    expect(await plan('2026-04-06')).toHaveLength(2);
    await set({ period: 'P10D', customerId: account.customerId, collection: 'orders' });
    expect(await plan('2026-01-16')).toMatchObject([{ collection: 'orders' }]);
  });

  test.each([
    ['2026-01-31', 'P1M', '2026-03-01'],
    ['2026-01-28', 'P1M', '2026-03-01'],
    ['2028-01-31', 'P1M', '2028-03-01'],
    ['2028-02-29', 'P1Y', '2029-03-01'],
    ['2026-03-28', 'P1D', '2026-03-30'],
    ['2026-10-31', 'P1Y1M1D', '2027-12-02'],
    ['2026-12-31', 'P2W', '2027-01-15'],
  ])(
    'a record of %s kept %s is past its date from %s on, as Temporal counts',
    async (made, period, first) => {
      const at = Temporal.PlainDate.from(made).toZonedDateTime({
        timeZone: zone,
        plainTime: '23:59:59',
      });
      world.advance(at.toInstant());
      await fill(world, account, { objects: 1, records: 0 });
      await set({ period, after: 'made' });
      const counted = Temporal.PlainDate.from(made).add(period).add({ days: 1 });
      expect(counted.toString()).toBe(first);
      expect(await plan(counted.subtract({ days: 1 }).toString())).toEqual([]);
      expect(await plan(first)).toHaveLength(1);
    },
  );

  test('two officers who edit at once, unknown kinds and scopes that mean nothing are refused', async () => {
    expect(await set({ period: 'P1Y' })).toMatchObject({ ok: true });
    expect(await set({ period: 'P2Y' })).toMatchObject({ refusal: { code: 'versionConflict' } });
    expect(await set({ period: 'P1Y', version: 1 })).toMatchObject({
      refusal: { code: 'nothingToChange' },
    });
    expect(await set({ period: 'P1Y', kind: 'nothing' })).toMatchObject({
      refusal: { code: 'kindUnknown' },
    });
    expect(await set({ period: 'P1Y', after: 'closed', version: 1 })).toMatchObject({
      refusal: { code: 'momentUnknown' },
    });
    expect(await set({ period: 'P1Y', collection: 'files' })).toMatchObject({
      refusal: { code: 'scopeUnfit' },
    });
    expect(await set({ period: null, kind: 'accessLog', after: 'made' })).toMatchObject({
      refusal: { code: 'periodNeeded' },
    });
    const refused = await execute(
      world,
      scheduleFlow(kinds),
      {
        do: 'setSchedule',
        kind: 'contents',
        after: 'made',
        version: 1,
        ...anybody,
        ...why,
        period: null,
      },
      actorWith(officerId, 'engineer'),
    );
    expect(refused).toMatchObject({ refusal: { code: 'notAllowed' } });
  });
});

describe('RET-1: the night', { timeout: 60_000 }, () => {
  test('waits for a hold that is just being placed, and lets it be', async () => {
    const other = await anAccount(world, productId, 'beta');
    await fill(world, account, { objects: 2, records: 0 });
    await fill(world, other, { objects: 1, records: 0 });
    await set({ period: 'P10D' });
    world.advance({ hours: 24 * 12 });
    let night: Promise<unknown> | undefined;
    await world.database.db.transaction().execute(async (tx) => {
      await sql`select from customer where id = ${account.customerId} for update`.execute(tx);
      night = work(world, rooms);
      await waiting();
      await sql`
        insert into legal_hold (id, customer_id, reason, placed_at, review_on)
        values (${world.newId()}, ${account.customerId}, 'A claim', ${world.now()}, '2026-12-31')`.execute(
        tx,
      );
    });
    await night;
    expect(await heldNow(account)).toBe(2);
    expect(await heldNow(other)).toBe(0);
  });

  test('does what the plan said, records it, and leaves files to be removed; nothing past its date is left', async () => {
    await fill(world, account, { objects: 3, records: 4 });
    await set({ period: 'P10D' });
    world.advance({ hours: 24 * 11 });
    const planned = await plan(dateIn(world.now(), zone).toString());
    expect(planned.map(({ count }) => count).sort()).toEqual([3, 4]);
    // A day's grace for the night; then it is a violation for as long as it is not done.
    expect(await countsOf(nothingPastItsDate(kinds))).toBe(0);
    world.advance({ hours: 24 });
    expect(await countsOf(nothingPastItsDate(kinds))).toBe(1);
    await work(world, rooms);
    expect(await heldNow(account)).toBe(0);
    expect(await countsOf(nothingPastItsDate(kinds))).toBe(0);
    const { rows } = await sql<{ kind: string; count: number; ids: string }>`
      select kind, sum(count)::int as count, min(ids) as ids from retention_disposal group by kind`.execute(
      world.database.db,
    );
    expect(rows).toMatchObject([{ kind: 'contents', count: 7 }]);
    const evidence = await sql`
      select from blob where sha256 = decode(${rows[0]?.ids ?? ''}, 'hex')`.execute(
      world.database.db,
    );
    expect(evidence.rows).toHaveLength(1);
    const discards = await sql`select from vault_discard`.execute(world.database.db);
    expect(discards.rows.length).toBeLessThanOrEqual(3);
  });

  test('in batches, each an act of its own, until nothing is left; again does nothing', async () => {
    await fill(world, account, { objects: 1, records: 5 });
    await set({ period: 'P1D' });
    world.advance({ hours: 72 });
    const system = { kind: 'system', id: 'test' } as const;
    const dispose = () => execute(world, disposalFlow(kinds), { do: 'disposeNext' }, system);
    expect(await dispose()).toMatchObject({
      ok: true,
      value: [{ body: { count: 6, customers: 1 } }],
    });
    expect(await dispose()).toEqual({ ok: true, value: [] });
  });

  test('who is on hold, and what is frozen, stays; due when lifted, not before', async () => {
    const frozen = await anAccount(world, productId, 'frozen');
    for (const each of [account, frozen]) await fill(world, each, { objects: 1, records: 1 });
    await set({ period: 'P10D' });
    await sql`
      insert into legal_hold (id, customer_id, reason, placed_at, review_on)
      values (${world.newId()}, ${account.customerId}, 'Claim', ${world.now()}, '2026-12-01')`.execute(
      world.database.db,
    );
    await sql`update customer set state = 'closing' where id = ${frozen.customerId}`.execute(
      world.database.db,
    );
    world.advance({ hours: 24 * 30 });
    await work(world, rooms);
    expect([await heldNow(account), await heldNow(frozen)]).toEqual([2, 2]);
    expect(await countsOf(nothingPastItsDate(kinds))).toBe(0);
    await sql`update legal_hold set lifted_at = ${world.now()}`.execute(world.database.db);
    await sql`update customer set state = 'open', state_at = ${world.now()} where id = ${frozen.customerId}`.execute(
      world.database.db,
    );
    // The coming night sees to it; until then nobody is late.
    expect(await countsOf(nothingPastItsDate(kinds))).toBe(0);
    world.advance({ hours: 24 });
    await work(world, rooms);
    expect([await heldNow(account), await heldNow(frozen)]).toEqual([0, 0]);
  });
});

test('RET-6: what remains of a gone account is listed with its date, and goes by it, name and all', async () => {
  await sql`
    update customer set state = 'gone', state_at = ${world.now()} where id = ${account.customerId}`.execute(
    world.database.db,
  );
  const remaining = kinds().filter(({ remains }) => remains);
  const { rows } = await keptOf(remaining, account.customerId, zone).execute(world.database.db);
  const [closed] = rows.filter(({ kind }) => kind === 'closedAccounts');
  expect([closed?.count, closed?.lastDay?.toString()]).toEqual([1, '2033-01-05']);
  world.advance(Temporal.Instant.from('2033-01-06T03:00:00Z'));
  expect(await countsOf(whatRemainsHasItsDate(kinds))).toBe(0);
  await work(world, rooms);
  const { rows: named } = await sql<{ name: string | null; email: string }>`
    select customer.name, email from customer join customer_contact on customer_id = customer.id
    where customer.id = ${account.customerId}`.execute(world.database.db);
  expect(named).toEqual([{ name: null, email: '' }]);
  const plaintext = await sql`
    select from ledger_private where about = ${account.customerId}`.execute(world.database.db);
  expect(plaintext.rows).toEqual([]);
});

test('RET-6: what remains of a closed account without a date, or is of no kind that may remain, is a violation', async () => {
  const { customerId } = account;
  await sql`
    insert into closure (id, customer_id, state, requested_on, requested_at, reopen_until, erase_by,
      due_at, certified_at, seal, objects, records, bytes)
    values (${world.newId()}, ${customerId}, 'certified', '2026-01-05', ${world.now()}, '2026-02-04',
      '2026-04-05', ${world.now()}, ${world.now()}, '', 0, 0, 0)`.execute(world.database.db);
  expect(await countsOf(whatRemainsHasItsDate(kinds))).toBe(0);
  // As an earlier version let officers set it.
  await sql`
    insert into retention_schedule (id, kind, version, after, period, purpose_en, purpose_ja, ground_en, ground_ja, set_at)
    values (${world.newId()}, 'closures', 1, 'closed', null, 'x', 'x', 'x', 'x', ${world.now()})`.execute(
    world.database.db,
  );
  expect(await countsOf(whatRemainsHasItsDate(kinds))).toBe(1);
  await sql`
    insert into portal_export (id, customer_id, form, state, asked_at, finished_at)
    values (${world.newId()}, ${customerId}, 'plain', 'expired', ${world.now()}, ${world.now()})`.execute(
    world.database.db,
  );
  expect(await countsOf(whatRemainsHasItsDate(kinds))).toBe(2);
});
