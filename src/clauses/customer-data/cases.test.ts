import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
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
import {
  acme,
  as,
  beta,
  company,
  contact,
  contacts,
  idOf,
  outcome,
  wanted,
  who,
} from './cases.fixture.ts';
import * as flows from './flows.ts';
import { reactions } from './obligations.ts';
import { caseAllows } from './store.allows.ts';
import { casesOfCustomer, readsOfCustomer } from './store.told.ts';

describe('CUS-3: a case from its request to the day the customer is told', () => {
  test('asked, approved by another, opened, read, closed, reconciled, told', async () => {
    const world = await company();
    const { id } = await ask(world);
    expect(await tasks(world)).toEqual(['approveCase commercial-officer open']);
    expect(await open(world, as('sami'), id)).toBe('caseNotApproved');
    expect(await decide(world, as('cora'), id, 'approve')).toBe('done');
    expect(await read(world, as('sami'), id)).toBe('caseNotOpen (CUS-3)');
    expect(await open(world, as('sami'), id)).toBe('done');
    expect(await read(world, as('sami'), id)).toBe('done');
    expect(
      await read(world, as('sami'), id, { what: 'names', itemId: null, changedAt: null, count: 7 }),
    ).toBe('done');
    expect(await entries(world, 'StaffDecrypted')).toMatchObject([
      { customer: acme, person: who.sami, what: 'object', item: idOf(500), copy: false },
      { what: 'names', item: null, count: 7 },
    ]);
    world.advance({ hours: 1 });
    expect(await end(world, as('sami'), id)).toBe('done');
    expect(await read(world, as('sami'), id)).toBe('caseNotOpen (CUS-3)');
    expect(await reconcile(world, as('olga'), id)).toBe('done');
    expect(await stateOf(world, id)).toBe('reconciled');
    expect(await entries(world, 'CaseReconciled')).toMatchObject([
      { reads: 2, deviations: 0, by: who.olga },
    ]);
    expect(await entries(world, 'CustomerTold')).toMatchObject([{ when: 'atEnd', contacts: 1 }]);
    expect(world.sent.at(-1)).toMatchObject({
      kind: 'customerMail',
      to: contacts.owner,
      template: 'customer-data.caseEnded-contract',
      params: { reads: 2, what: 'schedules (2)', purpose: wanted.purpose, en: 'our support' },
      path: `/portal/cases/${id}`,
    });
    expect(await tasks(world)).toEqual([
      'approveCase commercial-officer done',
      'reconcile security-officer done',
    ]);
  });

  test('what the customer may see of it has roles and never a name', async () => {
    const world = await company();
    const id = await opened(world);
    await read(world, as('sami'), id);
    const [seen] = await casesOfCustomer(world.database.db, acme);
    expect(seen).toMatchObject({ id, state: 'open', role: 'support', collections: ['schedules'] });
    expect(JSON.stringify(seen)).not.toContain('sami');
    expect(await readsOfCustomer(world.database.db, acme)).toMatchObject([
      { caseId: id, what: 'object', itemId: idOf(500) },
    ]);
    expect(await casesOfCustomer(world.database.db, beta)).toEqual([]);
  });

  test('where the contract says so the customer is told at the opening, and again at the end', async () => {
    const world = await company({ told: 'atOnce' });
    const id = await opened(world);
    expect(await entries(world, 'CustomerTold')).toMatchObject([{ when: 'atOpening' }]);
    expect(world.sent.at(-1)).toMatchObject({ template: 'customer-data.caseOpened-contract' });
    await end(world, as('sami'), id);
    await reconcile(world, as('olga'), id);
    expect(world.sent.at(-1)).toMatchObject({ template: 'customer-data.nothingRead' });
  });

  test('without a contact nobody is told, and later it can be made good', async () => {
    const world = await company();
    await sql`update customer_contact set removed_at = ${world.now()}`.execute(world.database.db);
    const id = await opened(world);
    await end(world, as('sami'), id);
    await reconcile(world, as('olga'), id);
    expect(await entries(world, 'CustomerTold')).toEqual([]);
    const tell = async () => outcome(await execute(world, flows.tellCustomer, { id }, as('cora')));
    expect(await tell()).toBe('nobodyToTell');
    await sql`update customer_contact set removed_at = null where id = ${contacts.owner}`.execute(
      world.database.db,
    );
    expect(await tell()).toBe('done');
    expect(await entries(world, 'CustomerTold')).toHaveLength(1);
  });
});

