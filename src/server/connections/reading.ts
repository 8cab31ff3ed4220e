import { sql } from 'kysely';
import { write as send, type Tx } from '../../kernel/db.ts';
import type { Json } from '../../kernel/json.ts';
import type { World } from '../../platform/world.ts';
import { dropRead, findOpenRead, openRead, stage } from '../../registers/accounts/store.staging.ts';
import {
  ChangesLost,
  type Connector,
  type Gap,
  type Link,
  type ReadFrom,
  type Stretch,
} from '../../registers/connections/facts.connector.ts';
import {
  beginAnew,
  type HeldRun,
  type RunnableConnection,
  saveProgress,
  saveShown,
} from '../../registers/connections/store.runs.ts';

/** The run is somebody else's by now, or was cancelled: nothing more is done for it. */
export class RunLost extends Error {
  override readonly name = 'RunLost';
}

/** A run whose process is not heard of for so long is taken up by another. */
export const heldSeconds = 120;
/** Observations that are laid down in one transaction: fewer journeys, and little to read again. */
export const laidDownAtOnce = 4_000;
/** However few there are, after so long they are laid down: a source may be slow. */
const laidDownEverySeconds = 5;
/** What was read longer ago than this is not put together with what is read now. */
const resumeHours = 12;

export interface Reading {
  readonly world: World;
  readonly holder: string;
  readonly connection: RunnableConnection;
  readonly connector: Connector;
  readonly link: Link<unknown, unknown>;
  /** Observations that are laid down together. */
  readonly atOnce: number;
}

/** What a source has shown to its end. */
export interface Shown {
  readonly reads: 'whole' | 'changes';
  readonly next: Json;
  readonly gaps: readonly Gap[];
}

/**
 * Reads a source to its end, from the beginning or from where it was cut off, laying down
 * some stretches while the next ones are asked for: memory holds two lots of them, whatever the size.
 *
 * @throws RunLost where it was cancelled or taken over
 */
export async function readToEnd(reading: Reading, run: HeldRun): Promise<Shown> {
  const current = await readyRead(reading, run);
  try {
    return await readOn(reading, current);
  } catch (error) {
    if (!(error instanceof ChangesLost) || current.reads === 'whole') throw error;
    return await readOn(reading, await startAnew(reading, current));
  }
}

/** Opens the read of a run, or finds it as it was left. */
async function readyRead(reading: Reading, run: HeldRun): Promise<HeldRun> {
  const { db } = reading.world.database;
  const open = await findOpenRead(db, run.id);
  const oldest = reading.world.now().subtract({ hours: resumeHours });
  if (open && run.resume !== null && Temporal.Instant.compare(open.openedAt, oldest) > 0)
    return run;
  if (open && run.resume !== null) return await startAnew(reading, run);
  const afresh = { ...run, resume: null, observations: 0, gaps: [] };
  await db.transaction().execute(async (tx) => {
    if (open) await dropRead(tx, run.id);
    await openAs(tx, reading, afresh);
  });
  return afresh;
}

async function startAnew(reading: Reading, run: HeldRun): Promise<HeldRun> {
  const { world } = reading;
  const afresh: HeldRun = {
    ...run,
    reads: 'whole',
    since: null,
    resume: null,
    observations: 0,
    gaps: [],
  };
  await world.database.db.transaction().execute(async (tx) => {
    await dropRead(tx, run.id);
    await beginAnew(tx, run.id, world.now());
    await openAs(tx, reading, afresh);
  });
  return afresh;
}

async function openAs(
  tx: Tx,
  { world, connection, connector }: Reading,
  run: HeldRun,
): Promise<void> {
  await openRead(tx, {
    id: run.id,
    systemId: connection.systemId,
    source: `${connection.kind} connection`,
    openedAt: world.now(),
    changes: run.reads === 'changes',
    aspects: connector.aspects,
  });
}

async function readOn(reading: Reading, run: HeldRun): Promise<Shown> {
  const { world, holder, connector, link } = reading;
  const from: ReadFrom =
    run.reads === 'whole'
      ? { read: 'whole', resume: run.resume }
      : { read: 'changes', since: run.since, resume: run.resume };
  const stretches = connector.read(link, from);
  let { observations } = run;
  let gaps = run.gaps;
  let writing: Promise<void> = Promise.resolve();
  let held: Held = { observations: [], resume: run.resume, since: world.now() };
  const layDown = async (): Promise<void> => {
    await writing;
    observations += held.observations.length;
    writing = write(reading, run.id, held, { observations, gaps });
    // It is awaited before the next one; a failure until then is not to end the process.
    writing.catch(() => undefined);
    held = { observations: [], resume: held.resume, since: world.now() };
  };
  try {
    for (;;) {
      const turn = await stretches.next();
      if (turn.done) {
        await layDown();
        await writing;
        const { next } = turn.value;
        if (!(await saveShown(world.database.db, { id: run.id, holder }, next)))
          throw new RunLost();
        return { reads: run.reads, next, gaps };
      }
      const { resume } = turn.value;
      held = { ...held, observations: [...held.observations, ...turn.value.observations], resume };
      gaps = [...gaps, ...(turn.value.gaps ?? [])];
      if (isFull(held, reading)) await layDown();
    }
  } finally {
    await writing.catch(() => undefined);
    await stretches.return({ next: null }).catch(() => undefined);
  }
}

/** Stretches that were shown and are not laid down yet. */
interface Held extends Stretch {
  readonly since: Temporal.Instant;
}

function isFull({ observations, since }: Held, { world, atOnce }: Reading): boolean {
  if (observations.length >= atOnce) return true;
  const oldest = world.now().subtract({ seconds: laidDownEverySeconds });
  return Temporal.Instant.compare(since, oldest) <= 0;
}

async function write(
  { world, holder }: Reading,
  id: string,
  { observations, resume }: Stretch,
  so: { readonly observations: number; readonly gaps: readonly Gap[] },
): Promise<void> {
  const until = world.now().add({ seconds: heldSeconds });
  await world.database.db.transaction().execute(async (tx) => {
    // Should the disk lose the last of it, then the place to resume at goes with what was staged.
    await send(tx, sql`set local synchronous_commit = off`);
    await stage(tx, id, observations);
    if (!(await saveProgress(tx, { id, holder }, { ...so, resume, until }))) throw new RunLost();
  });
}
