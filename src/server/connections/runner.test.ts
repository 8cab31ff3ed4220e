import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeGraph } from '../../connectors/entra/fake.ts';
import { execute } from '../../platform/execute.ts';
import { outgoing } from '../../platform/http/outgoing.ts';
import { mute } from '../../platform/log.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { connectionFlow } from '../../registers/connections/store.ts';
import { newSystem } from '../../registers/systems/facts.ts';
import { systemFlow } from '../../registers/systems/store.ts';
import { connectors } from './connectors.ts';
import type { Outside } from './link.ts';
import { createRunner, type Runner } from './runner.ts';
import { sealSecret } from './secrets.ts';

mute();
const credentials = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-000000000000',
  clientSecret: 'sample secret',
};
const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer');

let world: TestWorld;
let fake: FakeGraph;
let url: string;
let id: string;
let waits: number[];
let runner: Runner;

beforeEach(async () => {
  world ??= await testWorld();
  fake = new FakeGraph(credentials);
  url = await fake.listen();
  waits = [];
  runner = createRunner(world, outside(), 'first');
  const { directory } = fake;
  directory.putGroup('g1', 'Finance');
  for (let n = 1; n <= 5; n++) {
    directory.putUser(`u${n}`, { upn: `u${n}@example.com` });
    directory.add('g1', `u${n}`);
  }
  id = await setUp();
});

afterEach(async () => {
  await execute(world, connectionFlow, { do: 'removeConnection', id }, officer);
  await fake.close();
});

function outside(fetching: typeof fetch = outgoing({ internalHosts: ['127.0.0.1'] })): Outside {
  return {
    connectors,
    atOnce: 1,
    fetch: fetching,
    wait: async (ms, signal) => {
      waits.push(ms);
      signal.throwIfAborted();
    },
  };
}

let systems = 0;
async function setUp(): Promise<string> {
  const key = `entra${systems++}`;
  const system = newSystem.parse({ key, name: key });
  await execute(world, systemFlow, { do: 'registerSystem', system }, officer);
  const fresh = world.newId();
  const { tenantId, clientId, clientSecret } = credentials;
  const done = await execute(
    world,
    connectionFlow,
    {
      do: 'setUpConnection',
      id: fresh,
      system: key,
      kind: 'entra',
      settings: { tenantId, clientId, graphUrl: url, loginUrl: url },
      secret: sealSecret(world.keys, fresh, 'reading', { clientSecret }),
      everyHours: 6,
    },
    officer,
  );
  expect(done.ok).toBe(true);
  return fresh;
}

async function readAgain(whole = false): Promise<void> {
  world.advance({ hours: 1 });
  await execute(world, connectionFlow, { do: 'readNow', id, whole }, officer);
  await runner.runDue();
}

async function runs() {
  const { rows } = await sql<Record<string, unknown>>`
    select reads, state, complete, error, observations, counts ->> 'pairs' as pairs, counts ->> 'gone' as gone
    from connection_run where connection_id = ${id} order by asked_at`.execute(world.database.db);
  return rows;
}

/** How far the run that is under way would be taken up from. */
async function stageLaidDown(): Promise<number> {
  const { rows } = await sql<{ stage: number }>`
    select coalesce((resume ->> 'stage')::int, 0) as stage
    from connection_run where connection_id = ${id} and state = 'running'`.execute(
    world.database.db,
  );
  return rows[0]?.stage ?? 0;
}

