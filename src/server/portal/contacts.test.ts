import { sql } from 'kysely';
import { beforeAll, expect, it } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { contactsOf, leftUnconfirmed } from '../../registers/customers/store.contacts.ts';
import { customerFlow } from '../../registers/customers/store.ts';
import { type SampleAccount, sampleAccount } from '../exports/testing.ts';
import { FormBrowser, portalOf, signedIn } from './testing.ts';

/** What owners say of whom our staff added (CUS-2), page by page. */

let world: TestWorld;
let ask: Awaited<ReturnType<typeof portalOf>>;
let account: SampleAccount;
let officer = '';
let n = 0;

const browser = () => new FormBrowser(ask, world.url, `198.51.100.${n++ % 250}`);

beforeAll(async () => {
  world = await testWorld({ start: '2026-10-24T03:00:00Z' });
  ask = await portalOf(world);
  account = await sampleAccount(world, 'close');
  officer = world.newId();
  await sql`insert into person (id, name) values (${officer}, 'Chika')`.execute(world.database.db);
});

async function addedByStaff(email: string): Promise<string> {
  const contact = { name: 'Added', email, language: 'en', part: 'owner' } as const;
  const command = { do: 'addContact', customerId: account.customerId, contact } as const;
  const by = actorWith(officer, 'commercial-officer', 'employee');
  const done = await execute(world, customerFlow, command, by);
  expect(done).toMatchObject({ ok: true });
  return String(done.ok && done.value[0]?.body['contact']);
}

const unconfirmed = async () =>
  (await contactsOf(world.database.db, account.customerId))
    .filter((each) => each.unconfirmedSince)
    .map(({ id }) => id);

it('an owner confirms whom staff added; whom staff added confirms nobody', async () => {
  const id = await addedByStaff('added@elsewhere.example.com');
  const strange = await signedIn(world, browser(), 'added@elsewhere.example.com');
  await strange.open('/portal/account?lang=en');
  expect(strange.page.text).toContain('not confirmed yet');
  expect(strange.page.text).not.toContain('/confirm"');
  const send = () => strange.send(`/portal/account/contacts/${id}/confirm`, { version: '1' });
  await send();
  expect(strange.page.status).toBe(422);
  expect(strange.page.text).toContain('You have not been confirmed as a contact');
  expect(await unconfirmed()).toEqual([id]);

  const owner = await signedIn(world, browser(), 'owner@close.example.com');
  await owner.open('/portal/account?lang=en');
  expect(owner.page.text).toContain(`/portal/account/contacts/${id}/confirm"`);
  await owner.send(`/portal/account/contacts/${id}/confirm`, { version: '1' });
  expect(owner.page.text).toContain('Saved.');
  expect(await unconfirmed()).toEqual([]);

  const member = await addedByStaff('member2@elsewhere.example.com');
  await send();
  const other = await signedIn(world, browser(), 'member@close.example.com');
  await other.open('/portal/account?lang=en');
  await other.send(`/portal/account/contacts/${member}/confirm`, { version: '1' });
  expect(other.page.status).toBe(422);
  expect(await unconfirmed()).toEqual([member]);
});

it('whoever entered unconfirmed stays to be looked at after their removal', async () => {
  const id = await addedByStaff('third@elsewhere.example.com');
  await signedIn(world, browser(), 'third@elsewhere.example.com');
  const command = { do: 'removeContact', customerId: account.customerId, contactId: id } as const;
  const by = actorWith(officer, 'commercial-officer', 'employee');
  expect(await execute(world, customerFlow, command, by)).toMatchObject({ ok: true });
  const left = await leftUnconfirmed(world.database.db, account.customerId);
  expect(left.map((each) => each.id)).toEqual([id]);
});
