import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { execute, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Request, Route } from '../../policy/route.ts';
import { routes as listed } from '../../registers/connections/routes.ts';
import { newSystem } from '../../registers/systems/facts.ts';
import { systemFlow } from '../../registers/systems/store.ts';
import { connectors } from './connectors.ts';
import { connectionRoutes } from './routes.ts';

const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer');
const clientSecret = 'a secret of the sample';
const settings = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-000000000000',
};

let world: TestWorld;
let id = '';
const asked: string[] = [];

beforeAll(async () => {
  world = await testWorld();
  const system = newSystem.parse({ key: 'entra', name: 'Entra' });
  await execute(world, systemFlow, { do: 'registerSystem', system }, officer);
  const made = await call('setUpConnection', {
    system: 'entra',
    kind: 'entra',
    settings,
    secret: { clientSecret },
  });
  id = String(made['id']);
});

async function call(name: string, given: object): Promise<Record<string, unknown>> {
  const outside = {
    connectors,
    fetch: async (input: Parameters<typeof fetch>[0]) => {
      asked.push(new URL(String(input)).host);
      return new Response('{"error":"invalid_client"}', { status: 401 });
    },
    wait: async () => undefined,
  };
  const routes = { ...listed, ...connectionRoutes(world, outside) } as Record<string, Route>;
  const route = routes[name] as Route;
  const { db } = world.database;
  const request = { db, execute: executeAs(world, officer), actor: officer, now: world.now() };
  const answer = await route.handle(request as unknown as Request, route.input.parse(given));
  if ('stream' in answer) throw new Error('streamed');
  return (answer.ok ? answer.value : { refused: answer.refusal.code }) as Record<string, unknown>;
}

test('a secret is sealed where it is stored, and nowhere shown or told', async () => {
  const shown = JSON.stringify([
    await call('getConnection', { id }),
    await call('listConnections', {}),
    await call('listConnectors', {}),
  ]);
  const { rows } = await sql<{ everything: string }>`
    select (select string_agg(convert_from(bytes, 'UTF8'), '') from ledger_entry)
      || (select string_agg(connection::text, '') from connection)
      || coalesce((select string_agg(idempotency::text, '') from idempotency), '') as everything`.execute(
    world.database.db,
  );
  const stored = rows[0]?.everything ?? '';
  for (const text of [shown, stored, Buffer.from(stored, 'hex').toString()])
    expect(text).not.toContain(clientSecret);
  expect(stored).toContain('ConnectionSetUp');
});

test('a stored secret is tried only with the settings that it was entered for', async () => {
  expect(await call('testConnection', { id, kind: 'entra', settings })).toMatchObject({
    works: false,
    problem: 'signInRefused',
  });
  const elsewhere = { ...settings, loginUrl: 'https://elsewhere.example.com' };
  const other = { id, kind: 'entra', settings: elsewhere };
  expect(await call('testConnection', other)).toEqual({ refused: 'secretNeeded' });
  const change = { id, version: 1, settings: elsewhere };
  expect(await call('changeConnection', change)).toEqual({ refused: 'secretNeeded' });
  expect(asked).not.toContain('elsewhere.example.com');
});

test('settings that do not fit are refused by their name alone', async () => {
  const unfit = { ...settings, tenantId: 'none' };
  const refused = await call('testConnection', { id, kind: 'entra', settings: unfit });
  expect(refused).toEqual({ refused: 'settingUnfit' });
  const acting = await call('switchActing', { id, on: true });
  expect(acting).toEqual({ refused: 'actingSecretNeeded' });
});
