import { contextFor, executeAs } from '../platform/execute.ts';
import type { World } from '../platform/world.ts';
import { declareShipped } from './declare.ts';
import type { Rooms } from './rooms.ts';

/** Lets every room put on the clock what must always be there, once an organisation exists. */
export async function beginRooms(world: World, rooms: Rooms, sources: string): Promise<void> {
  if (!(await world.organisation())) return;
  await declareShipped(world, rooms, sources);
  const actor = { kind: 'system', id: 'start' } as const;
  const context = await contextFor(world, actor);
  for (const room of [...rooms.registers, ...rooms.clauses]) {
    await room.begin?.({ db: world.database.db, execute: executeAs(world, actor), context });
  }
}
