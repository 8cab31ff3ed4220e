import { beforeAll, describe, expect, test } from 'vitest';
import { testWorld } from '../../platform/testing/world.ts';
import type { Route } from '../../policy/route.ts';
import {
  advise,
  audit,
  backlog,
  company,
  engineer,
  itemOf,
  officer,
  requestOf,
  source,
  vectors,
} from './backlog.fixture.ts';
import { routes } from './routes.ts';
import en from './words.en.json' with { type: 'json' };
import ja from './words.ja.json' with { type: 'json' };

const world = await testWorld();

/** Calls a route as one of the company; its answer, or the code with which it is refused. */
async function call(personId: string, route: Route, input: object) {
  const answer = await route.handle(requestOf(world, personId), route.input.parse(input));
  if ('stream' in answer) throw new Error('streamed');
  return answer.ok ? answer.value : answer.refusal.code;
}

beforeAll(() => company(world));

describe('an own vector, and what is published later', () => {
  const line = async (name: string) =>
    (await backlog(world)).find((each) => each.startsWith(`${name} `))?.replace(/ x\d+$/, '');
  const give = (by: string, id: string, vector: string | null) =>
    call(by, routes.classifyBacklogItem, { id, vector, reason: 'Looked at' });
  const medium = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:N/A:N';
  /** Month and day, so many days from now. */
  const inDays = (days: number) => {
    const due = world
      .now()
      .toZonedDateTimeISO('UTC')
      .add({ hours: 24 * days });
    return due.toPlainDate().toString().slice(5);
  };

  test.each([
    ['KEPT-SAMPLE-6', null, medium, 'medium', 90],
    ['KEPT-SAMPLE-7', vectors.low, vectors.low.replace('AV:L', 'AV:P'), 'low', 180],
  ])('%s: one that nobody approved hides nothing that becomes known', async (...each) => {
    const [name, published, own, before, days] = each;
    const pack = name.toLowerCase();
    const advice = (vector: string | null) => advise(world, [{ id: name, name: pack, vector }]);
    await advice(published);
    const where = await source(world, pack);
    await audit(world, where, { [pack]: '1.0.0' });
    const id = await itemOf(world, name);
    expect(await give(engineer, id, own)).toEqual({ id, asked: false });
    expect(await line(name)).toBe(`${name} ${pack} shop open ${before} ${inDays(days)}`);
    await advice(vectors.critical);
    expect(await line(name)).toBe(`${name} ${pack} shop open critical ${inDays(7)}`);
    expect(await call(engineer, routes.showBacklogItem, { id })).toMatchObject({
      ownVector: own,
      ownCounts: false,
    });
    // The same one may be asked for now; approved, it counts whatever is published.
    expect(await give(engineer, id, own)).toEqual({ id, asked: true });
    expect(await line(name)).toContain('critical');
    await call(officer, routes.decideBacklogVector, { id, vector: own, approve: true });
    expect(await line(name)).toBe(`${name} ${pack} shop open ${before} ${inDays(days)}`);
    await advice(vectors.high);
    expect(await line(name)).toContain(` ${before} `);
    expect(await give(engineer, id, own)).toBe('nothingToChange');
    // Another one is not what was approved: beside it the worse counts.
    const other = own.replace('PR:N', 'PR:L').replace('AC:H', 'AC:L');
    expect(await give(engineer, id, medium === own ? vectors.high : other)).toEqual({
      id,
      asked: false,
    });
    expect(await line(name)).toContain(' high ');
  });
});

describe('what is approved', () => {
  test('is what was read: where another is asked for meanwhile nothing is decided', async () => {
    const [name, pack] = ['KEPT-SAMPLE-8', 'kept-sample-8'];
    await advise(world, [{ id: name, name: pack, vector: vectors.critical }]);
    await audit(world, await source(world, pack), { [pack]: '1.0.0' });
    const id = await itemOf(world, name);
    const isCritical = async () =>
      (await backlog(world)).some((line) => line.startsWith(`${name} `) && /critical/.test(line));
    const ask = (vector: string) =>
      call(engineer, routes.classifyBacklogItem, { id, vector, reason: 'Looked at' });
    const decide = (vector: string | null, approve = true) =>
      call(officer, routes.decideBacklogVector, { id, vector, approve, note: 'Read' });
    expect(await ask(vectors.high)).toEqual({ id, asked: true });
    expect(await ask(vectors.low)).toEqual({ id, asked: true });
    for (const approve of [true, false])
      for (const read of [vectors.high, null])
        expect(await decide(read, approve)).toBe('vectorChanged');
    expect(await isCritical()).toBe(true);
    expect(await decide(vectors.low)).toEqual({ id });
    expect(await isCritical()).toBe(false);
    for (const words of [en, ja])
      for (const part of ['vectorChanged', 'vectorChanged.action'] as const)
        expect(words.refusal[part]).toBeTruthy();
  });
});
