import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { bytesOf, must, opened, type SampleAccount, sampleAccount } from '../exports/testing.ts';
import { unzip } from '../exports/unzip.fixture.ts';
import { makeNext } from '../exports/worker.ts';
import { entriesOf, FormBrowser, portalOf, signedIn } from './testing.ts';

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

describe('customerHelpsThemselves (RET-4): what is held', () => {
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

describe('customerHelpsThemselves (RET-4): deleting', () => {
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

describe('customerHelpsThemselves (RET-4): exporting', () => {
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
