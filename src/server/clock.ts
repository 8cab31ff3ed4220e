import { type Instant, isBefore } from '../kernel/instant.ts';
import { contextFor, executeAs } from '../platform/execute.ts';
import type { World } from '../platform/world.ts';
import type { Rooms } from './rooms.ts';

/** Less than this is a clock being put right by hand or by its protocol, and harms nothing. */
const noticedMinutes = 1;

const lastSeen = new WeakMap<World, Instant>();

/**
 * What was put on the clock while it was ahead lies far away once it is put right: nights would not
 * come for as long as it was ahead. So every room looks again at what must always be on the clock.
 * Known to this process alone; a start looks anyway.
 */
export async function heedClock(world: World, rooms: Rooms): Promise<void> {
  const now = world.now();
  const last = lastSeen.get(world);
  lastSeen.set(world, now);
  if (!last || !isBefore(now, last.subtract({ minutes: noticedMinutes }))) return;
  const actor = { kind: 'system', id: 'clock' } as const;
  const context = await contextFor(world, actor);
  for (const room of [...rooms.registers, ...rooms.clauses]) {
    await room.begin?.({ db: world.database.db, execute: executeAs(world, actor), context });
  }
}
