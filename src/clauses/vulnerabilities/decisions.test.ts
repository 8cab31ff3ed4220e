import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { testWorld } from '../../platform/testing/world.ts';
import type { Route } from '../../policy/route.ts';
import {
  advise,
  audit,
  backlog,
  colleague,
  company,
  deputy,
  engineer,
  fallDue,
  itemOf,
  officer,
  requestOf,
  source,
  vectors,
} from './backlog.fixture.ts';
import { expireKind } from './facts.decisions.ts';
import { shippedPolicy } from './facts.terms.ts';
import { routes } from './routes.ts';

const world = await testWorld();
const { db } = world.database;

/** Calls a route as one of the company; its answer, or the code with which it is refused. */
async function call(personId: string, route: Route, input: object) {
  const answer = await route.handle(requestOf(world, personId), route.input.parse(input));
  if ('stream' in answer) throw new Error('streamed');
  return answer.ok ? answer.value : answer.refusal.code;
}

beforeAll(async () => {
  await company(world);
  const web = await source(world, 'web');
  await advise(world, [
    { id: 'KEPT-SAMPLE-1', name: 'sample-a', vector: vectors.high },
    { id: 'KEPT-SAMPLE-2', name: 'sample-b', fixed: '2.0.0', vector: vectors.critical },
    { id: 'KEPT-SAMPLE-3', name: 'sample-c', fixed: '2.0.0', vector: null },
  ]);
  await audit(world, web, { 'sample-a': '1.0.0', 'sample-b': '1.0.0', 'sample-c': '1.0.0' });
});

/** The entry of the ledger that was written last. */
async function newestEntry() {
  await sequence(world);
  const { size = 0 } = (await newestCheckpoint(db)) ?? {};
  const { type, body } = (await readEntry(db, size - 1))?.entry ?? {};
  return { type, body };
}

describe('decisions (VUL-4)', () => {
  const accepted = { kind: 'accepted', reason: 'No fix yet', until: '2026-02-10' };
  const state = async (id: string) => {
    const { rows } = await sql<{ state: string }>`
      select state from backlog_item where id = ${id}`.execute(db);
    return rows[0]?.state;
  };
  test('approverIsAnother: who asked does not decide, also as an officer, and that is on record', async () => {
    const id = await itemOf(world, 'KEPT-SAMPLE-1');
    const asked = await call(officer, routes.askDecision, { ids: [id], ...accepted });
    const [decision] = (asked as { ids: string[] }).ids;
    const approve = { id: decision, approve: true };
    expect(await call(officer, routes.decideDecision, approve)).toBe('ownDecision');
    expect(await newestEntry()).toEqual({
      type: 'GuardRefused',
      body: { promise: 'VUL-4', code: 'ownDecision', flow: 'vulnerabilities.decideDecisions' },
    });
    expect(await call(colleague, routes.decideDecision, approve)).toBe('notAllowed');
    expect(await state(id)).toBe('open');
    expect(await call(deputy, routes.decideDecision, approve)).toEqual({ ids: [decision] });
    expect(await state(id)).toBe('accepted');
    expect(await call(deputy, routes.decideDecision, approve)).toBe('decisionNotOpen');
    const { rows } = await sql`select from task where done_at is null`.execute(db);
    expect(rows).toEqual([]);
  });

  test('what ran out opens the item again, and its time begins anew', async () => {
    world.advance({ hours: 24 * 20 });
    await fallDue(world, expireKind);
    expect((await backlog(world))[0]).toContain('sample-a shop accepted');
    world.advance({ hours: 24 * 17 });
    await fallDue(world, expireKind);
    await fallDue(world, expireKind);
    expect((await backlog(world))[0]).toBe('KEPT-SAMPLE-1 sample-a shop open high 03-13 x1');
  });

  test('an accepted risk lasts no longer than the policy allows', async () => {
    const ids = [await itemOf(world, 'KEPT-SAMPLE-1')];
    const until = '2026-12-31';
    expect(await call(engineer, routes.askDecision, { ids, ...accepted, until })).toBe(
      'untilTooLate',
    );
  });

  test('several are asked for, decided and refused as one act', async () => {
    const ids = await Promise.all(
      ['KEPT-SAMPLE-1', 'KEPT-SAMPLE-2'].map((name) => itemOf(world, name)),
    );
    const command = { ids, ...accepted, until: '2026-03-01' };
    const asked = (await call(engineer, routes.askDecision, command)) as { ids: string[] };
    expect(asked.ids).toHaveLength(2);
    expect(world.sent.filter(({ kind }) => kind === 'mail').slice(-2)).toMatchObject([
      { to: officer, template: 'vulnerabilities.asked', params: { count: 2 } },
      { to: deputy, template: 'vulnerabilities.asked' },
    ]);
    const decided = { ids: asked.ids, approve: false, note: 'Go to 2.0.0' };
    expect(await call(officer, routes.decideDecisions, decided)).toEqual({ ids: asked.ids });
    expect(world.sent.at(-1)).toMatchObject({ to: engineer, template: 'vulnerabilities.refused' });
    expect(await state(ids[0] ?? '')).toBe('open');
  });
});

