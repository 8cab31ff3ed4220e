import { beforeAll, describe, expect, test } from 'vitest';
import type { output, ZodType } from 'zod';
import { testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import {
  advise,
  audit,
  company,
  depot,
  deputy,
  engineer,
  exploit,
  itemOf,
  officer,
  requestOf,
  source,
  vectors,
} from './backlog.fixture.ts';
import { backlogRoutes } from './routes.backlog.ts';
import { decisionRoutes } from './routes.decisions.ts';
import { listRoutes } from './routes.lists.ts';

interface Asked<Input extends ZodType, Output extends ZodType> {
  readonly input: Input;
  readonly output: Output;
  handle(request: Request, input: output<Input>): Promise<unknown>;
}

const world = await testWorld();

/** What a route answers somebody, read as its declaration says: what is not declared is an error. */
async function ask<Input extends ZodType, Output extends ZodType>(
  route: Asked<Input, Output>,
  given: object = {},
  personId = engineer,
): Promise<output<Output>> {
  const answer = await route.handle(requestOf(world, personId), route.input.parse(given));
  const { ok, value } = answer as { ok?: boolean; value?: unknown };
  if (!ok) throw new Error(JSON.stringify(answer));
  return route.output.parse(value);
}

const names = (page: { items: readonly { vulnerability: { name: string } }[] }) =>
  page.items.map(({ vulnerability }) => vulnerability.name);

beforeAll(async () => {
  await company(world);
  const web = await source(world, 'web');
  const store = await source(world, 'store', depot);
  await advise(world, [
    { id: 'KEPT-SAMPLE-1', name: 'sample-a', fixed: '1.2.0', vector: vectors.critical },
    { id: 'KEPT-SAMPLE-2', name: 'sample-a', fixed: '1.3.0', vector: vectors.low },
    { id: 'KEPT-SAMPLE-3', name: 'sample-b', vector: vectors.high, aliases: ['CVE-2026-00003'] },
  ]);
  await audit(world, web, { 'sample-a': '1.0.0', 'sample-b': '2.0.0' });
  await audit(world, store, { 'sample-a': '1.1.0' });
  await exploit(world, ['CVE-2026-00003'], '2026-01-02');
});

describe('the list of the backlog', () => {
  test('what is due first stands first, and says what it is', async () => {
    const { items, total } = await ask(listRoutes.listBacklog);
    expect(total).toBe(5);
    expect(items[0]).toMatchObject({
      state: 'open',
      exploited: true,
      overdue: false,
      component: 'sample-b',
      versions: ['2.0.0'],
      fixVersion: null,
      vulnerability: { name: 'CVE-2026-00003' },
      system: { key: 'shop', name: 'Shop' },
      assignee: { id: engineer, name: 'Erin Engineer' },
      reporters: ['match'],
      decision: null,
      issue: null,
    });
  });

  test.each([
    [{ class: 'critical', system: 'shop' }, ['KEPT-SAMPLE-1']],
    [{ exploited: 'true' }, ['CVE-2026-00003']],
    [{ fix: 'none' }, ['CVE-2026-00003']],
    [{ fix: '1.3.0', source: 'store', sort: 'vulnerability' }, ['KEPT-SAMPLE-1', 'KEPT-SAMPLE-2']],
    [{ package: 'sample-b' }, ['CVE-2026-00003']],
    [{ package: 'npm/sample-b' }, ['CVE-2026-00003']],
    [{ vulnerability: 'KEPT-SAMPLE-3' }, ['CVE-2026-00003']],
    [{ assignee: 'me', class: 'high' }, ['CVE-2026-00003']],
    [{ assignee: 'none' }, []],
    [{ overdue: 'true' }, []],
    [{ asked: 'true' }, []],
    [{ state: 'fixed' }, []],
    [{ reporter: 'trivy' }, []],
    [{ q: 'cve-2026' }, ['CVE-2026-00003']],
    [{ q: '100%' }, []],
  ])('%j', async (filters, expected) => {
    expect(names(await ask(listRoutes.listBacklog, filters))).toEqual(expected);
  });

  test('what is past its deadline is overdue, by the state that the filter and the line agree on', async () => {
    world.advance({ hours: 8 * 24 });
    const late = await ask(listRoutes.listBacklog, { overdue: 'true' });
    expect(late.items.every(({ overdue }) => overdue)).toBe(true);
    expect(names(late)).toContain('CVE-2026-00003');
    const rest = await ask(listRoutes.listBacklog, { overdue: 'false' });
    expect(late.total + rest.total).toBe(5);
  });
});

describe('one item', () => {
  test('says why it is due when it is: of its class, or because it is exploited', async () => {
    const exploited = await ask(listRoutes.showBacklogItem, {
      id: await itemOf(world, 'CVE-2026-00003'),
    });
    expect(exploited).toMatchObject({
      names: ['CVE-2026-00003', 'KEPT-SAMPLE-3'],
      deadline: { class: 'high', classDays: 30, exploitedDays: 3, shortened: true },
      requirements: { confidentiality: 3 },
      sightings: [{ source: { key: 'web' }, reporter: 'match', version: '2.0.0', goneAt: null }],
      advisories: [{ id: 'KEPT-SAMPLE-3', severities: [{ score: vectors.high }] }],
      exploitation: { cve: 'CVE-2026-00003', addedOn: '2026-01-02' },
    });
    const other = await ask(listRoutes.listBacklog, { class: 'critical', system: 'shop' });
    const shown = await ask(listRoutes.showBacklogItem, { id: `V-${other.items[0]?.number}` });
    expect(shown).toMatchObject({
      deadline: { classDays: 7, exploitedDays: null, shortened: false },
      fixVersion: '1.3.0',
      clearedTogether: 1,
    });
  });

  test('another vector is tried, and nothing is stored', async () => {
    const id = await itemOf(world, 'CVE-2026-00003');
    const before = await ask(listRoutes.showBacklogItem, { id });
    const tried = await ask(listRoutes.rateBacklogItem, { id, vector: vectors.critical });
    expect(tried).toMatchObject({ class: 'critical', dueAt: before.dueAt, lowers: false });
    const published = await ask(listRoutes.rateBacklogItem, { id });
    expect(published).toEqual({
      score: before.score,
      class: before.class,
      dueAt: before.dueAt,
      lowers: false,
    });
    const less = await ask(listRoutes.rateBacklogItem, { id, vector: vectors.low });
    expect(less).toMatchObject({ class: 'low', lowers: true });
    expect(await ask(listRoutes.showBacklogItem, { id })).toEqual(before);
    await expect(ask(listRoutes.rateBacklogItem, { id, vector: 'CVSS:3.1/AV:N' })).rejects.toThrow(
      'vectorUnfit',
    );
    const asked = { id, vector: vectors.low, reason: 'Not run.' };
    expect(await ask(backlogRoutes.classifyBacklogItem, asked)).toEqual({ id, asked: true });
    const waiting = await ask(listRoutes.showBacklogItem, { id });
    expect(waiting).toMatchObject({
      class: before.class,
      ownVector: null,
      proposed: { vector: vectors.low, class: 'low', reason: 'Not run.' },
    });
    const decided = { id, vector: vectors.low, approve: true, note: '' };
    await ask(backlogRoutes.decideBacklogVector, decided, deputy);
    const own = await ask(listRoutes.showBacklogItem, { id });
    expect(own).toMatchObject({ ownVector: vectors.low, vector: vectors.high, class: 'low' });
    expect(own.proposed).toBeNull();
  });
});

describe('groups, decisions, charts, policy', () => {
  test('one upgrade clears several items in several assets', async () => {
    const { items } = await ask(listRoutes.groupBacklog, { by: 'fix' });
    expect(items).toMatchObject([
      { name: 'sample-a', fixVersion: '1.3.0', items: 4, assetCount: 2, assets: ['Depot', 'Shop'] },
    ]);
    for (const by of ['component', 'asset', 'owner', 'source'] as const) {
      const { items: groups } = await ask(listRoutes.groupBacklog, { by, sort: 'name' });
      expect(groups.reduce((sum, group) => sum + group.items, 0)).toBe(5);
    }
  });

  test('a decision that is asked for stands with its item, in the filter and in the list', async () => {
    const id = await itemOf(world, 'CVE-2026-00003');
    const until = world.now().toZonedDateTimeISO('Asia/Tokyo').toPlainDate().add({ days: 20 });
    await ask(decisionRoutes.askDecision, {
      ids: [id],
      kind: 'accepted',
      reason: 'Replaced next month.',
      until: until.toString(),
    });
    const { items } = await ask(listRoutes.listBacklog, { state: 'asked' });
    expect(items).toMatchObject([
      { id, decision: { kind: 'accepted', state: 'asked', askedBy: { id: engineer } } },
    ]);
    const waiting = await ask(listRoutes.listDecisions, { state: 'asked' }, officer);
    expect(waiting.items).toMatchObject([
      { reason: 'Replaced next month.', item: { id, component: 'sample-b', system: 'Shop' } },
    ]);
  });

  test('the charts add up to the backlog', async () => {
    const { now, open, ages, attained, fixed } = await ask(listRoutes.chartBacklog);
    expect(now).toMatchObject({ open: 5, asked: 1, exploited: 1 });
    const sum = (each: Record<'critical' | 'high' | 'medium' | 'low' | 'unrated', number>) =>
      each.critical + each.high + each.medium + each.low + each.unrated;
    expect(sum(open.at(-1) as (typeof open)[number])).toBe(5);
    expect(ages.reduce((total, each) => total + sum(each), 0)).toBe(5);
    expect([open.length, attained.length, fixed.length]).toEqual([52, 12, 12]);
    expect(attained.at(-1)?.open).toBe(now.overdue);
  });

  test('the policy that ships is the only version', async () => {
    const { items } = await ask(listRoutes.listPatchPolicies);
    expect(items).toMatchObject([{ version: 1, exploitedDays: 3, changedBy: 'kept' }]);
    expect(await ask(listRoutes.showPatchPolicy)).toEqual(items[0]);
  });
});
