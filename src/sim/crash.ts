import type pg from 'pg';
import { Batch } from '../platform/postgres/batch.ts';

/** The simulated end of the process: thrown in the middle of whatever was going on. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';

  constructor() {
    super('the process died here');
  }
}

/**
 * Lets the process "die" in the middle of a transaction: once armed, the n-th journey from now does
 * not reach the database, and nothing after it does until the process is "started again", whatever
 * catches errors in between. PostgreSQL rolls back what was open.
 *
 * One death in eight tears its connection down, as a kill -9 would. The others leave it to be used
 * again: all that reaches PostgreSQL is the rollback, which is what a torn connection comes to there.
 * What is on disk is the same either way, and a connection made anew plans every statement anew,
 * which was half of what a life cost.
 */
export interface CrashPoint {
  /** Dies at the n-th journey from now; 1 is the next one. */
  arm(journeys: number): void;
  /**
   * Starts again, once PostgreSQL has noticed that connections are gone: what they held, the lock of
   * whoever judges among it, would else be theirs for a moment more.
   *
   * @returns whether it had died since it was armed
   */
  restart(): Promise<boolean>;
}

type Query = (...args: unknown[]) => unknown;
type Torn = {
  readonly processID: number;
  readonly connection: {
    readonly stream: { destroy(): void; once(event: 'close', then: () => void): void };
  };
};

/** Deaths of which one tears its connection: the first, and then one in so many. */
const tornOneIn = 8;

/** Installs a crash point under everything that queries through a pool. Before its first query. */
export function installCrashPoint(pool: pg.Pool): CrashPoint {
  let left = Number.POSITIVE_INFINITY;
  let dead = false;
  let deaths = 0;
  let torn: number[] = [];
  const die = (client: pg.PoolClient): Promise<never> => {
    dead = true;
    if (deaths++ % tornOneIn !== 0) return Promise.reject(new SimulatedCrash());
    const { processID, connection } = client as unknown as Torn;
    const { stream } = connection;
    torn.push(processID);
    return new Promise((_, reject) => {
      // Only when the socket is closed does the pool know that the connection is gone.
      stream.once('close', () => reject(new SimulatedCrash()));
      stream.destroy();
    });
  };
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as Query;
    client.query = ((...args: unknown[]) => {
      const [sent] = args;
      if (dead && sent instanceof Batch && sent.isRollback) return query(...args);
      if (dead) return Promise.reject(new SimulatedCrash());
      left -= 1;
      return left > 0 ? query(...args) : die(client);
    }) as typeof client.query;
  });
  return {
    arm: (journeys) => {
      left = journeys;
    },
    restart: async () => {
      const died = dead;
      dead = false;
      left = Number.POSITIVE_INFINITY;
      while (torn.length > 0) torn = await stillThere(pool, torn);
      return died;
    },
  };
}

/** Those processes of PostgreSQL that have not ended yet. */
async function stillThere(pool: pg.Pool, processes: readonly number[]): Promise<number[]> {
  const { rows } = await pool.query<{ pid: number }>(
    'select pid from pg_stat_activity where pid = any($1::int[])',
    [processes],
  );
  return rows.map(({ pid }) => pid);
}
