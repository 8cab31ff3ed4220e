import { randomBytes, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { carryObject } from './vault.object.ts';

/** The callers' side of the vault's figures: 32 at a time, over connections that stay open. */
const [, , kind = '', portText = '0', token = '', msText = '0', databaseUrl = ''] = process.argv;
const port = Number(portText);
const ms = Number(msText);
const connections = 32;
const valueBytes = 400;
/** Unwraps asked for a second, evenly, whatever the answers take. */
const unwrapsPerSecond = 500;

const keys: string[] = [];
const value = () => ({ text: randomBytes((valueBytes * 3) / 4).toString('base64') });

function requestOf(method: string, path: string, json?: object): string {
  const body = json === undefined ? '' : JSON.stringify(json);
  return [
    `${method} /vault/v1/customers/bench${path} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${token}`,
    ...(json === undefined ? [] : ['content-type: application/json']),
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** One connection that asks and is answered, one after the other. */
class Line {
  readonly #socket: Socket;
  #held: Buffer = Buffer.alloc(0);
  #answered: ((body: Buffer) => void) | null = null;
  #failed: ((error: Error) => void) | null = null;

  constructor() {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error) => this.#failed?.(error));
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  ask(request: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  end(): void {
    this.#socket.end();
  }

  #take(bytes: Buffer): void {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const end = this.#held.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#held.toString('latin1', 0, end);
    if (!/^HTTP\/1\.1 20/.test(head)) {
      this.#failed?.(new Error(`unexpected answer: ${this.#held.toString().slice(0, 600)}`));
      return;
    }
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
    if (
      !this.#held.toString('latin1', 0, end).includes('chunked') &&
      this.#held.length < end + 4 + length
    )
      return;
    const body = this.#held.subarray(end + 4);
    this.#held = Buffer.alloc(0);
    this.#answered?.(body);
  }
}

async function rate(act: (line: Line) => Promise<unknown>): Promise<number> {
  const lines = Array.from({ length: connections }, () => new Line());
  const done = await rateOf(lines.map((line) => () => act(line)));
  for (const line of lines) line.end();
  return done;
}

async function rateOf(acts: readonly (() => Promise<unknown>)[]): Promise<number> {
  const from = performance.now();
  let count = 0;
  const run = async (act: () => Promise<unknown>) => {
    while (performance.now() < from + ms) {
      await act();
      count += 1;
    }
  };
  await Promise.all(acts.map(run));
  return (count * 1_000) / (performance.now() - from);
}

const anyKey = () => keys[Math.floor(Math.random() * keys.length)] ?? '';
const place = (key: string) => `/collections/bench/records/${key}`;

async function records() {
  const put = await rate(async (line) => {
    const key = randomUUID();
    await line.ask(requestOf('PUT', place(key), value()));
    keys.push(key);
  });
  const get = await rate((line) => line.ask(requestOf('GET', place(anyKey()))));
  return { put, get };
}

/** Rows of the same size, each with an index on its key, each committed. */
async function rows() {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections });
  await pool.query('create table if not exists bare (key text primary key, value bytea not null)');
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  const put = await rateOf(
    clients.map((client) => async () => {
      const key = randomUUID();
      const bytes = Buffer.from(JSON.stringify(value()));
      await client.query({
        name: 'put',
        text: 'insert into bare values ($1, $2)',
        values: [key, bytes],
      });
      keys.push(key);
    }),
  );
  const get = await rateOf(
    clients.map(
      (client) => () =>
        client.query({
          name: 'get',
          text: 'select value from bare where key = $1',
          values: [anyKey()],
        }),
    ),
  );
  for (const client of clients) client.release();
  await pool.end();
  return { put, get };
}

/** Unwraps at a steady pace, the first second of them to warm up; how long each took. */
async function unwraps() {
  const lines = Array.from({ length: connections }, () => new Line());
  const purpose = 'bench';
  const [first] = lines;
  const issued = JSON.parse(String(await first?.ask(requestOf('POST', '/keys', { purpose })))) as {
    wrapped: string;
  };
  const request = requestOf('POST', '/keys/unwrap', { purpose, wrapped: issued.wrapped });
  const free = [...lines];
  const tookMs: number[] = [];
  const from = performance.now();
  const count = Math.floor((ms * unwrapsPerSecond) / 1_000);
  // A node that has been up for a few seconds has compiled what it does all day.
  const warmUp = 3 * unwrapsPerSecond;
  await Promise.all(
    Array.from({ length: warmUp + count }, async (_, n) => {
      const dueAt = from + (n * 1_000) / unwrapsPerSecond;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())));
      const line = free.pop() ?? new Line();
      const askedAt = performance.now();
      await line.ask(request);
      if (n >= warmUp) tookMs.push(performance.now() - askedAt);
      free.push(line);
    }),
  );
  for (const line of free) line.end();
  tookMs.sort((a, b) => a - b);
  return {
    p99: tookMs[Math.floor(tookMs.length * 0.99)] ?? 0,
    p50: tookMs[Math.floor(tookMs.length / 2)] ?? 0,
  };
}

/** One large object in and out. */
const object = () => carryObject(`http://127.0.0.1:${port}`, token);

const kinds: Record<string, () => Promise<object>> = { records, rows, unwraps, object };
const measured = await kinds[kind]?.();
process.stdout.write(JSON.stringify(measured));
