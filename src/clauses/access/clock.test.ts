import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import * as flows from './flows.ts';
import { ensureScheduled, obligations } from './obligations.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [officer, owner, boss] = [1, 2, 3].map(id) as [string, string, string];

/** Owen owns the one system, Ben is his manager, Olga is the officer; one account is nobody's. */
async function company(world: TestWorld): Promise<void> {
  await sql`
    insert into person (id, name, email, manager_id, roles) values
      (${officer}, 'Olga Officer', 'olga@example.com', null, '{employee,security-officer}'),
      (${boss}, 'Ben Boss', 'ben@example.com', null, '{employee}'),
      (${owner}, 'Owen Owner', 'owen@example.com', ${boss}, '{employee}')`.execute(
    world.database.db,
  );
  await sql`
    insert into system (id, key, name, owner_id) values
      (${id(11)}, 'erp', 'ERP', ${owner}), (${id(12)}, 'kiosk', 'Kiosk', null)`.execute(
    world.database.db,
  );
  await read(world, 'erp', ['olga@example.com', 'ben@example.com', 'owen@example.com']);
  await read(world, 'kiosk', ['door']);
}

async function read(world: TestWorld, system: string, accounts: readonly string[]): Promise<void> {
  const done = await execute(
    world,
    readFlow,
    {
      do: 'recordRead',
      system,
      source: 'test',
      complete: true,
      empty: false,
      accounts: accounts.map((name) => ({ name })),
      entitlements: [{ name: 'member' }],
      pairs: accounts.flatMap((_, place) => [place, 0]),
    },
    actorWith(officer, 'security-officer', 'employee'),
  );
  expect(done.ok).toBe(true);
}

/** Hands over what has fallen due, as the tick does. */
async function drain(world: TestWorld): Promise<void> {
  const { db } = world.database;
  const actor = { kind: 'system', id: 'tick' } as const;
  const { rows } = await sql<{
    id: string;
    kind: string;
    subject: string;
    dueAt: Temporal.Instant;
  }>`
    select id, kind, subject, due_at as "dueAt" from obligation
    where done_at is null and due_at <= ${world.now()} order by due_at, id`.execute(db);
  for (const due of rows) {
    const room = {
      db,
      execute: executeAs(world, actor, `obligation/${due.id}`),
      context: await contextFor(world, actor),
    };
    await obligations[due.kind]?.(room, due);
    await sql`update obligation set done_at = ${world.now()} where id = ${due.id}`.execute(db);
  }
}

describe('the clock', () => {
  let world: TestWorld;
  const campaigns = async () =>
    (
      await sql<{ id: string; name: string; state: string; undecided: number }>`
      select id, name, state, undecided from review_campaign order by opened_at`.execute(
        world.database.db,
      )
    ).rows;

  beforeAll(async () => {
    world = await testWorld({ start: '2026-02-02T00:00:00Z' });
    await company(world);
    const start = { kind: 'system', id: 'start' } as const;
    const room = {
      db: world.database.db,
      execute: executeAs(world, start),
      context: await contextFor(world, start),
    };
    await ensureScheduled(room);
    await ensureScheduled(room);
  });

  test('opens the campaign on the first day of the quarter in the organisation’s zone, once', async () => {
    world.advance(Temporal.Instant.from('2026-03-31T14:59:59Z'));
    await drain(world);
    expect(await campaigns()).toEqual([]);
    world.advance(Temporal.Instant.from('2026-03-31T15:00:00Z'));
    await drain(world);
    await drain(world);
    expect(await campaigns()).toMatchObject([{ name: '2026-Q2', state: 'open', undecided: 4 }]);
  });

  test('reminds who has not decided at seven, three and one days', async () => {
    const [campaign] = await campaigns();
    await execute(
      world,
      flows.decideItems,
      {
        campaignId: campaign?.id ?? '',
        decision: 'keep',
        reason: '',
        wantedEntitlementId: null,
        selection: { filter: {} },
      },
      actorWith(owner, 'employee'),
    );
    for (const days of [7, 3, 1]) {
      world.sent.length = 0;
      world.advance(Temporal.Instant.from('2026-04-21T15:00:00Z').subtract({ hours: 24 * days }));
      await drain(world);
      const reminded = world.sent.map((mail) => [
        mail.template,
        mail.to,
        mail.params['days'],
        mail.params['items'],
        mail.params['due'],
      ]);
      // Owen's own access goes to his manager; what nobody owns is the officer's.
      expect(reminded.sort()).toEqual(
        [
          ['access.reviewReminder', officer, days, 1, '2026-04-21'],
          ['access.reviewReminder', boss, days, 1, '2026-04-21'],
        ].sort(),
      );
    }
  });

  test('closes it incomplete at the deadline, tells those above, and the duty is missed', async () => {
    world.sent.length = 0;
    world.advance(Temporal.Instant.from('2026-04-21T15:00:00Z'));
    await drain(world);
    const [campaign] = await campaigns();
    expect(campaign).toMatchObject({ state: 'incomplete', undecided: 2 });
    expect(world.sent.map((mail) => [mail.template, mail.to])).toContainEqual([
      'access.campaignIncomplete',
      officer,
    ]);
    expect(await missedTasks(world, campaign?.id ?? '')).toEqual([
      'access.quarterlyReview',
      'access.review',
      'access.review',
    ]);
  });

  test('and opens the next one a quarter later', async () => {
    world.advance(Temporal.Instant.from('2026-06-30T15:00:00Z'));
    await drain(world);
    expect((await campaigns()).map((campaign) => campaign.name)).toEqual(['2026-Q2', '2026-Q3']);
  });
});

async function missedTasks(world: TestWorld, campaignId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ kind: string }>`
    select kind from task where subject = ${`campaign/${campaignId}`} and missed_at is not null
    order by kind`.execute(world.database.db);
  return rows.map((row) => row.kind);
}
