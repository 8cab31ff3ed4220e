import type { Instant } from '../../kernel/instant.ts';
import type { World } from '../../platform/world.ts';
import { countUnwraps, type UnwrapCount } from '../../registers/vault/store.unwraps.ts';
import { abreast } from '../shared.ts';
import { travellingOf } from '../travelling.ts';

/** An unwrapping that is about to be used. */
export type Unwrapping = Omit<UnwrapCount, 'id' | 'operations' | 'from' | 'to'>;

/** Counts unwrappings durably. */
export interface UnwrapCounter {
  /**
   * Settles once the count is in the database; before that no plaintext is given to anybody.
   *
   * @param times how many are about to be used together
   * @param at the moment at which they were allowed; now, where nothing is said
   */
  count(unwrapping: Unwrapping, times?: number, at?: Instant): Promise<void>;
}

const counters = new WeakMap<World, UnwrapCounter>();

/** The one counter of a world. */
export function counterOf(world: World): UnwrapCounter {
  const there = counters.get(world) ?? counter(world);
  counters.set(world, there);
  return there;
}

interface Batch {
  readonly counts: Map<string, UnwrapCount>;
  readonly written: PromiseWithResolvers<void>;
}

/**
 * What is counted in one turn of the event loop, and, once enough statements are under way, what is
 * counted until one of them is done, adds up to the next: a thousand requests a second cost some
 * hundred statements, and none is answered before its own is durable.
 */
function counter(world: World): UnwrapCounter {
  let waiting: Batch | null = null;
  let writing = 0;
  let isPlanned = false;
  const write = async (): Promise<void> => {
    isPlanned = false;
    writing += 1;
    for (let batch = waiting; batch; batch = waiting) {
      waiting = null;
      // In one order on every node, so that two of them wait for each other and never both.
      const counts = [...batch.counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      await countUnwraps(
        travellingOf(world),
        counts.map(([, count]) => count),
      ).then(batch.written.resolve, batch.written.reject);
    }
    writing -= 1;
  };
  return {
    count(unwrapping, times = 1, at = world.now()) {
      waiting ??= { counts: new Map(), written: Promise.withResolvers<void>() };
      const batch = waiting;
      add(world, batch.counts, unwrapping, { times, at });
      if (!isPlanned && writing < abreast) {
        isPlanned = true;
        setImmediate(() => void write());
      }
      return batch.written.promise;
    },
  };
}

const minuteMs = 60_000;

interface Used {
  readonly times: number;
  readonly at: Instant;
}

function add(
  world: World,
  counts: Map<string, UnwrapCount>,
  unwrapping: Unwrapping,
  used: Used,
): void {
  const { kind } = unwrapping;
  const count = countOf(world, unwrapping, used);
  const key = kind === 'case' || kind === 'customer' ? count.id : orderOf(count);
  const before = counts.get(key);
  if (!before) counts.set(key, count);
  else counts.set(key, { ...before, operations: before.operations + used.times, to: count.to });
}

/** Unwrappings as they are counted: those of services and of Kept itself by their minute. */
export function countOf(world: World, unwrapping: Unwrapping, { times, at }: Used): UnwrapCount {
  const ms = at.epochMilliseconds;
  const byPeople = unwrapping.kind === 'case' || unwrapping.kind === 'customer';
  const from = byPeople ? at : Temporal.Instant.fromEpochMilliseconds(ms - (ms % minuteMs));
  return { ...unwrapping, id: world.newId(), operations: times, from, to: at };
}

/** What adds up to one row has one name, and all nodes write rows in the order of these names. */
function orderOf({ customerId, kind, byId, purpose, from }: UnwrapCount): string {
  return `${customerId} ${kind} ${byId} ${from.epochMilliseconds} ${purpose}`;
}
