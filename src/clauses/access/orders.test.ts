import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import { leaversHoldNothing } from './checks.leavers.ts';
import { everyQuarterIsReviewed, revokedAccessIsGone } from './checks.ts';
import type { Decision } from './facts.ts';
import * as flows from './flows.ts';
import { reactions } from './obligations.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [officer, owner, alice, erp] = [1, 2, 3, 11].map(id) as [string, string, string, string];
const officerActor = actorWith(officer, 'security-officer', 'employee');
const ownerActor = actorWith(owner, 'employee');

async function company(world: TestWorld): Promise<void> {
  const { db } = world.database;
  await sql`
    insert into person (id, name, email, roles) values
      (${officer}, 'Olga Officer', 'olga@example.com', '{employee,security-officer}'),
      (${owner}, 'Owen Owner', 'owen@example.com', '{employee}'),
      (${alice}, 'Alice Adams', 'alice@example.com', '{employee}')`.execute(db);
  await sql`
    insert into system (id, key, name, owner_id, stale_after_hours) values (${erp}, 'erp', 'ERP', ${owner}, 480)`.execute(
    db,
  );
}

/** Reads the system, complete or not, and lets the clause react as the server would. */
async function read(world: TestWorld, lines: readonly string[], complete = true): Promise<void> {
  const pairs = lines.map((line) => line.split(' ') as [string, string]);
  const accounts = [...new Set(pairs.map(([account]) => account))];
  const entitlements = [...new Set(pairs.map(([, entitlement]) => entitlement))];
  const done = await execute(
    world,
    readFlow,
    {
      do: 'recordRead',
      system: 'erp',
      source: 'test',
      complete,
      empty: true,
      accounts: accounts.map((name) => ({ name })),
      entitlements: entitlements.map((name) => ({ name })),
      pairs: pairs.flatMap(([account, entitlement]) => [
        accounts.indexOf(account),
        entitlements.indexOf(entitlement),
      ]),
    },
    officerActor,
  );
  if (!done.ok) throw new Error(done.refusal.code);
  const [event] = done.value;
  const actor = { kind: 'system', id: 'reaction' } as const;
  const room = {
    db: world.database.db,
    execute: executeAs(world, actor),
    context: await contextFor(world, actor),
  };
  const entry = {
    entryIndex: 0,
    type: 'AccessObserved',
    subject: event?.subject ?? '',
    body: event?.body ?? {},
  };
  await reactions['AccessObserved']?.(room, entry);
  // At least once: the second time must change nothing.
  await reactions['AccessObserved']?.(room, entry);
}

async function open(world: TestWorld, revokeWithinHours: number): Promise<string> {
  const dueAt = world
    .now()
    .add({ hours: 24 * 21 })
    .toString();
  const done = await execute(
    world,
    flows.openCampaign,
    {
      name: 'Review',
      systems: 'all',
      dueAt,
      revokeWithinHours,
      reviewerRule: 'systemOwner',
      fallback: null,
    },
    officerActor,
  );
  if (!done.ok) throw new Error(done.refusal.code);
  return done.value[0]?.subject.split('/')[1] ?? '';
}

async function decide(
  world: TestWorld,
  campaignId: string,
  decision: Decision,
  nos: number[],
  wanted: string | null = null,
) {
  const reason = decision === 'keep' ? '' : 'left the project';
  const done = await execute(
    world,
    flows.decideItems,
    { campaignId, decision, reason, wantedEntitlementId: wanted, selection: { nos } },
    ownerActor,
  );
  return done.ok ? done.value[0]?.body.count : done.refusal.code;
}

async function violations(world: TestWorld, check: Check): Promise<readonly Violation[]> {
  const { rows } = await check.violations(world.now(), 'Asia/Tokyo').execute(world.database.db);
  return rows;
}

const problems = async (world: TestWorld) =>
  (await violations(world, revokedAccessIsGone))
    .map(({ subject_id, detail }) => `${subject_id.split('/')[1]} ${detail['problem']}`)
    .sort();

async function orders(world: TestWorld) {
  const { rows } = await sql<{ no: number; state: string }>`
    select no, case when withdrawn_at is not null then 'withdrawn' when proven_at is not null then 'proven'
      when carried_out_at is not null then 'carried out' else 'ordered' end as state
    from revoke_order order by ordered_at, no`.execute(world.database.db);
  return rows.map(({ no, state }) => `${no} ${state}`);
}

