import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextFor } from '../../platform/execute.ts';
import { testWorld } from '../../platform/testing/world.ts';
import { keptOfImports } from '../../registers/advisories/store.kinds.ts';
import {
  advise,
  audit,
  backlog,
  company,
  depot,
  engineer,
  exploit,
  officer,
  react,
  requestOf,
  shop,
  source,
  vectors,
} from './backlog.fixture.ts';
import { routes as backlogRoutes } from './routes.ts';

describe('the backlog follows from what is known', async () => {
  const world = await testWorld();
  const { db } = world.database;
  let web = '';
  beforeAll(async () => {
    await company(world);
    web = await source(world, 'web');
  });

  test('an audit opens what is known of its packages, with class, deadline and assignee', async () => {
    await advise(world, [
      { id: 'KEPT-SAMPLE-1', name: 'sample-a', fixed: '1.2.0', vector: vectors.critical },
      { id: 'KEPT-SAMPLE-2', name: 'sample-b', fixed: '3.0.0', vector: vectors.low },
    ]);
    expect(await backlog(world)).toEqual([]);
    const recorded = await audit(world, web, { 'sample-a': '1.0.0', 'sample-c': '1.0.0' });
    expect(recorded).toMatchObject({ components: 2, added: 2, gone: 0, complete: true });
    expect(await backlog(world)).toEqual(['KEPT-SAMPLE-1 sample-a shop open critical 01-12']);
    const { rows } = await sql`
      select assignee_id, score, fix_version from backlog_item`.execute(db);
    expect(rows).toEqual([{ assignee_id: engineer, score: '9.8', fix_version: '1.2.0' }]);
    expect(world.sent).toMatchObject([
      { kind: 'mail', to: engineer, template: 'vulnerabilities.given', params: { count: 1 } },
    ]);
  });

  test('a new advisory opens an item, its deadline and its assignee without another audit', async () => {
    world.advance({ hours: 24 });
    await advise(world, [{ id: 'KEPT-SAMPLE-3', name: 'sample-c', vector: vectors.high }]);
    expect(await backlog(world)).toEqual([
      'KEPT-SAMPLE-1 sample-a shop open critical 01-12',
      'KEPT-SAMPLE-3 sample-c shop open high 02-05',
    ]);
    expect(world.sent).toHaveLength(2);
  });

  test('the log of imports goes when its time is over, and the backlog stays', async () => {
    const before = await backlog(world);
    const { rows } = await sql<{ id: string }>`
      select import_id as id from import_settled`.execute(db);
    expect(rows.length).toBeGreaterThan(0);
    const [imports] = keptOfImports;
    const ids = rows.map(({ id }) => id);
    const context = await contextFor(world, { kind: 'system', id: 'night' });
    await db.transaction().execute(async (tx) => await imports?.remove(tx, ids, context));
    const { rows: left } = await sql`select from advisory_import`.execute(db);
    expect(left).toEqual([]);
    expect(await backlog(world)).toEqual(before);
  });

  test('what is exploited is due sooner, and no longer is when the catalogue drops it', async () => {
    await advise(world, [
      { id: 'KEPT-SAMPLE-3', name: 'sample-c', vector: vectors.high, aliases: ['CVE-2026-00003'] },
    ]);
    await exploit(world, ['CVE-2026-00003'], '2026-01-01');
    expect(await backlog(world)).toContain('CVE-2026-00003 sample-c shop open high 01-09');
    const told = world.sent.length;
    expect(world.sent.at(-1)).toMatchObject({
      to: engineer,
      template: 'vulnerabilities.sooner',
      params: { count: 1, exploited: 1 },
    });
    await exploit(world, [], '2026-01-01');
    expect(world.sent).toHaveLength(told);
    expect(await backlog(world)).toContain('CVE-2026-00003 sample-c shop open high 02-05');
  });

  test('the next audit without it proves the fix; a part of one proves nothing', async () => {
    await audit(world, web, { 'sample-c': '1.0.0' }, false);
    expect(await backlog(world)).toContain('KEPT-SAMPLE-1 sample-a shop open critical 01-12');
    await audit(world, web, { 'sample-a': '1.2.0', 'sample-c': '1.0.0' });
    expect(await backlog(world)).toContain('KEPT-SAMPLE-1 sample-a shop fixed critical 01-12');
  });

  test('an entry that is shown again changes nothing', async () => {
    const before = await backlog(world);
    await react(world, 'SourceAudited', `source/${web}`);
    expect(await backlog(world)).toEqual(before);
  });

  test('it is open again when it is back, and its time begins anew', async () => {
    world.advance({ hours: 48 });
    await audit(world, web, { 'sample-a': '1.1.0', 'sample-c': '1.0.0' });
    expect(await backlog(world)).toContain('KEPT-SAMPLE-1 sample-a shop open critical 01-15 x1');
  });

  test('an asset that asks little has another class of the same', async () => {
    const store = await source(world, 'store', depot);
    await audit(world, store, { 'sample-a': '1.1.0', 'sample-b': '1.0.0' });
    const { rows } = await sql<{ key: string; score: string }>`
      select s.key, i.score from backlog_item i join system s on s.id = i.system_id
      join vulnerability v on v.id = i.vulnerability_id and v.name = 'KEPT-SAMPLE-1' order by 1`.execute(
      db,
    );
    expect(rows).toMatchObject([{ key: 'depot' }, { key: 'shop' }]);
    expect(Number(rows[0]?.score)).toBeLessThan(Number(rows[1]?.score));
    await sql`update system set confidentiality = 3, integrity = 3, availability = 3
      where id = ${depot}`.execute(db);
    await react(world, 'SystemUpdated', `system/${depot}`, { confidentiality: '3' });
    const after = await sql`select distinct i.score from backlog_item i
      join vulnerability v on v.id = i.vulnerability_id and v.name = 'KEPT-SAMPLE-1'`.execute(db);
    expect(after.rows).toHaveLength(1);
  });

  test('a retired source and a withdrawn advisory prove no fix: their items lapse', async () => {
    const { routes } = await import('../../registers/sources/routes.ts');
    const { rows } = await sql<{ id: string }>`select id from source where key = 'store'`.execute(
      db,
    );
    const id = rows[0]?.id ?? '';
    const due = (await backlog(world)).find((line) => line.includes('sample-b depot open'));
    await routes.retireSource.handle(requestOf(world, officer), { id });
    await react(world, 'SourceRetired', `source/${id}`);
    world.advance({ hours: 48 });
    expect((await backlog(world)).filter((line) => line.includes('depot'))).toEqual([
      expect.stringContaining('KEPT-SAMPLE-1 sample-a depot lapsed'),
      expect.stringContaining('KEPT-SAMPLE-2 sample-b depot lapsed'),
    ]);
    await advise(world, [{ id: 'KEPT-SAMPLE-1', name: 'sample-a', withdrawn: true }]);
    expect((await backlog(world)).filter((line) => line.includes('sample-a shop'))).toEqual([
      expect.stringContaining('lapsed'),
    ]);
    await routes.restoreSource.handle(requestOf(world, officer), { id });
    await react(world, 'SourceRestored', `source/${id}`);
    expect((await backlog(world)).filter((line) => line.includes('depot'))).toEqual([
      expect.stringContaining('KEPT-SAMPLE-1 sample-a depot lapsed'),
      // Nobody gets out of a deadline by retiring a source for a day.
      `${due} x1`,
    ]);
  });

  test('a source that is moved to another asset takes what it shows along', async () => {
    const { routes } = await import('../../registers/sources/routes.ts');
    const { rows } = await sql<{ id: string; version: number }>`
      select id, version from source where key = 'store'`.execute(db);
    const { id = '', version = 0 } = rows[0] ?? {};
    await routes.changeSource.handle(requestOf(world, officer), { id, version, systemId: shop });
    await react(world, 'SourceChanged', `source/${id}`);
    expect((await backlog(world)).filter((line) => line.includes('sample-b'))).toEqual([
      expect.stringContaining('sample-b depot lapsed'),
      expect.stringContaining('sample-b shop open'),
    ]);
  });

  /** One asks that a risk is accepted, another approves. */
  async function accept(name: string, systemId: string): Promise<void> {
    const { rows } = await sql<{ id: string }>`
      select i.id from backlog_item i join vulnerability v on v.id = i.vulnerability_id
      where v.name = ${name} and i.system_id = ${systemId}`.execute(db);
    const until = world.now().toZonedDateTimeISO('UTC').toPlainDate().add({ days: 30 }).toString();
    const asking = { ids: rows.map(({ id }) => id), kind: 'accepted' as const, reason: 'r', until };
    const { askDecision, decideDecisions } = backlogRoutes;
    const asked = await askDecision.handle(
      requestOf(world, engineer),
      askDecision.input.parse(asking),
    );
    if ('stream' in asked || !asked.ok) throw new Error(JSON.stringify(asked));
    const decided = decideDecisions.input.parse({ ...asked.value, approve: true });
    const done = await decideDecisions.handle(requestOf(world, officer), decided);
    expect(done).toMatchObject({ ok: true });
  }

  test('and its deadlines, unless the other asset gives them another class', async () => {
    const { routes } = await import('../../registers/sources/routes.ts');
    const moved = await source(world, 'moved', depot);
    await sql`update system set confidentiality = 1 where id = ${depot}`.execute(db);
    const vector = 'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N';
    await advise(world, [
      { id: 'KEPT-SAMPLE-21', name: 'sample-m', vector },
      { id: 'KEPT-SAMPLE-22', name: 'sample-n' },
    ]);
    await audit(world, moved, { 'sample-m': '1.0.0', 'sample-n': '1.0.0' });
    const dates = async () => {
      const { rows } = await sql<{ line: string }>`
        select concat_ws(' ', i.component_name, s.key, i.state, i.class,
          extract(epoch from i.due_at - i.counts_from) / 86400, i.counts_from = ${known}::timestamptz) as line
        from backlog_item i join system s on s.id = i.system_id
        where i.component_name in ('sample-m', 'sample-n') order by 1`.execute(db);
      return rows.map(({ line }) => line.replace(/\.0+ /, ' '));
    };
    const known = world.now();
    const moveTo = async (systemId: string, packages?: Readonly<Record<string, string>>) => {
      world.advance({ hours: 24 * 20 });
      const { rows } = await sql<{ version: number }>`
        select version from source where id = ${moved}`.execute(db);
      const change = { id: moved, version: rows[0]?.version ?? 0, systemId };
      await routes.changeSource.handle(requestOf(world, officer), change);
      // Audited before the backlog has followed: the move is all that it hears of.
      if (packages) await audit(world, moved, packages);
      await react(world, 'SourceChanged', `source/${moved}`);
    };
    const [inDepot, inShop] = [
      ['sample-m depot open medium 90 t', 'sample-n depot open unrated 90 t'],
      ['sample-m shop open high 30 t', 'sample-n shop open unrated 90 t'],
    ];
    expect(await dates()).toEqual(inDepot);
    await moveTo(shop);
    expect((await dates()).filter((line) => line.includes('open'))).toEqual(inShop);
    // There and back is no way out either.
    await moveTo(depot);
    expect((await dates()).filter((line) => line.includes('open'))).toEqual(inDepot);
    await moveTo(shop);
    expect((await dates()).filter((line) => line.includes('open'))).toEqual(inShop);
    // Nor is a decision, which ends with the asset that it was about, nor another version that is affected too.
    await accept('KEPT-SAMPLE-22', shop);
    await moveTo(depot, { 'sample-m': '1.1.0', 'sample-n': '1.1.0' });
    expect((await dates()).filter((line) => line.includes('open'))).toEqual(inDepot);
    await routes.retireSource.handle(requestOf(world, officer), { id: moved });
    await react(world, 'SourceRetired', `source/${moved}`);
  });

  test('items are carried over to the vulnerability that theirs turned out to be', async () => {
    await advise(world, [
      { id: 'KEPT-SAMPLE-8', name: 'sample-c', vector: vectors.high },
      { id: 'KEPT-SAMPLE-9', name: 'sample-c', fixed: '2.0.0', vector: vectors.high },
    ]);
    const before = (await backlog(world)).filter((line) => /SAMPLE-[89]/.test(line));
    expect(before).toHaveLength(2);
    await advise(world, [
      {
        id: 'KEPT-SAMPLE-9',
        name: 'sample-c',
        fixed: '2.0.0',
        vector: vectors.high,
        aliases: ['KEPT-SAMPLE-8'],
      },
    ]);
    const after = (await backlog(world)).filter((line) => /SAMPLE-[89]/.test(line));
    expect(after).toHaveLength(1);
    expect(after[0]).toContain('open high');
    const parted = { id: 'KEPT-SAMPLE-9', name: 'sample-c', fixed: '2.0.0', vector: vectors.high };
    await advise(world, [parted]);
    expect((await backlog(world)).filter((line) => /SAMPLE-[89]/.test(line))).toEqual([
      expect.stringContaining('open high'),
      expect.stringContaining('open high'),
    ]);
  });

  test('the time of an item that was fixed is over where it is carried over to one that is open', async () => {
    const advisory = { name: 'sample-d', vector: vectors.high };
    await advise(world, [{ ...advisory, id: 'KEPT-SAMPLE-20', fixed: '2.0.0' }]);
    await audit(world, web, { 'sample-d': '1.0.0' });
    await audit(world, web, { 'sample-d': '2.0.0' });
    world.advance({ hours: 24 * 60 });
    await advise(world, [{ ...advisory, id: 'KEPT-SAMPLE-21' }]);
    const [fixed, open] = (await backlog(world)).filter((line) => line.includes('sample-d'));
    expect(fixed).toContain('shop fixed high');
    await advise(world, [{ ...advisory, id: 'KEPT-SAMPLE-21', aliases: ['KEPT-SAMPLE-20'] }]);
    const due = open?.slice(open.indexOf(' sample-d')) ?? 'none';
    expect((await backlog(world)).filter((line) => line.includes('sample-d'))).toEqual([
      expect.stringMatching(new RegExp(`${due}$`)),
    ]);
  });
});
