import type { JsonObject } from '../../kernel/json.ts';
import { together } from '../../kernel/together.ts';
import { execute } from '../../platform/execute.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import type { RecordObserved } from '../../registers/accounts/facts.observed.ts';
import { isLarge, observedFlow } from '../../registers/accounts/store.observed.ts';
import { sweepStaged } from '../../registers/accounts/store.staging.ts';
import { actingConnections } from '../../registers/connections/store.acts.ts';
import {
  closeRun,
  findConnection,
  type HeldRun,
  holdOn,
  putOff,
  type RunnableConnection,
  saveNext,
  takeRun,
} from '../../registers/connections/store.runs.ts';
import { connectionFlow } from '../../registers/connections/store.ts';
import { carryOutOrders } from './acting.ts';
import { connectorOf, linkOf, type Outside } from './link.ts';
import { problemOf } from './problem.ts';
import {
  heldSeconds,
  laidDownAtOnce,
  type Reading,
  RunLost,
  readToEnd,
  type Shown,
} from './reading.ts';
import { openSecret } from './secrets.ts';

export interface Runner {
  /** Does the runs that are due, one after the other, and carries out orders. @returns how many runs */
  runDue(): Promise<number>;
  /** Ends what is under way where it stands: another process goes on from there. */
  stop(): void;
}

const actor = { kind: 'system', id: 'connections' } as const;
const retryMinutes = [1, 5, 15, 60, 180];
const holdEveryMs = 30_000;

/**
 * Runs connections. Any number of processes may do so over one database; each run is one process's,
 * and where that one dies the next to come goes on at the stretch that was laid down last.
 *
 * @param holder of this process alone
 */
export function createRunner(world: World, outside: Outside, holder: string): Runner {
  const stopped = new AbortController();
  const { db } = world.database;
  return {
    async runDue() {
      let runs = 0;
      for (; !stopped.signal.aborted; runs++) {
        const now = world.now();
        const journey = together(db);
        const [run, acting] = await Promise.all([
          takeRun(journey, { now, holder, until: now.add({ seconds: heldSeconds }) }),
          actingConnections(journey),
        ]);
        if (run) await perform(world, outside, holder, run, stopped.signal);
        else {
          await carryOutOrders(world, outside, acting, stopped.signal);
          break;
        }
      }
      return runs;
    },
    stop: () => stopped.abort(),
  };
}

async function perform(
  world: World,
  outside: Outside,
  holder: string,
  run: HeldRun,
  stopped: AbortSignal,
): Promise<void> {
  const { db } = world.database;
  const connection = await findConnection(db, run.connectionId);
  if (!connection) {
    const end = { state: 'cancelled', now: world.now() } as const;
    await db.transaction().execute((tx) => closeRun(tx, run.id, end));
    return;
  }
  using held = hold(world, run.id, holder, stopped);
  try {
    const shown = run.shown
      ? run
      : await readToEnd(await readingOf(world, outside, holder, connection, held), run);
    await record(world, connection, run, shown);
  } catch (error) {
    await giveUp(world, run, error, held.signal);
  }
}

/** Goes on holding a run while its source is slow, and hears of its being cancelled. */
function hold(world: World, id: string, holder: string, stopped: AbortSignal) {
  const lost = new AbortController();
  const signal = AbortSignal.any([lost.signal, stopped]);
  const keep = async (ms: number): Promise<void> => {
    const until = world.now().add({ milliseconds: ms, seconds: heldSeconds });
    if (!(await holdOn(world.database.db, { id, holder }, until))) lost.abort(new RunLost());
  };
  const timer = setInterval(() => void keep(0).catch(() => undefined), holdEveryMs);
  timer.unref();
  return { signal, keep, [Symbol.dispose]: () => clearInterval(timer) };
}

async function readingOf(
  world: World,
  outside: Outside,
  holder: string,
  connection: RunnableConnection,
  held: ReturnType<typeof hold>,
): Promise<Reading> {
  const connector = await connectorOf(outside.connectors, connection.kind);
  const link = linkOf(world, outside, connector, {
    settings: connection.settings,
    secret: openSecret(world.keys, connection.id, 'reading', connection.secret),
    for: 'reads',
    signal: held.signal,
    beforeWait: (ms) => held.keep(ms),
  });
  const { atOnce = laidDownAtOnce } = outside;
  return { world, holder, connection, connector, link, atOnce };
}

/**
 * Makes of what was shown what is known. The run's id is the key under which that happens once: a
 * process that dies between recording and saying so finds out that it was done.
 */
async function record(
  world: World,
  connection: RunnableConnection,
  run: HeldRun,
  { reads, next: end, gaps }: Shown,
): Promise<void> {
  const command: RecordObserved = {
    do: 'recordObserved',
    readId: run.id,
    gaps: [...gaps],
    empty: false,
  };
  const idempotency = { key: `run/${run.id}` };
  const recorded = await execute(world, observedFlow, command, actor, { idempotency });
  if (!recorded.ok) return await fail(world, run, recorded.refusal.code, '');
  const counts = (recorded.value[0]?.body ?? {}) as JsonObject;
  const complete = counts['complete'] === true;
  // Changes of something that was never shown: only the whole tells what it is.
  const next = counts['dangling'] === 0 && complete ? end : null;
  const now = world.now();
  await world.database.db.transaction().execute(async (tx) => {
    await closeRun(tx, run.id, { state: 'done', now, complete, counts });
    const wholeAt = complete && reads === 'whole' ? now : null;
    await saveNext(tx, connection.id, { next, wholeAt });
  });
  const [accounts, pairs] = [Number(counts['accounts']), Number(counts['pairs'])];
  if (isLarge({ accounts, pairs })) await sweepStaged(world.database.db);
}

async function giveUp(
  world: World,
  run: HeldRun,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  // Cancelled, taken over, or stopped: what was laid down stays for whoever goes on.
  if (error instanceof RunLost || signal.aborted) return;
  const { code, detail, retryable } = problemOf(error);
  log.error('run of a connection failed', { run: run.id, code, detail });
  const minutes = retryMinutes[run.attempts - 1];
  if (!retryable || minutes === undefined) return await fail(world, run, code, detail);
  await putOff(world.database.db, run.id, {
    until: world.now().add({ minutes }),
    error: code,
    detail,
  });
}

async function fail(world: World, run: HeldRun, code: string, detail: string): Promise<void> {
  await execute(world, connectionFlow, { do: 'failRun', runId: run.id, code, detail }, actor);
}
