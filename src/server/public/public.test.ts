import { gunzipSync, gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { publicationSettings } from '../../clauses/publication/facts.office.ts';
import { publishFirstPolicy } from '../../clauses/publication/first.ts';
import { officeFlow } from '../../clauses/publication/flows.ts';
import { publicationSettingsOf } from '../../clauses/publication/store.office.ts';
import type { Actor } from '../../kernel/actor.ts';
import { execute, executeAs } from '../../platform/execute.ts';
import type { Env } from '../../platform/http/mount.ts';
import { headersOfEvery, security } from '../../platform/http/security.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readDictionary } from '../../platform/words.ts';
import { rooms, sources } from '../composition.ts';
import { declareShipped } from '../declare.ts';
import { evidenceFor } from '../evidence/evidence.ts';
import { publicPages } from './public.ts';

const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer', 'employee');
const system: Actor = { kind: 'system', id: 'start' };

let world: TestWorld;
let app: Hono;

async function change(settings: object): Promise<void> {
  const wanted = publicationSettings.parse({
    ...(await publicationSettingsOf(world.database.db)),
    ...settings,
  });
  expect(
    await execute(world, officeFlow, { do: 'changeSettings', settings: wanted }, officer),
  ).toMatchObject({ ok: true });
  world.advance({ minutes: 1 });
}

const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers });
const read = async (path: string, headers?: Record<string, string>) =>
  (await get(path, headers)).text();

beforeAll(async () => {
  world = await testWorld({ start: '2026-03-01T00:00:00Z' });
  await sql`
    insert into person (id, name, roles) values (${'00000000-0000-7000-8000-000000000001'}, 'Ono', '{security-officer,employee}')
  `.execute(world.database.db);
  app = await publicPages({
    db: world.database.db,
    now: () => world.now(),
    zone: async () => 'Asia/Tokyo',
    url: 'https://kept.example.com',
    execute: executeAs(world, { kind: 'system', id: 'public' }),
    evidence: (place, id) =>
      evidenceFor(rooms, world.database.db, id, { ...place, seesItems: false }),
  });
});

describe('before the first publication', () => {
  it('says that nothing is published, and names no version', async () => {
    const response = await get('/');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('No policy is published here yet');
    expect((await get('/versions/1')).status).toBe(404);
  });
});

