import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { type Db, forerunners, type Tx } from './db.ts';

/**
 * The same connection, through which statements travel together: those that are asked for in one
 * turn of the event loop reach PostgreSQL in one journey, in the order in which they were asked for.
 * For functions that each ask something of their own and know nothing of each other, started by one
 * `Promise.all`.
 *
 * Where one statement fails all that travelled with it fail, for its reason; in a transaction
 * whoever wants to go on sets a savepoint before, and waits for all of them before going back to it.
 */
export function together<D extends Db | Tx>(db: D): D {
  const journeys = new Journeys(db);
  const dialect: Dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driverOf(journeys),
    createIntrospector: (of) => new PostgresIntrospector(of),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
  // Of a transaction it is still that transaction, also to those who ask for one.
  return new Kysely<object>({ dialect }) as D;
}

interface Traveller {
  readonly query: CompiledQuery;
  arrive(answer: QueryResult<unknown>): void;
  fail(error: unknown): void;
}

/** Gathers statements until the turn is over, then sends them. */
class Journeys implements DatabaseConnection {
  readonly #db: Db;
  #gathered: Traveller[] = [];

  constructor(db: Db) {
    this.#db = db;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return new Promise((resolve, fail) => {
      if (this.#gathered.length === 0) setImmediate(() => void this.#travel());
      this.#gathered.push({ query, arrive: (answer) => resolve(answer as QueryResult<R>), fail });
    });
  }

  async #travel(): Promise<void> {
    const travellers = this.#gathered;
    this.#gathered = [];
    const ahead = travellers.slice(0, -1);
    const last = travellers.at(-1) as Traveller;
    forerunners.set(last.query, {
      statements: ahead.map(({ query }) => query),
      hear: (answers) => {
        for (const [n, answer] of answers.entries()) ahead[n]?.arrive(answer);
      },
    });
    try {
      last.arrive(await this.#db.executeQuery(last.query));
    } catch (error) {
      for (const { fail } of travellers) fail(error);
    }
  }

  // biome-ignore lint/correctness/useYield: required by Kysely, and refused.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('rows are read by pages, not streamed');
  }
}

function driverOf(journeys: Journeys): Driver {
  const refuse = async (): Promise<never> => {
    throw new Error('statements that travel together begin no transaction of their own');
  };
  return {
    init: async () => undefined,
    acquireConnection: async () => journeys,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => undefined,
    destroy: async () => undefined,
  };
}
