import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import { together } from '../../kernel/together.ts';
import { testDatabase } from '../testing/database.ts';
import { openDatabase } from './database.ts';
import { namesOfFrequent } from './frequent.ts';

describe('statements that travel together', async () => {
  const { db, pool } = await testDatabase();
  const journeys = { made: 0 };
  let held: { release(): void } | undefined;
  const one = (on: Db, n: number | string) =>
    sql<{ n: number }>`select ${n}::int as n`.execute(on).then(({ rows }) => rows[0]?.n);

  beforeAll(async () => {
    await pool.query('create table note (n int unique)');
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      client.query = ((...args: unknown[]) => {
        journeys.made += 1;
        return query(...args);
      }) as typeof client.query;
    });
    // The connection that made the table counts no journeys: it is held meanwhile.
    held = await pool.connect();
  });
  afterAll(() => held?.release());

  test('make one journey, in their order, and each has its own answer', async () => {
    const before = journeys.made;
    const answers = await db.transaction().execute((tx) => {
      const on = together(tx);
      return Promise.all([
        one(on, 1),
        sql`insert into note (n) values (7)`.execute(on),
        sql<{ n: number }>`select n from note`.execute(on).then(({ rows }) => rows[0]?.n),
      ]);
    });
    expect(answers).toMatchObject([1, { numAffectedRows: 1n }, 7]);
    // With `begin`; the commit is another.
    expect(journeys.made - before).toBe(2);
  });

  test('also outside a transaction', async () => {
    const on = together(db);
    expect(await Promise.all([one(on, 1), one(on, 2), one(on, 3)])).toEqual([1, 2, 3]);
    expect(await one(on, 4)).toBe(4);
  });

  test('fail together, and the transaction goes on from its savepoint', async () => {
    await db.transaction().execute(async (tx) => {
      await write(tx, sql`savepoint here`);
      const on = together(tx);
      const asked = await Promise.allSettled([one(on, 1), one(on, 'many'), one(on, 3)]);
      expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect(asked).toMatchObject([{ reason: { code: '22P02' } }, {}, {}]);
      await sql`rollback to savepoint here`.execute(tx);
      expect(await Promise.all([one(on, 5), one(on, 6)])).toEqual([5, 6]);
    });
  });
});

