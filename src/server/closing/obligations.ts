import { closureKind } from '../../clauses/retention/store.closure.ts';
import type { World } from '../../platform/world.ts';
import type { ObligationHandler } from '../../policy/flow.ts';
import type { Rooms } from '../rooms.ts';
import { advanceClosure } from './advance.ts';
import { custodyKind, custodyNight } from './backups.ts';

/**
 * What falls due and reaches beyond the database, into keystore and storage: rooms cannot do it
 * themselves, because they know neither.
 */
export function closingObligations(
  world: World,
  rooms: Rooms,
): Readonly<Record<string, ObligationHandler>> {
  return {
    [closureKind]: (_, { subject }) =>
      advanceClosure(world, rooms, subject.slice('customer/'.length)),
    [custodyKind]: ({ context }) => custodyNight(world, context),
  };
}
