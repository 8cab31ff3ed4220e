import { checkArchive, readArchive } from '../../advisories/archives/archive.ts';
import { ArchiveFault } from '../../advisories/archives/archived.ts';
import { unpackedText } from '../../advisories/archives/packed.ts';
import { CatalogueFault } from '../../advisories/exploited.ts';
import { ArchiveChanged, type FeedLink, FeedProblem } from '../../connectors/osv/facts.ts';
import { feedBytes } from '../../connectors/osv/feeds.ts';
import type { Actor } from '../../kernel/actor.ts';
import { invariant } from '../../kernel/invariant.ts';
import { execute } from '../../platform/execute.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import type { ImportProblem } from '../../registers/advisories/facts.ts';
import { findFeed } from '../../registers/advisories/store.feeds.ts';
import {
  dueFeeds,
  type HeldImport,
  holdImport,
  letImportGo,
  putImportOff,
  readPieces,
  sweepPieces,
  takeImport,
} from '../../registers/advisories/store.imports.ts';
import { importFlow } from '../../registers/advisories/store.ts';
import { readBucket } from './feeding.ts';
import { scratchOf } from './scratch.ts';
import {
  advisoriesAtOnce,
  begin,
  ImportLost,
  type Part,
  takeExploited,
  takeFiles,
  takePredictions,
} from './taking.ts';

const actor: Actor = { kind: 'system', id: 'advisories' };

/** An import whose process is not heard of for so long is taken up by another. */
const heldSeconds = 120;
const holdEverySeconds = 20;
const retryMinutes = [1, 5, 15, 60];
/** An upload that nobody finished within so long was cut off. */
const uploadHours = 24;

/** What an importer is given of the world outside. */
export interface ImporterOptions {
  /** Addresses checked, answers limited, patient with a slow source. */
  readonly fetch: typeof fetch;
  /** Advisories taken in one transaction; tests have few. */
  readonly atOnce?: number;
}

export interface Importer {
  /** Asks for the feeds whose turn it is, then does the imports that wait. @returns how many */
  runDue(): Promise<number>;
  /** Ends what is under way after its batch: whoever is next goes on from there. */
  stop(): void;
}

/**
 * Does imports of advisories, one at a time. Any number of processes may run one over one database; an
 * import is one process's, and where that one dies the next goes on at the batch that was cut off.
 *
 * @param holder of this process alone
 */
export function createImporter(
  world: World,
  { fetch, atOnce = advisoriesAtOnce }: ImporterOptions,
  holder: string,
): Importer {
  const stopped = new AbortController();
  const { db } = world.database;
  return {
    async runDue() {
      for (const kind of await dueFeeds(db, world.now()))
        await execute(world, importFlow, { do: 'updateAdvisories', kind }, actor);
      await sweepPieces(db, world.now().subtract({ hours: uploadHours }));
      let runs = 0;
      for (; !stopped.signal.aborted; runs++) {
        const now = world.now();
        const until = now.add({ seconds: heldSeconds });
        const run = await takeImport(db, { now, holder, until });
        if (!run) break;
        await perform({ world, link: { fetch, signal: stopped.signal }, holder, atOnce }, run);
      }
      return runs;
    },
    stop: () => stopped.abort(),
  };
}

interface Workplace {
  readonly world: World;
  readonly link: FeedLink;
  readonly holder: string;
  readonly atOnce: number;
}

async function perform(place: Workplace, run: HeldImport): Promise<void> {
  const { world, link, holder } = place;
  const { db } = world.database;
  const keep = () =>
    holdImport(db, { id: run.id, holder }, world.now().add({ seconds: heldSeconds }));
  let heldAt: Temporal.Instant | null = null;
  const hold = async (): Promise<void> => {
    link.signal.throwIfAborted();
    const now = world.now();
    // Each batch makes sure of its place by itself; saying so anew for each would be a write to disk more.
    if (heldAt !== null && now.since(heldAt).total('seconds') < holdEverySeconds) return;
    if (!(await keep())) throw new ImportLost('another process has it');
    heldAt = now;
  };
  // A slow source, or a large archive being checked, is not silence.
  const timer = setInterval(() => void keep().catch(() => undefined), holdEverySeconds * 1000);
  timer.unref();
  try {
    if (run.way === 'file') await takeFile(place, run, hold);
    else await takeFeed(place, run, hold);
    await finish(world, run, null, '');
  } catch (error) {
    if (link.signal.aborted) await letImportGo(db, { id: run.id, holder });
    else await giveUp(world, run, error);
  } finally {
    clearInterval(timer);
  }
}