describe('the public page', () => {
  beforeAll(async () => {
    await declareShipped(world, rooms, sources);
    await publishFirstPolicy(
      { asSystem: executeAs(world, system), asApprover: executeAs(world, officer) },
      { languages: ['en', 'ja'], name: { en: 'Example & Sons', ja: '株式会社サンプル' } },
    );
    world.advance({ minutes: 1 });
    await sql`
      insert into promise_status (promise, status, reason, since, proven_at) values
        ('ACC-5', 'kept', '{"code": "kept", "params": {}}', ${world.now()}, ${world.now().subtract({ hours: 2 })}),
        ('ACC-6', 'broken', '{"code": "violations", "params": {"violated": 10, "examined": 5000, "source": "erp"}}',
         ${world.now().subtract({ hours: 48 })}, ${world.now()})`.execute(world.database.db);
    world.advance({ minutes: 1 });
  });

  it('sets the text with the status of each promise, and nothing internal', async () => {
    const page = await read('/?lang=en');
    expect(page).toContain('<html lang="en">');
    expect(page).toContain('1 of 71 promises kept, 1 broken, 69 unknown.');
    expect(page).toContain('Last updated 1 March 2026');
    expect(page).toContain('<span id="ACC-5" class="promise kept" data-promise="ACC-5">');
    expect(page).toContain('proven 2 hours ago');
    expect(page).toContain('since 27 February: 10 of 5,000');
    expect(page).toContain('nothing upholds this yet');
    expect(page).toContain('Example &#38; Sons');
    expect(page).not.toContain('erp');
    expect(page).not.toContain('{{');
  });

  it('opens the evidence of a promise: what upholds it, what was counted, how to verify it', async () => {
    expect(await read('/?lang=en')).toContain('href="/promises/ACC-6?lang=en"');
    const page = await read('/promises/ACC-6?lang=en');
    expect(page).toContain('Promise ACC-6');
    expect(page).toContain('since 27 February: 10 of 5,000');
    expect(page).toContain('It has not been checked yet.');
    expect(page).toContain('href="/ledger/keys"');
    expect(page).not.toContain('erp');
    expect(page).not.toMatch(/<script|\sstyle=/i);
    expect(await read('/promises/ACC-6?lang=ja')).toContain('この約束を支えるもの');
    expect((await get('/promises/ABC-1')).status).toBe(404);
  });

  it('needs no script, and lets the browser take nothing but its own style', async () => {
    const response = await get('/');
    const page = await response.text();
    expect(page).not.toMatch(/<script|javascript:|\son\w+=|\sstyle=/i);
    expect(Object.fromEntries(response.headers)).toMatchObject(
      headersOfEvery('https://kept.example.com'),
    );
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
  });

  it('speaks the language that was asked for, chosen before, or preferred', async () => {
    expect(await read('/?lang=ja')).toContain('<html lang="ja">');
    expect(await read('/', { cookie: 'a=b; lang=ja' })).toContain(
      '71件の約束のうち、履行中1件、不履行1件、不明69件。',
    );
    expect(await read('/', { 'accept-language': 'fr, ja;q=0.8, en;q=0.5' })).toContain(
      '<html lang="ja">',
    );
    expect(await read('/', { 'accept-language': 'fr' })).toContain('<html lang="en">');
    expect((await get('/?lang=ja')).headers.get('set-cookie')).toMatch(/^lang=ja;/);
  });

  it('is small: text and style in 60 kB, zipped', async () => {
    const page = await read('/?lang=ja');
    const sheets = Array.from(page.matchAll(/href="([^"]+\.css)"/g), (match) => match[1] ?? '');
    expect(sheets.length).toBe(2);
    const all = [page, ...(await Promise.all(sheets.map((path) => read(path))))];
    const bytes = all.reduce((sum, text) => sum + gzipSync(text).length, 0);
    expect(bytes).toBeLessThan(60_000);
    expect(bytes).toBeGreaterThan(5_000);
  });

  it('serves the pieces of the Japanese font that the page names, and no other file', async () => {
    const page = await read('/?lang=ja');
    const css = await read(/\/fonts\/[^"]+\.css/.exec(page)?.[0] ?? '');
    const piece = await get(/\/fonts\/noto[^)]+woff2/.exec(css)?.[0] ?? '');
    expect(piece.headers.get('content-type')).toBe('font/woff2');
    expect((await piece.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    expect((await get('/fonts/..%2Fpackage.json')).status).toBe(404);
  });

  it('answers 304 to whoever has it, and zips for whoever can read that', async () => {
    const first = await get('/');
    const etag = first.headers.get('etag') ?? '';
    expect((await get('/', { 'if-none-match': etag })).status).toBe(304);
    const zipped = await get('/', { 'accept-encoding': 'gzip, br' });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString()).toBe(await first.text());
  });

  it('changes within a second when a status does', async () => {
    const etag = (await get('/')).headers.get('etag') ?? '';
    await sql`update promise_status set status = 'kept', reason = '{"code": "kept", "params": {}}' where promise = 'ACC-6'`.execute(
      world.database.db,
    );
    world.advance(world.now().add({ milliseconds: 1001 }));
    const response = await get('/', { 'if-none-match': etag });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('2 of 71 promises kept, 69 unknown.');
  });

  it('hides statuses where the organisation says so', async () => {
    await change({ hideStatuses: true });
    expect((await get('/promises/ACC-6')).status).toBe(404);
    const page = await read('/?lang=en');
    expect(page).not.toMatch(/promises kept|proven|class="promise kept"|Unknown/);
    expect(page).toContain('id="ACC-5"');
    await change({ hideStatuses: false });
  });

  it('lists versions, and shows one with its digest', async () => {
    expect(await read('/versions')).toContain('<a href="/versions/1?lang=en">Version 1</a>');
    expect(await read('/versions/1?lang=ja')).toMatch(/<code>[0-9a-f]{64}<\/code>/);
  });
});

describe('the contact page', () => {
  const post = (form: Record<string, string>) =>
    app.request('/contact?lang=en', { method: 'POST', body: new URLSearchParams(form) });

  it('takes a report without any script', async () => {
    const response = await post({ about: 'Login', details: 'It lets anyone in.', reporter: '' });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Your report has arrived');
    const { rows } = await sql<{ about: string }>`select about from vulnerability_report`.execute(
      world.database.db,
    );
    expect(rows).toEqual([{ about: 'Login' }]);
  });

  it('gives back what was written, escaped, with what is wrong', async () => {
    const response = await post({ about: '', details: '<b>short', reporter: '"><script>' });
    expect(response.status).toBe(422);
    const page = await response.text();
    expect(page).toContain('Say what it is about');
    expect(page).toContain('Describe it in 10 to 20,000 characters.');
    expect(page).toContain('&#34;&#62;&#60;script&#62;');
    expect(page).not.toContain('<script');
  });
});

describe('the contact page, of what it does not take', () => {
  const form = { about: 'Login', details: 'It lets anyone in.', reporter: 'ono@example.com' };
  const reports = async () =>
    (await sql`select from vulnerability_report`.execute(world.database.db)).rows.length;
  let gated: Hono<Env>;

  beforeAll(async () => {
    const words = await readDictionary(`${import.meta.dirname}/../..`);
    gated = new Hono<Env>();
    const named = { ...world, url: 'https://kept.example.com', now: () => world.now() };
    const allowances = { publicPost: { burst: 1, perMinute: 1 } };
    for (const guard of security({ world: named, words, allowances })) gated.use(guard);
    gated.route('/', app as unknown as Hono<Env>);
  });

  const post = (to: { request: Hono['request'] }, body: BodyInit, language: string, more = {}) =>
    to.request('/contact', {
      method: 'POST',
      body,
      headers: {
        ...{ host: 'kept.example.com', 'accept-language': language },
        ...more,
      },
    });

  it('says itself that somebody asks too often, and when again, and keeps what was written', async () => {
    const before = await reports();
    expect((await post(gated, new URLSearchParams(form), 'en')).status).toBe(200);
    const refused = await post(gated, new URLSearchParams(form), 'en');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(refused.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(refused.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await refused.text();
    expect(page).toContain('What you wrote was not sent; send it again in 60 seconds or later.');
    expect(page).toContain('It lets anyone in.</textarea>');
    expect(page).toContain('value="ono@example.com"');
    const japanese = await (await post(gated, new URLSearchParams(form), 'ja')).text();
    expect(japanese).toContain('<html lang="ja">');
    expect(japanese).toContain('60秒以上待ってから');
    expect(await reports()).toBe(before + 1);
  });

  it('says itself that a report is too large, and keeps what was read of it', async () => {
    const before = await reports();
    const written = new URLSearchParams({ ...form, details: 'x'.repeat(300_000) });
    const refused = await post(app, written, 'ja');
    expect(refused.status).toBe(413);
    const page = await refused.text();
    expect(page).toContain('<html lang="ja">');
    expect(page).toContain('256 kBまでです');
    expect(page).toContain('value="Login"');
    const body = `about=Login&details=${'x'.repeat(1_100_000)}`;
    const unread = await post(app, body, 'en', {
      ...{ 'content-type': 'application/x-www-form-urlencoded' },
      'content-length': String(body.length),
    });
    expect(unread.status).toBe(413);
    expect(await unread.text()).toContain('a report has up to 256 kB');
    expect(await reports()).toBe(before);
  });

  it('takes a form that is full, in the script that takes most room', async () => {
    const full = new URLSearchParams({ ...form, details: '\u6f0f'.repeat(20_000) });
    expect((await post(app, full, 'ja')).status).toBe(200);
    const none = await post(app, 'x', 'en', { 'content-type': 'multipart/form-data' });
    expect(none.status).toBe(422);
  });
});

describe('security.txt', () => {
  it('is not there before it has a day of expiry, and then is as RFC 9116 wants it', async () => {
    expect((await get('/.well-known/security.txt')).status).toBe(404);
    expect(await (await get('/versions')).text()).not.toContain('security.txt');
    await change({
      contactEmail: 'security@example.com',
      securityTxt: { expiresOn: '2026-12-31' },
    });
    const response = await get('/.well-known/security.txt');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe(
      [
        'Contact: https://kept.example.com/contact',
        'Contact: mailto:security@example.com',
        'Expires: 2026-12-31T14:59:59Z',
        'Preferred-Languages: en, ja',
        'Canonical: https://kept.example.com/.well-known/security.txt',
        'Policy: https://kept.example.com/',
        '',
      ].join('\r\n'),
    );
  });
});
