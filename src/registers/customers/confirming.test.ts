import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { confirmingRoutes } from './routes.confirming.ts';
import { importRoutes } from './routes.import.ts';
import { productRoutes } from './routes.products.ts';
import { routes } from './routes.ts';
import { noteEntered } from './store.contacts.ts';

/** Whom staff lets in as a customer, and by whose word that is right (CUS-2). */

let world: TestWorld;
let security: Request;
let commerce: Request;
let second: Request;

beforeEach(async () => {
  world = await testWorld();
  const [a, b, c] = [world.newId(), world.newId(), world.newId()];
  await sql`
    insert into person (id, name, email) values (${a}, 'Sora', 'Sora@example.com'), (${b}, 'Chika', null), (${c}, 'Mio', null)`.execute(
    world.database.db,
  );
  security = as(actorWith(a, 'security-officer', 'employee'));
  commerce = as(actorWith(b, 'commercial-officer', 'employee'));
  second = as(actorWith(c, 'commercial-officer', 'employee'));
  await must(
    productRoutes.addProduct.handle(
      security,
      productRoutes.addProduct.input.parse({
        key: 'scheduler',
        name: 'Scheduler',
        kind: 'cloud',
        custody: 'vault',
      }),
    ),
  );
  const text = `key,name,product,basis,basisReference,contactName,contactEmail\nalpha,Sample 01,scheduler,terms,2026-1,Aya,aya@example.com\n`;
  await must(importRoutes.importCustomers.handle(security, { text }));
  world.sent.length = 0;
});

function as(actor: Actor): Request {
  return {
    db: world.database.db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: () => true,
    url: world.url,
  };
}

async function must<T>(answer: PromiseLike<unknown>): Promise<T> {
  const done = (await answer) as { ok: boolean; value: T };
  expect(done).toMatchObject({ ok: true });
  return done.value;
}

async function alpha(reader: Request = security) {
  return must<{
    version: number;
    people: { id: string; version: number; email: string; unconfirmedSince: string | null }[];
    leftUnconfirmed: { id: string; version: number }[];
  }>(Promise.resolve(routes.getCustomer.handle(reader, { key: 'alpha' })));
}

async function only() {
  const [it] = (await alpha()).people;
  if (!it) throw new Error('no contact');
  return it;
}

const change = (by: Request, it: { id: string; version: number }, changes: object) =>
  routes.changeContact.handle(by, {
    key: 'alpha',
    contactId: it.id,
    version: it.version,
    changes,
  });
const confirm = (by: Request, ...them: { id: string; version: number }[]) =>
  confirmingRoutes.confirmContacts.handle(by, {
    contacts: them.map(({ id, version }) => ({ id, version })),
  });
const refused = (code: string, guard?: string) => ({
  ok: false,
  refusal: { code, ...(guard ? { guard } : {}) },
});
const mails = () =>
  world.sent.map((it) => [it.template, it.to, 'formerly' in it && it.formerly === true]);

describe('a contact whom staff added', () => {
  test('is confirmed by another officer, once, and never by whoever did it', async () => {
    const it = await only();
    expect(it.unconfirmedSince).not.toBeNull();
    expect(await confirm(security, it)).toMatchObject(refused('ownContact', 'CUS-2'));
    expect(await confirm(commerce, it)).toEqual({ ok: true, value: { confirmed: 1 } });
    expect(await confirm(commerce, it)).toEqual({ ok: true, value: { confirmed: 0 } });
    expect((await only()).unconfirmedSince).toBeNull();
  });

  test('is confirmed as it was looked at, by a person', async () => {
    const it = await only();
    await must(change(security, it, { email: 'other@example.com' }));
    expect(await confirm(commerce, it)).toMatchObject(refused('versionConflict'));
    const program = as({
      kind: 'token',
      id: world.newId(),
      roles: ['commercial-officer'],
      person: null,
      scope: null,
    });
    expect(await confirm(program, await only())).toMatchObject(refused('needsPerson'));
    expect(await confirm(commerce, { id: world.newId(), version: 1 })).toMatchObject(
      refused('contactUnknown'),
    );
  });

  test('waits since the first change, for a word of somebody who made none of them', async () => {
    const before = await only();
    world.advance({ hours: 20 });
    await must(change(commerce, before, { email: 'other@example.com' }));
    const it = await only();
    expect(it.unconfirmedSince).toBe(before.unconfirmedSince);
    for (const by of [security, commerce])
      expect(await confirm(by, it)).toMatchObject(refused('ownContact', 'CUS-2'));
    await must(confirm(second, it));
    // Another name opens nothing to anybody; another address and a greater part do.
    await must(change(security, await only(), { name: 'Aya B', part: 'billing' }));
    expect((await only()).unconfirmedSince).toBeNull();
    await must(change(security, await only(), { part: 'member' }));
    expect((await only()).unconfirmedSince).not.toBeNull();
  });

  test('the table refuses the word of whoever did it', async () => {
    const it = await only();
    const { rows } = await sql<{ by: string }>`
      select placed_by[1] as by from customer_contact where id = ${it.id}`.execute(
      world.database.db,
    );
    await expect(
      sql`update customer_contact set unconfirmed_since = null, confirmed_at = ${world.now()}, confirmed_by = ${rows[0]?.by}
        where id = ${it.id}`.execute(world.database.db),
    ).rejects.toThrow(/customer_contact_confirmed_by_another/);
  });

  test('who entered and was removed is still listed, and confirmed by somebody else', async () => {
    const it = await only();
    await world.database.db.transaction().execute((tx) => noteEntered(tx, it.id));
    await must(routes.removeContact.handle(security, { key: 'alpha', contactId: it.id }));
    const { leftUnconfirmed } = await alpha();
    expect(leftUnconfirmed.map(({ id }) => id)).toEqual([it.id]);
    expect(await confirmingRoutes.listUnconfirmedContacts.handle(security, {})).toMatchObject({
      value: { items: [{ id: it.id, removed: true, mine: true }] },
    });
    await must(confirm(commerce, ...leftUnconfirmed));
    expect((await alpha()).leftUnconfirmed).toEqual([]);
  });
});

