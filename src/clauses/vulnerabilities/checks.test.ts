import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { unconnectedOf } from '../../policy/unconnected.ts';
import { compareFindings } from '../../registers/findings/store.ts';
import {
  advise,
  audit,
  company,
  deputy,
  engineer,
  exploit,
  fallDue,
  itemOf,
  officer,
  react,
  requestOf,
  source,
  uuid,
  vectors,
} from './backlog.fixture.ts';
import {
  decisionsHaveAnotherApprover,
  everyItemIsClassified,
  everyMatchIsInTheBacklog,
  nothingIsPastItsDeadline,
} from './checks.backlog.ts';
import { advisoriesAreCurrent, everythingKnownIsMatched, noAuditIsOverdue } from './checks.ts';
import { expireKind } from './facts.decisions.ts';
import { routes } from './routes.ts';
import { dayKind } from './store.days.ts';

const zone = 'Asia/Tokyo';
const world = await testWorld();
const { db } = world.database;

/** What a check says now: how many it examined, and the labels of what violates. */
async function ask(check: Check): Promise<{ examined: number; violating: readonly string[] }> {
  const now = world.now();
  const { examined } = await db
    .transaction()
    .execute((tx) => compareFindings(tx, check, now, zone));
  const { rows } = await sql<{ label: string }>`
    select label from finding where check_id = ${check.id} and closed_at is null order by 1`.execute(
    db,
  );
  return { examined, violating: rows.map(({ label }) => label) };
}

/** Sources of facts that were never read, by what is not connected. */
async function missing(check: Check): Promise<readonly string[]> {
  const sources = (await check.sources?.(db, world.now())) ?? [];
  return sources.flatMap(({ name, readAt }) => (readAt ? [] : (unconnectedOf(name) ?? name)));
}

function advance(testing: TestWorld, days: number): void {
  testing.advance({ hours: 24 * days });
}

describe('with nothing registered', () => {
  test.each([
    noAuditIsOverdue,
    everythingKnownIsMatched,
    everyMatchIsInTheBacklog,
    everyItemIsClassified,
    nothingIsPastItsDeadline,
    decisionsHaveAnotherApprover,
  ])('$id is unknown, not kept', async (check) => {
    expect(await missing(check)).toContain('audited');
  });

  test('advisories that were never imported are unknown', async () => {
    expect(await missing(advisoriesAreCurrent)).toEqual(['advisories']);
  });
});