describe('the driver', async () => {
  const { db, pool } = await testDatabase();
  const values = async () =>
    (await sql<{ n: number }>`select n from note order by place`.execute(db)).rows.map(
      ({ n }) => n,
    );
  const note = (tx: Tx, n: number) => write(tx, sql`insert into note (n) values (${n})`);

  beforeAll(() =>
    pool.query('create table note (place int generated always as identity, n int unique)'),
  );
  beforeEach(() => pool.query('truncate note'));

  test('sends what nobody waits for in its order, before what follows', async () => {
    const seen = await db.transaction().execute(async (tx) => {
      await note(tx, 1);
      await note(tx, 2);
      const { rows } = await sql<{ n: number }>`select sum(n)::int as n from note`.execute(tx);
      await note(tx, 3);
      return rows[0]?.n;
    });
    expect(seen).toBe(3);
    expect(await values()).toEqual([1, 2, 3]);
  });

  test('a statement that nobody waited for fails the commit, for its own reason', async () => {
    const failing = db.transaction().execute(async (tx) => {
      await note(tx, 1);
      await note(tx, 1);
      await note(tx, 2);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505', constraint: 'note_n_key' });
    expect(await values()).toEqual([]);
  });

  test('and fails what it travelled with, for its own reason', async () => {
    const failing = db.transaction().execute(async (tx) => {
      await write(tx, sql`insert into note (n) values (${'many'})`);
      await sql`select 1`.execute(tx);
    });
    await expect(failing).rejects.toMatchObject({ code: '22P02' });
  });

  test('what was still to travel is forgotten when the transaction is given up', async () => {
    const given = db.transaction().execute(async (tx) => {
      await note(tx, 1);
      throw new Error('given up');
    });
    await expect(given).rejects.toThrow('given up');
    expect(await values()).toEqual([]);
  });

  test('a transaction without statements leaves its connection as it was', async () => {
    await db.connection().execute(async (connection) => {
      await connection.transaction().execute(async () => undefined);
      await sql`select 1`.execute(connection);
      const { rows } = await pool.query(
        `select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
      );
      expect(rows).toEqual([]);
    });
  });

  test('commits and says how many rows changed', async () => {
    const changed = await db.transaction().execute(async (tx) => {
      await sql`insert into note (n) select generate_series(1, 5)`.execute(tx);
      return (await sql`delete from note where n > 2`.execute(tx)).numAffectedRows;
    });
    expect(changed).toBe(3n);
    expect(await values()).toEqual([1, 2]);
  });

  test('prepares what transactions say often', async () => {
    for (let n = 0; n < 20; n++) await db.transaction().execute((tx) => note(tx, n));
    const { rows } = await pool.query<{ calls: number }>(
      `select sum(generic_plans + custom_plans)::int as calls from pg_prepared_statements where statement like 'insert into note%'`,
    );
    expect(rows[0]?.calls).toBeGreaterThan(5);
  });
});

describe('late commits', async () => {
  const { db, pool, url } = await testDatabase();
  const late = () => openDatabase(url, 4, { lateCommits: true });
  const note = (tx: Tx, n: number) => write(tx, sql`insert into note (n) values (${n})`);
  const committed = async () =>
    (await sql<{ n: number }>`select n from note order by n`.execute(db)).rows.map(({ n }) => n);

  beforeAll(() =>
    pool.query('create table note (n int primary key deferrable initially deferred)'),
  );
  beforeEach(() => pool.query('truncate note'));

  test('travel with what is asked for next, and at the latest when the database is closed', async () => {
    const own = late();
    await own.db.transaction().execute((tx) => note(tx, 1));
    expect(await committed()).toEqual([]);
    await own.db.transaction().execute(async (tx) => {
      await note(tx, 2);
      await sql`select 1`.execute(tx);
    });
    expect(await committed()).toEqual([1]);
    await own.db.transaction().execute((tx) => note(tx, 3));
    await own.db.transaction().execute((tx) => note(tx, 4));
    await own.close();
    expect(await committed()).toEqual([1, 2, 3, 4]);
  });

  test('are there before another connection is asked', async () => {
    const own = late();
    const count = (on: Db) =>
      sql<{ n: number }>`select count(*)::int as n from note`
        .execute(on)
        .then(({ rows }) => rows[0]?.n);
    await own.db.connection().execute(async (other) => {
      expect(await count(other)).toBe(0);
      await own.db.transaction().execute((tx) => note(tx, 1));
      expect(await count(other)).toBe(1);
      await own.db.transaction().execute((tx) => note(tx, 2));
      expect(await Promise.all([count(own.db), count(other), count(own.db)])).toEqual([2, 2, 2]);
    });
    await own.close();
  });

  test('leave what a later transaction is refused as its own', async () => {
    const own = late();
    await own.db.transaction().execute((tx) => note(tx, 1));
    const refused = own.db.transaction().execute((tx) => sql`select 'many'::int`.execute(tx));
    await expect(refused).rejects.toMatchObject({ code: '22P02' });
    await own.db.transaction().execute((tx) => note(tx, 2));
    await own.close();
    expect(await committed()).toEqual([1, 2]);
  });

  test('that fail end everything, for what followed stood on them', async () => {
    const own = late();
    await own.db.transaction().execute(async (tx) => {
      await note(tx, 1);
      await note(tx, 1);
    });
    const lost = {
      message: expect.stringContaining('could not be committed'),
      cause: { code: '23505' },
    };
    await expect(
      own.db.transaction().execute((tx) => sql`select 1`.execute(tx)),
    ).rejects.toMatchObject(lost);
    await expect(sql`select 1`.execute(own.db)).rejects.toMatchObject(lost);
    await expect(own.close()).rejects.toMatchObject(lost);
    expect(own.pool.ended).toBe(true);
    expect(await committed()).toEqual([]);
  });
});

describe('names of frequent statements', () => {
  const inside = { overAndOver: true };
  const outside = { overAndOver: false };
  const often = (text: string, values: readonly unknown[], where = inside) => {
    const nameOf = namesOfFrequent();
    return Array.from({ length: 12 }, () => nameOf(text, values, where)).at(-1);
  };
  const long = `select ${'x'.repeat(400)}`;
  const many = Array.from({ length: 100 }, (_, n) => n);

  test('are given to what transactions say over and over', () => {
    expect(often('select $1', [1])).toBe('kept_0');
    expect(often('select 1', [])).toBe('kept_0');
    expect(often(long, [1])).toBe('kept_0');
    expect(often('select any($1)', [[1, 2]])).toBe('kept_0');
  });

  test('are not given where how much there is decides how it is best done', () => {
    expect(often('select any($1)', [many])).toBeUndefined();
    expect(often('select $1::jsonb', ['x'.repeat(20_000)])).toBeUndefined();
    expect(often(long, [1], outside)).toBeUndefined();
    expect(often('select $1', [1], outside)).toBe('kept_0');
  });

  test('are bounded', () => {
    const nameOf = namesOfFrequent();
    const names = new Set<string | undefined>();
    for (let text = 0; text < 500; text++) {
      for (let use = 0; use < 8; use++) names.add(nameOf(`select ${text} where $1`, [1], inside));
    }
    expect(names.size).toBe(301);
  });
});