describe('the address of one of our own people', () => {
  test('is refused wherever a contact is written, other addresses of the domain are not', async () => {
    const contact = { key: 'alpha', name: 'X', language: 'en', part: 'owner' } as const;
    const add = (email: string) => routes.addContact.handle(security, { ...contact, email });
    expect(await add('sora@EXAMPLE.com')).toMatchObject(refused('contactIsOurs'));
    expect(await add('somebody@example.com')).toMatchObject({ ok: true });
    expect(await change(security, await only(), { email: 'sora@example.com' })).toMatchObject(
      refused('contactIsOurs'),
    );
    const text = `key,name,product,basis,basisReference,contactEmail\nbeta,Sample 02,scheduler,terms,2026-1,sora@example.com\n`;
    expect(await importRoutes.importCustomers.handle(security, { text })).toMatchObject(
      refused('rowsUnfit'),
    );
  });

  test('so is a login of theirs in a system', async () => {
    const { db } = world.database;
    const system = world.newId();
    await sql`
      insert into system (id, key, name) values (${system}, 'mail', 'Mail')`.execute(db);
    await sql`
      insert into account (id, system_id, name, person_id)
      select ${world.newId()}, ${system}, 's.tanaka@example.com', id from person where name = 'Sora'`.execute(
      db,
    );
    const answer = await routes.addContact.handle(security, {
      key: 'alpha',
      name: 'X',
      email: 's.tanaka@example.com',
      language: 'en',
      part: 'owner',
    });
    expect(answer).toMatchObject(refused('contactIsOurs'));
  });
});

describe('owners who stand for the account', () => {
  test('are told where they are asked less, or told later, than before; not where it is more', async () => {
    const owner = await only();
    const terms = async (changes: object) => {
      world.sent.length = 0;
      const { version } = await alpha();
      await must(routes.changeCustomer.handle(security, { key: 'alpha', version, changes }));
      return mails();
    };
    const loosened = [['customers.termsLoosened', owner.id, false]];
    expect(await terms({ approvesCases: true, told: 'atOnce' })).toEqual([]);
    expect(await terms({ told: 'atEnd' })).toEqual(loosened);
    expect(await terms({ approvesCases: false })).toEqual(loosened);
    expect(await terms({ approvesCases: true })).toEqual([]);
    world.sent.length = 0;
    const text = `key,name,product,basis,basisReference,approvesCases\nalpha,Sample 01,scheduler,terms,2026-1,no\n`;
    await must(importRoutes.importCustomers.handle(security, { text }));
    expect(mails()).toEqual(loosened);
  });

  test('are told of a contact, of an address at the one before, and of a part', async () => {
    const owner = await only();
    const contact = { key: 'alpha', name: 'X', email: 'x@example.com', language: 'ja' } as const;
    await must(routes.addContact.handle(security, { ...contact, part: 'member' }));
    expect(mails()).toEqual([['customers.contactAdded', owner.id, false]]);
    world.sent.length = 0;
    await must(change(security, owner, { email: 'new@example.com' }));
    expect(mails()).toEqual([['customers.contactReaddressed', owner.id, true]]);
    const { rows } = await sql<{ email: string }>`
      select former_email as email from customer_contact where id = ${owner.id}`.execute(
      world.database.db,
    );
    expect(rows).toEqual([{ email: 'aya@example.com' }]);
    world.sent.length = 0;
    const member = (await alpha()).people.find(({ email }) => email === 'x@example.com');
    if (!member) throw new Error('no member');
    await must(change(security, member, { part: 'owner' }));
    expect(mails()).toEqual([['customers.contactPart', owner.id, false]]);
    world.sent.length = 0;
    const text = `key,name,product,basis,basisReference,contactEmail\nalpha,Sample 01,scheduler,terms,2026-1,y@example.com\n`;
    await must(importRoutes.importCustomers.handle(security, { text }));
    expect(
      mails()
        .map(([, to]) => to)
        .sort(),
    ).toEqual([owner.id, member.id].sort());
  });

  test('are not told of a name, nor of what the customer or a removal does', async () => {
    const owner = await only();
    await must(change(security, owner, { name: 'Aya B' }));
    const byOwner = as({
      kind: 'contact',
      id: owner.id,
      customerId: 'x',
      part: 'owner',
      roles: ['security-officer'],
      language: 'en',
    });
    const contact = { key: 'alpha', name: 'X', email: 'x@example.com', language: 'ja' } as const;
    await must(routes.addContact.handle(byOwner, { ...contact, part: 'owner' }));
    await must(routes.removeContact.handle(security, { key: 'alpha', contactId: owner.id }));
    expect(mails()).toEqual([]);
    // Whom an unconfirmed contact adds is as unconfirmed, and by the same person's hand.
    const [added] = (await alpha()).people;
    if (!added) throw new Error('no contact');
    expect(added.unconfirmedSince).not.toBeNull();
    expect(await confirm(security, added)).toMatchObject(refused('ownContact', 'CUS-2'));
  });
});
