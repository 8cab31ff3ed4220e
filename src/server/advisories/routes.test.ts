import { Hono } from 'hono';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  advisoryOf,
  type Sample,
  tarGzOf,
  zipOf,
} from '../../advisories/archives/archives.fixture.ts';
import type { Actor } from '../../kernel/actor.ts';
import { type Env, mountRoutes } from '../../platform/http/mount.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { type Dictionary, readDictionary } from '../../platform/words.ts';
import { routes } from '../../registers/advisories/routes.ts';
import { sources } from '../composition.ts';
import { advisoryRoutes } from './routes.ts';
import { importerOf } from './testing.ts';

const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer');
const engineer = actorWith('00000000-0000-7000-8000-000000000002', 'engineer');
const employee = actorWith('00000000-0000-7000-8000-000000000003', 'employee');

let words: Dictionary;
let world: TestWorld;
let app: Hono<Env>;
let actor: Actor;

beforeAll(async () => {
  words = await readDictionary(sources);
});

beforeEach(async () => {
  world = await testWorld();
  actor = officer;
  app = new Hono<Env>();
  app.use(async (c, next) => {
    c.set('actor', actor);
    await next();
  });
  mountRoutes(app, { ...routes, ...advisoryRoutes(world) }, { world, words, checkAnswers: true });
});

