import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { writeException, writeRule } from './store.duties.ts';
import { approveObserved, grantFlow } from './store.grants.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [olga, ann, ben, erp, annAtErp, benAtErp, order, pay] = [1, 2, 3, 11, 21, 22, 31, 32].map(
  id,
) as [string, string, string, string, string, string, string, string];
const officer = actorWith(olga, 'security-officer', 'employee');

let world: TestWorld;
beforeAll(async () => {
  world = await testWorld();
  const { db } = world.database;
  await sql`
    insert into person (id, name, email) values (${olga}, 'Olga', 'olga@example.com'),
      (${ann}, 'Ann', 'ann@example.com'), (${ben}, 'Ben', 'ben@example.com')`.execute(db);
  await sql`insert into system (id, key, name) values (${erp}, 'erp', 'ERP')`.execute(db);
  await sql`
    insert into account (id, system_id, name, person_id) values
      (${annAtErp}, ${erp}, 'ann', ${ann}), (${benAtErp}, ${erp}, 'ben', ${ben})`.execute(db);
  await sql`
    insert into entitlement (id, system_id, name) values (${order}, ${erp}, 'order'), (${pay}, ${erp}, 'pay')`.execute(
    db,
  );
});

const approve = (accountId: string, entitlementId: string, actor = officer) =>
  execute(
    world,
    grantFlow,
    { do: 'approveGrant', accountId, entitlementId, purpose: 'work', endsOn: null },
    actor,
  );

/** What a grant comes to, in a word. */
async function outcome(answer: ReturnType<typeof approve>): Promise<string> {
  const done = await answer;
  if (done.ok) return 'granted';
  return done.refusal.guard ? `${done.refusal.code} (${done.refusal.guard})` : done.refusal.code;
}

/** What the refusals of guards in the ledger are about. */
async function refusals(): Promise<readonly string[]> {
  await sequence(world);
  const { size } = (await newestCheckpoint(world.database.db)) ?? { size: 0 };
  const all = await Promise.all(
    Array.from({ length: size }, (_, index) => readEntry(world.database.db, index)),
  );
  return all.flatMap((read) => (read?.entry.type === 'GuardRefused' ? [read.entry.subject] : []));
}

describe('ACC-4: nobodyApprovesTheirOwnAccess', () => {
  test('is refused by the guard, and the refusal is on record', async () => {
    expect(await outcome(approve(annAtErp, order, actorWith(ann, 'security-officer')))).toBe(
      'ownAccess (ACC-4)',
    );
    expect(await refusals()).toEqual(['promise/ACC-4']);
  });
});

describe('ACC-4: noConflictingDuties', () => {
  beforeAll(async () => {
    const rule = { id: id(41), name: 'Order and pay', firstId: order, secondId: pay };
    await world.database.db
      .transaction()
      .execute((tx) =>
        writeRule(tx, { ...rule, severity: 'forbid', reason: 'four eyes' }, olga, world.now()),
      );
  });

  test('who holds the one is not granted the other', async () => {
    expect(await outcome(approve(annAtErp, order))).toBe('granted');
    expect(await outcome(approve(annAtErp, pay))).toBe('conflictingDuties (ACC-4)');
    expect(await outcome(approve(benAtErp, pay))).toBe('granted');
  });

  test('unless they are excepted, until the day that the exception names', async () => {
    await world.database.db
      .transaction()
      .execute((tx) =>
        writeException(
          tx,
          { id: id(51), ruleId: id(41), personId: ann, endsOn: '2026-01-05', reason: 'holidays' },
          olga,
          world.now(),
        ),
      );
    world.advance({ hours: 24 });
    expect(await outcome(approve(annAtErp, pay))).toBe('conflictingDuties (ACC-4)');
    world.advance(Temporal.Instant.from('2026-01-05T01:00:00Z'));
    expect(await outcome(approve(annAtErp, pay))).toBe('granted');
  });
});

