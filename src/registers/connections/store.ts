import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { dropRead } from '../accounts/store.staging.ts';
import { schedule, unschedule } from '../tasks/store.ts';
import {
  type ConnectionChanges,
  type ConnectionCommand,
  type ConnectionEvent,
  type ConnectionRefusal,
  connectionCommand,
  type NewConnection,
} from './facts.ts';
import { type ConnectionState, decideConnection, type KnownConnection } from './flow.ts';
import { askRun, closeRun } from './store.runs.ts';

/** Connections: set up, changed, paused, allowed to act, removed; and their runs, asked for and ended. */
export const connectionFlow: Flow<
  ConnectionState,
  ConnectionCommand,
  ConnectionEvent,
  ConnectionRefusal
> = {
  name: 'connections.connection',
  clause: 'connections',
  command: connectionCommand,
  load: loadConnection,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideConnection,
  project: projectConnection,
};

/** The kind of obligation by which connections read on their schedule. */
export const readObligation = 'connections.read';

async function loadConnection(tx: Tx, command: ConnectionCommand): Promise<ConnectionState> {
  const none = { system: null, connection: null, run: null, failedBefore: false };
  switch (command.do) {
    case 'setUpConnection': {
      const { rows } = await sql<NonNullable<ConnectionState['system']>>`
        select id, retired_at is not null as retired from system where key = ${command.system}
        for no key update`.execute(tx);
      const [system] = rows;
      if (!system) return none;
      return { ...none, system, connection: await find(tx, sql`system_id = ${system.id}`) };
    }
    case 'cancelRun':
    case 'failRun':
      return { ...none, ...(await loadRun(tx, command.runId)) };
    default: {
      const connection = await find(tx, sql`id = ${command.id}`);
      return { ...none, connection, run: connection && (await openRun(tx, connection.id)) };
    }
  }
}

async function find(tx: Tx, which: ReturnType<typeof sql>): Promise<KnownConnection | null> {
  const { rows } = await sql<KnownConnection>`
    select id, system_id as "systemId", version, every_hours as "everyHours", paused,
      acting_secret is not null as "actingSecret", acting_since is not null as acting, since
    from connection where ${which} and removed_at is null for update`.execute(tx);
  return rows[0] ?? null;
}

async function openRun(db: Db, connectionId: string): Promise<ConnectionState['run']> {
  const { rows } = await sql<NonNullable<ConnectionState['run']>>`
    select id, connection_id as "connectionId" from connection_run
    where connection_id = ${connectionId} and state in ('waiting', 'running')`.execute(db);
  return rows[0] ?? null;
}

async function loadRun(
  tx: Tx,
  runId: string,
): Promise<Pick<ConnectionState, 'run' | 'failedBefore'>> {
  const { rows } = await sql<{ id: string; connectionId: string; failedBefore: boolean }>`
    select id, connection_id as "connectionId", coalesce((
      select before.state = 'failed' from connection_run before
      where before.connection_id = run.connection_id and before.id <> run.id
      order by before.asked_at desc limit 1), false) as "failedBefore"
    from connection_run run where id = ${runId} and state in ('waiting', 'running') for update`.execute(
    tx,
  );
  const [run] = rows;
  return { run: run ?? null, failedBefore: run?.failedBefore ?? false };
}

async function projectConnection(tx: Tx, event: ConnectionEvent, context: Context): Promise<void> {
  const { now } = context;
  switch (event.type) {
    case 'ConnectionSetUp':
      await insertConnection(tx, event.connection, now);
      await askRun(tx, event.run, now);
      await planRead(
        tx,
        event.connection.id,
        now.add({ hours: event.connection.everyHours }),
        context,
      );
      break;
    case 'ConnectionChanged':
      await changeConnection(tx, event.id, event.changes, context);
      break;
    case 'ActingSwitched':
      await sql`
        update connection set acting_since = ${event.on ? now : null}::timestamptz, version = version + 1,
          acting_secret = coalesce(decode(${event.secret}, 'base64'), acting_secret)
        where id = ${event.id}`.execute(tx);
      break;
    case 'ConnectionRemoved':
      await removeConnection(tx, event.id, now);
      break;
    case 'ReadAsked':
      await askRun(tx, event.run, now);
      break;
    case 'ReadCancelled':
      await endOpen(tx, event.runId, 'cancelled', now);
      break;
    case 'ReadFailed':
      await endOpen(tx, event.runId, 'failed', now, event);
      break;
  }
}

async function insertConnection(tx: Tx, it: NewConnection, now: Instant): Promise<void> {
  await sql`
    insert into connection (id, system_id, kind, settings, secret, secret_at, every_hours, created_at)
    values (${it.id}, ${it.systemId}, ${it.kind}, ${JSON.stringify(it.settings)}::jsonb,
      decode(${it.secret}, 'base64'), ${now}, ${it.everyHours}, ${now})`.execute(tx);
}

/**
 * New settings may lead to another world: the next read begins from nothing, and the secret for
 * acting, which was entered for the old one, is forgotten.
 */
async function changeConnection(
  tx: Tx,
  id: string,
  { settings, secret, everyHours, paused }: ConnectionChanges,
  context: Context,
): Promise<void> {
  const { now } = context;
  const { rows } = await sql<{ every_hours: number; paused: boolean }>`
    update connection set version = version + 1,
      settings = coalesce(${settings && JSON.stringify(settings)}::jsonb, settings),
      secret = coalesce(decode(${secret}, 'base64'), secret),
      secret_at = case when ${secret !== null} then ${now}::timestamptz else secret_at end,
      since = case when ${settings !== null} then null else since end,
      acting_secret = case when ${settings !== null} then null else acting_secret end,
      acting_since = case when ${settings !== null} then null else acting_since end,
      every_hours = coalesce(${everyHours}::int, every_hours),
      paused = coalesce(${paused}::boolean, paused)
    where id = ${id} returning every_hours, paused`.execute(tx);
  const [changed] = rows;
  if (everyHours === null && paused === null) return;
  await unschedule(tx, `connection/${id}`, readObligation);
  if (!changed || changed.paused) return;
  // Whoever ends a pause wants to see that it works, not to wait for its turn.
  const hours = paused === false ? 0 : changed.every_hours;
  await planRead(tx, id, now.add({ hours }), context);
}

/** Puts the next read of a connection on the clock. */
export async function planRead(
  tx: Tx,
  id: string,
  dueAt: Instant,
  context: Pick<Context, 'newId'>,
): Promise<void> {
  await schedule(tx, [
    {
      id: context.newId(),
      clause: 'connections',
      kind: readObligation,
      subject: `connection/${id}`,
      dueAt,
    },
  ]);
}

/** The secrets go at once; what it did stays on record. */
async function removeConnection(tx: Tx, id: string, now: Instant): Promise<void> {
  const run = await openRun(tx, id);
  if (run) await endOpen(tx, run.id, 'cancelled', now);
  await unschedule(tx, `connection/${id}`);
  await sql`
    update connection set removed_at = ${now}, secret = '', acting_secret = null, acting_since = null,
      settings = '{}', since = null, version = version + 1
    where id = ${id}`.execute(tx);
}

async function endOpen(
  tx: Tx,
  runId: string,
  state: 'cancelled' | 'failed',
  now: Instant,
  why: { readonly code: string; readonly detail: string } | null = null,
): Promise<void> {
  await closeRun(tx, runId, { state, now, error: why?.code ?? null, detail: why?.detail ?? null });
  await dropRead(tx, runId);
}
