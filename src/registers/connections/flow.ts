import type { SystemId } from '../../kernel/id.ts';
import type { Json } from '../../kernel/json.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { ConnectionCommand, ConnectionEvent, ConnectionRefusal, NewRun } from './facts.ts';

export interface KnownConnection {
  readonly id: string;
  readonly systemId: SystemId;
  readonly version: number;
  readonly everyHours: number;
  readonly paused: boolean;
  readonly actingSecret: boolean;
  readonly acting: boolean;
  readonly since: Json;
}

export interface ConnectionState {
  readonly system: { readonly id: SystemId; readonly retired: boolean } | null;
  /** Of the command, or of the system that is to be connected; removed ones are none. */
  readonly connection: KnownConnection | null;
  /** Its run that is waiting or under way, or the run that the command names if it is. */
  readonly run: { readonly id: string; readonly connectionId: string } | null;
  /** Whether the run before failed as well: the ledger is told once, not every hour. */
  readonly failedBefore: boolean;
}

type Decision = Result<readonly ConnectionEvent[], Refusal<ConnectionRefusal>>;

export function decideConnection(
  state: ConnectionState,
  command: ConnectionCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'setUpConnection':
      return setUp(state, command, context);
    case 'cancelRun':
    case 'failRun':
      return endRun(state, command);
    default:
      return change(state, command, context);
  }
}

function setUp(
  { system, connection }: ConnectionState,
  command: ConnectionCommand & { do: 'setUpConnection' },
  context: Context,
): Decision {
  if (!system) return refuse('systemUnknown', { key: command.system });
  if (system.retired) return refuse('systemRetired', { key: command.system });
  if (connection) return refuse('alreadyConnected', { key: command.system });
  const { id, kind, everyHours, settings, secret } = command;
  const run = runOf(id, null, context);
  return ok([
    {
      type: 'ConnectionSetUp',
      subject: `connection/${id}`,
      body: { systemId: system.id, kind, everyHours, runId: run.id },
      connection: { id, systemId: system.id, kind, settings, secret, everyHours },
      run,
    },
  ]);
}

type OnConnection = Exclude<ConnectionCommand, { do: 'setUpConnection' | 'cancelRun' | 'failRun' }>;

function change(state: ConnectionState, command: OnConnection, context: Context): Decision {
  const { connection } = state;
  if (!connection) return refuse('connectionUnknown');
  const subject = `connection/${connection.id}`;
  const { id, systemId } = connection;
  switch (command.do) {
    case 'changeConnection':
      return changeSettings(connection, command);
    case 'switchActing': {
      if (command.on && !command.secret && !connection.actingSecret)
        return refuse('actingSecretNeeded');
      if (command.on === connection.acting && !command.secret) return refuse('nothingToChange');
      const body = { systemId, on: command.on, newSecret: command.secret !== undefined };
      const { on, secret = null } = command;
      return ok([{ type: 'ActingSwitched', subject, body, id, on, secret }]);
    }
    case 'removeConnection':
      return ok([{ type: 'ConnectionRemoved', subject, body: { systemId }, id }]);
    case 'readNow': {
      if (state.run) return refuse('runUnderWay');
      const run = runOf(id, command.whole ? null : connection.since, context);
      const body = { systemId, runId: run.id, reads: run.reads };
      return ok([{ type: 'ReadAsked', subject, body, run }]);
    }
  }
}

function changeSettings(
  connection: KnownConnection,
  command: ConnectionCommand & { do: 'changeConnection' },
): Decision {
  if (connection.version !== command.version) return refuse('versionConflict');
  const { settings = null, secret = null, everyHours = null, paused = null } = command;
  const changes = { settings, secret, everyHours, paused };
  const changed = Object.entries(changes).flatMap(([name, value]) =>
    value === null ? [] : [name],
  );
  if (changed.length === 0) return refuse('nothingToChange');
  const { id, systemId } = connection;
  return ok([
    {
      type: 'ConnectionChanged',
      subject: `connection/${id}`,
      body: {
        systemId,
        changed,
        everyHours: everyHours ?? connection.everyHours,
        paused: paused ?? connection.paused,
      },
      id,
      changes,
    },
  ]);
}

function runOf(connectionId: string, since: Json, context: Context): NewRun {
  const reads = since === null ? 'whole' : 'changes';
  return { id: context.newId(), connectionId, reads, since };
}

function endRun(
  { run, failedBefore }: ConnectionState,
  command: ConnectionCommand & { do: 'cancelRun' | 'failRun' },
): Decision {
  if (!run) return refuse('runUnknown');
  const subject = `connection/${run.connectionId}`;
  const { runId } = command;
  if (command.do === 'cancelRun')
    return ok([{ type: 'ReadCancelled', subject, body: { runId }, runId }]);
  const { code, detail } = command;
  const body = { runId, code, again: failedBefore };
  return ok([{ type: 'ReadFailed', subject, body, runId, code, detail }]);
}
