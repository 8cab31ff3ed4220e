import { type RawBuilder, sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { revokedAccessIsGone } from '../../clauses/access/checks.ts';
import { allOf, placeFor, present } from '../../clauses/access/store.placing.ts';
import { contextFor, execute } from '../../platform/execute.ts';
import { mute } from '../../platform/log.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import {
  type Act,
  type Connector,
  heldKey,
  type Observation,
  SourceProblem,
} from '../../registers/connections/facts.connector.ts';
import { connectionFlow } from '../../registers/connections/store.ts';
import { newSystem } from '../../registers/systems/facts.ts';
import { systemFlow } from '../../registers/systems/store.ts';
import { rooms } from '../composition.ts';
import { tick } from '../tick.ts';
import type { Outside } from './link.ts';
import { createRunner } from './runner.ts';
import { sealSecret } from './secrets.ts';

mute();
const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer');
const secret = z.object({ for: z.enum(['reading', 'acting']) });

/** A source of two accounts that hold one role, which does what it is told, or does not. */
class Scripted {
  readonly held = new Set(['1', '2']);
  readonly lockedOut = new Set<string>();
  readonly told: string[] = [];
  answer: (act: Act) => Promise<void> = async () => undefined;
  obeys = true;

  readonly connector: Connector = {
    kind: 'scripted',
    settings: z.object({}),
    secret,
    aspects: ['accounts', 'entitlements', 'held'],
    acts: ['disableAccount', 'endSessions', 'removeHeld'],
    test: async () => [],
    read: (link) => this.read(secret.parse(link.secret).for),
    carryOut: async (link, act) => {
      expect(secret.parse(link.secret).for).toBe('acting');
      this.told.push(`${act.act} ${act.account}`);
      await this.answer(act);
      const key = act.account.slice('account'.length);
      if (this.obeys && act.act === 'removeHeld') this.held.delete(key);
      if (this.obeys && act.act === 'disableAccount') this.lockedOut.add(key);
    },
  };

  async *read(by: string) {
    expect(by).toBe('reading');
    const facts = {
      email: null,
      kind: 'staff',
      secondFactor: null,
      lastUsedAt: null,
    } as const;
    const observations: Observation[] = ['1', '2'].map((key) => ({
      of: 'account',
      key,
      facts: { ...facts, name: `account${key}`, active: !this.lockedOut.has(key) },
    }));
    observations.push({
      of: 'entitlement',
      key: 'r',
      facts: { name: 'r', privileged: false, risks: [] },
    });
    for (const account of this.held)
      observations.push({
        of: 'held',
        key: heldKey(account, 'r'),
        facts: { account, entitlement: 'r' },
      });
    yield { observations, resume: null };
    return { next: null };
  }
}

let world: TestWorld;
let source: Scripted;
let id: string;
let n = 0;

beforeAll(async () => {
  world = await testWorld();
});

beforeEach(async () => {
  source = new Scripted();
  const key = `scripted${n++}`;
  const system = newSystem.parse({ key, name: key });
  await execute(world, systemFlow, { do: 'registerSystem', system }, officer);
  id = world.newId();
  const sealed = (use: 'reading' | 'acting') => sealSecret(world.keys, id, use, { for: use });
  const set = { system: key, kind: 'scripted', settings: {}, everyHours: 24 };
  await execute(
    world,
    connectionFlow,
    { do: 'setUpConnection', id, ...set, secret: sealed('reading') },
    officer,
  );
  await run();
  world.advance({ minutes: 5 });
  await execute(
    world,
    connectionFlow,
    { do: 'switchActing', id, on: true, secret: sealed('acting') },
    officer,
  );
});

async function run(): Promise<void> {
  const outside: Outside = {
    connectors: { scripted: async () => source.connector },
    fetch,
    wait: async () => undefined,
  };
  await createRunner(world, outside, 'runner').runDue();
  await tick(world, rooms);
}

/** Orders everything that is held to go, and of leavers the accounts as well. */
async function order(kind: 'leaver' | 'expiry'): Promise<void> {
  const context = await contextFor(world, officer);
  await world.database.db.transaction().execute(async (tx) => {
    const placing = { originId: world.newId(), kind, personId: null, placedBy: null };
    const here = (of: RawBuilder<unknown>) =>
      sql`${of}.system_id = (select system_id from connection where id = ${id})`;
    const chosen = kind === 'leaver' ? allOf(here(sql`account`)) : present(here);
    await placeFor(tx, { ...placing, dueAt: world.now().add({ hours: 24 }) }, chosen, context);
  });
  world.advance({ minutes: 1 });
}

