import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import { revokedAccessIsGone } from './checks.ts';
import * as flows from './flows.ts';
import { reactions } from './obligations.ts';
import { endAccess } from './store.leaving.ts';
import { openOrdersOf } from './store.placing.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [officer, owner, lena, erp, cloud] = [1, 2, 3, 11, 12].map(id) as [
  string,
  string,
  string,
  string,
  string,
];
const officerActor = actorWith(officer, 'security-officer', 'employee');
const kept = { kind: 'system', id: 'reaction' } as const;

async function company(world: TestWorld): Promise<void> {
  const { db } = world.database;
  await sql`
    insert into person (id, name, email, roles) values
      (${officer}, 'Olga Officer', 'olga@example.com', '{employee,security-officer}'),
      (${owner}, 'Owen Owner', 'owen@example.com', '{employee}'),
      (${lena}, 'Lena Leaver', 'lena@example.com', '{employee}')`.execute(db);
  await sql`
    insert into system (id, key, name, owner_id) values
      (${erp}, 'erp', 'ERP', ${owner}), (${cloud}, 'cloud', 'Cloud', null)`.execute(db);
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
    empty: true,
    accounts: accounts.map((name) => ({ name, email: name })),
    entitlements: entitlements.map((name) => ({ name })),
    pairs: pairs.flatMap(([account, entitlement]) => [
      accounts.indexOf(account),
      entitlements.indexOf(entitlement),
    ]),
  };
  const done = await execute(world, readFlow, command, officerActor);
  if (!done.ok) throw new Error(done.refusal.code);
  await react(world, 'AccessObserved', done.value[0]?.subject ?? '');
}

/** Twice, as an entry may be shown: the second time must change nothing. */
async function react(world: TestWorld, type: string, subject: string): Promise<void> {
  const room = {
    db: world.database.db,
    execute: executeAs(world, kept),
    context: await contextFor(world, kept),
  };
  for (let times = 0; times < 2; times++)
    await reactions[type]?.(room, { entryIndex: 0, type, subject, body: {} });
}

async function leave(world: TestWorld) {
  const context = await contextFor(world, kept);
  const taken = await world.database.db.transaction().execute((tx) => endAccess(tx, lena, context));
  await react(world, 'AccessEnded', `person/${lena}`);
  return taken;
}

async function orders(world: TestWorld) {
  const { rows } = await sql<{ line: string }>`
    select concat_ws(' ', origin.kind, system.key, coalesce(entitlement.name, '(account)'),
      case when proven_at is not null then 'proven' when carried_out_at is not null then 'by ' || carried_out_how
        else 'ordered' end) as line
    from revoke_order o join revoke_origin origin on origin.id = o.origin_id join system on system.id = o.system_id
    left join entitlement on entitlement.id = o.entitlement_id order by system.key, entitlement.name nulls first`.execute(
    world.database.db,
  );
  return rows.map(({ line }) => line);
}

/** Bodies of the ledger's entries of a type, in their order. */
async function entries(world: TestWorld, type: string) {
  await sequence(world);
  const { size } = (await newestCheckpoint(world.database.db)) ?? { size: 0 };
  const all = await Promise.all(
    Array.from({ length: size }, (_, index) => readEntry(world.database.db, index)),
  );
  return all.flatMap((read) => (read?.entry.type === type ? [read.entry.body] : []));
}

describe('ACC-7: what a leaver holds', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await testWorld({ start: '2026-02-02T00:00:00Z' });
    await company(world);
    await read(world, 'erp', [
      'lena@example.com books',
      'lena@example.com pay',
      'owen@example.com pay',
    ]);
    await read(world, 'cloud', ['lena@example.com admin']);
    await sql`
      insert into access_grant (id, account_id, entitlement_id, system_id, purpose, granted_at, observed)
      select ${id(90)}, account_id, entitlement_id, system_id, 'work', ${world.now()}, true from observation
      where system_id = ${cloud}`.execute(world.database.db);
    world.advance({ hours: 1 });
  });

  test('is ordered to go at once, each access and each account once', async () => {
    expect(await leave(world)).toMatchObject({ orders: 5 });
    expect(await orders(world)).toEqual([
      'leaver cloud (account) ordered',
      'leaver cloud admin ordered',
      'leaver erp (account) ordered',
      'leaver erp books ordered',
      'leaver erp pay ordered',
    ]);
    expect(await leave(world)).toMatchObject({ orders: 0 });
  });

  test('is told to the ledger once, with its systems and whose it was', async () => {
    expect(await entries(world, 'OrdersPlaced')).toMatchObject([
      {
        origin: 'leaver',
        person: lena,
        count: 5,
        systems: [
          { system: erp, count: 3 },
          { system: cloud, count: 2 },
        ],
      },
    ]);
  });

  test('gives each owner a task, and the role where a system has none', async () => {
    const { rows } = await sql<{ assignee_id: string | null; promise: string; items: number }>`
      select assignee_id, promise, (detail ->> 'items')::int as items from task
      where kind = 'access.carryOutOrders' order by items`.execute(world.database.db);
    expect(rows).toEqual([
      { assignee_id: null, promise: 'ACC-7', items: 2 },
      { assignee_id: owner, promise: 'ACC-7', items: 3 },
    ]);
  });

  test('carried out by a connection still waits for the proof of a later read', async () => {
    const { rows } = await sql<{ originId: string; no: number }>`
      select origin_id as "originId", no from revoke_order where system_id = ${cloud}`.execute(
      world.database.db,
    );
    const command = { connectionId: id(70), systemId: cloud, orders: rows };
    const refused = await execute(world, flows.recordCarriedOut, command, officerActor);
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'notAllowed' } });
    const done = await execute(world, flows.recordCarriedOut, command, kept);
    expect(done.ok && done.value[0]?.body).toMatchObject({
      count: 2,
      by: id(70),
      how: 'connection',
    });
    const again = await execute(world, flows.recordCarriedOut, command, kept);
    expect(again.ok && again.value).toEqual([]);
    // A read of the very moment of the order does not come after it.
    await read(world, 'cloud', []);
    expect(await orders(world)).toContain('leaver cloud admin by connection');
    world.advance({ hours: 1 });
    await read(world, 'cloud', []);
    expect(await orders(world)).toContain('leaver cloud admin proven');
    // A list says no more of an account than that it holds nothing.
    expect(await orders(world)).toContain('leaver cloud (account) proven');
  });

  test('ACC-6: past the day it has, what is still there is a violation', async () => {
    world.advance({ hours: 24 });
    const { rows } = await revokedAccessIsGone
      .violations(world.now(), 'Asia/Tokyo')
      .execute(world.database.db);
    expect(rows).toHaveLength(3);
  });
});