async function holders(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select account.name from observation join account on account.id = account_id
    join connection on connection.system_id = observation.system_id
    where connection.id = ${id} and gone_at is null order by 1`.execute(world.database.db);
  return rows.map(({ name }) => name.replace('@example.com', ''));
}

describe('a run', () => {
  test('reads the whole, then what has changed', async () => {
    fake.pageSize = 2;
    await runner.runDue();
    expect(await holders()).toEqual(['u1', 'u2', 'u3', 'u4', 'u5']);
    fake.directory.remove('g1', 'u2');
    fake.directory.deleteUser('u3');
    await readAgain();
    expect(await holders()).toEqual(['u1', 'u4', 'u5']);
    expect(await runs()).toMatchObject([
      { reads: 'whole', state: 'done', complete: true, pairs: '5' },
      { reads: 'changes', state: 'done', complete: true, pairs: '3', gone: '2' },
    ]);
  });

  test('waits as long as the source asks, and asks again where it fails', async () => {
    let turn = 0;
    fake.fault = () => {
      turn += 1;
      if (turn === 2) return { status: 429, retryAfter: '17' };
      if (turn === 4) return { status: 503 };
      return turn === 6 ? 'hangUp' : null;
    };
    await runner.runDue();
    expect(await runs()).toMatchObject([{ state: 'done', complete: true, pairs: '5' }]);
    expect(waits).toEqual([17_000, 1000, 1000]);
  });

  test('of changes that the source has forgotten reads the whole instead', async () => {
    await runner.runDue();
    fake.directory.remove('g1', 'u1');
    fake.forgottenBefore = fake.directory.version + 1;
    await readAgain();
    expect((await runs())[1]).toMatchObject({ reads: 'whole', state: 'done', gone: '1' });
  });

  test('with pages that never come is put off and proves nothing', async () => {
    await runner.runDue();
    fake.directory.remove('g1', 'u1');
    fake.fault = (path) => (path.includes('/groups/') ? { status: 500 } : null);
    await readAgain();
    expect((await runs())[1]).toMatchObject({ state: 'waiting', error: 'sourceFails' });
    expect(await holders()).toHaveLength(5);
    fake.fault = () => null;
    world.advance({ minutes: 2 });
    await runner.runDue();
    expect((await runs())[1]).toMatchObject({ state: 'done' });
    expect(await holders()).toHaveLength(4);
  });

  test('that may not read memberships proves nothing gone, and begins from nothing next time', async () => {
    await runner.runDue();
    fake.forbidden.add('/groups/delta');
    fake.directory.remove('g1', 'u1');
    await readAgain(true);
    expect((await runs())[1]).toMatchObject({ complete: false, gone: '0' });
    expect(await holders()).toHaveLength(5);
    fake.forbidden.clear();
    await readAgain();
    expect((await runs())[2]).toMatchObject({ reads: 'whole', complete: true, gone: '1' });
  });

  test('whose secret is refused fails at once, and the ledger says so once', async () => {
    await execute(
      world,
      connectionFlow,
      {
        do: 'changeConnection',
        id,
        version: 1,
        secret: sealSecret(world.keys, id, 'reading', { clientSecret: 'wrong' }),
      },
      officer,
    );
    await runner.runDue();
    expect(await runs()).toMatchObject([{ state: 'failed', error: 'signInRefused' }]);
    const { rows } = await sql<{ text: string }>`
      select string_agg(convert_from(bytes, 'UTF8'), '') as text from ledger_entry
      where subject = ${`connection/${id}`}`.execute(world.database.db);
    expect(rows[0]?.text).toContain('ReadFailed');
    expect(rows[0]?.text).not.toMatch(/wrong|sample secret/);
  });

  test('that was cancelled leaves nothing behind', async () => {
    let cancelled = false;
    fake.pageSize = 2;
    const base = outgoing({ internalHosts: ['127.0.0.1'] });
    const cancelling: typeof fetch = async (input, init) => {
      if (String(input).includes('/groups/') && !cancelled) {
        cancelled = true;
        const { rows } = await sql<{ id: string }>`
          select id from connection_run where connection_id = ${id}`.execute(world.database.db);
        const runId = rows[0]?.id ?? '';
        await execute(world, connectionFlow, { do: 'cancelRun', runId }, officer);
      }
      return await base(input, init);
    };
    await createRunner(world, outside(cancelling), 'first').runDue();
    expect(await runs()).toMatchObject([{ state: 'cancelled' }]);
    const { rows } = await sql`select read_id from staged_fact`.execute(world.database.db);
    expect(rows).toHaveLength(0);
    expect(await holders()).toEqual([]);
  });
});

describe('a process that dies in the middle of a run', () => {
  test('leaves it to the next one, which goes on where it stood', async () => {
    fake.pageSize = 2;
    let asked = 0;
    const never = new Promise<Response>(() => undefined);
    const base = outgoing({ internalHosts: ['127.0.0.1'] });
    let stuck: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => {
      stuck = resolve;
    });
    const dying: typeof fetch = (input, init) => {
      asked += 1;
      if (asked < 5) return base(input, init);
      stuck();
      return never;
    };
    void createRunner(world, outside(dying), 'first').runDue();
    await hanging;
    // What was shown last is laid down while the next is asked for: it dies just after.
    await expect.poll(stageLaidDown).toBeGreaterThan(0);
    const before = fake.asked.length;
    await createRunner(world, outside(), 'second').runDue();
    expect(await runs()).toMatchObject([{ state: 'running' }]);
    world.advance({ minutes: 3 });
    await createRunner(world, outside(), 'second').runDue();
    expect(await runs()).toMatchObject([{ state: 'done', complete: true, pairs: '5' }]);
    expect(fake.asked.slice(before).filter((line) => line.includes('/users/delta'))).toEqual([]);
    expect(await holders()).toHaveLength(5);
  });
});
