import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { testWorld } from '../../platform/testing/world.ts';
import { observedFlow } from '../../registers/accounts/store.observed.ts';
import { openRead, stage } from '../../registers/accounts/store.staging.ts';
import { heldKey, type Observation } from '../../registers/connections/facts.connector.ts';
import { revokedAccessIsGone } from './checks.ts';
import { reactions } from './obligations.ts';
import { endAccess } from './store.leaving.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [lena, systemId] = [id(3), id(11)];
const kept = { kind: 'system', id: 'connections' } as const;
const world = await testWorld({ start: '2026-02-02T00:00:00Z' });
const { db } = world.database;

function account(name: string): Observation {
  const facts = { name, email: name, kind: 'staff', active: true } as const;
  return {
    of: 'account',
    key: name,
    facts: { ...facts, secondFactor: null, lastUsedAt: null },
  };
}
const team: Observation = {
  of: 'entitlement',
  key: 'team',
  facts: { name: 'team', privileged: false, risks: [] },
};
const member = (name: string): Observation => ({
  of: 'held',
  key: heldKey(name, 'team'),
  facts: { account: name, entitlement: 'team' },
});

async function react(type: string, subject: string): Promise<void> {
  const room = { db, execute: executeAs(world, kept), context: await contextFor(world, kept) };
  await reactions[type]?.(room, { entryIndex: 0, type, subject, body: {} });
}

/** A whole reading by a connector. */
async function read(shown: readonly Observation[]): Promise<void> {
  world.advance({ hours: 1 });
  const readId = world.newId();
  await db.transaction().execute(async (tx) => {
    const aspects = ['accounts', 'entitlements', 'held'];
    const open = { id: readId, systemId, source: 'sample', openedAt: world.now(), aspects };
    await openRead(tx, { ...open, changes: false });
    await stage(tx, readId, shown);
  });
  const command = { do: 'recordObserved' as const, readId, gaps: [], empty: false };
  const done = await execute(world, observedFlow, command, kept);
  if (!done.ok) throw new Error(done.refusal.code);
  await react('AccessObserved', `system/${systemId}`);
}

/** Orders as they stand, of the access and of the account, and the account that they are about. */
async function standing(): Promise<unknown> {
  const { rows } = await sql`
    select distinct o.proven_at is not null as proven, account.active, account.absent_since is not null as gone
    from revoke_order o join account on account.id = o.account_id`.execute(db);
  return rows;
}

test('orders stay open while the source shows the access and has lost the account', async () => {
  await sql`
    insert into person (id, name, email) values
      (${lena}, 'Lena Leaver', 'lena@example.com'), (${id(4)}, 'Ada', 'ada@example.com')`.execute(
    db,
  );
  await sql`insert into system (id, key, name) values (${systemId}, 'code', 'Code')`.execute(db);
  const everybody = [
    account('lena@example.com'),
    account('ada@example.com'),
    team,
    member('lena@example.com'),
    member('ada@example.com'),
  ];
  await read(everybody);
  const context = await contextFor(world, kept);
  await db.transaction().execute((tx) => endAccess(tx, lena, context));
  await react('AccessEnded', `person/${lena}`);
  expect(await standing()).toEqual([{ proven: false, active: true, gone: false }]);

  // Ada has left while pages were read, and Lena slipped between two of them.
  await read([team, account('zoe@example.com'), member('lena@example.com')]);
  expect(await standing()).toEqual([{ proven: false, active: true, gone: false }]);
  world.advance({ hours: 24 * 60 });
  const overdue = await revokedAccessIsGone.violations(world.now(), 'Asia/Tokyo').execute(db);
  expect(overdue.rows.length).toBeGreaterThan(0);

  await read([team, account('zoe@example.com')]);
  expect(await standing()).toEqual([{ proven: true, active: false, gone: true }]);
});
