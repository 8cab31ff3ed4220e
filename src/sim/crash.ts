import type pg from 'pg';

/** The simulated end of the process: thrown in the middle of whatever was going on. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';

  constructor() {
    super('the process died here');
  }
}

/**
 * Lets the process "die" in the middle of a transaction: once armed, the n-th statement from now
 * does not reach the database and its connection is torn down, as a kill -9 would; PostgreSQL rolls
 * back whatever was open on it. From then on nothing reaches the database until the process is
 * "started again", whatever catches errors in between.
 */
export interface CrashPoint {
  /** Dies at the n-th statement from now; 1 is the next one. */
  arm(statements: number): void;
  /** Starts again. @returns whether it had died since it was armed */
  restart(): boolean;
}

type Query = (...args: unknown[]) => unknown;
type Torn = {
  readonly connection: {
    readonly stream: { destroy(): void; once(event: 'close', then: () => void): void };
  };
};

/** Installs a crash point under everything that queries through a pool. Before its first query. */
export function installCrashPoint(pool: pg.Pool): CrashPoint {
  let left = Number.POSITIVE_INFINITY;
  let dead = false;
  const die = (client: pg.PoolClient): Promise<never> => {
    dead = true;
    const { stream } = (client as unknown as Torn).connection;
    return new Promise((_, reject) => {
      // Only when the socket is closed does the pool know that the connection is gone.
      stream.once('close', () => reject(new SimulatedCrash()));
      stream.destroy();
    });
  };
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as Query;
    client.query = ((...args: unknown[]) => {
      if (dead) return Promise.reject(new SimulatedCrash());
      left -= 1;
      return left > 0 ? query(...args) : die(client);
    }) as typeof client.query;
  });
  return {
    arm: (statements) => {
      left = statements;
    },
    restart: () => {
      const died = dead;
      dead = false;
      left = Number.POSITIVE_INFINITY;
      return died;
    },
  };
}
