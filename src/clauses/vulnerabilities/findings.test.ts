import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  cycloneDx,
  dependabotAlert,
  openVex,
  sarif,
  trivy,
} from '../../inventory/reports/samples.fixture.ts';
import { testWorld } from '../../platform/testing/world.ts';
import {
  advise,
  audit,
  backlog,
  company,
  depot,
  deputy,
  engineer,
  officer,
  react,
  requestOf,
  source,
  vectors,
} from './backlog.fixture.ts';
import { exportRoutes } from './routes.exports.ts';
import { reportRoutes } from './routes.reports.ts';
import { routes } from './routes.ts';

describe('findings of other tools (VUL-2, VUL-3)', async () => {
  const world = await testWorld();
  const { db } = world.database;
  let web = '';
  beforeAll(async () => {
    await company(world);
    web = await source(world, 'web');
  });

  async function report(document: unknown, complete?: boolean, id = web, by = engineer) {
    const answer = await reportRoutes.importFindings.handle(requestOf(world, by), {
      id,
      text: typeof document === 'string' ? document : JSON.stringify(document),
      complete,
    });
    if ('stream' in answer) throw new Error('no answer');
    return answer;
  }
  async function taken(document: unknown, complete?: boolean, id = web, by = engineer) {
    const answer = await report(document, complete, id, by);
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.value;
  }
  const decisions = async () => {
    const { rows } = await sql<{ line: string }>`
      select concat_ws(' ', v.name, d.kind, d.justification, d.state, d.reporter) as line
      from backlog_decision d join backlog_item i on i.id = d.item_id
      join vulnerability v on v.id = i.vulnerability_id order by v.name, d.asked_at`.execute(db);
    return rows.map(({ line }) => line);
  };
  const sightings = async (name: string) => {
    const { rows } = await sql<{ line: string }>`
      select concat_ws(' ', source.key, s.reporter, s.version, case when s.gone_at is not null then 'gone ' || s.gone_because end) as line
      from sighting s join source on source.id = s.source_id join backlog_item i on i.id = s.item_id
      join vulnerability_name n on n.vulnerability_id = i.vulnerability_id
      where n.name = ${name} order by 1`.execute(db);
    return rows.map(({ line }) => line);
  };
  const npm = (...names: string[]) => ({
    SchemaVersion: 2,
    Results: [
      {
        Target: 'package-lock.json',
        Type: 'npm',
        Vulnerabilities: names.map((VulnerabilityID) => ({
          VulnerabilityID,
          PkgName: 'sample-a',
          PkgIdentifier: { PURL: 'pkg:npm/sample-a@1.0.0' },
          InstalledVersion: '1.0.0',
          Severity: 'HIGH',
        })),
      },
    ],
  });

  test('are merged with what our own matching sees: one item, two that see it', async () => {
    await advise(world, [
      {
        id: 'GHSA-aaaa-bbbb-cccc',
        name: 'sample-a',
        fixed: '1.2.0',
        vector: vectors.critical,
        aliases: ['CVE-2026-10001'],
      },
    ]);
    await audit(world, web, { 'sample-a': '1.0.0' });
    expect(await taken(npm('CVE-2026-10001'))).toMatchObject({
      reporter: 'trivy',
      format: 'Trivy JSON',
      complete: true,
      findings: 1,
      opened: 0,
    });
    expect(await backlog(world)).toEqual([
      expect.stringMatching(/^CVE-2026-10001 sample-a shop open critical/),
    ]);
    expect(await sightings('CVE-2026-10001')).toEqual(['web match 1.0.0', 'web trivy 1.0.0']);
  });

  test('are fixed only when nobody sees them any more', async () => {
    await audit(world, web, { 'sample-a': '1.2.0' });
    expect(await backlog(world)).toEqual([expect.stringContaining('shop open')]);
    expect(await taken(npm(), false)).toMatchObject({ gone: 0, fixed: 0 });
    expect(await taken(npm())).toMatchObject({ gone: 1, fixed: 1 });
    expect(await backlog(world)).toEqual([expect.stringContaining('shop fixed')]);
    expect(await sightings('CVE-2026-10001')).toEqual([
      'web match 1.0.0 gone audit',
      'web trivy 1.0.0 gone report',
    ]);
    expect(await taken(npm('CVE-2026-10001'))).toMatchObject({ opened: 0, reopened: 1 });
    expect(await taken(npm())).toMatchObject({ fixed: 1 });
  });

  test('of what no advisory is known are vulnerabilities and rules of their own, with the word of the tool', async () => {
    expect(await taken(sarif)).toMatchObject({ reporter: 'codeql', opened: 2 });
    expect(await taken(npm('CVE-2026-10002'))).toMatchObject({ opened: 1 });
    expect((await backlog(world)).filter((line) => line.includes('open'))).toEqual([
      expect.stringMatching(/^CVE-2026-10002 sample-a shop open high/),
      expect.stringMatching(/^codeql\/js\/sql-injection src\/orders.js shop open high/),
      expect.stringMatching(/^codeql\/js\/unused web shop open low/),
    ]);
    const { rows } =
      await sql`select kind, name from vulnerability where kind = 'rule' order by name`.execute(db);
    expect(rows).toHaveLength(2);
    expect(world.sent.at(-1)).toMatchObject({
      to: engineer,
      template: 'vulnerabilities.given',
      params: { count: 1 },
    });
  });

  test('a rule that is broken on another line is the same item', async () => {
    const moved = structuredClone(sarif);
    const at = moved.runs[0]?.results[0]?.locations?.[0]?.physicalLocation.region;
    if (at) at.startLine = 50;
    expect(await taken(moved)).toMatchObject({ opened: 0, gone: 1, fixed: 0 });
    expect(await sightings('codeql/js/sql-injection')).toEqual([
      'web codeql src/orders.js:42 gone report',
      'web codeql src/orders.js:50',
    ]);
  });

  test('a rule that its tool takes for worse than before is rated anew', async () => {
    const worse = structuredClone(sarif);
    const [rule] = worse.runs[0]?.tool.driver.rules ?? [];
    if (rule?.properties) rule.properties['security-severity'] = '9.8';
    await taken(worse);
    expect(await backlog(world)).toContainEqual(
      expect.stringMatching(/^codeql\/js\/sql-injection src\/orders.js shop open critical/),
    );
  });

  test('an advisory that comes later joins what a tool had reported, and keeps the item', async () => {
    const { rows: before } = await sql<{
      id: string;
    }>`select id from backlog_item where state = 'open' order by id`.execute(db);
    await advise(world, [
      {
        id: 'GHSA-dddd-eeee-ffff',
        name: 'sample-a',
        introduced: '9.0.0',
        aliases: ['CVE-2026-10002'],
        vector: vectors.low,
      },
    ]);
    const { rows: after } = await sql<{
      id: string;
    }>`select id from backlog_item where state = 'open' order by id`.execute(db);
    expect(after).toEqual(before);
    expect((await backlog(world)).filter((line) => line.startsWith('CVE-2026-10002'))).toHaveLength(
      1,
    );
  });

  test('that tell no version are of the versions that the source holds', async () => {
    const alert = {
      ...dependabotAlert,
      dependency: {
        package: { ecosystem: 'npm', name: 'sample-a' },
        manifest_path: 'package-lock.json',
      },
    };
    await taken([alert]);
    expect(await sightings('CVE-2018-6188')).toEqual(['web dependabot 1.2.0']);
    await taken({ action: 'fixed', alert: { ...alert, state: 'fixed' } });
    expect(await sightings('CVE-2018-6188')).toEqual(['web dependabot 1.2.0 gone report']);
    expect((await backlog(world)).find((line) => line.startsWith('CVE-2018-6188'))).toContain(
      'fixed',
    );
  });

  test('a statement that something does not affect us is asked for, never approved by itself', async () => {
    expect(await taken(openVex)).toMatchObject({ complete: false, opened: 1, asked: 0 });
    expect(await decisions()).toEqual([]);
    expect(await taken(cycloneDx, undefined, web, officer)).toMatchObject({
      complete: true,
      opened: 2,
      asked: 1,
    });
    expect(await decisions()).toEqual([
      'CVE-2020-0001 notAffected vulnerable_code_not_in_execute_path asked sample-scanner',
    ]);
    expect((await backlog(world)).find((line) => line.startsWith('CVE-2020-0001'))).toContain(
      'shop open',
    );
    expect(await taken(cycloneDx)).toMatchObject({ opened: 0, asked: 0, seenAgain: 2 });
    const { rows } =
      await sql`select role, subject from task where kind = 'vulnerabilities.decide' and done_at is null`.execute(
        db,
      );
    expect(rows).toHaveLength(1);
  });

  test('that another version has the fix says nothing of the one that is in use', async () => {
    const statement = (status: string, version: string) => ({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      author: 'Sample Vendor',
      statements: [
        {
          vulnerability: { name: 'CVE-2026-10009' },
          products: [{ '@id': `pkg:npm/sample-v@${version}` }],
          status,
        },
      ],
    });
    expect(await taken(statement('affected', '1.0.0'))).toMatchObject({ opened: 1 });
    expect(await taken(statement('fixed', '1.2.0'))).toMatchObject({ gone: 0, fixed: 0 });
    expect(await taken(statement('fixed', '1.0.0'))).toMatchObject({ gone: 1, fixed: 1 });
  });

  test('what a tool asked for is decided by an officer, and not asked again once it was refused', async () => {
    const { rows } = await sql<{ id: string }>`select id from backlog_decision`.execute(db);
    const [id = ''] = rows.map((row) => row.id);
    // Whoever carried the report in asked for what it states, and somebody else approves.
    const own = routes.decideDecision.input.parse({ id, ids: [id], approve: true });
    expect(await routes.decideDecision.handle(requestOf(world, officer), own)).toMatchObject({
      ok: false,
      refusal: { code: 'ownDecision' },
    });
    const decided = await routes.decideDecision.handle(
      requestOf(world, deputy),
      routes.decideDecision.input.parse({
        id,
        ids: [id],
        approve: false,
        note: 'It is in the path',
      }),
    );
    expect(decided).toMatchObject({ ok: true });
    expect(await taken(cycloneDx)).toMatchObject({ asked: 0 });
    expect(await decisions()).toEqual([expect.stringContaining('refused sample-scanner')]);
  });

  test('are taken as the file that a tool wrote, as a pipeline sends it', async () => {
    const bytes = Buffer.from(JSON.stringify(npm('CVE-2026-10003')));
    const body = (async function* () {
      yield bytes.subarray(0, 100);
      yield bytes.subarray(100);
    })();
    const answer = await reportRoutes.sendFindings.handle(
      { ...requestOf(world, engineer), body },
      { id: 'web', complete: false },
    );
    expect(answer).toMatchObject({ ok: true, value: { reporter: 'trivy', opened: 1, gone: 0 } });
  });

  test('one source says nothing of another, nor one tool of another', async () => {
    const store = await source(world, 'store', depot);
    await taken(trivy, true, store);
    expect((await backlog(world)).filter((line) => line.includes(' depot '))).toHaveLength(4);
    expect(await taken({ matches: [] }, true, store)).toMatchObject({ reporter: 'grype', gone: 0 });
    expect(await taken({ SchemaVersion: 2 }, true, store)).toMatchObject({ gone: 4, fixed: 4 });
  });

  test('what is no report, of a source that is retired or that nobody knows, is refused and records nothing', async () => {
    expect(await report('{"SchemaVersion":1}')).toMatchObject({
      ok: false,
      refusal: { code: 'reportUnread', params: { why: expect.stringContaining('SchemaVersion') } },
    });
    expect(await report(sarif, true, 'nowhere')).toMatchObject({
      ok: false,
      refusal: { code: 'notFound' },
    });
    const gone = await source(world, 'gone');
    const { routes: sources } = await import('../../registers/sources/routes.ts');
    await sources.retireSource.handle(requestOf(world, officer), { id: gone });
    await react(world, 'SourceRetired', `source/${gone}`);
    expect(await report(sarif, true, gone)).toMatchObject({
      ok: false,
      refusal: { code: 'sourceRetired' },
    });
  });

  async function exported(
    format: 'csv' | 'cyclonedx' | 'openvex' | 'sarif',
    state: 'any' | 'todo' = 'any',
  ) {
    const organisation = 'Example Engineering';
    const request = { ...requestOf(world, engineer), organisation };
    const answer = await exportRoutes.exportBacklog.handle(request, {
      format,
      state,
      bom: false,
    });
    if (!('stream' in answer)) throw new Error(JSON.stringify(answer));
    const pieces: string[] = [];
    for await (const piece of answer.stream) pieces.push(String(piece));
    return pieces.join('');
  }

  test('the backlog goes out in each format, and comes back as the same items', async () => {
    const items = await backlog(world);
    expect((await exported('csv')).trim().split('\n')).toHaveLength(items.length + 1);
    const vex = JSON.parse(await exported('openvex')) as {
      author: string;
      tooling: string;
      statements: { status: string }[];
    };
    // The organisation speaks, by means of Kept.
    expect(vex).toMatchObject({ author: 'Example Engineering', tooling: 'Kept' });
    expect(new Set(vex.statements.map(({ status }) => status))).toEqual(
      new Set(['affected', 'fixed', 'under_investigation']),
    );
    const log = JSON.parse(await exported('sarif')) as { runs: [{ results: unknown[] }] };
    expect(log.runs[0].results).toHaveLength(
      items.filter((line) => line.includes(' open ')).length,
    );
    const bill = await exported('cyclonedx', 'todo');
    expect(JSON.parse(bill)).toMatchObject({
      metadata: { manufacturer: { name: 'Example Engineering' } },
    });
    const before = await backlog(world);
    const answer = await taken(bill, true);
    expect(answer).toMatchObject({ reporter: 'kept', opened: 0 });
    expect(await backlog(world)).toEqual(before);
  });

  test('OpenVEX with nothing to state is refused, and no document without a statement made', async () => {
    for (const filter of [{ package: 'npm/nothing-of-that-name' }, { state: 'lapsed' }] as const) {
      const asked = exportRoutes.exportBacklog.input.parse({ format: 'openvex', ...filter });
      const answer = await exportRoutes.exportBacklog.handle(requestOf(world, engineer), asked);
      expect(answer).toMatchObject({ ok: false, refusal: { code: 'nothingToState' } });
    }
    const sarif = exportRoutes.exportBacklog.input.parse({
      format: 'sarif',
      package: 'npm/nothing-of-that-name',
    });
    // A log without results says that nothing was found.
    const answer = await exportRoutes.exportBacklog.handle(requestOf(world, engineer), sarif);
    expect(answer).toHaveProperty('stream');
  });
});
