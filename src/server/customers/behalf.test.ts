import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { requestFlow } from '../../clauses/retention/flows.requests.ts';
import type { Actor } from '../../kernel/actor.ts';
import { execute, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { beginRooms } from '../begin.ts';
import { type Account, anAccount, aProduct, fill, vaultOf } from '../closing/testing.ts';
import { rooms, sources } from '../composition.ts';
import { mergePatch } from '../vault/merging.ts';
import { behalfRoutes } from './behalf.ts';

let world: TestWorld;
let productId: string;
let account: Account;
let routes: ReturnType<typeof behalfRoutes>;
let n = 0;
const idOf = (last: number) => `0199aaaa-0000-7000-8000-00000000000${last}`;
const verifier = actorWith(idOf(1), 'support', 'employee');
const other = actorWith(idOf(2), 'support', 'employee');
const engineer = actorWith(idOf(3), 'engineer', 'employee');

beforeAll(async () => {
  world = await testWorld({ start: '2026-01-05T03:00:00Z' });
  await beginRooms(world, rooms, sources);
  productId = await aProduct(world);
  routes = behalfRoutes(world);
  for (const id of [1, 2, 3])
    await sql`insert into person (id, name, roles) values (${idOf(id)}, 'Sample', '{employee}')`.execute(
      world.database.db,
    );
});

beforeEach(async () => {
  n += 1;
  account = await anAccount(world, productId, `account-${n}`);
  await fill(world, account, { objects: 2, records: 2 });
  world.sent.length = 0;
});

const request = (actor: Actor): Request => ({
  db: world.database.db,
  execute: executeAs(world, actor),
  actor,
  now: world.now(),
  zone: 'Asia/Tokyo',
  language: 'en',
  may: () => true,
  url: world.url,
});

const run = (command: object) =>
  execute(world, requestFlow, requestFlow.command.parse(command), verifier);

async function asked(kind: string, verified = true): Promise<string> {
  const { customerId } = account;
  const opened = await run({
    do: 'openRequest',
    kind,
    channel: 'letter',
    what: 'Please.',
    customerId,
  });
  const requestId = opened.ok ? (opened.value[0]?.subject.split('/')[1] ?? '') : '';
  if (verified)
    await run({ do: 'verifyIdentity', requestId, method: 'calledBack', note: 'The number.' });
  return requestId;
}

const erase = (
  by: Actor,
  requestId: string,
  what: { what?: 'items' | 'collection' | 'all'; collection?: string; names?: string[] } = {},
) =>
  routes.deleteForCustomer.handle(
    request(by),
    routes.deleteForCustomer.input.parse({ requestId, what: 'all', ...what }),
  );

const left = async () => {
  const { rows } = await sql<{ objects: number; records: number }>`
    select (select count(*)::int from vault_object where customer_id = ${account.customerId}) as objects,
      (select count(*)::int from vault_record where customer_id = ${account.customerId}) as records`.execute(
    world.database.db,
  );
  return rows[0];
};

const mails = () => world.sent.map(({ template, to }) => [template, to]);
const idIn = (answer: object): string =>
  'value' in answer ? String((answer.value as { id: string }).id) : '';
const refusedBy = (code: string, promise?: string) => ({
  ok: false,
  refusal: { code, ...(promise && { guard: promise }) },
});

describe('what staff do for a customer who wrote or called (RET-4)', () => {
  test('identityBeforeActing: nothing without a verified request of that kind, and not by who verified it', async () => {
    const unverified = await asked('delete', false);
    expect(await erase(other, unverified)).toMatchObject(refusedBy('identityNotVerified', 'RET-4'));
    // Not even whether something of that name is held.
    const peek = { what: 'items', collection: 'files', names: ['nothing has this name'] } as const;
    expect(await erase(other, unverified, { ...peek, names: [...peek.names] })).toMatchObject(
      refusedBy('identityNotVerified'),
    );
    const toExport = await asked('export');
    expect(await erase(other, toExport)).toMatchObject(refusedBy('requestOfOtherKind'));
    const toDelete = await asked('delete');
    expect(await erase(verifier, toDelete)).toMatchObject(refusedBy('ownVerification', 'RET-4'));
    expect(await erase(engineer, toDelete)).toMatchObject(refusedBy('notAllowed'));
    await run({ do: 'answerRequest', requestId: toDelete, outcome: 'refused', answer: 'No.' });
    expect(await erase(other, toDelete)).toMatchObject(refusedBy('requestAnswered'));
    expect(await left()).toEqual({ objects: 2, records: 2 });
    expect(mails().filter(([template]) => template?.endsWith('For'))).toEqual([]);
  });

  test('deletes what was named, a collection, everything; owners are told; nothing under a hold', async () => {
    const requestId = await asked('delete');
    const named = { what: 'items', collection: 'files' } as const;
    expect(await erase(other, requestId, { ...named, names: ['name-0', 'no'] })).toMatchObject(
      refusedBy('namesUnknown'),
    );
    expect(await left()).toEqual({ objects: 2, records: 2 });
    expect(await erase(other, requestId, { ...named, names: ['name-0'] })).toEqual({
      ok: true,
      value: { objects: 1, records: 0 },
    });
    expect(mails()).toContainEqual(['retention.deletedFor', account.owner.id]);
    await sql`
      insert into legal_hold (id, customer_id, reason, placed_at, review_on)
      values (${world.newId()}, ${account.customerId}, 'A claim', ${world.now()}, '2026-12-31')`.execute(
      world.database.db,
    );
    expect(await erase(other, requestId)).toMatchObject(refusedBy('customerHeld'));
    expect(await left()).toEqual({ objects: 1, records: 2 });
    await sql`delete from legal_hold`.execute(world.database.db);
    const orders = { what: 'collection', collection: 'orders' } as const;
    expect(await erase(other, requestId, orders)).toMatchObject({ value: { records: 2 } });
    expect(await erase(other, requestId)).toMatchObject({ value: { objects: 1, records: 0 } });
    expect(await erase(other, requestId)).toMatchObject(refusedBy('nothingHeld'));
  });

  test('starts an export for a confirmed contact who may enter; for nobody else', async () => {
    const requestId = await asked('access');
    const start = () => routes.exportForCustomer.handle(request(verifier), { requestId });
    await sql`
      update customer_contact set unconfirmed_since = ${world.now()}
      where id = ${account.owner.id}`.execute(world.database.db);
    expect(await start()).toMatchObject(refusedBy('nobodyToGive'));
    await sql`
      update customer_contact set unconfirmed_since = null where id = ${account.owner.id}`.execute(
      world.database.db,
    );
    const started = await start();
    expect(started).toMatchObject({ ok: true });
    const { rows } = await sql<{ id: string; contact: string; state: string }>`
      select id, contact_id as contact, state from portal_export
      where customer_id = ${account.customerId}`.execute(world.database.db);
    const id = idIn(started);
    expect(rows).toEqual([{ id, contact: account.owner.id, state: 'asked' }]);
    expect(mails()).toContainEqual(['retention.exportedFor', account.owner.id]);
    expect(await start()).toMatchObject(refusedBy('exportUnderWay'));
  });

  test('corrects a record by what is to be another, shows nothing, and says so in the ledger', async () => {
    const requestId = await asked('correct');
    const correct = (by: Actor, key: string) =>
      routes.correctForCustomer.handle(request(by), {
        requestId,
        collection: 'orders',
        key,
        patch: { phone: '03-0000-0000' },
      });
    expect(await correct(verifier, 'key-1')).toMatchObject(refusedBy('ownVerification', 'RET-4'));
    expect(await correct(other, 'no')).toMatchObject(refusedBy('recordUnknown'));
    const done = await correct(other, 'key-1');
    expect(done).toEqual({ ok: true, value: { id: expect.any(String), revision: 2 } });
    const vault = await vaultOf(world, account);
    const read = await vault.readRecord(idIn(done));
    expect(read).toMatchObject({ value: { value: { n: 1, phone: '03-0000-0000' } } });
    const { rows } = await sql<{ body: string }>`
      select convert_from(bytes, 'UTF8') as body from ledger_entry
      where type = 'RecordCorrectionBegun' and subject = ${`customer/${account.customerId}`}`.execute(
      world.database.db,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.body).toContain(requestId);
    expect(rows[0]?.body).not.toMatch(/key-1|0000-0000-0000|03-/);
    expect(mails()).toContainEqual(['retention.correctedFor', account.owner.id]);
  });
});

// The cases of RFC 7396, appendix A.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j merged with %j is %j', (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result);
});
