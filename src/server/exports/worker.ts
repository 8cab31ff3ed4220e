import { Fault } from '../../kernel/fault.ts';
import { execute } from '../../platform/execute.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import type { PortalCommand } from '../../registers/portal/facts.ts';
import { type ExportRow, releaseExport, takeExport } from '../../registers/portal/store.exports.ts';
import { forgetOver } from '../../registers/portal/store.sessions.ts';
import { portalFlow } from '../../registers/portal/store.ts';
import { DoorClosed } from '../vault/closed.ts';
import { openCustomer } from '../vault/opening.ts';
import { makeArchive, Stopped } from './making.ts';

/** Kept itself, where it makes what a customer asked for. */
const exporter = { kind: 'system', id: 'export' } as const;

const pauseMs = 2_000;
const tidyMs = 3_600_000;
/** An archive that could not be made so often will not be made at all, and the customer is told. */
const attempts = 3;

export interface ExportWorker {
  /** Lets the export that is being made be gone on with by whoever comes next; settles when it has. */
  stop(): Promise<void>;
}

/** Makes exports, one at a time on this node, the oldest first. */
export function startExports(world: World): ExportWorker {
  const stopping = new AbortController();
  const worker = world.newId();
  const failures = new Map<string, number>();
  let wake: () => void = () => undefined;
  world.onPoke(() => wake());
  let tidiedAt = Number.NEGATIVE_INFINITY;
  const turn = async (): Promise<boolean> => {
    if (performance.now() - tidiedAt > tidyMs) {
      tidiedAt = performance.now();
      await forgetOver(world.database.db, world.now());
    }
    return makeNext(world, worker, stopping.signal, failures);
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      let did = false;
      try {
        did = await turn();
      } catch (error) {
        log.error('exports', { error });
      }
      if (!did && !stopping.signal.aborted) await pause((resolve) => (wake = resolve));
    }
  })();
  return {
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
}

async function pause(until: (resolve: () => void) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, pauseMs);
  until(resolve);
  await promise;
  clearTimeout(timer);
}

/**
 * Takes the next export that waits and makes it, as far as it can be.
 *
 * @returns whether there was one
 */
export async function makeNext(
  world: World,
  worker: string,
  stop: AbortSignal,
  failures = new Map<string, number>(),
): Promise<boolean> {
  const row = await takeExport(world.database.db, worker, world.now());
  if (!row) return false;
  try {
    await make(world, row, worker, stop);
    failures.delete(row.id);
  } catch (thrown) {
    await releaseExport(world.database.db, row.id, worker);
    if (thrown instanceof Stopped) return true;
    await afterFailure(world, row, thrown, failures);
  }
  return true;
}

async function make(
  world: World,
  row: ExportRow,
  worker: string,
  stop: AbortSignal,
): Promise<void> {
  const { id: exportId, customerId } = row;
  const open = await openCustomer(world, customerId, { by: 'system', what: 'export' });
  if (!open.ok) throw new DoorClosed(open.refusal.code, open.refusal.params);
  const proven = await makeArchive(world, open.value.door, row, worker, stop);
  await record(world, { do: 'finishExport', customerId, exportId, ...proven });
}

/** What may pass is tried again; what does not, or too often, is told to whoever asked. */
async function afterFailure(
  world: World,
  { id: exportId, customerId }: ExportRow,
  thrown: unknown,
  failures: Map<string, number>,
): Promise<void> {
  const times = (failures.get(exportId) ?? 0) + 1;
  failures.set(exportId, times);
  log.error('an export could not be made', { export: exportId, times, error: thrown });
  const mayPass = thrown instanceof Fault && thrown.retryable && times < attempts;
  if (mayPass) return;
  failures.delete(exportId);
  await record(world, { do: 'failExport', customerId, exportId, why: reasonOf(thrown) });
}

/** A reason that holds nothing of what the customer wrote: codes, counts and places. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof DoorClosed) {
    const { code, params } = thrown.refusal;
    const place = ['object', 'byte', 'why'].flatMap((name) =>
      params[name] === undefined ? [] : [`${name} ${params[name]}`],
    );
    return [code, ...place].join(', ');
  }
  return thrown instanceof Fault ? thrown.message.slice(0, 300) : 'unexpected';
}

async function record(world: World, command: PortalCommand): Promise<void> {
  const done = await execute(world, portalFlow, command, exporter);
  // Its account may have been erased, and the export with it.
  if (!done.ok && done.refusal.code !== 'exportUnknown') {
    throw new Fault(`the export could not be recorded: ${done.refusal.code}`, { retryable: true });
  }
}