async function ask(
  method: string,
  path: string,
  body?: Uint8Array | ReadableStream | object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const isFile = body instanceof Uint8Array || body instanceof ReadableStream;
  const answer = await app.request(`/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: isFile ? (body as BodyInit) : JSON.stringify(body) }),
    headers: { 'content-type': isFile ? 'application/octet-stream' : 'application/json' },
    duplex: 'half',
  } as RequestInit);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('a file of advisories', () => {
  test('is taken as a body, imported beside the request, and shown with what was set aside', async () => {
    const broken = { name: 'broken.json', text: '{' };
    const bytes = tarGzOf([advisoryOf('GHSA-1', { aliases: ['CVE-2026-0001'] }), broken]);
    const asked = await ask('POST', '/advisory-imports/osv?name=npm.tar.gz', bytes);
    expect(asked.status).toBe(200);
    const path = `/advisory-imports/${asked.body['importId']}`;
    expect((await ask('GET', path)).body).toMatchObject({ state: 'waiting', origin: 'npm.tar.gz' });
    await importerOf(world).runDue();
    expect((await ask('GET', path)).body).toMatchObject({
      state: 'done',
      added: 1,
      refused: 1,
      setAside: [{ name: 'broken.json' }],
    });
    const shown = await ask('GET', '/vulnerabilities/GHSA-1');
    expect(shown.body).toMatchObject({ name: 'CVE-2026-0001', names: ['CVE-2026-0001', 'GHSA-1'] });
    const list = await ask('GET', '/advisory-imports');
    expect(list.body).toMatchObject({ total: 1, items: [{ state: 'done', kind: 'osv' }] });
  });

  test('brings up to date what it is said to be all of, unless it is plainly less', async () => {
    const many = (n: number, prefix = 'OSV', ecosystem = 'npm') =>
      Array.from({ length: n }, (_, at) => advisoryOf(`${prefix}-${at}`, { ecosystem }));
    const send = async (query: string, files: readonly Sample[]) => {
      const asked = await ask('POST', `/advisory-imports/osv?name=a.zip${query}`, zipOf(files));
      await importerOf(world, { atOnce: 3 }).runDue();
      return (await ask('GET', `/advisory-imports/${asked.body['importId']}`)).body;
    };
    expect(await send('', many(10))).toMatchObject({ covers: [], covered: [] });
    expect(await send('&covers=npm', many(4))).toMatchObject({ covers: ['npm'], covered: [] });
    expect(await send('&covers=npm,Go,npm', many(10))).toMatchObject({
      covers: ['Go', 'npm'],
      covered: ['npm'],
    });
    // All of another ecosystem is nothing of this one, and one advisory ten times is one.
    const go = many(10, 'GO', 'Go');
    expect(await send('&covers=npm', go)).toMatchObject({ added: 10, covered: [] });
    const [one] = many(1);
    const same = Array.from({ length: 10 }, (_, at) => ({
      name: `${at}.json`,
      text: one?.text ?? '',
    }));
    expect(await send('&covers=npm', same)).toMatchObject({ unchanged: 10, covered: [] });
    const releases = ['Debian:11', 'Debian:12'].flatMap((each, at) => many(5, `DSA-${at}`, each));
    expect(await send('&covers=Debian', releases)).toMatchObject({ covered: ['Debian'] });
    const left = await sql`select from advisory_counted`.execute(world.database.db);
    expect(left.rows).toEqual([]);
    const wrong = await ask('POST', '/advisory-imports/osv?covers=npm,,Go', zipOf(many(1)));
    expect(wrong.status).toBe(400);
  });

  test('that is damaged, empty or something else is refused with a word, and leaves nothing', async () => {
    const whole = zipOf([advisoryOf('OSV-1'), advisoryOf('OSV-2')]);
    const flipped = Buffer.from(whole);
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    const cases: readonly [Uint8Array, string, string][] = [
      [flipped, 'osv', 'archiveDamaged'],
      [whole.subarray(0, 300), 'osv', 'archiveDamaged'],
      [Buffer.alloc(0), 'osv', 'archiveEmpty'],
      [Buffer.from('<html>'), 'osv', 'archiveUnknown'],
      [Buffer.from('{}'), 'kev', 'feedUnexpected'],
      [Buffer.from('cve,epss'), 'epss', 'feedUnexpected'],
      [Buffer.from([0x1f, 0x8b, 8, 0, 1]), 'epss', 'archiveDamaged'],
    ];
    for (const [bytes, kind, code] of cases) {
      const refused = await ask('POST', `/advisory-imports/${kind}`, bytes);
      expect([refused.status, refused.body['code']]).toEqual([422, code]);
      expect(refused.body['detail']).not.toContain('{');
    }
    expect((await ask('GET', '/advisory-imports')).body).toMatchObject({ total: 0 });
    expect(await importerOf(world).runDue()).toBe(0);
  });

  test('larger than its limit is refused while it comes', async () => {
    const piece = new Uint8Array(1024 * 1024);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 200) controller.close();
        else controller.enqueue(piece);
      },
    });
    const refused = await ask('POST', '/advisory-imports/kev', endless);
    expect([refused.status, refused.body['code']]).toEqual([413, 'tooLarge']);
    expect(sent).toBeLessThan(70);
  });

  test('is for the security officer to bring', async () => {
    const bytes = zipOf([advisoryOf('OSV-1')]);
    for (const [who, status] of [
      [engineer, 403],
      [employee, 403],
      [officer, 200],
    ] as const) {
      actor = who;
      expect((await ask('POST', '/advisory-imports/osv', bytes)).status).toBe(status);
    }
  });
});

describe('the feeds', () => {
  test('are off as shipped, and changed by the officer alone, one at a time', async () => {
    const { body } = await ask('GET', '/advisory-feeds');
    const items = body['items'] as { kind: string; on: boolean; version: number }[];
    expect(items.map(({ kind, on }) => [kind, on])).toEqual([
      ['osv', false],
      ['kev', false],
      ['epss', false],
    ]);
    const changes = { on: true, ecosystems: ['npm', 'Debian:12'], everyHours: 6 };
    const given = { version: 1, changes };
    actor = engineer;
    expect((await ask('PATCH', '/advisory-feeds/osv', given)).status).toBe(403);
    actor = officer;
    expect((await ask('PATCH', '/advisory-feeds/osv', given)).status).toBe(200);
    expect((await ask('PATCH', '/advisory-feeds/osv', given)).status).toBe(409);
    const wrong = { version: 2, changes: { ecosystems: ['../../etc'] } };
    expect((await ask('PATCH', '/advisory-feeds/osv', wrong)).status).toBe(400);
    const address = { version: 2, changes: { address: 'file:///etc/passwd' } };
    expect((await ask('PATCH', '/advisory-feeds/osv', address)).status).toBe(400);
    const nothing = { version: 2, changes: { everyHours: 6 } };
    expect((await ask('PATCH', '/advisory-feeds/osv', nothing)).body['code']).toBe(
      'nothingToChange',
    );
    const [osv] = (await ask('GET', '/advisory-feeds')).body['items'] as object[];
    expect(osv).toMatchObject({ on: true, ecosystems: ['npm', 'Debian:12'], everyHours: 6 });
  });

  test('are fetched now where somebody asks, once at a time', async () => {
    const asked = await ask('POST', '/advisory-feeds/kev/update', {});
    expect(asked.status).toBe(200);
    const again = await ask('POST', '/advisory-feeds/kev/update', {});
    expect([again.status, again.body['code']]).toEqual([422, 'importUnderWay']);
    // Nothing outside answers here: it waits for its next try, and says why.
    await importerOf(world).runDue();
    const shown = await ask('GET', `/advisory-imports/${asked.body['importId']}`);
    expect(shown.body).toMatchObject({ state: 'waiting', problem: 'feedUnreachable' });
  });
});

describe('a scan', () => {
  const lockfile = JSON.stringify({
    name: 'sample',
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { top: '^1.0.0' } },
      'node_modules/top': { version: '1.0.0', dependencies: { 'left-pad': '^1.0.0' } },
      'node_modules/left-pad': { version: '1.3.0' },
    },
  });

  test('by the server says what the register knows of a lockfile, and stores nothing', async () => {
    const severity = [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' }];
    const files = [
      advisoryOf('GHSA-1', { aliases: ['CVE-2026-0001'], severity }),
      advisoryOf('OSV-2', { aliases: ['CVE-2026-0001'], fixed: '1.4.0' }),
      advisoryOf('OSV-3', { withdrawn: '2026-01-01T00:00:00Z' }),
      advisoryOf('OSV-4', { fixed: '1.2.0' }),
    ];
    await ask('POST', '/advisory-imports/osv', zipOf(files));
    const kev = { cveID: 'CVE-2026-0001', dateAdded: '2026-01-02' };
    const catalogue = Buffer.from(JSON.stringify({ vulnerabilities: [kev] }));
    await ask('POST', '/advisory-imports/kev', catalogue);
    await importerOf(world).runDue();
    actor = engineer;
    const text = 'requests==2.31.0\n';
    const sent = {
      files: [
        { name: 'web/package-lock.json', text: lockfile },
        { name: 'requirements.txt', text },
      ],
    };
    const scanned = await ask('POST', '/scans', sent);
    expect(scanned.status).toBe(200);
    expect(scanned.body).toMatchObject({
      files: [
        {
          name: 'web/package-lock.json',
          components: 2,
          matches: [
            {
              component: { name: 'left-pad', version: '1.3.0' },
              ids: ['CVE-2026-0001', 'GHSA-1', 'OSV-2'],
              severity: 'high',
              exploitedSince: '2026-01-02',
              fixedIn: '1.4.0',
              path: ['top', 'left-pad'],
            },
          ],
        },
        { name: 'requirements.txt', matches: [] },
      ],
      unjudged: [{ ecosystem: 'PyPI', components: 1 }],
    });
    const matched = (scanned.body['files'] as { matches: unknown[] }[])[0]?.matches;
    expect(matched).toHaveLength(1);
  });

  test('of what is no inventory is refused, and not for everybody to ask', async () => {
    const sent = { files: [{ name: 'package-lock.json', text: lockfile.slice(0, 40) }] };
    const refused = await ask('POST', '/scans', sent);
    expect([refused.status, refused.body['code']]).toEqual([422, 'fileUnread']);
    actor = employee;
    expect((await ask('POST', '/scans', sent)).status).toBe(403);
  });
});
