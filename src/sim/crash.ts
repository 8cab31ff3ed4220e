import type pg from 'pg';

/** The simulated end of the process: thrown in the middle of whatever was going on. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

/**
 * Lets the process "die" in the middle of a transaction: once armed, the n-th statement from now
 * does not reach the database and its connection is torn down, as a kill -9 would; PostgreSQL rolls
 * back whatever was open on it.
 */
export interface CrashPoint {
  /** Dies at the n-th statement from now; 1 is the next one. */
  arm(statements: number): void;
  /** Whether it has gone off since it was armed. */
  disarm(): boolean;
}

type Query = (...args: unknown[]) => unknown;

/** Installs a crash point under everything that queries through a pool. */
export function installCrashPoint(pool: pg.Pool): CrashPoint {
  let left = Number.POSITIVE_INFINITY;
  let crashed = false;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as Query;
    client.query = ((...args: unknown[]) => {
      left -= 1;
      if (left > 0) return query(...args);
      left = Number.POSITIVE_INFINITY;
      crashed = true;
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      return Promise.reject(new SimulatedCrash('the process died here'));
    }) as typeof client.query;
  });
  return {
    arm: (statements) => {
      crashed = false;
      left = statements;
    },
    disarm: () => {
      left = Number.POSITIVE_INFINITY;
      return crashed;
    },
  };
}
