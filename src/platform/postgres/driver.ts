import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PostgresDialect,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type pg from 'pg';
import { forerunners, unhurried } from '../../kernel/db.ts';
import { type Answer, Batch, type Column, type Statement } from './batch.ts';
import { type NameOf, namesOfFrequent } from './frequent.ts';

/**
 * Kysely's dialect with a driver that makes few journeys. Under many writers it is journeys that
 * cost, each a write, a wake-up and a read on both sides: `begin` travels with the first statement,
 * unhurried statements with the next one or the commit, and what a transaction says often is parsed
 * and planned once a connection.
 */
export class FewJourneys extends PostgresDialect {
  readonly #pool: pg.Pool;
  readonly #habits: Habits;

  constructor(pool: pg.Pool, habits: Habits = {}) {
    super({ pool });
    this.#pool = pool;
    this.#habits = habits;
  }

  override createDriver(): Driver {
    return new PoolDriver(this.#pool, this.#habits);
  }
}

/** How connections are used that serve one purpose. */
export interface Habits {
  /**
   * Statements that each connection keeps prepared at most. Few connections may keep many; where it is
   * said, longer ones are prepared outside transactions, too.
   */
  readonly prepared?: number;
  /**
   * Commits travel with whatever is asked for next, on whichever connection, instead of being waited
   * for. A commit that fails then ends all work on these connections, for it was taken as done: this is
   * for work that begins anew where it is cut short.
   */
  readonly lateCommits?: boolean;
}

class PoolDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #connections = new WeakMap<pg.PoolClient, Connection>();
  readonly #nameOf: NameOf;
  readonly #late: LateCommits | null;

  constructor(pool: pg.Pool, { prepared, lateCommits = false }: Habits) {
    this.#pool = pool;
    this.#nameOf = namesOfFrequent(prepared);
    this.#late = lateCommits ? new LateCommits() : null;
  }

  async init(): Promise<void> {
    // The pool connects when first used.
  }

