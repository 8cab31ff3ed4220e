import { Kysely } from 'kysely';
import pg from 'pg';
import type { Db } from '../../kernel/db.ts';
import { FewJourneys, type Habits } from './driver.ts';

/**
 * PostgreSQL as the house sees it: `timestamptz` is `Temporal.Instant`, `date` is
 * `Temporal.PlainDate`, `bigint` is a number (ours stay far below 2^53).
 */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) =>
  Temporal.Instant.from(text.replace(' ', 'T')),
);
types.setTypeParser(pg.types.builtins.DATE, (text) => Temporal.PlainDate.from(text));
types.setTypeParser(pg.types.builtins.INT8, (text) => Number(text));

// `toPostgres` is the hook by which pg asks a value how it wants to be sent; without it a Temporal
// value would be sent as JSON, in quotation marks.
for (const kind of [Temporal.Instant, Temporal.PlainDate]) {
  Object.defineProperty(kind.prototype, 'toPostgres', {
    value: function toPostgres(this: Temporal.Instant | Temporal.PlainDate): string {
      return this.toString();
    },
    configurable: true,
  });
}

export interface Database {
  readonly pool: pg.Pool;
  readonly db: Db;
  close(): Promise<void>;
}

/** Opens a pool on a PostgreSQL URL. Connections are made when first used; `max` bounds them. */
export function openDatabase(connectionString: string, max = 20, habits: Habits = {}): Database {
  const pool = new pg.Pool({ connectionString, max, types, application_name: 'kept' });
  // An idle connection that the server closes is not a fault of anyone's request: the pool makes
  // a new one. Unheard, the event would end the process.
  pool.on('error', () => undefined);
  // One that is lost while it is in use fails its queries; that is enough to be told.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<object>({ dialect: new FewJourneys(pool, habits) });
  // Kysely ends the pool only if it was itself used, and the pool may be used directly.
  const close = async (): Promise<void> => {
    await db.destroy();
    if (!pool.ended) await pool.end();
  };
  return { pool, db, close };
}
