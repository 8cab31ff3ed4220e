import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import {
  type DueReading,
  endReading,
  releaseReading,
  takeReading,
} from '../../registers/sources/store.reading.ts';
import { problemOf } from '../connections/problem.ts';
import { readSource, type SourcesOutside } from './reading.ts';

export interface SourceRunner {
  /** Reads the sources that are due, one after the other. @returns how many */
  runDue(): Promise<number>;
  /** Ends what is under way: another process begins it anew. */
  stop(): void;
}

/** A reading is believed to be under way for so long without hearing of it; it takes no longer. */
const heldMinutes = 15;
const retryMinutes = [5, 30, 120, 360] as const;
/** Before the cadence of a source is over, so that its audit is there when it is due. */
const beforeHours = 12;
/** What may change any day is read every day, however seldom its audit is asked for. */
const repositoryHours = 24;

/**
 * Reads sources by themselves: repositories by their connection, websites as a passer-by. Any number of
 * processes may do so over one database; each source is one process's.
 *
 * @param holder of this process alone
 */
export function createSourceRunner(
  world: World,
  outside: SourcesOutside,
  holder: string,
): SourceRunner {
  const stopped = new AbortController();
  return {
    async runDue() {
      let read = 0;
      for (; !stopped.signal.aborted; read++) {
        const now = world.now();
        const until = now.add({ minutes: heldMinutes });
        const due = await takeReading(world.database.db, { now, holder, until });
        if (!due) break;
        await perform(world, outside, holder, due, stopped.signal);
      }
      return read;
    },
    stop: () => stopped.abort(),
  };
}

async function perform(
  world: World,
  outside: SourcesOutside,
  holder: string,
  due: DueReading,
  stopped: AbortSignal,
): Promise<void> {
  const { db } = world.database;
  const held = { sourceId: due.sourceId, holder, takenAt: world.now() };
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(heldMinutes * 60_000)]);
  try {
    const { tags, gaps } = await readSource(world, outside, due, signal);
    const now = world.now();
    await endReading(db, held, { now, nextAt: now.add({ hours: hoursTo(due) }), tags, gaps });
  } catch (error) {
    if (stopped.aborted) return await releaseReading(db, due.sourceId, holder);
    const problem = problemOf(error);
    log.error('a source could not be read', { source: due.sourceId, ...problem });
    const now = world.now();
    const minutes = retryMinutes[due.attempts] ?? 24 * 60;
    await endReading(db, held, { now, nextAt: now.add({ minutes }), problem });
  }
}

function hoursTo({ kind, cadenceDays }: DueReading): number {
  const byCadence = Math.max(beforeHours, cadenceDays * 24 - beforeHours);
  return kind === 'repository' ? Math.min(repositoryHours, byCadence) : byCadence;
}
