// biome-ignore-all lint/suspicious/noExportsInTest: the other tests of the clause stand on this company, and only tests may stand on the platform
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { contextFor, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { closeObligations, dueObligations } from '../../registers/tasks/obligations.ts';
import { everyoneHasSigned } from './checks.ts';
import { obligations, reactions } from './obligations.ts';
import { publishShipped, shipped } from './shipped.ts';

/** The small company that the tests of this clause are about: people team, security officer, one more. */

export const world = await testWorld();
export const { db } = world.database;
export const system: Actor = { kind: 'system', id: 'test' };
export const person = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const team = actorWith(person(1), 'people', 'employee');
export const officer = actorWith(person(2), 'security-officer', 'employee');
export const worker = actorWith(person(3), 'employee');

await sql`
  insert into person (id, name, roles, manager_id, starts_on) values
    (${person(1)}, 'Pia People', '{people,employee}', null, null),
    (${person(2)}, 'Olga Officer', '{security-officer,employee}', null, null),
    (${person(3)}, 'Will Worker', '{employee}', ${person(1)}, '2020-02-29')`.execute(db);

export const violations = async (check: Check) => {
  const { rows } = await check.violations(world.now(), 'Asia/Tokyo').execute(db);
  return rows.map((row) => row.subject_id).toSorted();
};
export const examined = async (check: Check) =>
  (await check.population(world.now(), 'Asia/Tokyo').execute(db)).rows[0]?.examined;
export const sourceOf = async (check: Check) =>
  (await check.sources?.(db, world.now()))?.[0]?.readAt ?? null;

/** Everything that is due is done, as the tick does it. */
export async function drain(): Promise<void> {
  for (let round = 0; round < 400; round++) {
    const due = await dueObligations(db, world.now(), 50);
    if (due.length === 0) return;
    for (const each of due) {
      const context = await contextFor(world, system);
      await obligations[each.kind]?.({ db, execute: executeAs(world, system), context }, each);
      await closeObligations(db, [each.id], world.now());
    }
  }
}
export async function react(type: string, subject = 'x', body = {}): Promise<void> {
  await reactions[type]?.(
    { db, execute: executeAs(world, system), context: await contextFor(world, system) },
    { entryIndex: 0, type, subject, body },
  );
  await drain();
}
export const openTasks = async (kind: string) => {
  const { rows } = await sql<{
    assignee_id: string | null;
    role: string | null;
    due_at: Temporal.Instant;
  }>`
    select assignee_id, role, due_at from task where kind = ${kind} and done_at is null and cancelled_at is null
    order by assignee_id, due_at`.execute(db);
  return rows;
};
export const to = async (instant: string) => {
  world.advance(Temporal.Instant.from(instant));
  await drain();
};

/** Publishes what ships, as the people team, and lets everyone be asked. */
export async function begin(): Promise<void> {
  await publishShipped(executeAs(world, team), { ...shipped, checklists: true });
  await react('CoursePublished');
}

it('everyone of the company is on the staff', async () => {
  expect(await examined(everyoneHasSigned)).toBe(3);
});