describe('CUS-3: nobodyApprovesTheirOwnCase', () => {
  test('not the case, not more hours, not the review of an emergency', async () => {
    const world = await company();
    const mine = await ask(world, as('cora'));
    expect(await decide(world, as('cora'), mine.id, 'approve')).toBe('ownCase (CUS-3)');
    expect(await entries(world, 'GuardRefused')).toMatchObject([
      { promise: 'CUS-3', code: 'ownCase' },
    ]);
    expect(await decide(world, as('olga'), mine.id, 'approve')).toBe('notAllowed');
    expect(await decide(world, as('sora'), mine.id, 'approve')).toBe('notAllowed');
    // The table says no as well, whoever writes to it.
    const forced = sql`update customer_case set decided_by = requester_id where id = ${mine.id}`;
    await expect(forced.execute(world.database.db)).rejects.toThrow(/another_decides/);
  });

  test('more hours are a decision of their own; until then the case ends when it was to end', async () => {
    const world = await company();
    const id = await opened(world);
    const more = { id, hours: 3, why: 'it is more than one' };
    expect(outcome(await execute(world, flows.askExtension, more, as('sora')))).toBe('notYourCase');
    expect(outcome(await execute(world, flows.askExtension, more, as('sami')))).toBe('done');
    expect(outcome(await execute(world, flows.askExtension, more, as('sami')))).toBe(
      'extensionAsked',
    );
    const approve = { id, decision: 'approve', reason: '' } as const;
    expect(outcome(await execute(world, flows.decideExtension, approve, as('cora')))).toBe('done');
    world.advance({ hours: 5 });
    await due(world, 'customer-data.expireCase', id);
    expect(await stateOf(world, id)).toBe('open');
    expect(await read(world, as('sami'), id)).toBe('done');
    world.advance({ hours: 2 });
    expect(await read(world, as('sami'), id)).toBe('caseExpired (CUS-3)');
    await due(world, 'customer-data.expireCase', id);
    expect(await stateOf(world, id)).toBe('ended');
    expect(await entries(world, 'CaseEnded')).toMatchObject([{ by: null, reads: 1 }]);
  });

  test('where the contract says so, nobody approves before the customer has', async () => {
    const world = await company({ approvesCases: true });
    const { id } = await ask(world);
    expect(world.sent).toMatchObject([
      { kind: 'customerMail', to: contacts.owner, template: 'customer-data.caseToApprove' },
    ]);
    expect(await tasks(world)).toEqual([]);
    expect(await decide(world, as('cora'), id, 'approve')).toBe('customerFirst (CUS-3)');
    const says = async (by: Actor) =>
      outcome(
        await execute(world, flows.customerDecides, { id, decision: 'approve', reason: '' }, by),
      );
    expect(await says(contact(contacts.other, beta))).toBe('contactNotOwner');
    expect(await says(contact(contacts.other, acme))).toBe('contactNotOwner');
    expect(await says(contact(contacts.member, acme, 'member'))).toBe('contactNotOwner');
    expect(await says(as('cora'))).toBe('notAllowed');
    expect(await says(contact(contacts.owner, acme))).toBe('done');
    expect(await says(contact(contacts.owner, acme))).toBe('caseNotWaiting');
    expect(await decide(world, as('cora'), id, 'approve')).toBe('done');
  });

  test('what the customer refuses is refused', async () => {
    const world = await company({ approvesCases: true });
    const { id } = await ask(world);
    const refuse = { id, decision: 'refuse', reason: 'not now' } as const;
    await execute(world, flows.customerDecides, refuse, contact(contacts.owner, acme));
    expect(await stateOf(world, id)).toBe('refused');
    expect(await decide(world, as('cora'), id, 'approve')).toBe('caseNotWaiting');
  });
});

