import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { contextFor, execute } from '../../platform/execute.ts';
import type { TestWorld } from '../../platform/testing/world.ts';
import { dutyRecords } from '../../registers/tasks/duties.ts';
import {
  ask,
  decide,
  due,
  end,
  entries,
  open,
  opened,
  read,
  reconcile,
  stateOf,
  system,
  tasks,
} from './acts.fixture.ts';
import { acme, as, company, idOf, outcome, who } from './cases.fixture.ts';
import * as flows from './flows.ts';
import { reconcileTask } from './store.cases.ts';
import { kinds } from './store.keeping.ts';
import { endCasesOf } from './store.leaving.ts';

describe('CUS-3: nobodyReconcilesTheirOwnReads', () => {
  test('not the reader; and what differs needs a sentence', async () => {
    const world = await company();
    const { id } = await ask(world, as('olga'));
    await decide(world, as('cora'), id, 'approve');
    await open(world, as('olga'), id);
    await read(world, as('olga'), id);
    await end(world, as('olga'), id);
    expect(await tasks(world)).toContain('reconcile commercial-officer open');
    expect(await reconcile(world, as('olga'), id)).toBe('readerReconciles (CUS-3)');
    await sql`
      insert into case_read (id, case_id, person_id, what, collection, item_id, at)
      values (${idOf(900)}, ${id}, ${who.olga}, 'object', 'invoices', ${idOf(501)}, ${world.now()})`.execute(
      world.database.db,
    );
    expect(await reconcile(world, as('cora'), id)).toBe('deviationUnexplained (CUS-3)');
    expect(await reconcile(world, as('cora'), id, 'a wrong click; nothing follows')).toBe('done');
    expect(await entries(world, 'CaseReconciled')).toMatchObject([{ reads: 2, deviations: 1 }]);
  });

  test('a use of the key that no read stands for is a deviation too', async () => {
    const world = await company();
    const id = await opened(world);
    await sql`
      insert into vault_unwrap (id, customer_id, by_kind, by_id, person_id, purpose, operations, from_at, to_at)
      values (${idOf(901)}, ${acme}, 'case', ${id}, ${who.sami}, 'x', 2, ${world.now()}, ${world.now()})`.execute(
      world.database.db,
    );
    await read(world, as('sami'), id);
    await end(world, as('sami'), id);
    expect(await reconcile(world, as('olga'), id)).toBe('deviationUnexplained (CUS-3)');
  });

  test('forgotten, it is missed, and still possible', async () => {
    const world = await company();
    const id = await opened(world);
    await end(world, as('sami'), id);
    world.advance({ hours: 24 * 6 });
    await due(world, 'customer-data.missReconciliation', id);
    expect(await tasks(world)).toContain('reconcile security-officer missed');
    expect(await entries(world, 'CaseDutyMissed')).toHaveLength(1);
    expect(await owed(world)).toBe(1);
    expect(await reconcile(world, as('olga'), id)).toBe('done');
    expect(await owed(world)).toBe(0);
  });

  test('forgotten, it stays owed, whatever else is reconciled since', async () => {
    const world = await company();
    const forgotten = await opened(world);
    await end(world, as('sami'), forgotten);
    world.advance({ hours: 24 * 6 });
    await due(world, 'customer-data.missReconciliation', forgotten);
    const next = await opened(world);
    await end(world, as('sami'), next);
    world.advance({ hours: 1 });
    expect(await reconcile(world, as('olga'), next)).toBe('done');
    expect(await owed(world)).toBe(1);
    expect(await reconcile(world, as('olga'), forgotten)).toBe('done');
    expect(await owed(world)).toBe(0);
  });
});

/** How many reconciliations were missed and not made up for. */
async function owed(world: TestWorld): Promise<number> {
  const records = await dutyRecords(world.database.db, [reconcileTask], world.now());
  return records.get(reconcileTask)?.owed ?? 0;
}

describe('an emergency', () => {
  test('opens by two officers at once, tells the customer, and is reviewed by a third', async () => {
    const world = await company();
    expect((await ask(world, as('sami'), { emergency: true })).said).toBe('emergencyForOfficers');
    const { id } = await ask(world, as('olga'), { emergency: true });
    expect(await decide(world, as('olga'), id, 'approve')).toBe('ownCase (CUS-3)');
    expect(await decide(world, as('cora'), id, 'approve')).toBe('done');
    expect(await stateOf(world, id)).toBe('open');
    expect(await entries(world, 'CaseOpened')).toMatchObject([
      { emergency: true, reviewDueAt: '2026-02-03T00:00:00.000Z' },
    ]);
    expect(await entries(world, 'CustomerTold')).toMatchObject([{ when: 'atOpening' }]);
    expect(await read(world, as('olga'), id)).toBe('done');
    const review = async (by: Actor) =>
      outcome(
        await execute(
          world,
          flows.reviewEmergencyCase,
          { id, verdict: 'justified', note: 'it was' },
          by,
        ),
      );
    expect(await review(as('olga'))).toBe('ownCase (CUS-3)');
    world.advance({ hours: 25 });
    await due(world, 'customer-data.missReview', id);
    expect(await tasks(world)).toContain('reviewEmergency auditor missed');
    expect(await review(as('cora'))).toBe('ownConfirmation (CUS-3)');
    expect(await review(as('sora'))).toBe('notAllowed');
    expect(await review(as('audi'))).toBe('done');
    expect(await review(as('audi'))).toBe('caseReviewed');
  });
});

