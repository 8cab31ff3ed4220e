import type { CompiledQuery, Kysely, QueryResult, RawBuilder, Transaction } from 'kysely';

/**
 * A connection to read from. Queries are written with Kysely's `sql` tag: set-based SQL is the
 * language checks and stores are thought in, and the tag makes every value a parameter.
 */
export type Db = Kysely<object>;

/** A connection inside a transaction: what stores project into. */
export type Tx = Transaction<object>;

/** Statements whose answer nobody needs; the driver reads it. */
export const unhurried = new WeakSet<object>();

/**
 * Writes, where nobody needs to know how many rows. The statement travels to PostgreSQL together
 * with whatever its transaction executes next, at the latest with the commit: under many writers
 * it is journeys that cost. The order of statements is kept; should this one fail, then what it
 * travelled with fails for the same reason.
 */
export async function write(tx: Tx, statement: RawBuilder<unknown>): Promise<void> {
  const compiled = statement.compile(tx);
  unhurried.add(compiled);
  await tx.executeQuery(compiled);
}

/** Statements that travel to PostgreSQL ahead of another, in the same journey. */
export interface Forerunners {
  readonly statements: readonly CompiledQuery[];
  /** Called by the driver with what each of them answered, before the other one is answered. */
  hear(answers: readonly QueryResult<unknown>[]): void;
}

/** What travels ahead of a statement; the driver reads it. */
export const forerunners = new WeakMap<object, Forerunners>();
