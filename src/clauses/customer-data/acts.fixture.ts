import { sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { newestCheckpoint, readEntry } from '../../platform/ledger/reading.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import type { TestWorld } from '../../platform/testing/world.ts';
import { acme, as, idOf, outcome, wanted } from './cases.fixture.ts';
import * as flows from './flows.ts';
import { obligations } from './obligations.ts';

/** What people do to cases, in a line each, for the tests. */

export const system = { kind: 'system', id: 'tick' } as const;

export async function ask(
  world: TestWorld,
  actor: Actor = as('sami'),
  more: Partial<Parameters<typeof execute>[2] & object> = {},
) {
  const done = await execute(
    world,
    flows.requestCase,
    { ...wanted, ...more, scope: [...wanted.scope] },
    actor,
  );
  return { said: outcome(done), id: done.ok ? (done.value[0]?.subject.slice(5) ?? '') : '' };
}

export const decide = async (
  world: TestWorld,
  actor: Actor,
  id: string,
  decision: 'approve' | 'refuse',
) => outcome(await execute(world, flows.decideCase, { id, decision, reason: 'because' }, actor));
export const open = async (world: TestWorld, actor: Actor, id: string) =>
  outcome(await execute(world, flows.openCase, { id }, actor));
export const end = async (world: TestWorld, actor: Actor, id: string) =>
  outcome(await execute(world, flows.endCase, { id }, actor));
export const reconcile = async (world: TestWorld, actor: Actor, id: string, note = '') =>
  outcome(await execute(world, flows.reconcileCase, { id, note }, actor));

export const read = async (world: TestWorld, actor: Actor, caseId: string, more: object = {}) =>
  outcome(
    await execute(
      world,
      flows.readUnderCase,
      {
        caseId,
        customerId: acme,
        what: 'object',
        collection: 'schedules',
        itemId: idOf(500),
        changedAt: '2026-01-10T00:00:00.000Z',
        count: 1,
        copy: false,
        ...more,
      },
      actor,
    ),
  );

/** Hands an obligation over as the tick would, twice: the second time must change nothing. */
export async function due(world: TestWorld, kind: string, id: string): Promise<void> {
  const room = {
    db: world.database.db,
    execute: executeAs(world, system),
    context: await contextFor(world, system),
  };
  const handed = { id: idOf(1000), kind, subject: `case/${id}`, dueAt: world.now() };
  await obligations[kind]?.(room, handed);
  await obligations[kind]?.(room, handed);
}

export async function stateOf(world: TestWorld, id: string): Promise<string> {
  const { rows } = await sql<{ state: string }>`
    select state from customer_case where id = ${id}`.execute(world.database.db);
  return rows[0]?.state ?? '';
}

/** Bodies of the entries of a type, in the order of the ledger. */
export async function entries(world: TestWorld, type: string): Promise<readonly unknown[]> {
  await sequence(world);
  const { db } = world.database;
  const { size } = (await newestCheckpoint(db)) ?? { size: 0 };
  const all = await Promise.all(Array.from({ length: size }, (_, index) => readEntry(db, index)));
  return all.filter((read) => read?.entry.type === type).map((read) => read?.entry.body);
}

export async function tasks(world: TestWorld): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select concat_ws(' ', split_part(kind, '.', 2), role, case when done_at is not null then 'done'
      when cancelled_at is not null then 'cancelled' when missed_at is not null then 'missed' else 'open' end) as line
    from task order by opened_at, task.id`.execute(world.database.db);
  return rows.map(({ line }) => line);
}

/** A case of Sami's that is open. */
export async function opened(world: TestWorld, more: object = {}): Promise<string> {
  const { id } = await ask(world, as('sami'), more);
  await decide(world, as('cora'), id, 'approve');
  await open(world, as('sami'), id);
  return id;
}