async function orders(): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select account.name || case when entitlement_id is null then ' itself' else '' end || case when carried_out_at is not null then ' carried out' else ' open' end
      || coalesce(' ' || carried_out_how, '') || case when proven_at is not null then ' proven' else '' end as line
    from revoke_order join account on account.id = account_id
    where revoke_order.system_id = (select system_id from connection where id = ${id}) order by 1`.execute(
    world.database.db,
  );
  return rows.map(({ line }) => line);
}

/** The run that carries out, and the one that reads what came of it. */
async function carryOut(): Promise<void> {
  await run();
  world.advance({ minutes: 1 });
  await run();
}

describe('orders of a system whose connection may act', () => {
  test('that say the same twice are one', async () => {
    await order('expiry');
    await world.database.db.transaction().execute(async (tx) => {
      await sql`
        insert into revoke_origin (id, kind, placed_at) values (${id}, 'return', ${world.now()})`.execute(
        tx,
      );
      await sql`
        insert into revoke_order (origin_id, no, account_id, entitlement_id, system_id, ordered_at, due_at)
        select ${id}, no, account_id, entitlement_id, system_id, ordered_at, due_at from revoke_order
        where system_id = (select system_id from connection where id = ${id})`.execute(tx);
    });
    await carryOut();
    expect(source.told).toEqual(['removeHeld account1', 'removeHeld account2']);
    expect(await orders()).toHaveLength(4);
    expect((await orders()).every((line) => line.endsWith('carried out connection proven'))).toBe(
      true,
    );
  });

  test('are carried out once each, and proven by the next read', async () => {
    await order('expiry');
    await carryOut();
    expect(await orders()).toEqual([
      'account1 carried out connection proven',
      'account2 carried out connection proven',
    ]);
    await carryOut();
    expect(source.told).toEqual(['removeHeld account1', 'removeHeld account2']);
  });

  test('of a leaver end each account as well, also one that holds nothing', async () => {
    source.held.delete('2');
    await execute(world, connectionFlow, { do: 'readNow', id, whole: true }, officer);
    await run();
    await order('leaver');
    await carryOut();
    expect(source.told).toEqual([
      'disableAccount account1',
      'endSessions account1',
      'disableAccount account2',
      'endSessions account2',
      'removeHeld account1',
    ]);
    expect(await orders()).toEqual([
      'account1 carried out connection proven',
      'account1 itself carried out connection proven',
      'account2 itself carried out connection proven',
    ]);
  });

  test('of a leaver whose account cannot be ended stay open, whatever became of its access', async () => {
    source.held.delete('2');
    source.answer = async ({ act }) => {
      if (act === 'disableAccount') throw new SourceProblem('forbidden', '403');
    };
    await order('leaver');
    await carryOut();
    world.advance({ hours: 25 });
    await carryOut();
    expect(source.told.filter((act) => act.startsWith('disableAccount'))).toHaveLength(2);
    expect(await orders()).toContain('account1 carried out connection proven');
    expect(await orders()).toContain('account1 itself open');
    const overdue = await revokedAccessIsGone
      .violations(world.now(), 'UTC')
      .execute(world.database.db);
    expect(overdue.rows.map(({ label }) => label.split(' · ').slice(1))).toContainEqual([
      'account1',
    ]);
  });

  test('of a leaver are asked for again, each act by itself, where the source put one off', async () => {
    source.held.delete('2');
    source.answer = async ({ act }) => {
      if (act === 'disableAccount') throw new SourceProblem('throttled', '429');
    };
    await order('leaver');
    await carryOut();
    expect(await orders()).toContain('account1 itself open');
    source.answer = async () => undefined;
    world.advance({ minutes: 15 });
    await carryOut();
    expect(source.told.filter((act) => act.endsWith('account1')).sort()).toEqual([
      'disableAccount account1',
      'disableAccount account1',
      'endSessions account1',
      'removeHeld account1',
    ]);
    expect(await orders()).toContain('account1 itself carried out connection proven');
  });

  test('of a leaver are asked for again where a process died while it ended the account', async () => {
    const asked = new Promise<void>((resolve) => {
      source.answer = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    await order('leaver');
    void run();
    await asked;
    source.answer = async () => undefined;
    await carryOut();
    expect(await orders()).toContain('account1 itself open');
    world.advance({ minutes: 11 });
    await carryOut();
    expect(source.told.filter((act) => act === 'disableAccount account1')).toHaveLength(2);
    expect(await orders()).toContain('account1 itself carried out connection proven');
  });

  test('of a leaver whose access is ordered to go already end the account all the same', async () => {
    await order('expiry');
    await order('leaver');
    await carryOut();
    expect(source.told.slice(0, 2)).toEqual(['disableAccount account1', 'endSessions account1']);
    expect((await orders()).filter((line) => line.endsWith('proven'))).toHaveLength(4);
  });

  test('that the source only says it carried out are never proven, nor asked for again', async () => {
    source.obeys = false;
    await order('expiry');
    await carryOut();
    await carryOut();
    expect(await orders()).toEqual([
      'account1 carried out connection',
      'account2 carried out connection',
    ]);
    expect(source.told).toHaveLength(2);
  });

  test('that fail stay open for people; those not taken up are asked for again later', async () => {
    source.answer = async ({ account }) => {
      throw account === 'account1'
        ? new SourceProblem('throttled', '429')
        : new SourceProblem('forbidden', '403');
    };
    await order('expiry');
    await carryOut();
    expect(await orders()).toEqual(['account1 open', 'account2 open']);
    source.answer = async () => undefined;
    await carryOut();
    expect(source.told).toHaveLength(2);
    world.advance({ minutes: 15 });
    await carryOut();
    expect(source.told).toEqual([
      'removeHeld account1',
      'removeHeld account2',
      'removeHeld account1',
    ]);
    expect(await orders()).toEqual(['account1 carried out connection proven', 'account2 open']);
  });

  test('are not asked for again by a process that follows one that died while asking', async () => {
    source.answer = () => new Promise(() => undefined);
    await order('expiry');
    const asked = new Promise<void>((resolve) => {
      source.answer = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    void run();
    await asked;
    source.answer = async () => undefined;
    await carryOut();
    expect(source.told).toEqual(['removeHeld account1', 'removeHeld account2']);
    expect(await orders()).toEqual(['account1 open', 'account2 carried out connection proven']);
  });

  test('are left alone once that is switched off', async () => {
    await execute(world, connectionFlow, { do: 'switchActing', id, on: false }, officer);
    await order('expiry');
    await carryOut();
    expect(source.told).toEqual([]);
  });
});
