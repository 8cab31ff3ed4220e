import type { Db } from '../kernel/db.ts';
import { together } from '../kernel/together.ts';
import type { World } from '../platform/world.ts';

const travelling = new WeakMap<World, Db>();

/**
 * The database of a world, on which whatever is asked in one turn of the event loop travels in one
 * journey, whoever asks: for what nearly every request of a product asks for. For single statements
 * only, and none that may fail for what a caller says: it would fail for all.
 */
export function travellingOf(world: World): Db {
  const there = travelling.get(world) ?? together(world.database.db);
  travelling.set(world, there);
  return there;
}
