import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { writeException, writeRule } from '../../registers/accounts/store.duties.ts';
import { conflictingDutiesAreApart, emergenciesAreReviewed } from './checks.requests.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [owen, ann, erp, bank, order, pay, annAtErp, annAtBank] = [2, 3, 11, 12, 31, 32, 21, 22].map(
  id,
) as [string, string, string, string, string, string, string, string];

/** Ann orders in the ERP, as a read shows, and pays at the bank, as somebody approved. */
async function company(): Promise<TestWorld> {
  const world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  const { db } = world.database;
  await sql`insert into person (id, name) values (${owen}, 'Owen'), (${ann}, 'Ann')`.execute(db);
  await sql`
    insert into system (id, key, name, owner_id) values
      (${erp}, 'erp', 'ERP', ${owen}), (${bank}, 'bank', 'Bank', null)`.execute(db);
  await sql`
    insert into account (id, system_id, name, person_id) values
      (${annAtErp}, ${erp}, 'ann', ${ann}), (${annAtBank}, ${bank}, 'a.adams', ${ann})`.execute(db);
  await sql`
    insert into entitlement (id, system_id, name) values (${order}, ${erp}, 'order'), (${pay}, ${bank}, 'pay')`.execute(
    db,
  );
  await sql`
    insert into observation (account_id, entitlement_id, system_id, first_seen_at)
    values (${annAtErp}, ${order}, ${erp}, ${world.now()})`.execute(db);
  await sql`
    insert into access_grant (id, account_id, entitlement_id, system_id, purpose, granted_at, ends_on)
    values (${id(91)}, ${annAtBank}, ${pay}, ${bank}, 'work', ${world.now()}, '2026-02-20')`.execute(
    db,
  );
  return world;
}

async function violations(world: TestWorld, check: Check) {
  const { rows } = await check.violations(world.now(), 'Asia/Tokyo').execute(world.database.db);
  return rows;
}

describe('ACC-4: conflictingDutiesAreApart', () => {
  let world: TestWorld;
  const write = (severity: 'forbid' | 'warn') =>
    world.database.db.transaction().execute((tx) =>
      writeRule(
        tx,
        {
          id: id(41),
          name: 'Order and pay',
          firstId: order,
          secondId: pay,
          severity,
          reason: '',
        },
        null,
        world.now(),
      ),
    );

  beforeAll(async () => {
    world = await company();
  });

  test('a rule that only warns finds nobody', async () => {
    await write('warn');
    expect(await violations(world, conflictingDutiesAreApart)).toEqual([]);
    await sql`delete from duty_rule`.execute(world.database.db);
  });

  test('who holds both sides, on whichever systems and however they came by them, is found', async () => {
    await write('forbid');
    expect(await violations(world, conflictingDutiesAreApart)).toMatchObject([
      {
        subject_id: `${id(41)}/${ann}`,
        label: 'Ann · Order and pay',
        owner_id: owen,
        detail: { first: 'order · ERP', second: 'pay · Bank' },
      },
    ]);
    const examined = await conflictingDutiesAreApart
      .population(world.now(), 'Asia/Tokyo')
      .execute(world.database.db);
    expect(examined.rows).toEqual([{ examined: 1 }]);
    const sources = await conflictingDutiesAreApart.sources?.(world.database.db, world.now());
    expect(sources?.map(({ name }) => name)).toEqual(['Bank', 'ERP']);
  });

  test('an exception holds until its day, and the clock is set to it', async () => {
    const exception = { id: id(51), ruleId: id(41), personId: ann, reason: 'holidays' };
    await world.database.db
      .transaction()
      .execute((tx) =>
        writeException(tx, { ...exception, endsOn: '2026-02-10' }, null, world.now()),
      );
    expect(await violations(world, conflictingDutiesAreApart)).toEqual([]);
    const next = await conflictingDutiesAreApart.nextChange?.(
      world.database.db,
      world.now(),
      'Asia/Tokyo',
    );
    expect(next?.toString()).toBe('2026-02-10T15:00:00Z');
    world.advance(Temporal.Instant.from('2026-02-10T15:00:00Z'));
    expect(await violations(world, conflictingDutiesAreApart)).toHaveLength(1);
  });

  test('a grant that has run out is no longer held', async () => {
    world.advance(Temporal.Instant.from('2026-02-20T15:00:00Z'));
    expect(await violations(world, conflictingDutiesAreApart)).toEqual([]);
  });
});

describe('ACC-4: emergenciesAreReviewed', () => {
  test('past its time a review is missing, until somebody does it', async () => {
    const world = await company();
    const { db } = world.database;
    await sql`
      insert into emergency_access
        (id, person_id, system_id, entitlement_id, reason, taken_at, ends_at, grant_id, ended_at, review_due_at)
      values (${id(81)}, ${ann}, ${erp}, ${order}, 'outage', ${world.now()}, ${world.now()}, ${id(91)}, ${world.now()},
        ${world.now().add({ hours: 72 })})`.execute(db);
    expect(await violations(world, emergenciesAreReviewed)).toEqual([]);
    const next = await emergenciesAreReviewed.nextChange?.(db, world.now(), 'Asia/Tokyo');
    expect(next?.toString()).toBe('2026-02-05T00:00:00Z');
    world.advance({ hours: 72 });
    expect(await violations(world, emergenciesAreReviewed)).toMatchObject([
      { subject_id: id(81), label: 'Ann · ERP · order', detail: { takenOn: '2026-02-02' } },
    ]);
    await sql`update emergency_access set reviewed_at = ${world.now()}, verdict = 'justified'`.execute(
      db,
    );
    expect(await violations(world, emergenciesAreReviewed)).toEqual([]);
  });
});