describe('two vulnerabilities that turn out to be one', () => {
  test('count where one of them counts: a decision on one half says nothing of the other', async () => {
    const [one, other] = ['KEPT-SAMPLE-4', 'KEPT-SAMPLE-5'] as const;
    await advise(world, [
      { id: one, name: 'sample-a', vector: vectors.low },
      { id: other, name: 'sample-a', vector: vectors.low },
    ]);
    const command = { ids: [await itemOf(world, one)], kind: 'accepted', reason: 'r' };
    const asked = await call(engineer, routes.askDecision, { ...command, until: '2026-03-01' });
    await call(officer, routes.decideDecisions, { ...(asked as object), approve: true });
    expect(await backlog(world)).toContainEqual(
      expect.stringContaining(`${one} sample-a shop acc`),
    );
    await advise(world, [{ id: other, name: 'sample-a', vector: vectors.low, aliases: [one] }]);
    const left = (await backlog(world)).filter((line) => /SAMPLE-[45]/.test(line));
    expect(left).toEqual([expect.stringContaining('sample-a shop open')]);
    const { rows } = await sql`
      select d.state from backlog_decision d join backlog_item i on i.id = d.item_id
      join vulnerability_name n on n.vulnerability_id = i.vulnerability_id and n.name = ${one}`.execute(
      db,
    );
    expect(rows).toEqual([{ state: 'ended' }]);
    await advise(world, [{ id: one, name: 'sample-a', withdrawn: true }]);
    await advise(world, [{ id: other, name: 'sample-a', withdrawn: true }]);
    expect((await backlog(world)).filter((line) => /SAMPLE-[45].*open/.test(line))).toEqual([]);
  });
});

describe('the patch policy', () => {
  const policy = async () => {
    const answer = (await call(officer, routes.showPatchPolicy, {})) as { version: number };
    return answer as Record<string, unknown> & { version: number };
  };

  test('a change is said beforehand, and recomputes every deadline', async () => {
    const { version, classes, exploitedDays, acceptanceDays, textEn, textJa } = await policy();
    const stricter = {
      classes: (classes as { class: string; days: number }[]).map((each) =>
        each.class === 'high' ? { ...each, days: 14 } : each,
      ),
      exploitedDays,
      acceptanceDays,
      textEn,
      textJa,
    };
    expect({ classes, exploitedDays, acceptanceDays }).toEqual(shippedPolicy);
    const before = await backlog(world);
    const sentBefore = world.sent.length;
    const previewed = await call(officer, routes.previewPatchPolicy, { policy: stricter });
    expect(previewed).toMatchObject({ items: 3, changed: 1, sooner: 1, later: 0, otherClass: 0 });
    expect(await backlog(world)).toEqual(before);
    expect(await call(engineer, routes.changePatchPolicy, { version, policy: stricter })).toBe(
      'notAllowed',
    );
    expect(await call(officer, routes.changePatchPolicy, { version, policy: stricter })).toEqual({
      ...(previewed as object),
      version: version + 1,
    });
    expect((await backlog(world))[0]).toContain('open high 02-25');
    // Whoever has one of those whose deadline moved is told, and nobody else.
    expect(world.sent.slice(sentBefore)).toMatchObject([
      {
        kind: 'mail',
        to: engineer,
        template: 'vulnerabilities.policyChanged',
        params: { count: 1, sooner: 1, later: 0 },
      },
    ]);
    expect(await call(officer, routes.changePatchPolicy, { version, policy: stricter })).toBe(
      'versionConflict',
    );
  });
});

