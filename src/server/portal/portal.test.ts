import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { bytesOf, must, opened, type SampleAccount, sampleAccount } from '../exports/testing.ts';
import { entriesOf, FormBrowser, mailedPath, portalOf, signedIn } from './testing.ts';

let world: TestWorld;
let ask: Awaited<ReturnType<typeof portalOf>>;
let account: SampleAccount;
let others: SampleAccount;
let n = 0;
let key = '';

const browser = () => new FormBrowser(ask, world.url, `192.0.2.${n++ % 250}`);
const owner = () => signedIn(world, browser(), addressOf('owner'));
const addressOf = (part: string) => `${part}@${key}.example.com`;

const script = '<script>alert(1)</script>';

beforeAll(async () => {
  world = await testWorld({ start: '2026-03-02T00:00:00Z' });
  ask = await portalOf(world);
  others = await sampleAccount(world, 'others');
  const open = await opened(world, others.customerId);
  must(
    await open.writeObject({ collection: 'drawings', name: 'theirs', bytes: bytesOf('theirs') }),
  );
});

beforeEach(async () => {
  // Allowances for mail are counted by address: each test has its own.
  world.advance({ hours: 1 });
  key = `acct${n}`;
  account = await sampleAccount(world, key);
  const open = await opened(world, account.customerId);
  const file = { collection: 'drawings', name: `図面/${script}.txt`, mediaType: 'text/html' };
  must(await open.writeObject({ ...file, bytes: bytesOf(`<b>${script}</b>`) }));
  // Ids sort by their time: the first object is the first.
  world.advance({ minutes: 1 });
  must(await open.writeObject({ collection: 'drawings', name: 'b', bytes: bytesOf('second') }));
  must(await open.writeRecords('orders', [{ key: 'o-1', value: { amount: 3, note: script } }]));
});

