import pg from 'pg';

/** One statement of a batch. With a name it is prepared, once a connection. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly name?: string | undefined;
}

/** What a statement answered. */
export interface Answer {
  /** First word of the command tag: `SELECT`, `INSERT`, `COMMIT`. */
  readonly command: string;
  /** Rows changed or read, as the tag counts them. */
  readonly count: number;
  readonly rows: readonly Record<string, unknown>[];
}

/** How pg says a value to PostgreSQL; part of what it exports, missing in its types. */
const { prepareValue } = (
  pg as unknown as { readonly utils: { readonly prepareValue: (value: unknown) => unknown } }
).utils;

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** A column of what a statement answers. */
export interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** What a batch says to the connection: the messages of the extended query protocol. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { name: string; text: string }): void;
  close(message: { type: 'S'; name: string }): void;
  bind(message: {
    statement: string;
    values: readonly unknown[];
    valueMapper: typeof prepareValue;
  }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: object): void;
  sync(): void;
}

/**
 * Statements that go to PostgreSQL in one write and are answered in one: the extended query
 * protocol with a single Sync at the end. PostgreSQL goes through them in order and, where one
 * fails, skips the rest. To be given to `query` of a client of pg, which keeps it in its queue and
 * hands it the messages that come back.
 */
export class Batch implements pg.Submittable {
  readonly answers: Promise<readonly Answer[]>;
  readonly #statements: readonly Statement[];
  /** What is prepared on the connection, by name, with the columns it answers. */
  readonly #prepared: Map<string, readonly Column[]>;
  readonly #parserOf: (type: number) => (text: string) => unknown;
  readonly #done: Answer[] = [];
  #columns: readonly Column[] = [];
  #rows: Record<string, unknown>[] = [];
  #resolve: (answers: readonly Answer[]) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(
    statements: readonly Statement[],
    prepared: Map<string, readonly Column[]>,
    parserOf: (type: number) => (text: string) => unknown,
  ) {
    this.#statements = statements;
    this.#prepared = prepared;
    this.#parserOf = parserOf;
    this.answers = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether it ends a transaction as if it had not been, and does nothing else. */
  get isRollback(): boolean {
    return this.#statements.length === 1 && this.#statements[0]?.text === 'rollback';
  }

  /** How many statements were carried out. */
  get answered(): number {
    return this.#done.length;
  }

  /** Called by the client when it is this batch's turn. */
  submit(connection: unknown): void {
    const wire = connection as Wire;
    wire.stream.cork();
    try {
      for (const statement of this.#statements) this.#send(wire, statement);
    } catch (error) {
      // A value that cannot be said. What was sent before is answered, and means nothing.
      this.#reject(error);
    } finally {
      wire.sync();
      wire.stream.uncork();
    }
  }

  #send(wire: Wire, { text, values, name = '' }: Statement): void {
    const prepared = this.#prepared.has(name);
    // An earlier batch may have failed after preparing it; closing what is not there is no error.
    if (name && !prepared) wire.close({ type: 'S', name });
    if (!prepared) wire.parse({ name, text });
    wire.bind({ statement: name, values, valueMapper: prepareValue });
    if (!prepared) wire.describe({ type: 'P', name: '' });
    wire.execute({});
  }

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.#parserOf(dataTypeID),
    }));
  }

  handleDataRow({ fields: texts }: { readonly fields: readonly (string | null)[] }): void {
    const columns = this.#prepared.get(this.#name()) ?? this.#columns;
    const row: Record<string, unknown> = {};
    for (const [at, { name, parse }] of columns.entries()) {
      const text = texts[at] ?? null;
      row[name] = text === null ? null : parse(text);
    }
    this.#rows.push(row);
  }

  handleCommandComplete({ text: tag }: { readonly text: string }): void {
    const name = this.#name();
    if (name && !this.#prepared.has(name)) this.#prepared.set(name, this.#columns);
    const [command = '', ...counts] = tag.split(' ');
    this.#done.push({ command, count: Number(counts.at(-1) ?? 0), rows: this.#rows });
    this.#rows = [];
    this.#columns = [];
  }

  /** Of the statement that is being answered. */
  #name(): string {
    return this.#statements[this.#done.length]?.name ?? '';
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' });
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#done);
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }

  handlePortalSuspended(): void {
    this.#reject(new Error('a statement was executed without a limit of rows, and yet suspended'));
  }

  handleCopyInResponse(wire: { sendCopyFail(message: string): void }): void {
    wire.sendCopyFail('a batch copies nothing');
  }

  handleCopyData(): void {
    // Answers of `copy … to stdout`, which nobody asks for here.
  }
}
