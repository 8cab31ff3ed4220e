import { sql } from 'kysely';
import { recordCarriedOut } from '../../clauses/access/flows.orders.ts';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { together } from '../../kernel/together.ts';
import { execute } from '../../platform/execute.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import {
  type Act,
  type Connector,
  SourceProblem,
} from '../../registers/connections/facts.connector.ts';
import {
  type ActEnd,
  type ActingConnection,
  claimAct,
  endAct,
} from '../../registers/connections/store.acts.ts';
import { askRun, findConnection } from '../../registers/connections/store.runs.ts';
import { connectorOf, linkOf, type Outside } from './link.ts';
import { problemOf } from './problem.ts';
import { openSecret } from './secrets.ts';

/** Orders of one system that are carried out before others have their turn. */
const ordersAtOnce = 100;
const putOffMinutes = 10;
type Outcome = Omit<ActEnd, 'now'>;
const actor = { kind: 'system', id: 'connections' } as const;

/**
 * Carries out the open orders of every system whose connection may act. Each act is on record before
 * it is asked for and is asked for once; that it was done is a claim until a read shows it, and that
 * read is asked for at once.
 */
export async function carryOutOrders(
  world: World,
  outside: Outside,
  connections: readonly ActingConnection[],
  signal: AbortSignal,
): Promise<void> {
  for (const connection of connections) {
    if (signal.aborted) return;
    await carryOutOf(world, outside, connection, signal);
  }
}

async function carryOutOf(
  world: World,
  outside: Outside,
  connection: ActingConnection,
  signal: AbortSignal,
): Promise<void> {
  const { db } = world.database;
  // Most turns find neither: both are asked for in one journey.
  const both = together(db);
  const [orders, doneBefore] = await Promise.all([
    openOrders(both, connection.systemId, world.now()),
    carriedOut(both, connection.id),
  ]);
  if (orders.length > 0) {
    const hand = await handOf(world, outside, connection, signal);
    for (const order of hand ? orders : []) {
      for (const act of hand ? actsFor(order, hand.connector) : [])
        await ask(world, connection.id, order, act, async () => await hand?.carryOut(act));
    }
  }
  const done = orders.length > 0 ? await carriedOut(db, connection.id) : doneBefore;
  if (done.length > 0) await tellCarriedOut(world, connection, done);
}

/** What acts; null where the connection cannot act at all: its orders stay open and fall due. */
async function handOf(
  world: World,
  outside: Outside,
  { id, kind, settings, secret }: ActingConnection,
  signal: AbortSignal,
) {
  try {
    const connector = await connectorOf(outside.connectors, kind);
    const opened = openSecret(world.keys, id, 'acting', secret);
    const request = { settings, secret: opened, for: 'acts', signal } as const;
    const link = linkOf(world, outside, connector, request);
    return { connector, carryOut: (act: Act) => connector.carryOut(link, act) };
  } catch (error) {
    const { code, detail } = problemOf(error);
    log.error('orders cannot be carried out', { connection: id, code, detail });
    return null;
  }
}

interface OpenOrder {
  readonly originId: string;
  readonly no: number;
  readonly origin: string;
  readonly orderedAt: Instant;
  readonly account: string;
  readonly entitlement: string;
  /** The first of its origin on this account: what befalls the account as a whole is done with it. */
  readonly first: boolean;
}

/**
 * Open orders of a system for which nothing was asked yet, one for each access however many say that
 * it is to go.
 */
