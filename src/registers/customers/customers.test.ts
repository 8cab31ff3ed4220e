import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { execute, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { holdRoutes } from './routes.holds.ts';
import { importRoutes } from './routes.import.ts';
import { productRoutes } from './routes.products.ts';
import { routes } from './routes.ts';
import { eraseCustomer } from './store.erase.ts';
import { isHeld } from './store.holds.ts';
import { customerFlow, findCustomerByKey, setCustomerState } from './store.ts';

const world = await testWorld();
const { db } = world.database;
const [ofSecurity, ofCommerce] = [world.newId(), world.newId()];
const security = actorWith(ofSecurity, 'security-officer', 'employee');
const commerce = actorWith(ofCommerce, 'commercial-officer', 'employee');

function as(actor: Actor): Request {
  return {
    db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: () => true,
    url: world.url,
  };
}

beforeAll(async () => {
  await sql`
    insert into person (id, name) values (${ofSecurity}, 'Sora'), (${ofCommerce}, 'Chika')`.execute(
    db,
  );
  const product = productRoutes.addProduct.input.parse({
    key: 'scheduler',
    name: 'Scheduler',
    kind: 'cloud',
    custody: 'vault',
  });
  expect(await productRoutes.addProduct.handle(as(security), product)).toMatchObject({ ok: true });
});

async function one(key: string) {
  const answer = await routes.getCustomer.handle(as(security), { key });
  if ('stream' in answer || !answer.ok) throw new Error('no customer');
  return answer.value;
}

const file = `key,name,product,basis,basisReference,approvesCases,termMonths,contactName,contactEmail
alpha,Sample Customer 01,scheduler,terms,2026-1,,,Aya,aya@example.com
beta,Sample Customer 02,scheduler,contract,C-002,yes,24,,
`;

describe('a file of customers', () => {
  test('is imported whole, and again without change', async () => {
    const bring = (text: string) => importRoutes.importCustomers.handle(as(security), { text });
    expect(await bring(file)).toEqual({
      ok: true,
      value: { added: 2, changed: 0, unchanged: 0, contacts: 1 },
    });
    expect(await bring(file)).toEqual({
      ok: true,
      value: { added: 0, changed: 0, unchanged: 2, contacts: 0 },
    });
    expect(await one('alpha')).toMatchObject({
      state: 'open',
      told: 'atEnd',
      people: [{ email: 'aya@example.com', part: 'owner' }],
    });
    expect(await one('beta')).toMatchObject({ approvesCases: true, termMonths: 24 });
  });

  test('with one bad row changes nothing, and says line, column and reason', async () => {
    const text = `${file}gamma,Sample Customer 03,nothing-known,contract,C-003,,0,,nobody\n`;
    const preview = await importRoutes.previewCustomers.handle(as(security), { text });
    expect(preview).toMatchObject({
      ok: true,
      value: {
        added: 0,
        problemCount: 2,
        problems: [
          { line: 4, column: 'termMonths' },
          { line: 4, column: 'contactEmail' },
        ],
      },
    });
    const other = text.replace(',0,,nobody', ',,,');
    expect(await importRoutes.importCustomers.handle(as(security), { text: other })).toMatchObject({
      ok: false,
      refusal: {
        code: 'rowsUnfit',
        params: { line: 4, column: 'product', why: 'No product in use has the key nothing-known.' },
      },
    });
    expect(await findCustomerByKey(db, 'gamma')).toBeNull();
  });

  test('filters, search and CSV speak of the same rows', async () => {
    const ask = (query: object) =>
      routes.listCustomers.handle(as(security), routes.listCustomers.input.parse(query));
    expect(await ask({ basis: 'contract' })).toMatchObject({
      value: { total: 1, items: [{ key: 'beta' }] },
    });
    expect(await ask({ q: 'aya@' })).toMatchObject({
      value: { total: 1, items: [{ key: 'alpha' }] },
    });
    const csv = await ask({ format: 'csv', product: 'scheduler' });
    let text = '';
    if ('stream' in csv) for await (const piece of csv.stream) text += piece;
    expect(text.split('\n').filter(Boolean)).toHaveLength(3);
  });
});

describe('a hold', () => {
  test('RET-2: stops the clocks until another person lifts it, and asks to be looked at again', async () => {
    const { id } = await one('alpha');
    const place = { key: 'alpha', reason: 'A claim is pending.', reviewOn: '2026-02-01' };
    const placed = await holdRoutes.placeHold.handle(as(security), place);
    const holdId = 'value' in placed ? placed.value.id : '';
    expect(await isHeld(db, id)).toBe(true);
    expect(await one('alpha')).toMatchObject({
      held: true,
      holds: [{ reason: 'A claim is pending.', placedBy: { name: 'Sora' } }],
    });
    const lift = { holdId, note: 'The claim is settled.' };
    expect(await holdRoutes.liftHold.handle(as(security), lift)).toMatchObject({
      refusal: { code: 'ownHold' },
    });
    const open = async () => {
      const { rows } = await sql<{ due: string; detail: object }>`
        select (due_at at time zone 'Asia/Tokyo')::text as due, detail from task
        where kind = 'customers.reviewHold' and done_at is null and cancelled_at is null`.execute(
        db,
      );
      return rows;
    };
    expect(await open()).toEqual([{ due: '2026-02-02 00:00:00', detail: { customer: 'alpha' } }]);
    const review = { holdId, note: 'Still pending.', reviewOn: '2026-03-01' };
    expect(await holdRoutes.reviewHold.handle(as(commerce), review)).toMatchObject({ ok: true });
    expect(await open()).toMatchObject([{ due: '2026-03-02 00:00:00' }]);
    expect(await holdRoutes.liftHold.handle(as(commerce), lift)).toMatchObject({ ok: true });
    expect(await isHeld(db, id)).toBe(false);
    expect(await open()).toEqual([]);
    expect(await holdRoutes.liftHold.handle(as(commerce), lift)).toMatchObject({
      refusal: { code: 'holdLifted' },
    });
  });

  test('of two holds one is enough', async () => {
    const { id } = await one('beta');
    const place = (reason: string) =>
      holdRoutes.placeHold.handle(as(security), { key: 'beta', reason, reviewOn: '2026-02-01' });
    const [first] = [await place('one'), await place('other')];
    const holdId = 'value' in first ? first.value.id : '';
    await holdRoutes.liftHold.handle(as(commerce), { holdId, note: 'done' });
    expect(await isHeld(db, id)).toBe(true);
  });

  test('support and auditors read, and place nothing', async () => {
    const place = { key: 'beta', reason: 'no', reviewOn: '2026-02-01' };
    for (const role of ['support', 'auditor', 'engineer', 'people'] as const) {
      const answer = await holdRoutes.placeHold.handle(as(actorWith(ofSecurity, role)), place);
      expect(answer).toMatchObject({ refusal: { code: 'notAllowed' } });
    }
  });
});

test('RET-6: what remains of an account goes as a whole, and only once it is gone', async () => {
  const { id } = await one('alpha');
  const erase = () => db.transaction().execute((tx) => eraseCustomer(tx, id, { now: world.now() }));
  expect(await erase()).toBe(false);
  expect(await one('alpha')).toMatchObject({ name: 'Sample Customer 01' });
  await db.transaction().execute((tx) => setCustomerState(tx, id, 'gone', world.now()));
  await sql`
    insert into finding (id, check_id, promise, subject_kind, subject_id, label, detail, opened_at, due_at)
    values (${world.newId()}, 'c', 'RET-2', 'hold', 'h', 'Sample Customer 01', '{}', ${world.now()}, ${world.now()}),
      (${world.newId()}, 'c', 'RET-1', 'customer', ${`${id}/contents`}, 'x', '{"reference":"2026-1"}', ${world.now()},
        ${world.now()})`.execute(db);
  expect(await erase()).toBe(true);
  const { rows: found } = await sql<{ label: string; detail: object }>`
    select label, detail from finding`.execute(db);
  expect(found).toEqual([
    { label: '', detail: {} },
    { label: '', detail: {} },
  ]);
  expect(await erase()).toBe(false);
  const { rows } = await sql<{ left: string }>`
    select concat(row_to_json(customer), (select jsonb_agg(contact) from customer_contact contact
      where customer_id = customer.id), (select jsonb_agg(hold) from legal_hold hold
      where customer_id = customer.id)) as left from customer where id = ${id}`.execute(db);
  for (const trace of ['Sample', 'Aya', 'aya@', '2026-1', 'claim'])
    expect(rows[0]?.left).not.toContain(trace);
  expect(rows[0]?.left).toContain('alpha');
  const again = await importRoutes.importCustomers.handle(as(security), { text: file });
  expect(again).toMatchObject({ refusal: { code: 'rowsUnfit', params: { column: 'key' } } });
});

test('a contact who is removed gives their address back, and is nobody’s contact any more', async () => {
  const { id } = await one('beta');
  const contact = {
    name: 'Ben',
    email: 'ben@example.com',
    language: 'en',
    part: 'owner',
  } as const;
  const add = () =>
    execute(world, customerFlow, { do: 'addContact', customerId: id, contact }, security);
  const added = await add();
  const contactId = added.ok ? String(added.value[0]?.body['contact']) : '';
  expect(await add()).toMatchObject({ refusal: { code: 'contactEmailTaken' } });
  const removed = await routes.removeContact.handle(as(security), { key: 'beta', contactId });
  expect(removed).toMatchObject({ ok: true });
  expect((await one('beta')).people).toEqual([]);
  expect(await add()).toMatchObject({ ok: true });
});