async function idIn(table: 'vault_object' | 'vault_record', of = account): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(table)} where customer_id = ${of.customerId} order by id limit 1`.execute(
    world.database.db,
  );
  return rows[0]?.id ?? '';
}

describe('coming in (RET-4)', () => {
  it('takes an address, a mailed link and a button; looking at the link does not use it up', async () => {
    const it = browser();
    await it.open('/portal?lang=en');
    expect(it.page.text).toContain('Customer portal');
    await it.send('/portal/sign-in', { address: addressOf('owner').toUpperCase() });
    const path = mailedPath(world, 'portal.signIn');
    for (let looks = 0; looks < 3; looks++) {
      const scanner = browser();
      expect((await scanner.open(path)).text).toContain(addressOf('owner'));
      expect(scanner.cookies.size).toBe(0);
    }
    await it.open(path);
    await it.send(path, {});
    expect(it.page.text).toContain('What we hold');
    expect(await entriesOf(world, account.customerId)).toContain('ContactSignedIn');
    const again = browser();
    expect((await again.send(path, {})).status).toBe(404);
    expect(again.cookies.size).toBe(0);
  });

  it('answers the same whether an address is known or not, and mails nothing to strangers', async () => {
    const [known, unknown] = [browser(), browser()];
    const before = world.sent.length;
    await known.send('/portal/sign-in?lang=en', { address: addressOf('owner') });
    await unknown.send('/portal/sign-in?lang=en', { address: 'nobody@elsewhere.example.com' });
    const plain = (text: string) =>
      text.replaceAll(/\S+@\S+example\.com/g, '').replaceAll(/faces\.[\w-]+/g, '');
    expect(plain(unknown.page.text)).toBe(plain(known.page.text));
    expect(unknown.page.status).toBe(known.page.status);
    expect(world.sent.length).toBe(before + 1);
  });

  it('lets a link end after fifteen minutes, and with the next one', async () => {
    const it = browser();
    await it.send('/portal/sign-in', { address: addressOf('owner') });
    const first = mailedPath(world, 'portal.signIn');
    await it.send('/portal/sign-in', { address: addressOf('owner') });
    const second = mailedPath(world, 'portal.signIn');
    expect((await it.open(first)).status).toBe(404);
    expect((await it.open(second)).status).toBe(200);
    world.advance({ minutes: 15 });
    expect((await it.open(second)).status).toBe(404);
    expect((await it.send(second, {})).status).toBe(404);
  });

  it('mails no more than a few links to an address, and hears no more than some from a caller', async () => {
    const before = world.sent.length;
    for (let times = 0; times < 6; times++) {
      await browser().send('/portal/sign-in', { address: addressOf('owner') });
    }
    expect(world.sent.length).toBe(before + 3);
    const one = browser();
    const statuses: number[] = [];
    for (let times = 0; times < 12; times++) {
      statuses.push((await one.send('/portal/sign-in', { address: 'a@b.example.com' })).status);
    }
    expect(statuses.filter((status) => status === 429).length).toBe(2);
    expect(one.page.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  it('keeps neither links nor sessions where a reader of the database could use them', async () => {
    const it = await owner();
    const secret = mailedPath(world, 'portal.signIn').split('/').at(-1) ?? '';
    const cookie = it.cookies.get('kept.portal') ?? '';
    expect(cookie).toMatch(/^[\w-]{43}$/);
    for (const table of ['portal_link', 'portal_session']) {
      const { rows } = await sql<{ text: string }>`
        select coalesce(string_agg(t::text, ' '), '') as text from ${sql.table(table)} t`.execute(
        world.database.db,
      );
      expect(rows[0]?.text).not.toContain(secret);
      expect(rows[0]?.text).not.toContain(cookie);
    }
    expect(JSON.stringify(world.sent)).not.toContain(secret);
  });

  it('begins each session anew: a cookie from before is worth nothing after', async () => {
    const it = await owner();
    const planted = it.cookies.get('kept.portal') ?? '';
    const again = await signedIn(world, it, addressOf('owner'));
    expect(again.cookies.get('kept.portal')).not.toBe(planted);
    const thief = browser();
    thief.cookies.set('kept.portal', planted);
    expect((await thief.open('/portal')).text).toContain('name="address"');
  });

  it('ends with the contact, at once, on every device', async () => {
    const member = await signedIn(world, browser(), addressOf('member'));
    expect(member.page.text).toContain('What we hold');
    const boss = await owner();
    await boss.open('/portal/account');
    await boss.send(`/portal/account/contacts/${account.member.id}/remove`, {});
    expect(boss.page.text).toContain('Saved.');
    await member.open('/portal');
    expect(member.page.text).toContain('name="address"');
  });

  it('ends by itself where nobody uses it, and after half a day', async () => {
    const it = await owner();
    world.advance({ minutes: 59 });
    expect((await it.open('/portal')).text).toContain('What we hold');
    world.advance({ minutes: 61 });
    expect((await it.open('/portal')).text).toContain('name="address"');
  });

  it('lets a contact of several accounts choose, and nobody choose another’s', async () => {
    const second = await sampleAccount(world, `${key}b`);
    await sql`
      update customer_contact set email = ${addressOf('owner')} where id = ${second.owner.id}`.execute(
      world.database.db,
    );
    const it = await owner();
    expect(it.page.text).toContain('Which account?');
    await it.send('/portal/accounts', { contact: others.owner.id });
    expect(it.page.status).toBe(403);
    await it.open('/portal/accounts');
    await it.send('/portal/accounts', { contact: second.owner.id });
    expect(it.page.text).toContain(`Example ${key}b`);
    expect(it.page.text).toContain('Change account');
  });
});

describe('forms', () => {
  it('are refused without the session’s token, and nothing is done', async () => {
    const it = await owner();
    const id = await idIn('vault_object');
    for (const token of ['', 'x', 'A'.repeat(43)]) {
      await it.send(`/portal/objects/${id}/delete`, { token, confirm: 'b' });
      expect(it.page.status).toBe(403);
    }
    const stranger = await signedIn(world, browser(), 'owner@others.example.com');
    const theirs = stranger.token() ?? '';
    await it.send('/portal/export', { token: theirs, form: 'plain' });
    expect(it.page.status).toBe(403);
    expect(await entriesOf(world, account.customerId)).not.toContain('ExportRequested');
  });

  it('of another site are refused, whatever they carry', async () => {
    const it = await owner();
    const token = it.token() ?? '';
    for (const headers of [
      { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
      { origin: '', 'sec-fetch-site': '' },
    ]) {
      expect((await it.send('/portal/export', { token, form: 'plain' }, headers)).status).toBe(403);
    }
  });
});

describe('every page', () => {
  it('shows nothing to somebody else, is kept nowhere, and has no script in it', async () => {
    const it = await owner();
    const [object, record] = [await idIn('vault_object'), await idIn('vault_record')];
    const paths = [
      '/portal',
      '/portal/collections/drawings',
      `/portal/objects/${object}`,
      `/portal/objects/${object}/delete`,
      `/portal/records/${record}`,
      '/portal/delete',
      '/portal/export',
      '/portal/accesses',
      '/portal/cases',
      '/portal/requests',
      '/portal/account',
      '/portal/close',
    ];
    for (const path of paths) {
      for (const lang of ['en', 'ja']) {
        const { status, headers, text } = await it.open(`${path}?lang=${lang}`);
        expect([path, status]).toEqual([path, 200]);
        expect(headers.get('cache-control')).toBe('no-store');
        expect(headers.get('content-security-policy')).toMatch(
          /^default-src 'none'; script-src 'self';/,
        );
        expect(headers.get('referrer-policy')).toBe('same-origin');
        expect(text).toContain(`<html lang="${lang}">`);
        expect(text).not.toContain(script);
        expect(text).not.toMatch(/\{\w+\}|undefined|\[object/);
        expect(text).not.toMatch(
          /<script(?! src="\/portal\/files\/)|javascript:|\son\w+=|\sstyle=/i,
        );
      }
      const stranger = browser();
      expect((await stranger.open(path)).text).toContain('name="address"');
    }
    const theirs = await signedIn(world, browser(), 'owner@others.example.com');
    for (const path of paths.filter((each) => each.includes(object) || each.includes(record))) {
      expect([path, (await theirs.open(path)).status]).toEqual([path, 404]);
    }
  });

  it('goes nowhere that it was not made to go', async () => {
    const it = await owner();
    for (const path of [
      '/portal?next=//elsewhere.example',
      '/portal/sign-in?to=https://elsewhere.example',
      '/portal//elsewhere.example',
    ]) {
      const response = await it.raw('GET', path, null, {});
      expect(response.headers.get('location') ?? '').not.toMatch(/elsewhere/);
    }
  });
});
