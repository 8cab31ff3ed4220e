import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { execute, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import * as flows from './flows.ts';
import { itemRoutes } from './routes.items.ts';

/**
 * A review keeps what is there. Kept access counts as approved, unless its person has left or has
 * not signed what is asked of everybody: then it stays without a grant, and the reviewer is told.
 */
const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [officer, signed, unsigned, leaver, system] = [id(1), id(2), id(3), id(4), id(9)] as const;
const reviewer = actorWith(officer, 'security-officer', 'employee');

let world: TestWorld;
let campaign = '';

function asked(): Request {
  return {
    db: world.database.db,
    execute: executeAs(world, reviewer),
    actor: reviewer,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: () => true,
    url: world.url,
  };
}

beforeAll(async () => {
  world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  const { db } = world.database;
  await sql`
    insert into person (id, name, email, ends_on, roles) values
      (${officer}, 'Olga', 'olga@example.com', null, '{employee,security-officer}'),
      (${signed}, 'Sora', 'sora@example.com', null, '{employee}'),
      (${unsigned}, 'Uta', 'uta@example.com', null, '{employee}'),
      (${leaver}, 'Leon', 'leon@example.com', null, '{employee}')`.execute(db);
  await sql`
    insert into undertaking_version (id, document, number, titles, texts, digest, binding, sign_days, published_at)
    values (${id(20)}, 'confidentiality', 1, '{"en": "Confidentiality"}', '{"en": "…"}', '', true, 14, ${world.now()})`.execute(
    db,
  );
  await sql`
    insert into undertaking (id, person_id, version_id, document, number, digest, how, signed_at, filed_at, language)
    select gen, person, ${id(20)}, 'confidentiality', 1, '', 'signed', ${world.now()}, ${world.now()}, 'en'
    from (values (${id(31)}::uuid, ${signed}::uuid), (${id(32)}::uuid, ${leaver}::uuid)) as each (gen, person)`.execute(
    db,
  );
  await sql`insert into system (id, key, name) values (${system}, 'erp', 'ERP')`.execute(db);
  const accounts = ['sora@example.com', 'uta@example.com', 'leon@example.com', 'batch'];
  const read = await execute(
    world,
    readFlow,
    {
      do: 'recordRead',
      system: 'erp',
      source: 'test',
      complete: true,
      empty: false,
      accounts: accounts.map((name) => ({ name })),
      entitlements: [{ name: 'ledger' }],
      pairs: accounts.flatMap((_, n) => [n, 0]),
    },
    reviewer,
  );
  expect(read.ok).toBe(true);
  world.advance({ hours: 1 });
  const opened = await execute(
    world,
    flows.openCampaign,
    {
      name: 'Review',
      systems: 'all',
      dueAt: world.now().add({ hours: 500 }).toString(),
      revokeWithinHours: 24,
      reviewerRule: 'systemOwner',
      fallback: officer,
    },
    reviewer,
  );
  if (!opened.ok) throw new Error(opened.refusal.code);
  campaign = opened.value[0]?.subject.split('/')[1] ?? '';
  // Theirs when it was read; gone by the time it is reviewed.
  await sql`update person set ends_on = '2026-01-31', left_at = ${world.now()} where id = ${leaver}`.execute(
    db,
  );
});

const keeping = (account: string) =>
  itemRoutes.decideReviewItems.handle(asked(), {
    id: campaign,
    decision: 'keep',
    reason: '',
    wantedEntitlementId: null,
    selection: { filter: { q: account } },
  });

test.each([
  ['sora@example.com', 0],
  ['uta@example.com', 1],
  ['leon@example.com', 1],
])('what %s holds is kept; without a grant: %d', async (account, notGranted) => {
  expect(await keeping(account)).toMatchObject({ ok: true, value: { count: 1, notGranted } });
  const { rows } = await sql<{ grants: number }>`
    select count(*)::int as grants from access_grant given join account on account.id = given.account_id
    where account.name = ${account} and given.revoked_at is null`.execute(world.database.db);
  expect(rows[0]?.grants).toBe(1 - notGranted);
});

test('what is revoked is not said to be kept', async () => {
  const revoked = await itemRoutes.decideReviewItems.handle(asked(), {
    id: campaign,
    decision: 'revoke',
    reason: 'No longer used',
    wantedEntitlementId: null,
    selection: { filter: { q: 'batch' } },
  });
  expect(revoked).toMatchObject({ ok: true, value: { count: 1, notGranted: 0 } });
});
