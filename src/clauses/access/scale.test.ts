import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import { revokedAccessIsGone } from './checks.ts';
import type { Decide, Decision } from './facts.ts';
import * as flows from './flows.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [officer, owner, erp] = [id(1), id(2), id(11)];
const officerActor = actorWith(officer, 'security-officer', 'employee');
const ownerActor = actorWith(owner, 'employee');

const [accounts, entitlements] = [400, 1000];
/** Every account holds every twentieth entitlement, from its own place on. */
const pairs = Array.from({ length: accounts }, (_, account) =>
  Array.from({ length: 50 }, (_, n) => [account, (account + n * 20) % entitlements] as const),
).flat();

async function read(world: TestWorld, shown: readonly (readonly [number, number])[]) {
  const done = await execute(
    world,
    readFlow,
    {
      do: 'recordRead',
      system: 'erp',
      source: 'test',
      complete: true,
      empty: false,
      accounts: Array.from({ length: accounts }, (_, n) => ({ name: `u${n}` })),
      entitlements: Array.from({ length: entitlements }, (_, n) => ({ name: `p${n}` })),
      pairs: shown.flat(),
    },
    officerActor,
  );
  expect(done.ok).toBe(true);
}

function decide(
  world: TestWorld,
  campaignId: string,
  decision: Decision,
  selection: Decide['selection'],
) {
  const reason = decision === 'keep' ? '' : 'no longer needed';
  const command = { campaignId, decision, reason, wantedEntitlementId: null, selection };
  return execute(world, flows.decideItems, command, ownerActor);
}

test('twenty thousand items: opened, decided in bulk, revoked, proven but for the ten that stay', async () => {
  const world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  await sql`insert into person (id, name, roles) values
    (${officer}, 'Olga', '{employee,security-officer}'), (${owner}, 'Owen', '{employee}')`.execute(
    world.database.db,
  );
  await sql`insert into system (id, key, name, owner_id) values (${erp}, 'erp', 'ERP', ${owner})`.execute(
    world.database.db,
  );
  await read(world, pairs);
  world.advance({ hours: 1 });
  const dueAt = world.now().add({ hours: 500 }).toString();
  const opened = await execute(
    world,
    flows.openCampaign,
    {
      name: 'Large',
      systems: 'all',
      dueAt,
      revokeWithinHours: 0,
      reviewerRule: 'systemOwner',
      fallback: null,
    },
    officerActor,
  );
  expect(opened.ok && opened.value[0]?.body.items).toBe(20_000);
  const campaign = (opened.ok && opened.value[0]?.subject.split('/')[1]) || '';

  const revoked = await decide(world, campaign, 'revoke', {
    nos: Array.from({ length: 2000 }, (_, n) => 1 + n * 10),
  });
  expect(revoked.ok && revoked.value[0]?.body.count).toBe(2000);
  const kept = await decide(world, campaign, 'keep', {
    filter: { undecided: true },
    except: [2, 3],
  });
  expect(kept.ok && kept.value[0]?.body.count).toBe(17_998);

  const { rows } = await sql<{ account: string; entitlement: string }>`
    select account.name as account, entitlement.name as entitlement from revoke_order o
    join account on account.id = o.account_id join entitlement on entitlement.id = o.entitlement_id
    order by o.no`.execute(world.database.db);
  const gone = new Set(rows.slice(10).map((row) => `${row.account} ${row.entitlement}`));
  world.advance({ hours: 1 });
  await read(
    world,
    pairs.filter(([account, entitlement]) => !gone.has(`u${account} p${entitlement}`)),
  );
  const proven = await execute(
    world,
    flows.proveOrders,
    { systemId: erp },
    { kind: 'system', id: 'reaction' },
  );
  expect(proven.ok && proven.value[0]?.body.count).toBe(1990);
  const violations = await revokedAccessIsGone
    .violations(world.now(), 'UTC')
    .execute(world.database.db);
  expect(violations.rows).toHaveLength(10);
  expect(new Set(violations.rows.map((row) => row.detail['problem']))).toEqual(
    new Set(['stillThere']),
  );
});
