import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { bytesOf, must, opened, type SampleAccount, sampleAccount } from '../exports/testing.ts';
import { unzip } from '../exports/unzip.fixture.ts';
import { makeNext } from '../exports/worker.ts';
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

describe('what is held', () => {
  it('is listed, found by name or its beginning, and shown as text', async () => {
    const it = await owner();
    await it.open('/portal');
    expect(it.page.text).toMatch(/drawings<\/a>/);
    expect(it.page.text).toContain('Tokyo');
    await it.open('/portal/collections/drawings?q=b&how=exact');
    expect(it.page.text).toContain('>b</a>');
    expect(it.page.text).not.toContain('図面/');
    await it.open(`/portal/collections/drawings?how=prefix&q=${encodeURIComponent('図面/')}`);
    expect(it.page.text).toContain('図面/&#60;script');
    await it.open(`/portal/objects/${await idIn('vault_object')}`);
    expect(it.page.text).toContain('<pre class="preview" tabindex="0">&#60;b&#62;&#60;script');
  });

  it('is downloaded as a file that can do nothing, also from the middle', async () => {
    const it = await owner();
    const path = `/portal/objects/${await idIn('vault_object')}/content`;
    const whole = await it.raw('GET', path, null, {});
    expect(await whole.text()).toBe(`<b>${script}</b>`);
    expect(whole.headers.get('content-type')).toBe('application/octet-stream');
    expect(whole.headers.get('content-disposition')).toMatch(/^attachment; filename="/);
    expect(whole.headers.get('content-security-policy')).toMatch(/sandbox/);
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    const part = await it.raw('GET', path, null, { range: 'bytes=3-9' });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      'bytes 3-9/32',
      '<script',
    ]);
    expect((await it.raw('GET', path, null, { range: 'bytes=900-' })).status).toBe(416);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from vault_unwrap
      where by_kind = 'customer' and by_id = ${account.owner.id} and purpose = 'download'`.execute(
      world.database.db,
    );
    expect(rows[0]?.n).toBeGreaterThan(0);
  });

  it('is added and replaced, but not where somebody was faster', async () => {
    const it = await owner();
    await it.open('/portal/collections/drawings');
    await it.upload(
      '/portal/collections/drawings/upload',
      { name: '新しい図面.txt' },
      new File(['new\r\n--content'], 'x'),
    );
    expect(it.page.text).toContain('新しい図面.txt');
    expect(it.page.text).toContain('--content');
    const id = /\/portal\/objects\/([0-9a-f-]{36})\/replace/.exec(it.page.text)?.[1] ?? '';
    await it.upload(`/portal/objects/${id}/replace`, { revision: '1' }, new File(['second'], 'x'));
    expect(it.page.text).toContain('second');
    await it.upload(`/portal/objects/${id}/replace`, { revision: '1' }, new File(['third'], 'x'));
    expect(it.page.status).toBe(422);
    expect(it.page.text).toContain('changed meanwhile');
    await it.upload(
      '/portal/collections/drawings/upload',
      { token: 'wrong', name: 'y' },
      new File(['y'], 'y'),
    );
    expect(it.page.status).toBe(403);
  });

  it('is edited as JSON, with what is wrong said, and never over somebody else’s change', async () => {
    const it = await owner();
    const path = `/portal/records/${await idIn('vault_record')}`;
    await it.open(path);
    await it.send(path, { revision: '1', value: '{"amount": 4' });
    expect([it.page.status, it.page.text.includes('This is not JSON')]).toEqual([422, true]);
    await it.send(path, { revision: '1', value: '[1]' });
    expect(it.page.text).toContain('must be an object');
    await it.send(path, { revision: '1', value: '{"amount": 4}' });
    expect([it.page.status, it.page.text.includes('Saved.')]).toEqual([200, true]);
    await it.send(path, { revision: '1', value: '{"amount": 5}' });
    expect(it.page.status).toBe(409);
    await it.open(path);
    expect(it.page.text).toContain('&#34;amount&#34;: 4');
  });
});

describe('deleting', () => {
  it('asks for the name, and says in the ledger how much went', async () => {
    const it = await owner();
    const id = await idIn('vault_object');
    await it.open(`/portal/objects/${id}/delete`);
    await it.send(`/portal/objects/${id}/delete`, { confirm: 'something else' });
    expect(it.page.status).toBe(422);
    await it.send(`/portal/objects/${id}/delete`, { confirm: `図面/${script}.txt` });
    expect(it.page.text).toContain('1 files and 0 records were deleted');
    expect((await it.open(`/portal/objects/${id}`)).status).toBe(404);
    expect(await entriesOf(world, account.customerId)).toContain('CustomerDeleted');
  });

  it('takes several, a collection, or everything, and nothing of others', async () => {
    const it = await owner();
    await it.open('/portal/collections/drawings');
    const ids = [...it.page.text.matchAll(/name="object" value="([^"]+)"/g)].map(
      (match) => match[1] ?? '',
    );
    const theirs = await idIn('vault_object', others);
    await it.send('/portal/collections/drawings/selected', {
      object: [...ids.slice(0, 1), theirs],
    });
    expect(it.page.text).toContain('type: drawings');
    await it.send('/portal/collections/drawings/selected', {
      object: [...ids.slice(0, 1), theirs],
      confirm: 'drawings',
    });
    expect(it.page.text).toContain('1 files and 0 records were deleted');
    await it.send('/portal/collections/drawings/delete', { confirm: 'drawings' });
    expect(it.page.text).toContain('1 files and 0 records');
    await it.open('/portal/delete');
    await it.send('/portal/delete', { confirm: key });
    expect(it.page.text).toContain('0 files and 1 records');
    expect(await idIn('vault_object', others)).toBe(theirs);
    await it.open('/portal');
    expect(it.page.text).toContain('Nothing is stored here.');
  });
});

describe('exporting', () => {
  it('is asked for, made, loaded by hand and by a link that a program resumes', async () => {
    const it = await owner();
    await it.open('/portal/export');
    await it.send('/portal/export', { form: 'plain' });
    expect(it.page.text).toContain('waiting');
    await it.send('/portal/export', { form: 'plain' });
    expect(it.page.text).toContain('being made already');
    await makeNext(world, world.newId(), new AbortController().signal);
    await it.open('/portal/export');
    expect(it.page.text).toContain('ready');
    const id = /id="export-([^"]+)"/.exec(it.page.text)?.[1] ?? '';
    const progress = await it.raw('GET', `/portal/export/${id}/progress`, null, {});
    expect(await progress.json()).toMatchObject({ state: 'done', percent: 100 });
    const bytes = Buffer.from(
      await (await it.raw('GET', `/portal/export/${id}/archive`, null, {})).arrayBuffer(),
    );
    expect(unzip(bytes).map(({ path }) => path)).toContain('records/orders/00001.json');
    await it.send(`/portal/export/${id}/link`, {});
    const link =
      /<code class="secret" tabindex="0">https?:\/\/[^/]+([^<]+)</.exec(it.page.text)?.[1] ?? '';
    const program = browser();
    const head = await program.raw('GET', link, null, { range: 'bytes=0-99' });
    const tag = head.headers.get('etag') ?? '';
    const rest = await program.raw('GET', link, null, { range: 'bytes=100-', 'if-range': tag });
    const both = Buffer.concat([
      Buffer.from(await head.arrayBuffer()),
      Buffer.from(await rest.arrayBuffer()),
    ]);
    expect(both.equals(bytes)).toBe(true);
    expect((await program.open(`${link.slice(0, -2)}AA`)).status).toBe(404);
    const theirs = await signedIn(world, browser(), 'owner@others.example.com');
    expect((await theirs.open(`/portal/export/${id}/archive`)).status).toBe(404);
    world.advance({ hours: 24 });
    expect((await program.open(link)).status).toBe(404);
  });

  it('gives the key to owners alone', async () => {
    const member = await signedIn(world, browser(), addressOf('member'));
    await member.open('/portal/export?lang=en');
    await member.send('/portal/export/identity', {});
    expect([member.page.status, member.page.text.includes('AGE-SECRET')]).toEqual([422, false]);
    const it = await owner();
    await it.open('/portal/export');
    await it.send('/portal/export/identity', {});
    expect(it.page.text).toMatch(/^#.*\nAGE-SECRET-KEY-1/);
    expect(await entriesOf(world, account.customerId)).toContain('IdentityTaken');
  });
});
