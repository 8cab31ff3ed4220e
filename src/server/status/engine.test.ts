import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check, Source } from '../../policy/check.ts';
import { type Clause, check, guard } from '../../policy/clause.ts';
import { promiseStatuses } from '../../registers/findings/store.ts';
import type { Rooms } from '../rooms.ts';
import { tick } from '../tick.ts';

const words = { en: '{label} is bad', ja: '{label}は不適合です' };

/** Lamps must not be red; the lamps were read from outside when `readAt` says. */
const state: { readAt: Temporal.Instant | null; throws: boolean } = { readAt: null, throws: false };
const lampsAreGreen: Check = {
  id: 'lampsAreGreen',
  promise: 'TST-1',
  states: words,
  finding: words,
  changedBy: ['LampChanged'],
  sources: async (): Promise<Source[]> => [
    { name: 'lamps', readAt: state.readAt, staleAfterHours: 48 },
  ],
  population: () => sql`select count(*)::int as examined from lamp`,
  violations: () => {
    if (state.throws) throw new Error('lamp query failed');
    return sql`select 'lamp' as subject_kind, id::text as subject_id, 'Lamp ' || id as label,
      jsonb_build_object('colour', colour) as detail, null::uuid as owner_id from lamp where colour = 'red'`;
  },
  deadlineDays: 7,
};

const clause: Clause = {
  id: 'test',
  promises: { 'TST-1': { iso27001: [] }, 'TST-2': { iso27001: [] }, 'TST-3': { iso27001: [] } },
  upholders: [check(lampsAreGreen), guard({ id: 'lampGuard', promise: 'TST-2', states: words })],
};
const rooms: Rooms = { registers: [], clauses: [clause] };

describe('the status engine', () => {
  let world: TestWorld;
  const status = async (id: string) => (await promiseStatuses(world.database.db)).get(id);
  const setLamps = (...colours: string[]) =>
    sql`truncate lamp; `
      .execute(world.database.db)
      .then(() =>
        sql`insert into lamp select n, c from unnest(${colours}::text[]) with ordinality as l (c, n)`.execute(
          world.database.db,
        ),
      );
  const recheck = () => {
    world.advance({ minutes: 15 });
    return sql`update check_result set next_change_at = ${world.now()}`.execute(world.database.db);
  };
  const openFindings = async () =>
    (
      await sql<{ id: string; subject_id: string }>`
      select id, subject_id from finding where closed_at is null order by subject_id`.execute(
        world.database.db,
      )
    ).rows;

  beforeAll(async () => {
    world = await testWorld();
    await sql`create table lamp (id int, colour text)`.execute(world.database.db);
    await setLamps('green', 'green', 'green');
  });

  test('unknown is never kept: nothing upholds, never read', async () => {
    await tick(world, rooms);
    expect(await status('TST-3')).toMatchObject({
      status: 'unknown',
      reason: { code: 'nothingUpholds' },
      proven_at: null,
    });
    expect(await status('TST-1')).toMatchObject({
      status: 'unknown',
      reason: { code: 'neverRead' },
      proven_at: null,
    });
    expect(await status('TST-2')).toMatchObject({ status: 'kept', reason: { code: 'guardHolds' } });
  });

  test('kept once read, proven when the facts were read', async () => {
    state.readAt = world.now().subtract({ hours: 5 });
    await recheck();
    await tick(world, rooms);
    const kept = await status('TST-1');
    expect(kept).toMatchObject({
      status: 'kept',
      reason: { code: 'kept', params: { examined: 3 } },
    });
    expect(kept?.proven_at?.equals(state.readAt)).toBe(true);
  });

  test('turns unknown by itself when the facts go stale', async () => {
    world.advance({ hours: 44 });
    await tick(world, rooms);
    expect(await status('TST-1')).toMatchObject({ status: 'unknown', reason: { code: 'stale' } });
  });

  test('a violation breaks the promise, opens one finding an item, and closes it by itself', async () => {
    state.readAt = world.now();
    await setLamps('green', 'red', 'red');
    await recheck();
    await tick(world, rooms);
    expect(await status('TST-1')).toMatchObject({
      status: 'broken',
      reason: { params: { violated: 2, examined: 3 } },
    });
    const first = await openFindings();
    expect(first.map((finding) => finding.subject_id)).toEqual(['2', '3']);

    await setLamps('green', 'red', 'green');
    world.advance({ hours: 1 });
    await recheck();
    await tick(world, rooms);
    expect(await openFindings()).toEqual([first[0]]);
    await tick(world, rooms);
    expect(await openFindings()).toEqual([first[0]]);
  });

  test('an exception counts until it expires', async () => {
    await sql`update finding set excepted_until = ${world.now().add({ hours: 10 })} where closed_at is null`.execute(
      world.database.db,
    );
    await recheck();
    await tick(world, rooms);
    expect(await status('TST-1')).toMatchObject({ status: 'kept' });
    world.advance({ hours: 24 });
    await tick(world, rooms);
    expect(await status('TST-1')).toMatchObject({ status: 'broken' });
  });

  test('a check that throws proves nothing', async () => {
    state.throws = true;
    await recheck();
    await tick(world, rooms);
    expect(await status('TST-1')).toMatchObject({
      status: 'unknown',
      reason: { code: 'checkFailed' },
    });
    state.throws = false;
    world.advance({ hours: 1 });
    await tick(world, rooms);
    expect(await status('TST-1')).toMatchObject({ status: 'broken' });
  });

  test('runs again when an entry it depends on arrives, and only then', async () => {
    await setLamps('green');
    world.advance({ minutes: 15 });
    expect((await tick(world, rooms)).checks).toBe(0);
    const { appendEvents } = await import('../../platform/ledger/append.ts');
    await world.database.db.transaction().execute((tx) =>
      appendEvents(world, tx, 'test', [{ type: 'LampChanged', subject: 'lamp/2', body: {} }], {
        actor: { kind: 'system', id: 'test' },
        now: world.now(),
      }),
    );
    expect((await tick(world, rooms)).checks).toBe(1);
    expect(await status('TST-1')).toMatchObject({ status: 'kept' });
  });

  test('every change is in the history and in the ledger', async () => {
    const { rows } = await sql<{ status: string }>`
      select status from promise_status_change where promise = 'TST-1' order by at`.execute(
      world.database.db,
    );
    expect(rows.map((row) => row.status)).toEqual([
      'unknown',
      'kept',
      'unknown',
      'broken',
      'kept',
      'broken',
      'unknown',
      'broken',
      'kept',
    ]);
    const { rows: entries } = await sql<{ n: number }>`
      select count(*)::int as n from ledger_entry
      where type = 'PromiseStatusChanged' and subject = 'promise/TST-1'`.execute(world.database.db);
    expect(entries[0]?.n).toBe(rows.length);
  });
});
