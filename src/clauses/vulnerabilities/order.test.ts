import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { routes as sourceRoutes } from '../../registers/sources/routes.ts';
import {
  advise,
  audit,
  company,
  depot,
  kept,
  officer,
  react,
  requestOf,
  type SampleAdvisory,
  shop,
  source,
} from './backlog.fixture.ts';
import { settleEverything } from './flows.ts';

/**
 * What arrives when must not matter: a new source against all advisories and a new advisory against
 * everything known give the same backlog.
 */

const names = ['sample-a', 'sample-b', 'sample-c', 'sample-d'];
const versions = ['1.0.0', '1.1.0', '2.0.0', '2.5.0'];

const bill = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...versions), {
  minKeys: 1,
  maxKeys: names.length,
});
const advisory = fc.record({
  id: fc.integer({ min: 1, max: 6 }).map((n) => `KEPT-SAMPLE-${n}`),
  name: fc.constantFrom(...names),
  introduced: fc.constantFrom('0', '1.1.0'),
  fixed: fc.constantFrom('1.1.0', '2.0.0', '3.0.0', null),
});

const learned = fc.record({
  // The newest audit of each source, and the newest word of each advisory.
  bills: fc.array(bill, { minLength: 3, maxLength: 3 }),
  advisories: fc.uniqueArray(advisory, { selector: ({ id }) => id, minLength: 1, maxLength: 6 }),
  // In what order they arrive, and where something else stood before.
  order: fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
  before: fc.array(fc.option(bill), { minLength: 3, maxLength: 3 }),
});

type Act =
  | { readonly source: number; readonly bill: Readonly<Record<string, string>> }
  | SampleAdvisory;

describe('the order in which things are learned', async () => {
  const world = await testWorld();
  await company(world);
  const sources: string[] = [];
  for (const [key, systemId] of [
    ['web', shop],
    ['api', shop],
    ['store', depot],
  ] as const)
    sources.push(await source(world, key, systemId));
  afterAll(() => world.database.close());

  test('changes nothing of what is affected, seen and open', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(learned, async ({ bills, advisories, order, before }) => {
        const acts: Act[] = [
          ...bills.map((each, n) => ({ source: n, bill: each })),
          ...advisories.map((each): Act => each),
        ];
        const shuffled = acts
          .map((act, n) => ({ act, place: order[n] ?? 0 }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ act }) => act);
        const one = await telling();
        for (const [n, each] of before.entries())
          if (each) await one.learn({ source: n, bill: each });
        for (const act of shuffled) await one.learn(act);
        const incremental = await one.standing();
        const done = await execute(world, settleEverything, {}, kept);
        expect(done).toMatchObject({
          ok: true,
          value: [{ body: { opened: 0, reopened: 0, gone: 0, fixed: 0, lapsed: 0, appeared: 0 } }],
        });
        expect(await one.standing()).toEqual(incremental);
        const other = await telling();
        for (const act of acts) await other.learn(act);
        expect(await other.standing()).toEqual(incremental);
      }),
      { numRuns: 6, seed: 20260105 },
    );
  });

  test('nor does retiring a source and taking it back', { timeout: 60_000 }, async () => {
    const one = await telling();
    await one.learn({ id: 'KEPT-SAMPLE-1', name: 'sample-a' });
    for (const n of sources.keys()) await one.learn({ source: n, bill: { 'sample-a': '1.0.0' } });
    const before = await one.standing();
    const [id = ''] = sources;
    await sourceRoutes.retireSource.handle(requestOf(world, officer), { id });
    await react(world, 'SourceRetired', `source/${id}`);
    expect(await one.standing()).not.toEqual(before);
    await sourceRoutes.restoreSource.handle(requestOf(world, officer), { id });
    await react(world, 'SourceRestored', `source/${id}`);
    expect(await one.standing()).toEqual(before);
  });

  let tellings = 0;

  /** The same sources with packages and advisories of names that nothing was ever told of. */
  async function telling() {
    const mark = `told${tellings++}-`;
    const learn = async (act: Act): Promise<void> => {
      if ('bill' in act) {
        const named = Object.entries(act.bill).map(([name, version]) => [mark + name, version]);
        await audit(world, sources[act.source] ?? '', Object.fromEntries(named));
      } else await advise(world, [{ ...act, id: mark + act.id, name: mark + act.name }]);
    };
    const standing = async () =>
      (await standingOf(world, mark)).map((line) => line.replaceAll(mark, ''));
    return { learn, standing };
  }
});

/** What is affected, what is seen where, and what is open with which fix: by names, without ids and times. */
async function standingOf(world: TestWorld, mark: string): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select line from (
      select concat_ws(' ', 'affects', a.id, pv.name, pv.version, f.fixed_in) as line
      from affects f join advisory a on a.id = f.advisory_id join package_version pv on pv.id = f.package_version_id
      where exists (select from component c where c.package_version_id = pv.id)
      union all
      select concat_ws(' ', 'item', v.name, i.component_name, s.key, i.class, i.fix_version)
      from backlog_item i join vulnerability v on v.id = i.vulnerability_id join system s on s.id = i.system_id
      where i.state in ('open', 'working')
      union all
      select concat_ws(' ', 'sighting', v.name, i.component_name, source.key, g.version)
      from sighting g join backlog_item i on i.id = g.item_id join vulnerability v on v.id = i.vulnerability_id
      join source on source.id = g.source_id where g.gone_at is null
    ) told where position(${mark}::text in line) > 0 order by 1`.execute(world.database.db);
  return rows.map(({ line }) => line);
}