test('an access that a review ordered already gets no second order, and goes sooner; the account gets its own', async () => {
  const world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  await company(world);
  await read(world, 'erp', ['lena@example.com books', 'lena@example.com pay']);
  world.advance({ hours: 1 });
  const opened = await execute(
    world,
    flows.openCampaign,
    {
      name: 'Review',
      systems: 'all',
      dueAt: world.now().add({ hours: 240 }).toString(),
      revokeWithinHours: 168,
      reviewerRule: 'systemOwner',
      fallback: null,
    },
    officerActor,
  );
  const campaignId = (opened.ok && opened.value[0]?.subject.split('/')[1]) || '';
  const decided = await execute(
    world,
    flows.decideItems,
    {
      campaignId,
      decision: 'revoke',
      reason: 'moved',
      wantedEntitlementId: null,
      selection: { nos: [1] },
    },
    actorWith(owner, 'employee'),
  );
  expect(decided.ok && decided.value.map(({ type }) => type)).toEqual([
    'ItemsDecided',
    'OrdersPlaced',
  ]);
  expect(await leave(world)).toMatchObject({ orders: 2 });
  const { rows } = await sql<{ kind: string; hours: number }>`
    select kind, (extract(epoch from due_at - ${world.now()}::timestamptz) / 3600)::int as hours
    from revoke_order o join revoke_origin on id = origin_id order by kind`.execute(
    world.database.db,
  );
  expect(rows).toEqual([
    { kind: 'leaver', hours: 24 },
    { kind: 'leaver', hours: 24 },
    { kind: 'review', hours: 24 },
  ]);
  // Whoever carries it out finds each access once.
  const open = await openOrdersOf(world.database.db, erp);
  expect(open.map((each) => [each.entitlement, each.orders.length])).toEqual([
    ['books', 1],
    ['pay', 1],
    [null, 1],
  ]);
  // A review tells its orders itself, and the blob of its decisions holds their numbers.
  expect(await entries(world, 'OrdersPlaced')).toMatchObject([
    { origin: 'review', count: 1, systems: [{ system: erp, count: 1 }] },
    { origin: 'leaver', count: 2 },
  ]);
});

test('ACC-5: what a leaver was to review passes on, and never to whose access it is', async () => {
  const world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  await company(world);
  const { db } = world.database;
  // Lena owns the ERP, and Owen is her manager; her review would be of his access too.
  await sql`update system set owner_id = ${lena} where id = ${erp}`.execute(db);
  await sql`update person set manager_id = ${owner} where id = ${lena}`.execute(db);
  await read(world, 'erp', ['owen@example.com pay', 'somebody pay']);
  world.advance({ hours: 1 });
  const opened = await execute(
    world,
    flows.openCampaign,
    {
      name: 'Review',
      systems: 'all',
      dueAt: world.now().add({ hours: 240 }).toString(),
      revokeWithinHours: 168,
      reviewerRule: 'systemOwner',
      fallback: null,
    },
    officerActor,
  );
  expect(opened.ok).toBe(true);
  expect(await leave(world)).toMatchObject({ reviews: 2 });
  const { rows } = await sql<{ account: string; reviewer: string | null }>`
    select account.name as account, reviewer_id as reviewer from review_item
    join account on account.id = account_id order by 1`.execute(db);
  expect(rows).toEqual([
    { account: 'owen@example.com', reviewer: null },
    { account: 'somebody', reviewer: owner },
  ]);
  const tasks = await sql<{ assignee: string | null; items: number; open: boolean }>`
    select assignee_id as assignee, (detail ->> 'items')::int as items, cancelled_at is null as open
    from task where kind = 'access.review' order by cancelled_at nulls last, assignee_id nulls last`.execute(
    db,
  );
  expect(tasks.rows).toEqual([
    { assignee: lena, items: 2, open: false },
    { assignee: owner, items: 1, open: true },
    { assignee: null, items: 1, open: true },
  ]);
});
