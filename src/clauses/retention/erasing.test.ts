import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Context } from '../../policy/event.ts';
import { nothingPastItsDate, whatRemainsHasItsDate } from './checks.schedule.ts';
import type { ClosureCommand } from './facts.closure.ts';
import { type ClosingState, decideClosure, type StandingClosure } from './flow.closure.ts';
import { kinds } from './store.kinds.ts';

const dueAt = Temporal.Instant.from('2026-02-04T15:00:00Z');
const closure: StandingClosure = {
  id: 'closure',
  state: 'closing',
  requestedOn: Temporal.PlainDate.from('2026-01-05'),
  reopenUntil: dueAt,
  eraseBy: Temporal.Instant.from('2026-04-05T15:00:00Z'),
  dueAt,
  seenDueAt: dueAt,
  seal: 'ab',
  keyDestroyedAt: null,
  clearedAt: null,
  counts: {},
  erasedAt: null,
};
const state: ClosingState = {
  customer: { id: 'customer', key: 'sample', state: 'closing' },
  held: false,
  closure,
  asker: 'staff',
  requestVerified: false,
  seal: null,
  keys: ['key'],
  remaining: 0,
  backups: [],
  owners: [],
};
const at = (now: Temporal.Instant): Context => ({
  now,
  actor: { kind: 'system', id: 'test' },
  zone: 'Asia/Tokyo',
  newId: () => 'id',
});

const said = (changes: Partial<StandingClosure>, command: object, now = dueAt, held = false) => {
  const answer = decideClosure(
    { ...state, held, closure: { ...closure, ...changes } },
    { customerId: 'customer', ...command } as ClosureCommand,
    at(now),
  );
  return answer.ok
    ? answer.value.map(({ type }) => type)
    : [answer.refusal.code, answer.refusal.guard];
};

describe('RET-5, the guard noErasureBeforeItsDay: who may destroy what, and when', () => {
  const begin = { do: 'beginErasure' };
  const destroy = { do: 'destroyKey', backups: [] };
  const later = dueAt.add({ minutes: 10 });
  test.each<[string, unknown[], unknown]>([
    [
      'a second before day 30 ends',
      said({}, begin, dueAt.subtract({ seconds: 1 })),
      ['erasureNotDue', 'RET-5'],
    ],
    ['while a hold stands', said({}, begin, later, true), ['closureHeld', 'RET-5']],
    ['at the first look', said({ seenDueAt: null }, begin, later), ['secondLook', undefined]],
    [
      'at the second, too soon',
      said({}, begin, dueAt.add({ minutes: 9 })),
      ['secondLook', undefined],
    ],
    ['at the second look', said({}, begin, later), ['CustomerErasureBegun']],
    ['a key before the erasure has begun', said({}, destroy, later), ['erasureNotDue', 'RET-5']],
    ['a key once it has', said({ state: 'erasing' }, destroy, later), ['CustomerKeyDestroyed']],
    [
      'a key that is destroyed already',
      said({ state: 'erasing', keyDestroyedAt: dueAt }, destroy, later),
      [],
    ],
    [
      'rows before the key',
      said({ state: 'erasing' }, { do: 'finish' }, later),
      ['keyNotDestroyed', undefined],
    ],
    [
      'a certificate before the rows',
      said({ state: 'erasing', keyDestroyedAt: dueAt }, { do: 'certify' }),
      ['contentsRemain', undefined],
    ],
    [
      'a closure that was rolled back',
      said({ state: 'reopened' }, begin, later),
      ['notClosing', undefined],
    ],
  ])('%s', (_what, answer, expected) => {
    expect(answer).toEqual(expected);
  });
});

/** A product, and a customer of it whose account is gone since the first day. */
async function goneCustomer(world: TestWorld): Promise<string> {
  const [product, customer] = [world.newId(), world.newId()];
  await sql`
    insert into product (id, key, name, kind, custody) values (${product}, 'p', 'Sample', 'cloud', 'vault')`.execute(
    world.database.db,
  );
  await sql`
    insert into customer (id, key, name, product_id, basis, basis_reference, language, state, since, state_at)
    values (${customer}, 'sample', 'Sample', ${product}, 'terms', '1', 'en', 'gone', ${world.now()}, ${world.now()})`.execute(
    world.database.db,
  );
  await sql`
    insert into closure (id, customer_id, state, requested_on, requested_at, reopen_until, erase_by, due_at, seal,
      objects, records, bytes, certified_at)
    values (${world.newId()}, ${customer}, 'certified', '2025-10-01', ${world.now()}, ${world.now()},
      ${world.now()}, ${world.now()}, '\\x00', 0, 0, 0, ${world.now()})`.execute(world.database.db);
  return customer;
}

test('RET-1, RET-6: what remains of an account that is gone is a violation once its seven years are over', async () => {
  const world = await testWorld({ start: '2026-01-05T03:00:00Z' });
  const customer = await goneCustomer(world);
  const labels = async (now: string) => {
    const found: string[] = [];
    for (const check of [nothingPastItsDate(() => kinds), whatRemainsHasItsDate(() => kinds)]) {
      const { rows } = await check
        .violations(Temporal.Instant.from(now), 'Asia/Tokyo')
        .execute(world.database.db);
      found.push(...rows.map((row) => `${check.promise} ${row.subject_id}`));
    }
    return found;
  };
  expect(await labels('2033-01-05T03:00:00Z')).toEqual([]);
  // The night's day of grace.
  expect(await labels('2033-01-06T03:00:00Z')).toEqual([]);
  const late = [`RET-1 ${customer}/closedAccounts`, `RET-6 ${customer}/closedAccounts`];
  expect(await labels('2033-01-07T03:00:00Z')).toEqual(late);
});
