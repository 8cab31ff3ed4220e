import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  advise,
  backlog,
  company,
  engineer,
  lockfile,
  officer,
  react,
  requestOf,
  vectors,
} from '../../clauses/vulnerabilities/backlog.fixture.ts';
import { routes as backlogRoutes } from '../../clauses/vulnerabilities/routes.ts';
import { FakeRepository } from '../../connectors/github/fake.repositories.ts';
import { FakeGithub } from '../../connectors/github/fake.ts';
import { codeAlert, dependabotAlert } from '../../inventory/reports/samples.fixture.ts';
import { execute } from '../../platform/execute.ts';
import { outgoing } from '../../platform/http/outgoing.ts';
import { mute } from '../../platform/log.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import { connectionFlow } from '../../registers/connections/store.ts';
import { routes as sourceRoutes } from '../../registers/sources/routes.ts';
import { hookHandler, hookRoutes } from '../connections/hooks.ts';
import { sealSecret } from '../connections/secrets.ts';
import { carryOutIssues } from './issues.ts';
import { createSourceRunner } from './runner.ts';
import { look, site } from './site.fixture.ts';

mute();

const token = 'example-token-of-the-fake';
const signal = new AbortController().signal;

describe('sources read by themselves (VUL-1, VUL-2)', async () => {
  const world = await testWorld();
  const { db } = world.database;
  const fake = new FakeGithub('example', token);
  const shop = new FakeRepository(fake, 'shop');
  const outside = {
    connectors: {},
    fetch: outgoing({ internalHosts: ['127.0.0.1'] }),
    wait: async () => undefined,
    look,
  };
  const connectionId = world.newId();
  let sourceId = '';

  beforeAll(async () => {
    await company(world);
    await fake.listen();
    const setUp = {
      do: 'setUpConnection',
      id: connectionId,
      system: 'shop',
      kind: 'github',
      settings: { organisation: 'example', apiUrl: fake.url, appId: '', installationId: '' },
      secret: sealSecret(world.keys, connectionId, 'reading', { key: token }),
      everyHours: 24,
    } as const;
    expect(await execute(world, connectionFlow, setUp, officerActor)).toMatchObject({ ok: true });
    sourceId = await registered(
      'shop-code',
      'repository',
      'https://github.com/Example/shop.git',
      connectionId,
    );
  });
  afterAll(() => fake.close());
  beforeEach(() => {
    fake.fault = () => null;
    fake.asked.length = 0;
  });

  const officerActor = actorWith(officer, 'security-officer', 'employee');
  async function registered(
    key: string,
    kind: 'repository' | 'website',
    location: string,
    connection: string | null,
  ) {
    const input = sourceRoutes.registerSource.input.parse({
      key,
      name: key,
      kind,
      location,
      systemId: '01900000-0000-7000-8000-000000000011',
      connectionId: connection,
      cadenceDays: 7,
    });
    const answer = await sourceRoutes.registerSource.handle(requestOf(world, officer), input);
    if ('stream' in answer || !answer.ok) throw new Error(JSON.stringify(answer));
    return answer.value.id;
  }
  const run = () => createSourceRunner(world, outside, world.newId()).runDue();
  const settled = async (id = sourceId) => await react(world, 'SourceAudited', `source/${id}`);
  const reading = async (id = sourceId) => {
    const answer = await sourceRoutes.showSourceReading.handle(requestOf(world, engineer), { id });
    if ('stream' in answer || !answer.ok) throw new Error('no reading');
    return answer.value;
  };
  const audits = async (id = sourceId) => {
    const { rows } = await sql`
      select way, complete, components, by from audit where source_id = ${id} order by at`.execute(
      db,
    );
    return rows;
  };

  describe('a repository', () => {
    test('is read once it is registered: lockfiles become an audit, alerts findings', async () => {
      await advise(world, [
        { id: 'KEPT-SAMPLE-1', name: 'sample-a', fixed: '1.2.0', vector: vectors.high },
      ]);
      shop.files.set('package-lock.json', lockfile({ 'sample-a': '1.0.0' }));
      shop.dependabot = [dependabotAlert];
      shop.codeScanning = [codeAlert];
      expect(await run()).toBe(1);
      await settled();
      expect(await audits()).toEqual([
        { way: 'github', complete: true, components: 1, by: 'system/sources' },
      ]);
      expect(await backlog(world)).toEqual([
        expect.stringMatching(/^CVE-2018-6188 django shop open critical/),
        expect.stringMatching(/^KEPT-SAMPLE-1 sample-a shop open high/),
        expect.stringMatching(/^codeql\/js\/zipslip src\/unpack.js shop open high/),
      ]);
      expect(await reading()).toMatchObject({ reads: true, gaps: [], problem: null });
      expect(await run()).toBe(0);
    });

    test('is read again the next day: what is gone is fixed; alerts only where they changed', async () => {
      world.advance({ hours: 24 });
      shop.files.set('package-lock.json', lockfile({ 'sample-a': '1.2.0' }));
      shop.dependabot = [];
      expect(await run()).toBe(1);
      await settled();
      expect(fake.asked.filter((one) => one.includes('/code-scanning/'))).toHaveLength(1);
      expect((await backlog(world)).map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
        'CVE-2018-6188 django shop fixed',
        'KEPT-SAMPLE-1 sample-a shop fixed',
        'codeql/js/zipslip src/unpack.js shop open',
      ]);
    });

    test('of which a lockfile is cut in half proves nothing gone', async () => {
      world.advance({ hours: 24 });
      shop.files.set('web/package-lock.json', '{"lockfileVersion":3,"pack');
      expect(await run()).toBe(1);
      expect((await audits()).at(-1)).toMatchObject({ complete: false, components: 1 });
      shop.files.delete('web/package-lock.json');
    });

    test('whose alerts may not be read says which permission is missing, and fixes nothing by it', async () => {
      world.advance({ hours: 24 });
      shop.forbidden.add('codeScanning');
      expect(await run()).toBe(1);
      expect(await reading()).toMatchObject({
        gaps: [{ of: 'codeScanning', permission: 'codeScanning=read' }],
      });
      expect((await backlog(world)).at(-1)).toContain('shop open');
      shop.forbidden.clear();
    });

    test('that cannot be read is tried again, later and later, and its problem is shown', async () => {
      world.advance({ hours: 24 });
      fake.fault = () => ({ status: 404 });
      expect(await run()).toBe(1);
      const failed = await reading();
      expect(failed).toMatchObject({ problem: 'settingsWrong' });
      expect(await run()).toBe(0);
      fake.fault = () => null;
      world.advance({ minutes: 6 });
      expect(await run()).toBe(1);
      expect(await reading()).toMatchObject({ problem: null });
    });

    test('is read when somebody asks, and not before', async () => {
      expect(await run()).toBe(0);
      const answer = await sourceRoutes.readSource.handle(requestOf(world, engineer), {
        id: 'shop-code',
      });
      expect(answer).toMatchObject({ ok: true });
      expect(await run()).toBe(1);
    });
  });

  describe('webhooks', () => {
    let secret = '';
    const app = hookHandler(world);
    const deliver = async (event: string, payload: object, id: string, signedWith = secret) => {
      const { body, headers } = shop.delivery(event, payload, signedWith, id);
      return await app.request(`/${connectionId}`, { method: 'POST', body, headers });
    };

    test('are signed with a secret that is shown once, and taken with no other', async () => {
      expect((await deliver('ping', {}, 'd0', 'anything')).status).toBe(401);
      const set = await hookRoutes(world).setUpHook.handle(requestOf(world, officer), {
        id: connectionId,
      });
      if ('stream' in set || !set.ok) throw new Error(JSON.stringify(set));
      secret = set.value.secret;
      expect(set.value.url).toBe(`${world.url}/hooks/github/${connectionId}`);
      expect((await deliver('ping', {}, 'd1', 'another secret')).status).toBe(401);
      expect((await deliver('ping', {}, 'd1')).status).toBe(202);
      const { rows } = await sql<{ secret: Buffer }>`select secret from connection_hook`.execute(
        db,
      );
      expect(rows[0]?.secret.toString()).not.toContain(secret);
      const elsewhere = await app.request(`/${world.newId()}`, { method: 'POST', body: '{}' });
      expect(elsewhere.status).toBe(401);
    });

    test('of an alert are taken in at once, once, and make the repository be read again', async () => {
      const alert = { ...dependabotAlert, number: 9 };
      expect(
        (await deliver('dependabot_alert', { action: 'reintroduced', alert }, 'd2')).status,
      ).toBe(202);
      expect(await backlog(world)).toContainEqual(
        expect.stringMatching(/^CVE-2018-6188 django shop open .* x1$/),
      );
      expect(
        (await deliver('dependabot_alert', { action: 'reintroduced', alert }, 'd2')).status,
      ).toBe(200);
      expect(
        (await deliver('dependabot_alert', { action: 'reintroduced', alert }, 'd3')).status,
      ).toBe(409);
      expect((await deliver('dependabot_alert', { action: 'created', alert }, 'd2')).status).toBe(
        409,
      );
      expect(await run()).toBe(1);
      // GitHub itself does not have it: that, and not the delivery, is what counts in the end.
      expect(await backlog(world)).toContainEqual(
        expect.stringMatching(/^CVE-2018-6188 django shop fixed/),
      );
    });

    test('of a push read the repository again only where a lockfile was pushed', async () => {
      const push = (path: string) => ({ ref: 'refs/heads/main', commits: [{ modified: [path] }] });
      expect((await deliver('push', push('README.md'), 'd4')).status).toBe(202);
      expect(await run()).toBe(0);
      expect((await deliver('push', push('package-lock.json'), 'd5')).status).toBe(202);
      expect(await run()).toBe(1);
    });

    test('that are malformed, or say what they are not, are refused', async () => {
      expect((await deliver('dependabot_alert', { alert: {} }, 'd6')).status).toBe(422);
      expect((await deliver('Dependabot', {}, 'd7')).status).toBe(400);
      expect((await deliver('push', { ref: 'x' }, '../..')).status).toBe(400);
    });
  });

  describe('issues', () => {
    const ask = async () => {
      const { rows } = await sql<{ id: string }>`
        select id from backlog_item where state = 'open' order by id`.execute(db);
      const ids = rows.map(({ id }) => id);
      return await backlogRoutes.createIssues.handle(requestOf(world, engineer), {
        ids,
        repository: 'example/shop',
      });
    };
    const issues = async () => {
      const { rows } =
        await sql`select repository, number, state from backlog_issue order by number`.execute(db);
      return rows;
    };

    test('are made only where somebody has let the connection act', async () => {
      expect(await ask()).toMatchObject({ ok: false, refusal: { code: 'actingIsOff' } });
      const acting = sealSecret(world.keys, connectionId, 'acting', { key: token });
      const on = { do: 'switchActing', id: connectionId, on: true, secret: acting } as const;
      await execute(world, connectionFlow, on, officerActor);
      expect(await ask()).toMatchObject({ ok: true, value: { asked: 1 } });
      expect(await ask()).toMatchObject({ ok: true, value: { asked: 0 } });
      await carryOutIssues(world, outside, signal);
      expect(await issues()).toEqual([{ repository: 'Example/shop', number: 1, state: 'open' }]);
      expect(shop.issues[0]?.title).toMatch(
        /^V-\d+: codeql\/js\/zipslip in src\/unpack.js \(Shop\)$/,
      );
    });

    test('are not made a second time by a process that follows one that died before it said so', async () => {
      await sql`insert into issue_order (item_id, source_id, repository, asked_at, asked_by, not_before)
        select item_id, ${sourceId}, repository, ${world.now()}, 'test', ${world.now()} from backlog_issue`.execute(
        db,
      );
      await sql`delete from backlog_issue`.execute(db);
      await carryOutIssues(world, outside, signal);
      expect(shop.issues).toHaveLength(1);
      expect(await issues()).toEqual([{ repository: 'Example/shop', number: 1, state: 'open' }]);
    });

    test('are followed, and close no item', async () => {
      const [issue] = shop.issues;
      if (issue) issue.state = 'closed';
      await carryOutIssues(world, outside, signal);
      expect(await issues()).toMatchObject([{ state: 'open' }]);
      world.advance({ hours: 7 });
      await carryOutIssues(world, outside, signal);
      expect(await issues()).toMatchObject([{ state: 'closed' }]);
      expect((await backlog(world)).at(-1)).toContain('shop open');
    });

    test('that GitHub refuses are given up and can be asked for again', async () => {
      await sql`delete from backlog_issue`.execute(db);
      shop.issues.length = 0;
      shop.forbidden.add('issues');
      expect(await ask()).toMatchObject({ ok: true, value: { asked: 1 } });
      await carryOutIssues(world, outside, signal);
      expect(await issues()).toEqual([]);
      shop.forbidden.clear();
      expect(await ask()).toMatchObject({ ok: true, value: { asked: 1 } });
      await carryOutIssues(world, outside, signal);
      expect(await issues()).toHaveLength(1);
    });
  });

  describe('a website', () => {
    let siteId = '';
    test('is looked at by its cadence: its libraries are matched, its rules are items', async () => {
      await advise(world, [
        { id: 'KEPT-SAMPLE-2', name: 'jquery', fixed: '3.4.0', vector: vectors.low },
      ]);
      site.page = {
        status: 200,
        headers: new Headers({
          'strict-transport-security': 'max-age=31536000',
          'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
          'referrer-policy': 'no-referrer',
        }),
        body: '<script src="https://cdn.example.com/npm/jquery@3.3.1/dist/jquery.min.js"></script>',
        cut: false,
      };
      siteId = await registered('shop-site', 'website', 'https://www.example.com/', null);
      expect(await run()).toBeGreaterThan(0);
      await settled(siteId);
      expect(await audits(siteId)).toEqual([
        { way: 'passive', complete: true, components: 1, by: 'system/sources' },
      ]);
      const lines = await backlog(world);
      expect(lines).toContainEqual(expect.stringMatching(/^KEPT-SAMPLE-2 jquery shop open/));
      expect(lines).toContainEqual(
        expect.stringMatching(
          /^site\/content-type-sniffing https:\/\/www.example.com shop open low/,
        ),
      );
      const { nextAt } = await reading(siteId);
      const days =
        world
          .now()
          .until(Temporal.Instant.from(nextAt ?? ''))
          .total('hours') / 24;
      expect(days).toBe(6.5);
    });

    test('that was put right is found to be, and only then', async () => {
      world.advance({ hours: 24 * 7 });
      site.page.headers.set('x-content-type-options', 'nosniff');
      site.fails = true;
      await run();
      expect(await reading(siteId)).toMatchObject({ problem: 'sourceFails' });
      expect(await backlog(world)).toContainEqual(
        expect.stringMatching(/^site\/content-type-sniffing .* open/),
      );
      site.fails = false;
      world.advance({ minutes: 10 });
      await run();
      expect(await backlog(world)).toContainEqual(
        expect.stringMatching(/^site\/content-type-sniffing .* fixed/),
      );
    });
  });

  test('two processes never read the same source at once, and one that died is followed', async () => {
    world.advance({ hours: 24 * 8 });
    const both = await Promise.all([run(), run()]);
    expect(both[0] + both[1]).toBe(2);
    world.advance({ hours: 24 * 8 });
    let reached: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const dying = {
      ...outside,
      fetch: (() => {
        reached();
        return new Promise<Response>(() => undefined);
      }) as typeof fetch,
      look: { ...look, handshake: () => new Promise<null>(() => reached()) },
    };
    void createSourceRunner(world, dying, 'dead').runDue();
    await stuck;
    expect(await run()).toBe(1);
    world.advance({ minutes: 16 });
    expect(await run()).toBe(1);
  });
});
