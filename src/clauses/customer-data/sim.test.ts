import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { Actor, Role } from '../../kernel/actor.ts';
import { contextFor, executeAs } from '../../platform/execute.ts';
import { actorWith } from '../../platform/testing/world.ts';
import type { SimulationRoom } from '../../policy/simulation.ts';
import { company } from './cases.fixture.ts';
import { obligations } from './obligations.ts';
import { sim } from './sim.ts';

/** A seeded source of chance (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test('CUS-2, CUS-3: half a year of cases breaches no invariant', { timeout: 120_000 }, async () => {
  const world = await company({ told: 'atOnce' });
  const { db } = world.database;
  const random = chance(7);
  const system: Actor = { kind: 'system', id: 'tick' };
  const breaches: string[] = [];
  for (let day = 0; day < 180; day++) {
    const room: SimulationRoom = {
      db,
      now: world.now(),
      zone: 'Asia/Tokyo',
      as: (person: string, ...roles: Role[]) => executeAs(world, actorWith(person, ...roles)),
      asSystem: executeAs(world, system),
      random,
      oneIn: (n) => random() < 1 / n,
    };
    await sim.step(room);
    world.advance({ hours: 24 });
    const { rows } = await sql<{
      id: string;
      kind: string;
      subject: string;
      dueAt: Temporal.Instant;
    }>`
      update obligation set done_at = ${world.now()}
      where done_at is null and due_at <= ${world.now()} and clause = 'customer-data'
      returning id, kind, subject, due_at as "dueAt"`.execute(db);
    const context = await contextFor(world, system);
    for (const due of rows)
      await obligations[due.kind]?.({ db, execute: executeAs(world, system), context }, due);
    for (const invariant of Object.values(sim.invariants)) {
      const { rows: found } = await invariant(world.now(), 'Asia/Tokyo').execute(db);
      breaches.push(...found.map(({ problem }) => problem));
    }
  }
  expect(breaches).toEqual([]);
  const { rows } = await sql<{ state: string; n: number }>`
    select state, count(*)::int as n from customer_case group by state`.execute(db);
  const counts = Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  // All ends occur: otherwise the invariants were asked about nothing.
  expect(Object.keys(counts)).toEqual(expect.arrayContaining(['reconciled', 'refused']));
  expect(counts['reconciled']).toBeGreaterThan(5);
});
