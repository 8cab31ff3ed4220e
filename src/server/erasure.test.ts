import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { execute } from '../platform/execute.ts';
import { readEntry } from '../platform/ledger/reading.ts';
import { testWorld } from '../platform/testing/world.ts';
import { personFlow } from '../registers/people/store.ts';
import { erasure } from './erasure.ts';
import { tick } from './tick.ts';

test('erasing a person leaves their entries, and nothing that says who it was', async () => {
  const world = await testWorld();
  const rooms = { registers: [erasure], clauses: [] };
  const actor = { kind: 'system', id: 'test' } as const;
  const registered = await execute(
    world,
    personFlow,
    personFlow.command.parse({
      do: 'registerPerson',
      person: { name: 'Hanako Example', email: 'hanako@example.com' },
    }),
    actor,
  );
  const id = registered.ok ? (registered.value[0]?.subject.split('/')[1] ?? '') : '';
  await tick(world, rooms);
  const before = await readEntry(world.database.db, 0);
  expect(before?.opened.map(({ value }) => value)).toContain('Hanako Example');

  await execute(world, personFlow, { do: 'endEmployment', id, endsOn: '2025-12-31' }, actor);
  expect(await execute(world, personFlow, { do: 'erasePerson', id }, actor)).toMatchObject({
    ok: true,
  });
  await tick(world, rooms);
  const after = await readEntry(world.database.db, 0);
  expect(after?.bytes).toEqual(before?.bytes);
  expect(after?.opened).toEqual([]);
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from ledger_private where about = ${id}`.execute(world.database.db);
  expect(rows[0]?.n).toBe(0);
});