describe('an own vector', () => {
  test('classes an item, for a reason; one that is none is refused', async () => {
    const id = await itemOf(world, 'KEPT-SAMPLE-3');
    expect((await backlog(world))[2]).toContain('unrated');
    const own = (vector: string | null) =>
      call(engineer, routes.classifyBacklogItem, { id, vector, reason: 'Looked at' });
    expect(await own('CVSS:3.1/AV:N')).toBe('vectorUnfit');
    expect(await own(vectors.critical)).toEqual({ id, asked: false });
    expect((await backlog(world))[2]).toContain('critical');
    expect(await own(vectors.critical)).toBe('nothingToChange');
  });

  test('approverIsAnother: one by which it is less bad waits for another officer', async () => {
    const id = await itemOf(world, 'KEPT-SAMPLE-3');
    const item = async () => (await backlog(world))[2];
    const before = await item();
    const ask = (by: string, vector: string | null) =>
      call(by, routes.classifyBacklogItem, { id, vector, reason: 'Never called' });
    // Down to what endangers nothing, and to what nobody rated: both are less than critical.
    const none = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N';
    const decide = (by: string, approve = true, note = '', vector: string | null = none) =>
      call(by, routes.decideBacklogVector, { id, vector, approve, note });
    expect(await decide(officer)).toBe('vectorNotAsked');
    for (const vector of [vectors.low, null, none])
      expect(await ask(officer, vector)).toEqual({ id, asked: true });
    expect(await ask(officer, none)).toBe('vectorPending');
    expect(world.sent.at(-1)).toMatchObject({
      to: deputy,
      template: 'vulnerabilities.vectorAsked',
    });
    expect(await item()).toBe(before);
    expect(await decide(officer)).toBe('ownDecision');
    expect(await newestEntry()).toMatchObject({
      type: 'GuardRefused',
      body: { promise: 'VUL-4', code: 'ownDecision', flow: 'vulnerabilities.decideVector' },
    });
    for (const nobody of [engineer, colleague]) expect(await decide(nobody)).toBe('notAllowed');
    expect(await decide(deputy, false)).toBe('noteMissing');
    expect(await item()).toBe(before);
    expect(await decide(deputy, false, 'It is called')).toEqual({ id });
    expect(await item()).toBe(before);
    expect(await decide(deputy)).toBe('vectorNotAsked');
    await ask(officer, none);
    expect(await decide(deputy)).toEqual({ id });
    expect(await item()).toContain(' none ');
    expect(world.sent.at(-1)).toMatchObject({
      to: officer,
      template: 'vulnerabilities.vectorApproved',
    });
    // What is worse needs nobody else, and what was asked for meanwhile is over.
    expect(await ask(engineer, vectors.low)).toEqual({ id, asked: false });
    expect(await ask(engineer, none)).toEqual({ id, asked: true });
    expect(await ask(colleague, vectors.high)).toEqual({ id, asked: false });
    expect(await decide(deputy)).toBe('vectorNotAsked');
    await ask(engineer, null);
    await decide(officer, true, '', null);
    expect(await item()).toContain('unrated');
    const { rows } = await sql`
      select from task where subject like 'vector/%' and done_at is null and cancelled_at is null`.execute(
      db,
    );
    expect(rows).toEqual([]);
  });
});

describe('fixed', () => {
  /** Of each field what a caller could send that means most: every id, every state, yes and all. */
  const inputs = (ids: readonly string[], decisions: readonly string[], sourceId: string) => [
    { ids, assigneeId: engineer },
    { id: ids[0], vector: vectors.critical, reason: 'fixed', state: 'fixed' },
    { ids, state: 'fixed', kind: 'fixed', reason: 'fixed', until: '2026-03-01' },
    {
      ids,
      kind: 'notAffected',
      justification: 'component_not_present',
      reason: 'fixed',
      until: '2026-03-01',
    },
    { ids: decisions, approve: true, state: 'fixed', note: 'fixed' },
    { id: decisions[0], approve: true, note: 'fixed' },
    { id: sourceId, text: '{"version":"2.1.0","runs":[]}', complete: false },
    { id: ids[0] },
    {},
  ];

  test('fixedOnlyByProof: no route that writes, in any role, with anything it takes, says so', async () => {
    const { rows } = await sql<{ id: string }>`select id from backlog_item order by id`.execute(db);
    const ids = rows.map(({ id }) => id);
    const sources = await sql<{ id: string }>`select id from source`.execute(db);
    let accepted = 0;
    for (const route of Object.values(routes) as Route[]) {
      if (route.method === 'get') continue;
      for (const person of [officer, deputy, engineer, colleague]) {
        const decisions = await sql<{ id: string }>`
          select id from backlog_decision where state = 'asked'`.execute(db);
        const asked = decisions.rows.map(({ id }) => id);
        for (const input of inputs(ids, asked, sources.rows[0]?.id ?? '')) {
          const parsed = route.input.safeParse(input);
          if (!parsed.success) continue;
          accepted += 1;
          await route.handle(requestOf(world, person), parsed.data).catch(() => undefined);
          const fixed = await sql`select from backlog_item where state = 'fixed'`.execute(db);
          expect(fixed.rows, `${route.path} ${JSON.stringify(input)}`).toEqual([]);
        }
      }
    }
    expect(accepted).toBeGreaterThan(40);
  });
});