  async acquireConnection(): Promise<Connection> {
    const client = await this.#pool.connect();
    const known = this.#connections.get(client);
    if (known) return known;
    const connection = new Connection(client, this.#nameOf, this.#late);
    this.#connections.set(client, connection);
    return connection;
  }

  async beginTransaction(connection: Connection, settings: TransactionSettings): Promise<void> {
    connection.begin(settings);
  }

  async commitTransaction(connection: Connection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: Connection): Promise<void> {
    await connection.rollback();
  }

  async releaseConnection(connection: Connection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {
    try {
      await this.#late?.travelBefore(null);
    } finally {
      if (!this.#pool.ended) await this.#pool.end();
    }
  }
}

/** The connections of a pool that took a transaction as done whose commit is still to travel. */
class LateCommits {
  readonly owing = new Set<Connection>();
  #lost: Error | null = null;

  /**
   * What was committed is there before anything is asked on another connection.
   *
   * @throws where a commit was lost
   */
  async travelBefore(next: Connection | null): Promise<void> {
    for (const connection of this.owing) if (connection !== next) await connection.settle();
    if (this.#lost) throw this.#lost;
  }

  lose(connection: Connection, cause: unknown): Error {
    this.owing.delete(connection);
    this.#lost ??= new Error('a transaction that was taken as done could not be committed', {
      cause,
    });
    return this.#lost;
  }
}

/** A client of the pool, with the statements that are still to travel. */
class Connection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #nameOf: NameOf;
  readonly #prepared = new Map<string, readonly Column[]>();
  readonly #parserOf: (type: number) => (text: string) => unknown;
  readonly #late: LateCommits | null;
  #waiting: Statement[] = [];
  /** The end of the transaction before, where it has not travelled yet. */
  #owed: readonly Statement[] = [];
  /** Null outside a transaction; `planned` while `begin` has not travelled yet. */
  #transaction: 'planned' | 'begun' | null = null;
  #broken = false;

  constructor(client: pg.PoolClient, nameOf: NameOf, late: LateCommits | null) {
    this.#client = client;
    this.#nameOf = nameOf;
    this.#late = late;
    this.#parserOf = (type) => client.getTypeParser(type, 'text');
  }

  begin({ isolationLevel, accessMode }: TransactionSettings): void {
    const isolation = isolationLevel ? ` isolation level ${isolationLevel}` : '';
    const text = `begin${isolation}${accessMode ? ` ${accessMode}` : ''}`;
    this.#waiting = [{ text, values: [], name: text }];
    this.#transaction = 'planned';
  }

  async commit(): Promise<void> {
    const empty = this.#transaction === 'planned' && this.#waiting.length === 1;
    if (empty) return await this.rollback();
    const statement = { text: 'commit', values: [], name: 'commit' };
    if (this.#late) {
      this.#owed = [...this.#owed, ...this.#waiting, statement];
      this.#waiting = [];
      this.#transaction = null;
      this.#late.owing.add(this);
      return;
    }
    const { command } = await this.#send(statement);
    this.#transaction = null;
    // A transaction that a failed statement had aborted commits with this tag.
    if (command === 'ROLLBACK') throw new AbortedTransactionError();
  }

  async rollback(): Promise<void> {
    const begun = this.#transaction === 'begun';
    this.#waiting = [];
    this.#transaction = null;
    if (!begun) return;
    try {
      await this.#send({ text: 'rollback', values: [] });
    } catch (error) {
      this.#broken = true;
      throw error;
    }
  }

  /** What is owed travels by itself; what is on its way has arrived. */
  async settle(): Promise<void> {
    await this.#travel([]);
  }

  release(): void {
    this.#client.release(this.#broken);
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const before = forerunners.get(query);
    const statement = this.#statementOf(query, before !== undefined);
    if (this.#transaction && unhurried.has(query)) {
      this.#waiting.push(statement);
      return { rows: [] };
    }
    if (!before) return resultOf<R>(await this.#send(statement));
    const ahead = before.statements.map((each) => this.#statementOf(each, true));
    const answers = await this.#sendAll([...ahead, statement]);
    const own = answers.pop() as Answer;
    before.hear(answers.map(resultOf));
    return resultOf<R>(own);
  }

  #statementOf(query: CompiledQuery, together: boolean): Statement {
    const { sql: text, parameters: values } = query;
    const overAndOver = together || this.#transaction !== null;
    return { text, values, name: this.#nameOf(text, values, { overAndOver }) };
  }

  // biome-ignore lint/correctness/useYield: required by Kysely, and refused.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('rows are read by pages, not streamed');
  }

  /** Sends what waits and then this, in one write. Answers this. */
  async #send(statement: Statement): Promise<Answer> {
    const [answer] = await this.#sendAll([statement]);
    return answer as Answer;
  }

  /** Sends what waits and then these, in one write. Answers these. */
  async #sendAll(statements: readonly Statement[]): Promise<Answer[]> {
    if (this.#late) await this.#late.travelBefore(this);
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#transaction === 'planned') this.#transaction = 'begun';
    const answers = await this.#travel([...waiting, ...statements]);
    return answers.slice(waiting.length);
  }

  /** Sends what is owed and then these, in one write. Answers these. */
  async #travel(statements: readonly Statement[]): Promise<readonly Answer[]> {
    const owed = this.#owed;
    this.#owed = [];
    const batch = new Batch([...owed, ...statements], this.#prepared, this.#parserOf);
    try {
      await this.#client.query(batch);
      const answers = await batch.answers;
      if (owed.length === 0) return answers;
      if (answers.some(({ command }, n) => owed[n]?.text === 'commit' && command === 'ROLLBACK'))
        throw this.#lost(new AbortedTransactionError());
      if (this.#owed.length === 0) this.#late?.owing.delete(this);
      return answers.slice(owed.length);
    } catch (error) {
      throw batch.answered < owed.length ? this.#lost(error) : error;
    }
  }

  #lost(cause: unknown): unknown {
    this.#broken = true;
    return this.#late?.lose(this, cause) ?? cause;
  }
}

function resultOf<R>({ command, count, rows }: Answer): QueryResult<R> {
  const changes = changing.has(command) ? { numAffectedRows: BigInt(count) } : {};
  return { rows: rows as R[], ...changes };
}

/** Commands whose tag counts rows that changed. */
const changing: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
