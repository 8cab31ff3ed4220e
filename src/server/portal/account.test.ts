import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SoftAuthenticator } from '../../platform/testing/authenticator.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { heldOf } from '../../registers/vault/store.erasing.ts';
import { bytesOf, must, opened, type SampleAccount, sampleAccount } from '../exports/testing.ts';
import { entriesOf, FormBrowser, mailedPath, portalOf, signedIn } from './testing.ts';

let world: TestWorld;
let ask: Awaited<ReturnType<typeof portalOf>>;
let account: SampleAccount;
let key = '';
let n = 0;

const browser = () => new FormBrowser(ask, world.url, `198.51.100.${n++ % 250}`);
const enter = (part: 'owner' | 'member') =>
  signedIn(world, browser(), `${part}@${key}.example.com`);

beforeAll(async () => {
  world = await testWorld({ start: '2026-10-24T03:00:00Z' });
  ask = await portalOf(world);
});

beforeEach(async () => {
  world.advance({ hours: 1 });
  key = `close${n}`;
  account = await sampleAccount(world, key);
  const open = await opened(world, account.customerId);
  must(await open.writeObject({ collection: 'drawings', name: 'a', bytes: bytesOf('kept') }));
  must(await open.writeRecords('orders', [{ key: 'o-1', value: { amount: 3 } }]));
});

