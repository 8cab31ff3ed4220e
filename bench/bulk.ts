import type pg from 'pg';
import { appendEvents } from '../src/platform/ledger/append.ts';
import type { Event } from '../src/policy/event.ts';
import type { Figure } from './figure.ts';
import type { BenchWorld } from './ground.ts';
import { elapsedMs, takingTurns } from './rounds.ts';

const entries = 20_000;
/** Rows of one raw statement; seven values each, and PostgreSQL takes 65,535. */
const rowsAtOnce = 1_000;
const rounds = 7;

/** Many entries in one transaction, against multi-row inserts of the same rows in one transaction. */
export const bulk: Figure = {
  name: 'bulk',
  async measure(ground) {
    const world = await ground.world('bulk');
    const { pool } = world.database;
    await pool.query('create table raw_entry (like ledger_entry including all)');
    const events = Array.from({ length: entries }, (_, n) => imported(world.newId(), n));
    await append(world, events);
    const { rows } = await pool.query<unknown[]>({
      text: 'select id, at, actor, clause, type, subject, bytes from ledger_entry',
      rowMode: 'array',
    });
    const round = await takingTurns(rounds, {
      ours: async () => {
        await pool.query('truncate ledger_entry');
        return (entries * 1000) / (await elapsedMs(() => append(world, events)));
      },
      baseline: async () => {
        await pool.query('truncate raw_entry');
        return (entries * 1000) / (await elapsedMs(() => insert(pool, rows)));
      },
    });
    return [
      {
        ...round,
        name: 'bulk',
        says: `entries appended in one transaction (${entries}), against raw multi-row inserts of the same rows`,
        unit: 'per second',
        target: { of: 'ratio', atLeast: 0.5 },
      },
    ];
  },
};

function imported(id: string, n: number): Event {
  return {
    type: 'PersonImported',
    subject: `person/${id}`,
    body: {
      managerId: null,
      startsOn: '2026-04-01',
      roles: ['employee'],
      language: n % 3 ? 'ja' : 'en',
    },
  };
}

async function append(world: BenchWorld, events: readonly Event[]): Promise<void> {
  const by = { actor: world.officer, now: world.now() };
  await world.database.db
    .transaction()
    .execute((tx) => appendEvents(world, tx, 'people', events, by));
}

async function insert(pool: pg.Pool, rows: readonly (readonly unknown[])[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      const some = rows.slice(from, from + rowsAtOnce);
      const places = some.map(
        (row, n) => `(${row.map((_, at) => `$${n * row.length + at + 1}`).join()})`,
      );
      await client.query(
        `insert into raw_entry (id, at, actor, clause, type, subject, bytes) values ${places.join()}`,
        some.flat(),
      );
    }
    await client.query('commit');
  } finally {
    client.release();
  }
}
