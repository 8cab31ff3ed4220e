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
  isDueAgain,
} from '../../registers/connections/store.acts.ts';
import { askRun, findConnection } from '../../registers/connections/store.runs.ts';
import { connectorOf, linkOf, type Outside } from './link.ts';
import { problemOf } from './problem.ts';
import { openSecret } from './secrets.ts';

/** Acts on one system that are asked for before others have their turn. */
const actsAtOnce = 100;
const putOffMinutes = 10;
type Outcome = Omit<ActEnd, 'now'>;
const actor = { kind: 'system', id: 'connections' } as const;

/**
 * Carries out the open orders of every system whose connection may act. Each act is on record before
 * it is asked for, and is asked for again only where that does no harm; that it was done is a claim until a read shows it, and that
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
  const connector = await tried(connection, () => connectorOf(outside.connectors, connection.kind));
  if (!connector) return;
  // Most turns find neither: both are asked for in one journey.
  const both = together(db);
  const [acts, doneBefore] = await Promise.all([
    actsToAsk(both, connection.systemId, connector, world.now()),
    carriedOut(both, connection.id, connector),
  ]);
  if (acts.length > 0) {
    const carryOut = await tried(connection, () =>
      handOf(world, outside, connector, connection, signal),
    );
    for (const act of carryOut ? acts : [])
      await ask(world, connection.id, act, async () => await carryOut?.(act));
  }
  const done = acts.length > 0 ? await carriedOut(db, connection.id, connector) : doneBefore;
  if (done.length > 0) await tellCarriedOut(world, connection, done);
}

/** Null where the connection cannot act at all: its orders stay open and fall due. */
async function tried<Found>(
  { id }: ActingConnection,
  find: () => Found | Promise<Found>,
): Promise<Found | null> {
  try {
    return await find();
  } catch (error) {
    const { code, detail } = problemOf(error);
    log.error('orders cannot be carried out', { connection: id, code, detail });
    return null;
  }
}

/** What acts, with the credentials that are for acting alone. */
function handOf(
  world: World,
  outside: Outside,
  connector: Connector,
  { id, settings, secret }: ActingConnection,
  signal: AbortSignal,
): (act: Act) => Promise<void> {
  const opened = openSecret(world.keys, id, 'acting', secret);
  const request = { settings, secret: opened, for: 'acts', signal } as const;
  const link = linkOf(world, outside, connector, request);
  return (act) => connector.carryOut(link, act);
}

/** Something to ask for, and the order that it is for. */
interface OrderedAct extends Act {
  readonly originId: string;
  readonly no: number;
  readonly orderedAt: Instant;
}

/** What an order of a whole account means outside; each is asked for by itself. */
const wholeAccount: readonly Act['act'][] = ['disableAccount', 'endSessions'];

/** Acts a connector can do, as pairs of the act and whether it is of a whole account. */
function doable({ acts }: Connector) {
  const some = [...wholeAccount, 'removeHeld' as const].filter((act) => acts.includes(act));
  return sql`(select act, act = any(${wholeAccount}::text[]) as whole from unnest(${some}::text[]) act) doable`;
}

/**
 * What open orders of a system ask for and was not asked for yet, once for each access and each
 * account however many orders say that it is to go. Whole accounts come first: who is locked out
 * cannot use the rest.
 */
async function actsToAsk(
  db: Db,
  systemId: string,
  connector: Connector,
  now: Instant,
): Promise<readonly OrderedAct[]> {
  const { rows } = await sql<OrderedAct>`
    select * from (
      select distinct on (o.account_id, o.entitlement_id, doable.act) o.origin_id as "originId", o.no,
        o.ordered_at as "orderedAt", doable.act, doable.whole, account.name as account, entitlement.name as target
      from revoke_order o
      join ${doable(connector)} on doable.whole = (o.entitlement_id is null)
      join account on account.id = o.account_id
      left join entitlement on entitlement.id = o.entitlement_id
      where o.system_id = ${systemId} and ${isOpen('o')} and o.carried_out_at is null and not exists (
          select from connection_act done
          join revoke_order said on said.origin_id = done.origin_id and said.no = done.no
            and said.ordered_at = done.ordered_at
          where said.account_id = o.account_id and ${sameAs('said')} and ${isOpen('said')}
            and done.act = doable.act and not ${isDueAgain(now)})
      order by o.account_id, o.entitlement_id, doable.act, o.ordered_at, o.origin_id
    ) open order by whole desc, account, act, target limit ${actsAtOnce}`.execute(db);
  return rows;
}

const isOpen = (alias: string) =>
  sql`${sql.ref(`${alias}.proven_at`)} is null and ${sql.ref(`${alias}.withdrawn_at`)} is null`;

/** Of the same entitlement as `o`, or of the account as a whole like it. */
const sameAs = (alias: string) =>
  sql`${sql.ref(`${alias}.entitlement_id`)} is not distinct from o.entitlement_id`;

async function ask(
  world: World,
  connectionId: string,
  { act, account, target, originId, no, orderedAt }: OrderedAct,
  carryOut: () => Promise<void>,
): Promise<void> {
  const { db } = world.database;
  const planned = { act, account, target, connectionId, originId, no, orderedAt };
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

/**
 * Orders of which all was done that the connector can do, and of which the record does not say so
 * yet: an account of which one act failed is not carried out.
 */
async function carriedOut(db: Db, connectionId: string, connector: Connector): Promise<CarriedOut> {
  const { rows } = await sql<CarriedOut[number]>`
    select o.origin_id as "originId", o.no
    from connection_act done
    join revoke_order said on said.origin_id = done.origin_id and said.no = done.no and said.ordered_at = done.ordered_at
    join revoke_order o on o.account_id = said.account_id and ${sameAs('said')} and o.ordered_at <= done.ended_at
    join ${doable(connector)} on doable.act = done.act and doable.whole = (o.entitlement_id is null)
    where done.connection_id = ${connectionId} and done.state = 'done' and o.carried_out_at is null and ${isOpen('o')}
    group by o.origin_id, o.no, o.entitlement_id
    having count(distinct done.act) = (
      select count(*) from ${doable(connector)} where doable.whole = (o.entitlement_id is null))
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