const itemIn = async (table: 'vault_object' | 'vault_record'): Promise<string> => {
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(table)} where customer_id = ${account.customerId}`.execute(
    world.database.db,
  );
  return rows[0]?.id ?? '';
};

describe('closing the account (RET-4, RET-5)', () => {
  it('takes a button, a mailed link and the short name; until day 30 everything comes back', async () => {
    const it = await enter('owner');
    const before = await heldOf(world.database.db, account.customerId);
    await it.open('/portal/close?lang=en');
    await it.send('/portal/close', {});
    expect(it.page.text).toContain('A link was mailed to you');
    const mail = world.sent.at(-1);
    const zoned = (days: number) =>
      world.now().toZonedDateTimeISO('Asia/Tokyo').toPlainDate().add({ days });
    expect(String(mail?.params['reopenUntil'])).toContain(String(zoned(30).day));
    const path = mailedPath(world, 'portal.close');
    await it.open(path);
    expect(it.page.text).toContain('second confirmation');
    await it.send(path, { confirm: 'something' });
    expect(it.page.status).toBe(422);
    await it.send(path, { confirm: key });
    expect(it.page.text).toContain('Reopen until the end of');
    expect((await it.open(path)).status).toBe(404);

    await it.open('/portal');
    expect(it.page.text).toContain('being closed');
    const [object, record] = [await itemIn('vault_object'), await itemIn('vault_record')];
    await it.open(`/portal/objects/${object}`);
    expect(it.page.text).not.toContain('type="file"');
    await it.open('/portal/export');
    await it.send(`/portal/objects/${object}/delete`, { confirm: 'a' });
    expect([it.page.status, it.page.text.includes('frozen')]).toEqual([422, true]);
    await it.open('/portal/export');
    await it.send(`/portal/records/${record}`, { revision: '1', value: '{"amount":4}' });
    expect([it.page.status, it.page.text.includes('frozen')]).toEqual([422, true]);
    await it.open('/portal/export');
    await it.send('/portal/export', { form: 'plain' });
    expect(it.page.text).toContain('waiting');
    expect(await (await it.raw('GET', `/portal/objects/${object}/content`, null, {})).text()).toBe(
      'kept',
    );

    await it.open('/portal/close');
    await it.send('/portal/reopen', {});
    expect(it.page.text).not.toContain('being closed');
    expect(await heldOf(world.database.db, account.customerId)).toEqual(before);
    expect(await entriesOf(world, account.customerId)).toEqual(
      expect.arrayContaining(['CustomerClosureRequested', 'CustomerReopened']),
    );
  });

  it('is for owners, and another’s link opens nothing', async () => {
    const member = await enter('member');
    await member.open('/portal/close?lang=en');
    expect(member.page.text).toContain('Only an owner');
    await member.send('/portal/close', {});
    expect(member.page.status).toBe(422);
    const boss = await enter('owner');
    await boss.open('/portal/close');
    await boss.send('/portal/close', {});
    const path = mailedPath(world, 'portal.close');
    expect((await member.open(path)).status).toBe(404);
    await member.open('/portal/account');
    expect((await member.send(path, { confirm: key })).status).toBe(404);
    // Nor does a link to sign in close anything.
    await boss.open(mailedPath(world, 'portal.signIn').replace('/enter/', '/close/'));
    expect(boss.page.status).toBe(404);
  });
});

describe('requests', () => {
  it('have a number, a day, and are of the account alone', async () => {
    const it = await enter('member');
    await it.open('/portal/requests?lang=en');
    await it.send('/portal/requests', { kind: 'correct', what: 'The name <b>is</b> wrong.' });
    expect(it.page.text).toContain('has been registered');
    const path = /\/portal\/requests\/[0-9a-f-]{36}/.exec(it.page.text)?.[0] ?? '';
    await it.open(path);
    expect(it.page.text).toContain('The name &#60;b&#62;is');
    const other = await sampleAccount(world, `${key}other`);
    const stranger = await signedIn(world, browser(), `owner@${key}other.example.com`);
    expect(other.customerId).not.toBe(account.customerId);
    expect((await stranger.open(path)).status).toBe(404);
    await it.open('/portal/requests');
    await it.send('/portal/requests', { kind: 'correct', what: '  ' });
    expect(it.page.status).toBe(422);
  });
});

describe('contacts', () => {
  it('are added, changed and removed by owners, who cannot remove themselves', async () => {
    const it = await enter('owner');
    await it.open('/portal/account?lang=en');
    const added = {
      name: 'Nao New',
      email: `nao@${key}.example.com`,
      part: 'member',
      language: 'ja',
    };
    await it.send('/portal/account/contacts', added);
    expect(it.page.text).toContain('Nao New');
    await it.send('/portal/account/contacts', { ...added, email: 'none' });
    expect(it.page.status).toBe(422);
    await it.open('/portal/account');
    await it.send(`/portal/account/contacts/${account.owner.id}/remove`, {});
    expect(it.page.status).toBe(422);
    const other = await sampleAccount(world, `${key}other`);
    await it.open('/portal/account');
    await it.send(`/portal/account/contacts/${other.member.id}/remove`, {});
    expect(it.page.status).toBe(422);
    const member = await enter('member');
    await member.open('/portal/account?lang=en');
    expect(member.page.text).not.toContain('Add a contact');
    await member.send('/portal/account/contacts', { ...added, email: 'x@y.example.com' });
    expect([member.page.status, member.page.text.includes('Only an owner')]).toEqual([422, true]);
    await member.open('/portal/account');
    await member.send('/portal/account/language', { version: '1', language: 'en' });
    expect(member.page.status).toBe(200);
  });
});

describe('a passkey', () => {
  const json = (token: string) => ({ 'content-type': 'application/json', 'x-portal-token': token });

  it('is added by who came in by a link, and opens what the address has', async () => {
    const it = await enter('owner');
    const token = it.token() ?? '';
    const device = new SoftAuthenticator(world.url, true);
    const options = await (
      await it.raw('POST', '/portal/passkeys/options', '{}', json(token))
    ).json();
    const made = JSON.stringify(device.create(options));
    const forged = await it.raw('POST', '/portal/passkeys', made, json('x'));
    expect(forged.status).toBe(403);
    expect((await it.raw('POST', '/portal/passkeys', made, json(token))).status).toBe(200);
    expect((await it.raw('POST', '/portal/passkeys', made, json(token))).status).toBe(400);
    expect(await entriesOf(world, account.customerId)).toContain('PortalPasskeyAdded');

    const fresh = browser();
    const asked = await (
      await fresh.raw('POST', '/portal/sign-in/passkey/options', '{}', json(''))
    ).json();
    const given = JSON.stringify(device.get(asked));
    const signed = await fresh.raw('POST', '/portal/sign-in/passkey', given, json(''));
    expect(await signed.json()).toMatchObject({ ok: true });
    expect((await fresh.open('/portal?lang=en')).text).toContain('What we hold');
    // What was signed once is good for nothing more.
    const replayed = await browser().raw('POST', '/portal/sign-in/passkey', given, json(''));
    expect(replayed.status).toBe(400);

    await it.open('/portal/account?lang=en');
    const path = /\/portal\/passkeys\/[0-9a-f-]{36}\/remove/.exec(it.page.text)?.[0] ?? '';
    await it.send(path, {});
    const again = await (
      await fresh.raw('POST', '/portal/sign-in/passkey/options', '{}', json(''))
    ).json();
    const gone = await browser().raw(
      'POST',
      '/portal/sign-in/passkey',
      JSON.stringify(device.get(again)),
      json(''),
    );
    expect(gone.status).toBe(400);
  });
});

describe('accesses', () => {
  it('say by whom and why, of this account alone, as a page, CSV and JSON', async () => {
    const it = await enter('owner');
    await it.open(`/portal/objects/${await itemIn('vault_object')}`);
    await it.open('/portal/accesses?lang=en');
    expect(it.page.text).toContain('Looked at in the portal');
    expect(it.page.text).toContain('Olive Owner');
    const csv = await (await it.raw('GET', '/portal/accesses?format=csv', null, {})).text();
    expect(csv).toMatch(/^\uFEFF?at,from,who,name,purpose/);
    const rows = await (
      await it.raw('GET', '/portal/accesses?format=json&who=own', null, {})
    ).json();
    expect(rows.every((row: { who: string }) => row.who === 'own')).toBe(true);
    expect(rows.length).toBeGreaterThan(0);
    const none = await it.open('/portal/accesses?who=staff&from=2020-01-01&to=2020-01-02');
    expect(none.text).toContain('Nobody opened your data');
  });

  it('prove only entries about this account', async () => {
    const it = await enter('owner');
    const { rows } = await sql<{ index: number }>`
      insert into ledger_entry (index, id, at, actor, clause, type, subject, bytes)
      select coalesce(max(index), 0) + 1, ${world.newId()}, ${world.now()}, 'system/test', 'x', 'Secret', 'customer/else', '{}'
      from ledger_entry returning index::float8 as index`.execute(world.database.db);
    expect((await it.open(`/portal/ledger/${rows[0]?.index}`)).status).toBe(404);
  });
});
