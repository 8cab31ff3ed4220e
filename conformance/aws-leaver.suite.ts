import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { openGround } from '../bench/ground.ts';
import { execute } from '../src/platform/execute.ts';
import { outgoing } from '../src/platform/http/outgoing.ts';
import type { World } from '../src/platform/world.ts';
import type { Event } from '../src/policy/event.ts';
import type { Flow } from '../src/policy/flow.ts';
import { connectionFlow } from '../src/registers/connections/store.ts';
import { promiseStatuses } from '../src/registers/findings/store.ts';
import { personFlow } from '../src/registers/people/store.ts';
import { newSystem } from '../src/registers/systems/facts.ts';
import { systemFlow } from '../src/registers/systems/store.ts';
import { rooms } from '../src/server/composition.ts';
import { connectors } from '../src/server/connections/connectors.ts';
import { createRunner, type Runner } from '../src/server/connections/runner.ts';
import { sealSecret } from '../src/server/connections/secrets.ts';
import { leavingFlow } from '../src/server/leaving/flow.ts';
import { tick } from '../src/server/tick.ts';
import { type Moto, startMoto } from './moto.ts';
import { type MotoCompany, seedMoto } from './moto-company.ts';
import { type Outcome, Tally } from './suite.ts';

export const name = 'a leaver by moto: ordered, carried out in AWS, proven gone by the next read';

const operator = { kind: 'system', id: 'conformance' } as const;

export async function run(): Promise<Outcome> {
  const tally = new Tally();
  const moto = await startMoto();
  if ('missing' in moto) {
    tally.skip(moto.missing);
    return tally.outcome();
  }
  const ground = await openGround(() => undefined);
  try {
    const world = await ground.world('aws_leaver');
    const company = await seedMoto(moto.url);
    await aLeaver(world, moto, company, tally);
  } finally {
    await ground.close();
    await moto.stop();
  }
  return tally.outcome();
}

async function aLeaver(
  world: World,
  moto: Moto,
  company: MotoCompany,
  tally: Tally,
): Promise<void> {
  const alice = await prepare(world, moto, company);
  const runner = runnerOf(world, moto);
  await goOn(world, runner);
  const before = await heldBy(world, alice);
  tally.expect(before.length === 1, 'alice holds what AWS shows', String(before));
  await expectBroken(world, tally);
  const begun = performance.now();
  await must(
    world,
    leavingFlow(() => rooms),
    { do: 'endAccess', id: alice, trigger: 'button', triggeredAt: world.now().toString() },
  );
  await goOn(world, runner);
  await goOn(world, runner);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const orders = await ordersFor(world, alice);
  tally.expect(
    orders.length === 2,
    'one order for what alice held, one for the account',
    String(orders.length),
  );
  for (const { carriedOut, proven, entitlement } of orders) {
    tally.expect(carriedOut, `the order for ${entitlement} is carried out`);
    tally.expect(proven, `the order for ${entitlement} is proven by a read`);
  }
  tally.expect((await heldBy(world, alice)).length === 0, 'alice holds nothing in AWS');
  const { rows } = await sql<{ active: boolean; credentials: number }>`
    select active, (select count(*) from credential where account_id = account.id and credential.active)::int as credentials
    from account where person_id = ${alice}`.execute(world.database.db);
  const [account] = rows;
  tally.expect(
    account?.active === false && account.credentials === 0,
    'alice cannot sign in to AWS any more',
    JSON.stringify(account),
  );
  tally.note(`from the trigger to the proof ${seconds} s, with two whole reads of three accounts`);
}

/** Somebody in the register, AWS as a system, and a connection that may act. */
async function prepare(world: World, moto: Moto, { reader }: MotoCompany): Promise<string> {
  const person = { name: 'Alice Example', email: 'alice@example.com' };
  await must(world, personFlow, personFlow.command.parse({ do: 'registerPerson', person }));
  const system = newSystem.parse({ key: 'aws', name: 'AWS' });
  await must(world, systemFlow, { do: 'registerSystem', system });
  const id = world.newId();
  await must(world, connectionFlow, {
    do: 'setUpConnection',
    id,
    system: 'aws',
    kind: 'aws',
    settings: { endpoint: moto.url },
    secret: sealSecret(world.keys, id, 'reading', reader),
    everyHours: 24,
  });
  const secret = sealSecret(world.keys, id, 'acting', reader);
  await must(world, connectionFlow, { do: 'switchActing', id, on: true, secret });
  const { rows } = await sql<{ id: string }>`
    select id from person where email = ${person.email}`.execute(world.database.db);
  return rows[0]?.id ?? '';
}

async function must<State, Command, Happened extends Event, Reason extends string>(
  world: World,
  flow: Flow<State, Command, Happened, Reason>,
  command: Command,
): Promise<void> {
  const done = await execute(world, flow, command, operator);
  if (!done.ok) throw new Error(`refused: ${done.refusal.code}`);
}

function runnerOf(world: World, moto: Moto): Runner {
  const fetching = outgoing({
    internalHosts: [new URL(moto.url).host],
    limitBytes: 64 * 1024 * 1024,
  });
  const wait = async (ms: number, signal: AbortSignal) => {
    await pause(Math.min(ms, 10), undefined, { signal });
  };
  return createRunner(world, { connectors, fetch: fetching, wait }, 'conformance');
}

/** What the server does every few seconds: reads, acts, and what follows from either. */
async function goOn(world: World, runner: Runner): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    await tick(world, rooms);
    await runner.runDue();
  }
  await tick(world, rooms);
}

async function heldBy(world: World, personId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select entitlement.name from observation seen
    join account on account.id = seen.account_id join entitlement on entitlement.id = seen.entitlement_id
    where account.person_id = ${personId} and seen.gone_at is null`.execute(world.database.db);
  return rows.map(({ name: entitlement }) => entitlement);
}

async function ordersFor(world: World, personId: string) {
  const { rows } = await sql<{ entitlement: string; carriedOut: boolean; proven: boolean }>`
    select coalesce(entitlement.name, 'the account') as entitlement, o.carried_out_at is not null as "carriedOut",
      o.proven_at is not null as proven
    from revoke_order o join account on account.id = o.account_id
    left join entitlement on entitlement.id = o.entitlement_id
    where account.person_id = ${personId}`.execute(world.database.db);
  return rows;
}

/** An administrator, and roles for anybody outside, break ACC-4; nobody's second factor is proven. */
async function expectBroken(world: World, tally: Tally): Promise<void> {
  const statuses = await promiseStatuses(world.database.db);
  for (const promise of ['ACC-3', 'ACC-4']) {
    const status = statuses.get(promise)?.status;
    tally.expect(status === 'broken', `${promise} is broken in what moto shows`, String(status));
  }
  const password = statuses.get('ACC-2')?.status;
  tally.expect(password !== 'kept', 'ACC-2 is not kept', String(password));
}
