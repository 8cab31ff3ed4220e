import type { Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { revokeEverything } from '../../platform/identity/revoke.ts';
import type { Context } from '../../policy/event.ts';
import type { Rooms } from '../rooms.ts';

/** How much of each was taken, by name. */
export type Counts = Readonly<Record<string, number>>;

/**
 * Takes from a person all that the rooms gave them and every way into Kept, in the caller's
 * transaction: all of it goes or none. Clauses come before registers, because they look at what the
 * registers are about to take: orders to revoke are placed for grants that still stand.
 */
export async function takeEverything(
  tx: Tx,
  rooms: Rooms,
  personId: PersonId,
  context: Context,
): Promise<Counts> {
  const counts: Record<string, number> = {};
  const add = (taken: Counts): void => {
    for (const [name, n] of Object.entries(taken)) counts[name] = (counts[name] ?? 0) + n;
  };
  for (const room of [...rooms.clauses, ...rooms.registers]) {
    if (room.leaving) add(await room.leaving(tx, personId, context));
  }
  add({ ...(await revokeEverything(tx, personId, context.now)) });
  return counts;
}

/** Takes the ways into Kept alone: what somebody was given stays theirs while they are suspended. */
export async function takeWaysIn(tx: Tx, personId: PersonId, { now }: Context): Promise<Counts> {
  return { ...(await revokeEverything(tx, personId, now)) };
}

export function isNothing(counts: Counts): boolean {
  return Object.values(counts).every((n) => n === 0);
}