describe('ACC-4: what a file of grants brings is refused as what a button brings', () => {
  interface Row {
    readonly account: string;
    readonly entitlement: string;
    readonly approverId?: string;
    readonly endsOn?: string;
    readonly line?: number;
  }
  const bring = (rows: readonly Row[], actor = officer) =>
    execute(
      world,
      grantFlow,
      {
        do: 'importGrants',
        system: 'erp',
        rows: rows.map((row) => ({ purpose: 'work', approverId: null, endsOn: null, ...row })),
      },
      actor,
    );
  const written = async () => {
    const { rows } = await sql<{ grants: number; accounts: number }>`
      select (select count(*) from access_grant where revoked_at is null)::int as grants,
        (select count(*) from account)::int as accounts`.execute(world.database.db);
    return rows[0];
  };

  beforeAll(async () => {
    const { db } = world.database;
    await sql`update access_grant set revoked_at = ${world.now()}`.execute(db);
    await sql`update duty_exception set ended_at = ${world.now()}`.execute(db);
  });

  test('a row that names its holder as approver; also of an account that is new', async () => {
    const before = await written();
    expect(
      await bring([
        { account: 'ben', entitlement: 'order', approverId: olga, line: 2 },
        { account: 'ann', entitlement: 'order', approverId: ann, line: 3 },
        { account: 'ben@example.com', entitlement: 'new', approverId: ben, line: 5 },
      ]),
    ).toMatchObject({
      ok: false,
      refusal: {
        code: 'ownAccessInRows',
        guard: 'ACC-4',
        params: { count: 2, lines: '3, 5' },
      },
    });
    expect(await written()).toEqual(before);
    expect((await refusals()).at(-1)).toBe('promise/ACC-4');
  });

  test('a row without approver that its holder brings', async () => {
    const row = { account: 'ann', entitlement: 'order' };
    const byAnn = actorWith(ann, 'security-officer');
    expect(await bring([row], byAnn)).toMatchObject({
      refusal: { code: 'ownAccessInRows', guard: 'ACC-4', params: { count: 1, lines: '1' } },
    });
    expect((await bring([{ ...row, endsOn: '2025-12-31' }], byAnn)).ok).toBe(true);
  });

  test('rows that a rule keeps apart: from each other, and from what is held', async () => {
    const before = await written();
    const apart = {
      ok: false,
      refusal: { code: 'conflictingDutiesInRows', guard: 'ACC-4' },
    };
    const together = await bring([
      { account: 'ben', entitlement: 'order', line: 2 },
      { account: 'ann', entitlement: 'order', line: 3 },
      { account: 'ann@example.com', entitlement: 'pay', line: 4 },
    ]);
    expect(together).toMatchObject(apart);
    expect(together).toMatchObject({
      refusal: { params: { rule: 'Order and pay', count: 2, lines: '3, 4' } },
    });
    expect(await written()).toEqual(before);
    expect((await bring([{ account: 'ann', entitlement: 'order' }])).ok).toBe(true);
    expect(await bring([{ account: 'ann', entitlement: 'pay' }])).toMatchObject(apart);
    expect((await bring([{ account: 'ben', entitlement: 'pay' }])).ok).toBe(true);
  });
});

describe('PEO-4: noAccessWithoutUndertaking', () => {
  const grants = () =>
    sql<{
      n: number;
    }>`select count(*)::int as n from access_grant where revoked_at is null`.execute(
      world.database.db,
    );

  beforeAll(async () => {
    const { db } = world.database;
    await sql`update access_grant set revoked_at = ${world.now()}`.execute(db);
    await sql`
      insert into undertaking_version (id, document, number, titles, texts, digest, binding, sign_days, published_at)
      values (${id(61)}, 'confidentiality', 1, '{}', '{}', ${'a'.repeat(64)}, true, 14, ${world.now()})`.execute(
      db,
    );
    await sql`
      insert into undertaking (id, person_id, version_id, document, number, digest, how, signed_at, filed_at, language)
      values (${id(62)}, ${ben}, ${id(61)}, 'confidentiality', 1, ${'a'.repeat(64)}, 'signed', ${world.now()},
        ${world.now()}, 'en')`.execute(db);
  });

  test('one grant: refused by the guard, and given to who has signed', async () => {
    expect(await outcome(approve(annAtErp, order))).toBe('noUndertaking (PEO-4)');
    expect(await outcome(approve(benAtErp, order))).toBe('granted');
    expect((await refusals()).at(-1)).toBe('promise/PEO-4');
  });

  test('an import: refused whole', async () => {
    const row = { entitlement: 'read', purpose: 'work', approverId: null, endsOn: null };
    const bring = (...accounts: string[]) =>
      execute(
        world,
        grantFlow,
        {
          do: 'importGrants',
          system: 'erp',
          rows: accounts.map((account) => ({ ...row, account })),
        },
        officer,
      );
    expect(await bring('ann', 'ben', 'ann@example.com')).toMatchObject({
      ok: false,
      refusal: { code: 'noUndertaking', guard: 'PEO-4', params: { count: 1 } },
    });
    expect((await bring('ben')).ok).toBe(true);
  });

  test('what a review keeps: approved for who has signed, left unapproved for who has not', async () => {
    const before = (await grants()).rows[0]?.n ?? 0;
    const kept = sql`(select id as account_id, ${id(33)}::uuid as entitlement_id from account
      where id in (${annAtErp}, ${benAtErp}))`;
    const approval = {
      purpose: 'review',
      approverId: olga,
      at: world.now(),
      today: Temporal.PlainDate.from('2026-01-05'),
      act: id(71),
    };
    const written = await world.database.db
      .transaction()
      .execute((tx) => approveObserved(tx, kept, approval));
    expect(written).toBe(1);
    expect((await grants()).rows[0]?.n).toBe(before + 1);
  });
});

describe('ACC-7: nobody who has left is granted anything', () => {
  test('neither one by one, nor by a decision that access stays', async () => {
    const { db } = world.database;
    const gone = id(4);
    const theirs = id(24);
    await sql`
      insert into person (id, name, ends_on, left_at)
      values (${gone}, 'Gil', '2026-01-31', '2026-02-01T00:00:00Z')`.execute(db);
    await sql`
      insert into account (id, system_id, name, person_id) values (${theirs}, ${erp}, 'gil', ${gone})`.execute(
      db,
    );
    expect(await outcome(approve(theirs, order))).toBe('hasLeft');
    const written = await db.transaction().execute((tx) =>
      approveObserved(
        tx,
        sql`(select id as account_id, ${order}::uuid as entitlement_id from account where id = ${theirs})`,
        {
          purpose: 'review',
          approverId: olga,
          at: Temporal.Instant.from('2026-03-01T00:00:00Z'),
          today: Temporal.PlainDate.from('2026-03-01'),
          act: id(99),
        },
      ),
    );
    expect(written).toBe(0);
  });
});
