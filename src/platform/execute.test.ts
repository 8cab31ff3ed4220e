import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ok, refuse, refuseByGuard } from '../kernel/result.ts';
import { parseEntry } from '../ledger/entry.ts';
import type { Event } from '../policy/event.ts';
import type { Flow } from '../policy/flow.ts';
import { execute } from './execute.ts';
import { readEntry } from './ledger/reading.ts';
import { sequence } from './ledger/sequencer.ts';
import { actorWith, type TestWorld, testWorld } from './testing/world.ts';

const officer = actorWith('01900000-0000-7000-8000-000000000001', 'security-officer', 'employee');
const clerk = actorWith('01900000-0000-7000-8000-000000000002', 'customer');

/** A counter that refuses to pass nine, keeps a secret note, and guards against zero. */
const counter: Flow<
  number,
  { readonly add: number; readonly note: string },
  Event,
  'full' | 'nothing'
> = {
  name: 'test.counter',
  clause: 'test',
  command: z.object({ add: z.int(), note: z.string() }),
  load: async (tx) => {
    const { rows } = await sql<{ value: number }>`select value from counter for update`.execute(tx);
    return rows[0]?.value ?? 0;
  },
  authorize: () => ({ action: 'rotateLedgerKey' }),
  decide: (value, { add, note }) => {
    if (add === 0) return refuseByGuard('TST-1', 'nothing');
    if (value + add > 9) return refuse('full', { value });
    return ok([
      { type: 'Counted', subject: 'counter/1', body: { to: value + add }, private: { note } },
    ]);
  },
  project: async (tx, event) => {
    await sql`update counter set value = ${event.body['to']}`.execute(tx);
  },
};

describe('execute', () => {
  let world: TestWorld;
  const value = async () =>
    (await sql<{ value: number }>`select value from counter`.execute(world.database.db)).rows[0]
      ?.value;
  const count = async (table: string) =>
    (
      await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(
        world.database.db,
      )
    ).rows[0]?.n;

  beforeAll(async () => {
    world = await testWorld();
    await sql`create table counter as select 0 as value`.execute(world.database.db);
  });

  test('projects, appends and keeps what is private out of the entry', async () => {
    const answer = await execute(world, counter, { add: 2, note: 'Hanako Example' }, officer);
    expect(answer.ok && answer.value[0]?.body).toEqual({ to: 2 });
    await sequence(world);
    const entry = await readEntry(world.database.db, 0);
    expect(entry?.entry).toMatchObject({ type: 'Counted', body: { to: 2 }, clause: 'test' });
    expect(Buffer.from(entry?.bytes ?? []).toString()).not.toContain('Hanako');
    expect(entry?.opened).toMatchObject([{ field: 'note', value: 'Hanako Example' }]);
    expect(entry?.entry.private['note']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('an entry is of the time of its command, however long that took', async () => {
    const now = world.now();
    const slow = {
      ...counter,
      load: async () => {
        world.advance({ minutes: 1 });
        return 0;
      },
      project: async () => undefined,
    };
    expect((await execute(world, slow, { add: 1, note: '' }, officer)).ok).toBe(true);
    await sequence(world);
    const { rows } = await sql<{ at: Temporal.Instant }>`
      select at from ledger_entry order by index desc limit 1`.execute(world.database.db);
    expect(rows[0]?.at.equals(now)).toBe(true);
  });

  test('a refusal changes nothing and leaves no entry', async () => {
    const before = await count('ledger_entry');
    expect(await execute(world, counter, { add: 9, note: '' }, officer)).toEqual({
      ok: false,
      refusal: { code: 'full', params: { value: 2 } },
    });
    expect([await value(), await count('ledger_entry')]).toEqual([2, before]);
  });

  test('a refusal by a guard is recorded', async () => {
    await execute(world, counter, { add: 0, note: '' }, officer);
    const { rows } = await sql<{ bytes: Buffer }>`
      select bytes from ledger_entry where type = 'GuardRefused'`.execute(world.database.db);
    const entry = parseEntry(rows[0]?.bytes ?? Buffer.alloc(0));
    expect(entry.ok && entry.value.body).toEqual({
      promise: 'TST-1',
      code: 'nothing',
      flow: 'test.counter',
    });
  });

  test('who may not, changes nothing', async () => {
    const answer = await execute(world, counter, { add: 1, note: '' }, clerk);
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'notAllowed' } });
    expect(await value()).toBe(2);
  });

  test('the same idempotency key acts once and answers the same, also when asked at once', async () => {
    const ask = () =>
      execute(world, counter, { add: 1, note: 'once' }, officer, { idempotency: { key: 'k1' } });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map((answer) => answer.ok && answer.value[0]?.body)).toEqual([
      { to: 3 },
      { to: 3 },
      { to: 3 },
    ]);
    expect(await value()).toBe(3);
    const other = await execute(world, counter, { add: 2, note: 'other' }, officer, {
      idempotency: { key: 'k1' },
    });
    expect(other).toMatchObject({ ok: false, refusal: { code: 'idempotencyKeyReused' } });
  });

  test('the answer stands when the first attempt used up what the second would need', async () => {
    const ask = () =>
      execute(world, counter, { add: 6, note: 'all' }, officer, { idempotency: { key: 'k2' } });
    expect((await ask()).ok).toBe(true);
    expect((await ask()).ok).toBe(true);
    expect(await value()).toBe(9);
  });

  test('an exception in projection rolls everything back', async () => {
    const broken = {
      ...counter,
      decide: () => ok([{ type: 'Counted', subject: 'counter/1', body: { to: 1 } }]),
    };
    const failing = {
      ...broken,
      project: async () => {
        throw new Error('disk full');
      },
    };
    const before = await count('ledger_entry');
    await expect(execute(world, failing, { add: 1, note: '' }, officer)).rejects.toThrow(
      'disk full',
    );
    expect([await value(), await count('ledger_entry')]).toEqual([9, before]);
  });
});
