import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { execute, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Request, Route } from '../../policy/route.ts';
import { newSystem } from '../../registers/systems/facts.ts';
import { systemFlow } from '../../registers/systems/store.ts';
import { pushRoutes } from './push.ts';

const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer');
const other = actorWith('00000000-0000-7000-8000-000000000002', 'security-officer');
let world: TestWorld;

beforeAll(async () => {
  world = await testWorld();
  for (const key of ['erp', 'crm']) {
    const system = newSystem.parse({ key, name: key });
    await execute(world, systemFlow, { do: 'registerSystem', system }, officer);
  }
});

/** As the server mounts it: input parsed, the caller known. */
async function call(
  name: string,
  given: object,
  actor = officer,
): Promise<Record<string, unknown>> {
  const route = pushRoutes(world)[name] as Route;
  world.advance({ minutes: 1 });
  const request = {
    db: world.database.db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    language: 'en',
  } as unknown as Request;
  const answer = await route.handle(request, route.input.parse(given));
  if ('stream' in answer) throw new Error('streamed');
  return (answer.ok ? answer.value : { refused: answer.refusal.code }) as Record<string, unknown>;
}

async function holders(): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select account.name || ' ' || entitlement.name || coalesce(' ' || second_factor, '') as line
    from observation join account on account.id = account_id join entitlement on entitlement.id = entitlement_id
    where gone_at is null order by 1`.execute(world.database.db);
  return rows.map(({ line }) => line);
}

const accounts = [
  { key: '1', name: 'aoi', email: 'aoi@example.com' },
  { key: '2', name: 'ben', secondFactor: false },
];
const held = [
  { account: '1', entitlement: 'clerk' },
  { account: '2', entitlement: 'clerk' },
];

describe('a read that is pushed', () => {
  test('page after page, changes nothing before it is finished', async () => {
    const { readId } = await call('openRead', { system: 'erp', source: 'nightly script' });
    const at = { system: 'erp', readId };
    expect(await call('pushPage', { ...at, page: 1, accounts })).toEqual({ pages: 1 });
    const rest = { page: 2, entitlements: [{ name: 'clerk' }], held };
    expect(await call('pushPage', { ...at, ...rest })).toEqual({ pages: 2 });
    expect(await call('pushPage', { ...at, ...rest })).toEqual({ pages: 2 });
    expect(await holders()).toEqual([]);
    expect(await call('finishRead', { ...at, pages: 2 })).toMatchObject({
      accounts: 2,
      pairs: 2,
      added: 2,
      dangling: 0,
    });
    expect(await holders()).toEqual(['aoi clerk', 'ben clerk false']);
  });

  test('of changes says what came and what went', async () => {
    const { readId } = await call('openRead', { system: 'erp', source: 'script', changes: true });
    const at = { system: 'erp', readId };
    const removed = { held: [held[1]] };
    const secondFactors = [{ account: '1', enrolled: true }];
    await call('pushPage', { ...at, page: 1, removed, secondFactors });
    expect(await call('finishRead', { ...at, pages: 1 })).toMatchObject({ pairs: 1, gone: 1 });
    expect(await holders()).toEqual(['aoi clerk true']);
  });

  test('with pages missing or out of order is never recorded', async () => {
    const { readId } = await call('openRead', { system: 'erp', source: 'script' });
    const at = { system: 'erp', readId };
    expect(await call('pushPage', { ...at, page: 2 })).toEqual({ refused: 'pageOutOfOrder' });
    await call('pushPage', { ...at, page: 1, accounts });
    expect(await call('finishRead', { ...at, pages: 2 })).toEqual({ refused: 'pagesMissing' });
    expect(await holders()).toEqual(['aoi clerk true']);
    await call('dropRead', at);
    expect(await call('finishRead', { ...at, pages: 1 })).toEqual({ refused: 'readUnknown' });
  });

  test('belongs to whoever opened it, and to its system', async () => {
    const { readId } = await call('openRead', { system: 'erp', source: 'script' });
    const theirs = await call('pushPage', { system: 'erp', readId, page: 1, accounts }, other);
    expect(theirs).toEqual({ refused: 'readUnknown' });
    const elsewhere = await call('pushPage', { system: 'crm', readId, page: 1, accounts });
    expect(elsewhere).toEqual({ refused: 'readUnknown' });
  });

  test('whose names hold what parts them is refused', async () => {
    const { readId } = await call('openRead', { system: 'crm', source: 'script' });
    const bad = [{ name: 'a\u001fb' }];
    expect(await call('pushPage', { system: 'crm', readId, page: 1, accounts: bad })).toEqual({
      refused: 'nameUnfit',
    });
  });

  test('of a system with a connection is refused: two sources contradict each other', async () => {
    await sql`
      insert into connection (id, system_id, kind, settings, secret, secret_at, every_hours, created_at)
      select ${world.newId()}, id, 'entra', '{}', '', ${world.now()}, 24, ${world.now()} from system where key = 'crm'`.execute(
      world.database.db,
    );
    expect(await call('openRead', { system: 'crm', source: 'script' })).toEqual({
      refused: 'systemConnected',
    });
  });
});