async function ordersTask(world: TestWorld) {
  const { rows } = await sql<{ state: string; assignee_id: string }>`
    select assignee_id, case when done_at is null then 'open' else 'done' end as state
    from task where kind = 'access.carryOutOrders' order by opened_at, id`.execute(
    world.database.db,
  );
  return rows.map((row) => row.state);
}

describe('ACC-6: revokedAccessIsGone', () => {
  let world: TestWorld;
  let campaign: string;
  const all = ['a one', 'a two', 'b one', 'c one', 'd one'];

  beforeAll(async () => {
    world = await testWorld({ start: '2026-02-02T00:00:00Z' });
    await company(world);
    await read(world, all);
    world.advance({ hours: 1 });
    campaign = await open(world, 48);
    expect(await decide(world, campaign, 'revoke', [1, 2, 3, 4])).toBe(4);
  });

  test('an order within its deadline is no violation; the clock is set to the deadline', async () => {
    expect(await problems(world)).toEqual([]);
    const next = await revokedAccessIsGone.nextChange?.(
      world.database.db,
      world.now(),
      'Asia/Tokyo',
    );
    expect(next?.toString()).toBe(world.now().add({ hours: 48 }).toString());
    expect(await ordersTask(world)).toEqual(['open']);
  });

  test('saying that it was carried out proves nothing', async () => {
    const said = await execute(
      world,
      flows.markCarriedOut,
      { originId: campaign, systemId: erp, nos: [1] },
      ownerActor,
    );
    expect(said.ok && said.value[0]?.body.count).toBe(1);
    expect(await orders(world)).toEqual(['1 carried out', '2 ordered', '3 ordered', '4 ordered']);
    const stranger = await execute(
      world,
      flows.markCarriedOut,
      { originId: campaign, systemId: erp },
      actorWith(alice, 'employee'),
    );
    expect(stranger).toMatchObject({ ok: false, refusal: { code: 'notYourSystem' } });
  });

  test('past the deadline every unproven order is a violation, read again or not', async () => {
    world.advance({ hours: 48 });
    expect(await problems(world)).toEqual([
      '1 notReadSince',
      '2 notReadSince',
      '3 notReadSince',
      '4 notReadSince',
    ]);
  });

  test('an incomplete read proves nothing', async () => {
    world.advance({ hours: 1 });
    await read(world, ['d one'], false);
    expect(await problems(world)).toHaveLength(4);
  });

  test('a complete read proves exactly what it no longer shows', async () => {
    await read(world, ['a two', 'd one']);
    expect(await orders(world)).toEqual(['1 proven', '2 ordered', '3 proven', '4 proven']);
    expect(await problems(world)).toEqual(['2 stillThere']);
    expect(await ordersTask(world)).toEqual(['open']);
  });

  test('the last proof closes the owner’s task', async () => {
    world.advance({ hours: 1 });
    await read(world, ['d one']);
    expect(await problems(world)).toEqual([]);
    expect(await ordersTask(world)).toEqual(['done']);
  });

  test('access that comes back without a new grant is a violation again', async () => {
    world.advance({ hours: 1 });
    await read(world, ['d one', 'b one']);
    expect(await problems(world)).toEqual(['3 returned']);
    await sql`
      insert into access_grant (id, account_id, entitlement_id, system_id, purpose, granted_at)
      select ${id(99)}, account_id, entitlement_id, system_id, 'needed again', ${world.now()} from revoke_order where no = 3`.execute(
      world.database.db,
    );
    expect(await problems(world)).toEqual([]);
  });

  test('a decision to keep after all withdraws the order; deciding again buys no time', async () => {
    const second = await open(world, 48);
    // What is there now: b one (1) and d one (2).
    await decide(world, second, 'revoke', [1, 2]);
    world.advance({ hours: 24 });
    await decide(world, second, 'revoke', [1, 2]);
    await decide(world, second, 'keep', [2]);
    world.advance({ hours: 24 });
    expect(await problems(world)).toEqual(['1 notReadSince']);
    expect((await orders(world)).slice(-2)).toEqual(['1 ordered', '2 withdrawn']);
  });

  test('its sources are the systems with orders; how many orders were examined is known', async () => {
    const sources = await revokedAccessIsGone.sources?.(world.database.db, world.now());
    expect(sources).toMatchObject([{ name: 'ERP', staleAfterHours: 480 }]);
    const { rows } = await revokedAccessIsGone
      .population(world.now(), 'UTC')
      .execute(world.database.db);
    expect(rows[0]?.examined).toBe(5);
  });
});

