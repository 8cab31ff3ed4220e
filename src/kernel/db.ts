import type { Kysely, Transaction } from 'kysely';

/**
 * A connection to read from. Queries are written with Kysely's `sql` tag: set-based SQL is the
 * language checks and stores are thought in, and the tag makes every value a parameter.
 */
export type Db = Kysely<object>;

/** A connection inside a transaction: what stores project into. */
export type Tx = Transaction<object>;
