import { sql } from 'kysely';
import pg from 'pg';
import { execute } from '../src/platform/execute.ts';
import { accountFlow } from '../src/registers/accounts/store.accounts.ts';
import { rooms } from '../src/server/composition.ts';
import { startHeart } from '../src/server/heart.ts';
import { tick } from '../src/server/tick.ts';
import type { Figure } from './figure.ts';
import type { BenchWorld } from './ground.ts';
import { takingTurns } from './rounds.ts';

const writers = 32;
const accountsOfWriter = 100;
const roundMs = 2_000;
const rounds = 7;

/**
 * Small commands from many writers at once, each loaded, authorized, decided, projected, appended
 * and durable before the next; the tick follows them as it does in production. Against inserts of
 * the same rows by as many connections, each durable before the next, and nothing else.
 */
export const appends: Figure = {
  name: 'appends',
  async measure(ground) {
    const world = await ground.world('appends');
    const accounts = await makeAccounts(world);
    const heart = startHeart(() => tick(world, rooms), 2_000);
    world.onPoke(() => heart.hurry());
    const raw = await connections(world);
    try {
      await world.database.pool.query('create table raw_entry (like ledger_entry including all)');
      const marked = new Map<string, boolean>();
      const commands = () =>
        rate((writer, n) => mark(world, marked, accounts[writer]?.[n % accountsOfWriter] ?? ''));
      await commands();
      const rows = await appendedRows(world);
      const inserts = () =>
        rate((writer, n) => insert(raw[writer], rows[(writer * 97 + n) % rows.length] ?? []));
      const round = await takingTurns(rounds, { ours: commands, baseline: inserts });
      return [
        {
          ...round,
          name: 'appends',
          says: `durable commands, ${writers} writers, against raw inserts of the same rows by ${writers} connections`,
          unit: 'per second',
          target: { of: 'ratio', atLeast: 0.4 },
        },
      ];
    } finally {
      await heart.stop();
      await Promise.all(raw.map((client) => client.end()));
    }
  },
};

async function makeAccounts(world: BenchWorld): Promise<readonly (readonly string[])[]> {
  const { db } = world.database;
  const systemId = world.newId();
  await sql`insert into system (id, key, name) values (${systemId}, 'erp', 'ERP')`.execute(db);
  const accounts = Array.from({ length: writers }, () =>
    Array.from({ length: accountsOfWriter }, () => world.newId()),
  );
  await sql`
    insert into account (id, system_id, name)
    select id, ${systemId}, id::text from unnest(${accounts.flat()}::uuid[]) as t (id)`.execute(db);
  return accounts;
}

/** Marks an account as a machine's, or as a person's again. */
async function mark(world: BenchWorld, marked: Map<string, boolean>, id: string): Promise<void> {
  const service = !marked.get(id);
  marked.set(id, service);
  const command = {
    do: 'markAccount' as const,
    id,
    kind: service ? ('service' as const) : ('staff' as const),
  };
  const done = await execute(world, accountFlow, command, world.officer);
  if (!done.ok) throw new Error(`an account could not be marked: ${done.refusal.code}`);
}

/** One connection a writer, straight to PostgreSQL. */
function connections(world: BenchWorld): Promise<readonly pg.Client[]> {
  return Promise.all(
    Array.from({ length: writers }, async () => {
      const client = new pg.Client({ connectionString: world.databaseUrl });
      await client.connect();
      return client;
    }),
  );
}

async function appendedRows(world: BenchWorld): Promise<unknown[][]> {
  const { rows } = await world.database.pool.query<unknown[]>({
    text: `select id, at, actor, clause, type, subject, bytes from ledger_entry
      where type = 'AccountMarked' limit 1000`,
    rowMode: 'array',
  });
  return rows;
}

async function insert(client: pg.Client | undefined, row: unknown[]): Promise<void> {
  await client?.query(
    `insert into raw_entry (id, at, actor, clause, type, subject, bytes) values ($1, $2, $3, $4, $5, $6, $7)`,
    row,
  );
}

/** How often per second all writers together get something done, each one thing after the other. */
async function rate(act: (writer: number, n: number) => Promise<unknown>): Promise<number> {
  const from = performance.now();
  let done = 0;
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; performance.now() - from < roundMs; n++) {
      await act(writer, n);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return (done * 1000) / (performance.now() - from);
}
