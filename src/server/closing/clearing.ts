import { z } from 'zod';
import { closureOf, recordCleared } from '../../clauses/retention/store.closure.ts';
import type { Tx } from '../../kernel/db.ts';
import { isUuid } from '../../kernel/id.ts';
import { invariant } from '../../kernel/invariant.ts';
import { ok, type Refusal, refuse } from '../../kernel/result.ts';
import type { Context, Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { lockCustomer } from '../../registers/customers/store.ts';
import type { Rooms } from '../rooms.ts';

type Counts = Readonly<Record<string, number>>;

const clearingCommand = z.object({
  do: z.literal('clearRows'),
  customerId: z.string().refine(isUuid),
  /** Files that the storage has of the customer, all about to go. */
  files: z.int().min(0),
});
export type ClearingCommand = z.infer<typeof clearingCommand>;

/** Every room let go of its rows about a customer. `counts`: how much of each, by name. */
export interface CustomerRowsErased extends Event {
  readonly type: 'CustomerRowsErased';
  readonly body: { readonly closure: string; readonly counts: Counts };
}

interface ClearingState {
  readonly closureId: string;
  readonly ready: boolean;
  readonly done: boolean;
  readonly counts: Counts;
}

export type ClearingFlow = Flow<
  ClearingState,
  ClearingCommand,
  CustomerRowsErased,
  'keyNotDestroyed'
>;

/**
 * Makes every room let go of a customer whose key is destroyed (RET-5). Removing is done while
 * loading, as with leavers, so that what is counted and written down is what was there under the
 * lock; a refusal rolls it back.
 */
export function clearingFlow(rooms: Rooms): ClearingFlow {
  return {
    name: 'retention.clearing',
    clause: 'retention',
    command: clearingCommand,
    async load(tx, { customerId, files }, context) {
      await lockCustomer(tx, customerId);
      const closure = await closureOf(tx, customerId);
      const ready = closure?.state === 'erasing' && closure.keyDestroyedAt !== null;
      const done = closure?.clearedAt !== null;
      const counts = ready && !done ? await clear(tx, rooms, customerId, context) : {};
      return { closureId: closure?.id ?? '', ready, done, counts: { ...counts, files } };
    },
    authorize: () => ({ action: 'clearRows' }),
    decide({ closureId, ready, done, counts }, { customerId }) {
      if (done) return ok([]);
      if (!ready) return refuse('keyNotDestroyed') satisfies { refusal: Refusal };
      const subject = `customer/${customerId}`;
      return ok([{ type: 'CustomerRowsErased', subject, body: { closure: closureId, counts } }]);
    },
    project: (tx, { body }, { now }) => recordCleared(tx, body.closure, body.counts, now),
  };
}

async function clear(tx: Tx, rooms: Rooms, customerId: string, context: Context): Promise<Counts> {
  const counts: Record<string, number> = {};
  for (const room of [...rooms.clauses, ...rooms.registers]) {
    const removed = room.closing ? await room.closing(tx, customerId, context) : {};
    for (const [name, n] of Object.entries(removed)) {
      invariant(!(name in counts), `two rooms count what they remove as ${name}`);
      counts[name] = n;
    }
  }
  return counts;
}