async function takeFile(
  { world, atOnce }: Workplace,
  run: HeldImport,
  hold: () => Promise<void>,
): Promise<void> {
  const { db } = world.database;
  const part = { importId: run.id, part: '', from: run.position, hold, atOnce };
  if (run.kind !== 'osv') {
    const pieces = await Array.fromAsync(readPieces(db, run.id, ''));
    return await takeScores(world, run.kind, Buffer.concat(pieces), part);
  }
  await using archive = await scratchOf(readPieces(db, run.id, ''));
  const entries = await checkArchive(archive.file);
  await takeFiles(world, readArchive(archive.file, part.from), entries, part);
}

async function takeFeed(
  { world, link, atOnce }: Workplace,
  run: HeldImport,
  hold: () => Promise<void>,
): Promise<void> {
  const feed = await findFeed(world.database.db, run.kind);
  invariant(feed, 'every kind of feed has its settings');
  if (run.kind === 'osv') return await readBucket({ world, run, feed, link, hold, atOnce });
  const bytes = await feedBytes(link, feed.address);
  // Another day's list may be there by now: what was taken of the first is taken again, and is the same.
  const from = await begin(world, run, run.kind, 'anew');
  const part = { importId: run.id, part: run.kind, from, hold, atOnce };
  await takeScores(world, run.kind, bytes, part);
}

async function takeScores(
  world: World,
  kind: 'kev' | 'epss',
  bytes: Uint8Array,
  part: Part,
): Promise<void> {
  const text = await unpackedText(bytes);
  if (kind === 'kev') await takeExploited(world, text, part);
  else await takePredictions(world, text, part);
}

async function giveUp(world: World, run: HeldImport, error: unknown): Promise<void> {
  // Taken over: what was taken stays, and whoever has it goes on.
  if (error instanceof ImportLost) return;
  const { problem, retryable } = problemOf(error);
  const detail = String((error as Error).message).slice(0, 1000);
  // A damaged file is its owner's to look at; what else goes wrong is ours.
  if (problem === 'interrupted')
    log.error('import of advisories failed', { import: run.id, error });
  else log.warn('import of advisories failed', { import: run.id, problem, detail });
  const minutes = retryMinutes[run.attempts - 1];
  if (!retryable || minutes === undefined) return await finish(world, run, problem, detail);
  await putImportOff(world.database.db, run, {
    until: world.now().add({ minutes }),
    problem,
    detail,
  });
}

function problemOf(error: unknown): { problem: ImportProblem; retryable: boolean } {
  if (error instanceof ArchiveFault) return { problem: error.code, retryable: false };
  if (error instanceof CatalogueFault) return { problem: 'feedUnexpected', retryable: false };
  if (error instanceof ArchiveChanged) return { problem: 'feedUnreachable', retryable: true };
  if (error instanceof FeedProblem)
    return { problem: error.code, retryable: error.code === 'feedUnreachable' };
  return { problem: 'interrupted', retryable: true };
}

async function finish(
  world: World,
  run: HeldImport,
  problem: ImportProblem | null,
  detail: string,
): Promise<void> {
  const { id, holder } = run;
  const command = { do: 'finishImport', id, holder, problem, detail } as const;
  const done = await execute(world, importFlow, command, actor);
  // Taken over at the very end: whoever has it ends it.
  if (!done.ok) log.warn('import of advisories not ended', { import: id, why: done.refusal.code });
}