describe('CUS-3: nobodyReadsOutsideTheirCase', () => {
  test('another person, another customer, another collection, other dates, a copy', async () => {
    const world = await company();
    const id = await opened(world, { fromOn: '2026-01-05', toOn: '2026-01-20' });
    const outcomes = {
      mine: await read(world, as('sami'), id),
      another: await read(world, as('sora'), id),
      officer: await read(world, as('olga'), id),
      auditor: await read(world, as('audi'), id),
      beta: await read(world, as('sami'), id, { customerId: beta }),
      elsewhere: await read(world, as('sami'), id, { collection: 'invoices' }),
      // The dates are days in Tokyo, both included.
      first: await read(world, as('sami'), id, { changedAt: '2026-01-04T15:00:00.000Z' }),
      before: await read(world, as('sami'), id, { changedAt: '2026-01-04T14:59:59.999Z' }),
      last: await read(world, as('sami'), id, { changedAt: '2026-01-20T14:59:59.999Z' }),
      after: await read(world, as('sami'), id, { changedAt: '2026-01-20T15:00:00.000Z' }),
      copy: await read(world, as('sami'), id, { copy: true }),
      unknown: await read(world, as('sami'), idOf(404)),
    };
    expect(outcomes).toEqual({
      mine: 'done',
      another: 'caseNotYours (CUS-3)',
      officer: 'caseNotYours (CUS-3)',
      auditor: 'notAllowed',
      beta: 'caseOfAnother (CUS-3)',
      elsewhere: 'outsideScope (CUS-3)',
      first: 'done',
      before: 'outsideScope (CUS-3)',
      last: 'done',
      after: 'outsideScope (CUS-3)',
      copy: 'copyNotGranted (CUS-3)',
      unknown: 'caseUnknown (CUS-3)',
    });
    expect(await entries(world, 'StaffDecrypted')).toHaveLength(3);
  });

  test('a case of single items reaches nothing beside them, nor the list of names', async () => {
    const world = await company();
    const scope = [{ collection: 'schedules', itemId: idOf(500) }];
    const asked = await execute(world, flows.requestCase, { ...wanted, scope }, as('sami'));
    const id = asked.ok ? (asked.value[0]?.subject.slice(5) ?? '') : '';
    await decide(world, as('cora'), id, 'approve');
    await open(world, as('sami'), id);
    expect(await read(world, as('sami'), id)).toBe('done');
    expect(await read(world, as('sami'), id, { itemId: idOf(501) })).toBe('outsideScope (CUS-3)');
    expect(
      await read(world, as('sami'), id, { what: 'names', itemId: null, changedAt: null }),
    ).toBe('outsideScope (CUS-3)');
  });

  test('whoever is suspended or leaves reads nothing from that moment on, and their case ends', async () => {
    const world = await company();
    const id = await opened(world);
    await sql`update person set suspended_at = ${world.now()} where id = ${who.sami}`.execute(
      world.database.db,
    );
    const allowed = await caseAllows(world.database.db, {
      caseId: id,
      customerId: acme,
      personId: who.sami,
      collection: 'schedules',
      objectId: idOf(500),
      changedAt: world.now(),
      now: world.now(),
    });
    expect(outcome(allowed)).toBe('readerGone (CUS-3)');
    const room = {
      db: world.database.db,
      execute: executeAs(world, system),
      context: await contextFor(world, system),
    };
    const entry = {
      entryIndex: 1,
      type: 'AccessSuspended',
      subject: `person/${who.sami}`,
      body: {},
    };
    await reactions['AccessSuspended']?.(room, entry);
    expect(await stateOf(world, id)).toBe('ended');
  });
});