async function openOrders(db: Db, systemId: string, now: Instant): Promise<readonly OpenOrder[]> {
  const { rows } = await sql<OpenOrder>`
    select * from (
      select distinct on (o.account_id, o.entitlement_id) o.origin_id as "originId", o.no, origin.kind as origin,
        o.ordered_at as "orderedAt", account.name as account, entitlement.name as entitlement, not exists (
          select from revoke_order earlier
          where earlier.origin_id = o.origin_id and earlier.account_id = o.account_id and earlier.no < o.no) as first
      from revoke_order o
      join revoke_origin origin on origin.id = o.origin_id
      join account on account.id = o.account_id
      join entitlement on entitlement.id = o.entitlement_id
      where o.system_id = ${systemId} and ${isOpen('o')} and o.carried_out_at is null and not exists (
          select from connection_act done
          join revoke_order said on said.origin_id = done.origin_id and said.no = done.no
            and said.ordered_at = done.ordered_at
          where said.account_id = o.account_id and said.entitlement_id = o.entitlement_id and ${isOpen('said')}
            and done.act = 'removeHeld' and (done.state <> 'put off' or done.not_before > ${now}))
      order by o.account_id, o.entitlement_id, origin.kind = 'leaver' desc, o.ordered_at, o.origin_id
    ) open order by account, entitlement limit ${ordersAtOnce}`.execute(db);
  return rows;
}

const isOpen = (alias: string) =>
  sql`${sql.ref(`${alias}.proven_at`)} is null and ${sql.ref(`${alias}.withdrawn_at`)} is null`;

/** What an order means outside: a leaver's account goes as a whole, everything else is one access. */
function actsFor(order: OpenOrder, connector: Connector): readonly Act[] {
  const { account, entitlement } = order;
  const whole: readonly Act['act'][] =
    order.origin === 'leaver' && order.first ? ['disableAccount', 'endSessions'] : [];
  return [...whole, 'removeHeld' as const]
    .filter((act) => connector.acts.includes(act))
    .map((act) => ({ act, account, target: act === 'removeHeld' ? entitlement : null }));
}

async function ask(
  world: World,
  connectionId: string,
  { originId, no, orderedAt }: OpenOrder,
  act: Act,
  carryOut: () => Promise<void>,
): Promise<void> {
  const { db } = world.database;
  const planned = { ...act, connectionId, originId, no, orderedAt };
  const id = await claimAct(db, world.newId(), planned, world.now());
  if (!id) return;
  const end = await outcomeOf(carryOut, world);
  await endAct(db, id, { ...end, now: world.now() });
}

async function outcomeOf(carryOut: () => Promise<void>, world: World): Promise<Outcome> {
  try {
    await carryOut();
    return { state: 'done' };
  } catch (error) {
    const { code, detail } = problemOf(error);
    // Only what the source says it has not even taken up may be asked for again.
    return error instanceof SourceProblem && error.code === 'throttled'
      ? { state: 'put off', detail, notBefore: world.now().add({ minutes: putOffMinutes }) }
      : { state: 'failed', detail: `${code}: ${detail}` };
  }
}

type CarriedOut = readonly { readonly originId: string; readonly no: number }[];

/** Orders whose access was taken away outside, and of which the record does not say so yet. */
async function carriedOut(db: Db, connectionId: string): Promise<CarriedOut> {
  const { rows } = await sql<CarriedOut[number]>`
    select distinct o.origin_id as "originId", o.no
    from connection_act done
    join revoke_order said on said.origin_id = done.origin_id and said.no = done.no and said.ordered_at = done.ordered_at
    join revoke_order o on o.account_id = said.account_id and o.entitlement_id = said.entitlement_id
      and o.ordered_at <= done.ended_at
    where done.connection_id = ${connectionId} and done.act = 'removeHeld' and done.state = 'done'
      and o.carried_out_at is null and ${isOpen('o')}
    order by o.origin_id, o.no`.execute(db);
  return rows;
}

/** Puts on record what was done, and asks for the read that will prove it. */
async function tellCarriedOut(
  world: World,
  { id, systemId }: ActingConnection,
  orders: CarriedOut,
): Promise<void> {
  const { db } = world.database;
  const command = { connectionId: id, systemId, orders: [...orders] };
  const told = await execute(world, recordCarriedOut, command, actor);
  if (!told.ok) throw new Error(`carried out orders were not recorded: ${told.refusal.code}`);
  const connection = await findConnection(db, id);
  const { since } = connection ?? { since: null };
  const run = { id: world.newId(), connectionId: id, since } as const;
  const reads = since === null ? 'whole' : 'changes';
  await db.transaction().execute((tx) => askRun(tx, { ...run, reads }, world.now()));
}