describe('ACC-7: a leaver’s cases', () => {
  test('are over in the transaction of leaving, counted once, and read by nobody after it', async () => {
    const world = await company();
    const id = await opened(world);
    const waiting = await ask(world);
    await decide(world, as('cora'), waiting.id, 'approve');
    expect(await read(world, as('sami'), id)).toBe('done');
    const leave = async () => {
      const context = await contextFor(world, system);
      return await world.database.db
        .transaction()
        .execute((tx) => endCasesOf(tx, who.sami, context));
    };
    expect(await leave()).toEqual({ cases: 2 });
    expect(await leave()).toEqual({ cases: 0 });
    expect(await read(world, as('sami'), id)).not.toBe('done');
    expect(await open(world, as('sami'), waiting.id)).toBe('caseNotApproved');
    await due(world, 'customer-data.expireCase', id);
    await due(world, 'customer-data.lapseCase', waiting.id);
    expect(await stateOf(world, id)).toBe('ended');
    expect(await stateOf(world, waiting.id)).toBe('lapsed');
  });
});

describe('what comes to nothing', () => {
  test('withdrawn by whoever asked, refused with a reason, lapsed by the clock', async () => {
    const world = await company();
    const first = await ask(world);
    expect(outcome(await execute(world, flows.withdrawCase, { id: first.id }, as('sora')))).toBe(
      'notYourCase',
    );
    expect(outcome(await execute(world, flows.withdrawCase, { id: first.id }, as('sami')))).toBe(
      'done',
    );
    const second = await ask(world);
    const bare = { id: second.id, decision: 'refuse', reason: '' } as const;
    expect(outcome(await execute(world, flows.decideCase, bare, as('cora')))).toBe(
      'caseReasonMissing',
    );
    expect(await decide(world, as('cora'), second.id, 'refuse')).toBe('done');
    const third = await ask(world);
    await decide(world, as('cora'), third.id, 'approve');
    world.advance({ hours: 24 * 7 });
    expect(await open(world, as('sami'), third.id)).toBe('caseNotApproved');
    await due(world, 'customer-data.lapseCase', third.id);
    expect(await Promise.all([first, second, third].map(({ id }) => stateOf(world, id)))).toEqual([
      'withdrawn',
      'refused',
      'lapsed',
    ]);
  });

  test('what no case may be asked for: too long, dates turned, a customer who is gone', async () => {
    const world = await company();
    expect((await ask(world, as('sami'), { hours: 25 })).said).toBe('caseTooLong');
    expect((await ask(world, as('sami'), { fromOn: '2026-01-02', toOn: '2026-01-01' })).said).toBe(
      'caseDatesTurned',
    );
    expect((await ask(world, as('sami'), { customerId: idOf(404) })).said).toBe('customerUnknown');
    expect((await ask(world, as('audi'))).said).toBe('notAllowed');
    await sql`update customer set state = 'erasing' where id = ${acme}`.execute(world.database.db);
    expect((await ask(world)).said).toBe('customerGone');
  });

  test('PEO-4: noCaseWithoutUndertaking: neither asked for nor opened', async () => {
    const world = await company();
    const { id } = await ask(world);
    await decide(world, as('cora'), id, 'approve');
    await sql`
      insert into undertaking_version (id, document, kind, number, titles, texts, digest, binding, sign_days, published_at)
      values (${idOf(70)}, 'confidentiality', 'undertaking', 1, '{}', '{}', 'x', true, 14, ${world.now()})`.execute(
      world.database.db,
    );
    expect(await open(world, as('sami'), id)).toBe('noUndertaking (PEO-4)');
    expect((await ask(world)).said).toBe('noUndertaking (PEO-4)');
  });
});

test('RET-6: cases remain for their term, and go only after what the vault counted of them', async () => {
  const world = await company();
  const { db } = world.database;
  const id = await opened(world);
  await read(world, as('sami'), id);
  const [kind] = kinds;
  if (!kind) throw new Error('cases are kept');
  const due = async () => (await kind.rows('closed').execute(db)).rows.map((row) => row.id);
  expect(await due()).toEqual([]);
  await end(world, as('sami'), id);
  await reconcile(world, as('olga'), id);
  expect(await due()).toEqual([id]);
  await sql`
    insert into vault_unwrap (id, customer_id, by_kind, by_id, person_id, purpose, operations, from_at, to_at)
    values (${idOf(902)}, ${acme}, 'case', ${id}, ${who.sami}, 'x', 1, ${world.now()}, ${world.now()})`.execute(
    db,
  );
  expect(await due()).toEqual([]);
  await sql`delete from vault_unwrap`.execute(db);
  const context = await contextFor(world, system);
  await db.transaction().execute((tx) => kind.remove(tx, [id], context));
  expect(await stateOf(world, id)).toBe('');
});