describe('each promise both ways', () => {
  let web = '';
  beforeAll(async () => {
    await company(world);
    web = await source(world, 'web', undefined, { cadenceDays: 30 });
    // What is registered and was never audited says as little, until its audit is overdue.
    for (const check of [noAuditIsOverdue, everyMatchIsInTheBacklog, nothingIsPastItsDeadline])
      expect(await missing(check)).toEqual(['audited']);
    const late = world.now().add({ hours: 24 * 30 });
    expect(await noAuditIsOverdue.sources?.(db, late)).toEqual([]);
    expect(await nothingIsPastItsDeadline.sources?.(db, late)).toHaveLength(1);
    await advise(world, [
      { id: 'KEPT-SAMPLE-1', name: 'sample-a', fixed: '2.0.0', vector: vectors.high },
      { id: 'KEPT-SAMPLE-2', name: 'sample-b', fixed: '2.0.0' },
    ]);
    await audit(world, web, { 'sample-a': '1.0.0', 'sample-b': '1.0.0' });
  });

  test('VUL-1: an audit that is due is overdue; a part of one does not put that right', async () => {
    expect(await missing(noAuditIsOverdue)).toEqual([]);
    expect(await ask(noAuditIsOverdue)).toEqual({ examined: 1, violating: [] });
    advance(world, 30);
    expect((await ask(noAuditIsOverdue)).violating).toEqual(['Sample web']);
    await audit(world, web, { 'sample-a': '1.0.0', 'sample-b': '1.0.0' }, false);
    expect((await ask(noAuditIsOverdue)).violating).toEqual(['Sample web']);
    await audit(world, web, { 'sample-a': '1.0.0', 'sample-b': '1.0.0' });
    expect((await ask(noAuditIsOverdue)).violating).toEqual([]);
    expect(await noAuditIsOverdue.nextChange?.(db, world.now(), zone)).toEqual(
      world.now().add({ hours: 24 * 30 }),
    );
  });

  test('VUL-2: advisories go stale; an import that failed is a violation until one succeeds', async () => {
    expect(await ask(advisoriesAreCurrent)).toEqual({ examined: 1, violating: [] });
    const [osv] = (await advisoriesAreCurrent.sources?.(db, world.now())) ?? [];
    expect(osv).toMatchObject({ name: 'OSV npm', readAt: expect.anything(), staleAfterHours: 48 });
    await sql`
      insert into advisory_import (id, kind, way, origin, state, asked_by, began_at, finished_at, problem)
      values (${uuid(77)}, 'osv', 'feed', 'feed', 'failed', 'system/feed', ${world.now()}, ${world.now()}, 'feedRefused')`.execute(
      db,
    );
    expect((await ask(advisoriesAreCurrent)).violating).toEqual(['OSV']);
    world.advance({ hours: 1 });
    await advise(world, []);
    expect((await ask(advisoriesAreCurrent)).violating).toEqual([]);
  });

  test('VUL-2: is unknown of an ecosystem in use that was never read whole, however much of it is known', async () => {
    const standing = async () =>
      Object.fromEntries(
        ((await advisoriesAreCurrent.sources?.(db, world.now())) ?? []).map(({ name, readAt }) => [
          name,
          readAt?.toString() ?? null,
        ]),
      );
    const npm = (await standing())['OSV npm'];
    // A few advisories make nothing current.
    world.advance({ hours: 1 });
    await advise(world, [{ id: 'KEPT-SAMPLE-8', name: 'sample-y' }], true, false);
    expect(await standing()).toEqual({ 'OSV npm': npm });
    await sql`
      with held as (insert into package_version (package_key, ecosystem, name, version) values
        ('PyPI/sample-p', 'PyPI', 'sample-p', '1.0'), ('Debian/sample-d', 'Debian:12', 'sample-d', '1.0'),
        ('Alpine/unused', 'Alpine:v3.20', 'unused', '1.0'), ('/nameless', '', 'nameless', '1.0')
        returning id, name)
      insert into component (source_id, package_version_id, audit_id, of_whole)
      select source.id, held.id, source.last_audit_id, true from source, held
      where source.id = ${web} and held.name <> 'unused'`.execute(db);
    expect(await standing()).toEqual({ 'OSV Debian:12': null, 'OSV PyPI': null, 'OSV npm': npm });
    // What is read of a distribution is of its releases too, and of one release not of another.
    const now = world.now();
    await sql`insert into advisory_coverage (ecosystem, read_at, import_id)
      values ('Debian', ${now}, ${uuid(78)}), ('PyPI:other', ${now}, ${uuid(78)})`.execute(db);
    expect(await standing()).toMatchObject({ 'OSV Debian:12': now.toString(), 'OSV PyPI': null });
    await sql`delete from component using package_version held
      where held.id = component.package_version_id and held.ecosystem <> 'npm'`.execute(db);
    world.advance({ hours: 1 });
    await advise(world, []);
    expect(await standing()).toEqual({ 'OSV npm': world.now().toString() });
  });

  test('VUL-2: what was learned and not matched within ten minutes is a violation', async () => {
    await react(world, 'AdvisoriesImported', `advisories/${uuid(77)}`);
    expect((await ask(everythingKnownIsMatched)).violating).toEqual([]);
    const importId = await advise(world, [{ id: 'KEPT-SAMPLE-9', name: 'sample-z' }], false);
    expect((await ask(everythingKnownIsMatched)).violating).toEqual([]);
    world.advance({ minutes: 11 });
    expect((await ask(everythingKnownIsMatched)).violating).toEqual(['OSV']);
    await react(world, 'AdvisoriesImported', `advisories/${importId}`);
    expect((await ask(everythingKnownIsMatched)).violating).toEqual([]);
    await sql`delete from source_settled`.execute(db);
    expect((await ask(everythingKnownIsMatched)).violating).toEqual(['Sample web']);
    await react(world, 'SourceAudited', `source/${web}`);
    expect((await ask(everythingKnownIsMatched)).violating).toEqual([]);
  });

  test('VUL-3: what matches and is not in the backlog is a violation, whoever took it out', async () => {
    expect(await ask(everyMatchIsInTheBacklog)).toEqual({ examined: 2, violating: [] });
    await sql`delete from sighting where item_id = ${await itemOf(world, 'KEPT-SAMPLE-1')}`.execute(
      db,
    );
    expect((await ask(everyMatchIsInTheBacklog)).violating).toEqual([
      'KEPT-SAMPLE-1 · npm/sample-a@1.0.0',
    ]);
    await react(world, 'SourceAudited', `source/${web}`);
    expect((await ask(everyMatchIsInTheBacklog)).violating).toEqual([]);
  });

  test('VUL-3: what nobody has classed for a fortnight is a violation until somebody does', async () => {
    expect((await ask(everyItemIsClassified)).violating).toEqual([
      'V-2 · KEPT-SAMPLE-2 · sample-b · Shop',
    ]);
    const id = await itemOf(world, 'KEPT-SAMPLE-2');
    const command = { id, vector: vectors.low, reason: 'Looked at' };
    await routes.classifyBacklogItem.handle(requestOf(world, engineer), command);
    // Less bad than what nobody has rated is due as: that is so once another has agreed.
    expect((await ask(everyItemIsClassified)).violating).toHaveLength(1);
    const decided = { id, vector: vectors.low, approve: true, note: '' };
    await routes.decideBacklogVector.handle(requestOf(world, officer), decided);
    expect((await ask(everyItemIsClassified)).violating).toEqual([]);
  });

  test('VUL-4: past its deadline it is a violation of whoever has it; fixed it is none', async () => {
    // Thirty days for what is high were over with the thirty-first.
    expect((await ask(nothingIsPastItsDeadline)).violating).toEqual([
      'V-1 · KEPT-SAMPLE-1 · sample-a · Shop',
    ]);
    const { rows } = await sql`
      select owner_id, detail ->> 'class' as class from finding
      where check_id = ${nothingIsPastItsDeadline.id} and closed_at is null`.execute(db);
    expect(rows).toEqual([{ owner_id: engineer, class: 'high' }]);
    await audit(world, web, { 'sample-a': '2.0.0', 'sample-b': '1.0.0' });
    expect((await ask(nothingIsPastItsDeadline)).violating).toEqual([]);
    await advise(world, [
      {
        id: 'KEPT-SAMPLE-3',
        name: 'sample-a',
        vector: vectors.low,
        aliases: ['CVE-2026-00003'],
      },
    ]);
    advance(world, 4);
    expect((await ask(nothingIsPastItsDeadline)).violating).toEqual([]);
    await exploit(world, ['CVE-2026-00003'], '2026-02-01');
    expect((await ask(nothingIsPastItsDeadline)).violating).toEqual([
      'V-3 · CVE-2026-00003 · sample-a · Shop',
    ]);
  });

  test('each day has its row, and the next is on the clock once, however often it is run', async () => {
    for (let times = 0; times < 2; times++) await fallDue(world, dayKind);
    const { rows } = await sql`
      select due_at as "dueAt" from obligation where kind = ${dayKind} and done_at is null`.execute(
      db,
    );
    expect(rows).toHaveLength(1);
    const days =
      await sql`select sum(open)::int as open from backlog_day group by day order by day desc limit 1`.execute(
        db,
      );
    expect(days.rows).toEqual([{ open: 2 }]);
  });

  test('VUL-4: what does not count stands on a decision of another that holds', async () => {
    const ids = [await itemOf(world, 'KEPT-SAMPLE-2')];
    const asked = await routes.askDecision.handle(
      requestOf(world, officer),
      routes.askDecision.input.parse({
        ids,
        kind: 'notAffected',
        justification: 'component_not_present',
        reason: 'Not built in',
        until: '2026-03-01',
      }),
    );
    if ('stream' in asked || !asked.ok) throw new Error('not asked');
    const approval = { ids: asked.value.ids, approve: true, note: '' };
    await routes.decideDecisions.handle(requestOf(world, deputy), approval);
    expect(await ask(decisionsHaveAnotherApprover)).toEqual({ examined: 1, violating: [] });
    world.advance(Temporal.Instant.from('2026-03-01T16:01:00Z'));
    expect((await ask(decisionsHaveAnotherApprover)).violating).toEqual([
      'V-2 · KEPT-SAMPLE-2 · sample-b · Shop',
    ]);
    await fallDue(world, expireKind);
    expect(await ask(decisionsHaveAnotherApprover)).toEqual({ examined: 0, violating: [] });
  });
});