describe('to change access', () => {
  let world: TestWorld;
  const entitlement = async (name: string) =>
    (
      await sql<{ id: string }>`select id from entitlement where name = ${name}`.execute(
        world.database.db,
      )
    ).rows[0]?.id ?? '';

  test('orders what is there to go and approves what is wanted instead', async () => {
    world = await testWorld({ start: '2026-02-02T00:00:00Z' });
    await company(world);
    await read(world, ['a admin', 'b admin', 'c reader']);
    world.advance({ hours: 1 });
    const campaign = await open(world, 48);
    const reader = await entitlement('reader');
    expect(await decide(world, campaign, 'change', [1, 2, 3], reader)).toBe('wantedElsewhere');
    expect(await decide(world, campaign, 'change', [1, 2], reader)).toBe(2);
    expect(await orders(world)).toEqual(['1 ordered', '2 ordered']);
    const { rows } = await sql<{ account: string }>`
      select account.name as account from access_grant join account on account.id = account_id
      where entitlement_id = ${reader} and revoked_at is null order by 1`.execute(
      world.database.db,
    );
    expect(rows.map((row) => row.account)).toEqual(['a', 'b']);
  });
});

describe('ACC-7: leaversHoldNothing', () => {
  test('from the end of the last day in the organisation’s zone, one violation an account', async () => {
    const world = await testWorld({ start: '2026-02-02T00:00:00Z' });
    await company(world);
    await read(world, ['alice@example.com one', 'alice@example.com two', 'owen@example.com one']);
    await sql`update person set ends_on = '2026-02-10' where id = ${alice}`.execute(
      world.database.db,
    );
    const midnight = Temporal.Instant.from('2026-02-10T15:00:00Z');
    expect(
      (await leaversHoldNothing.nextChange?.(world.database.db, world.now(), 'Asia/Tokyo'))?.equals(
        midnight,
      ),
    ).toBe(true);
    world.advance(midnight.subtract({ seconds: 1 }));
    expect(await violations(world, leaversHoldNothing)).toEqual([]);
    world.advance(midnight);
    expect(await violations(world, leaversHoldNothing)).toMatchObject([
      {
        subject_kind: 'account',
        owner_id: owner,
        detail: { entitlements: 2, endedOn: '2026-02-10' },
      },
    ]);
    await read(world, ['owen@example.com one']);
    expect(await violations(world, leaversHoldNothing)).toEqual([]);
  });

  test('without any system there is nothing to judge by, so the answer is not kept', async () => {
    const world = await testWorld();
    const sources = await leaversHoldNothing.sources?.(world.database.db, world.now());
    expect(sources).toEqual([{ name: 'unconnected:systems', readAt: null, staleAfterHours: 24 }]);
  });
});

describe('ACC-5: everyQuarterIsReviewed', () => {
  test('a system that was there all of last quarter and not reviewed since it began is a violation', async () => {
    const world = await testWorld({ start: '2025-12-20T00:00:00Z' });
    await company(world);
    await read(world, ['a one', 'owen@example.com one']);
    // In the quarter after, it was not there for the whole of the last one yet.
    world.advance(Temporal.Instant.from('2026-03-31T14:59:59Z'));
    expect(await violations(world, everyQuarterIsReviewed)).toEqual([]);
    world.advance(Temporal.Instant.from('2026-03-31T15:00:00Z'));
    expect(await violations(world, everyQuarterIsReviewed)).toMatchObject([
      { subject_id: erp, detail: { quarter: '2026-Q1' } },
    ]);

    const campaign = await open(world, 24);
    expect(await decide(world, campaign, 'keep', [1])).toBe(1);
    expect(await violations(world, everyQuarterIsReviewed)).toHaveLength(1);
    // Owen's own access had nobody above him: it is for the role.
    await execute(
      world,
      flows.decideItems,
      {
        campaignId: campaign,
        decision: 'keep',
        reason: '',
        wantedEntitlementId: null,
        selection: { nos: [2] },
      },
      officerActor,
    );
    expect(await violations(world, everyQuarterIsReviewed)).toEqual([]);
    const next = await everyQuarterIsReviewed.nextChange?.(
      world.database.db,
      world.now(),
      'Asia/Tokyo',
    );
    expect(next?.toString()).toBe('2026-06-30T15:00:00Z');
  });
});
