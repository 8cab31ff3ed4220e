import { checkArchive, readArchive } from '../../advisories/archives/archive.ts';
import { type ArchivedFile, ArchiveFault } from '../../advisories/archives/archived.ts';
import type { ChangedAdvisory } from '../../advisories/bucket.ts';
import { advisoryText, archivePieces, changesSince } from '../../connectors/osv/bucket.ts';
import { ArchiveChanged, type FeedLink, FeedProblem } from '../../connectors/osv/facts.ts';
import type { World } from '../../platform/world.ts';
import type { Feed } from '../../registers/advisories/facts.ts';
import {
  dropPieces,
  ecosystemRead,
  type HeldImport,
  keptPieces,
  readPieces,
  saveEcosystemRead,
  savePiece,
} from '../../registers/advisories/store.imports.ts';
import { scratchOf } from './scratch.ts';
import { begin, takeFiles } from './taking.ts';

/** Changes that are asked for one by one; of more the archive is the shorter way. */
const singlyLimit = 2_000;
/** Of those, taken in one transaction, and asked for at once. */
const changesAtOnce = 200;
const asksAtOnce = 8;
/** What is published while an archive is put together is in the list and perhaps not in the archive. */
const overlapHours = 1;

interface Feeding {
  readonly world: World;
  readonly run: HeldImport;
  readonly feed: Feed;
  readonly link: FeedLink;
  /** Throws where the import is no longer ours. */
  readonly hold: () => Promise<void>;
  readonly atOnce: number;
}

/**
 * Brings every ecosystem of the settings up to date: the first time by its archive, then by what has
 * changed. An ecosystem that this run has read to its end is not read again, whoever goes on with it.
 *
 * @throws FeedProblem, ArchiveFault, ImportLost: of ecosystems that cannot be read the first, after the
 * others were
 */
export async function readBucket(feeding: Feeding): Promise<void> {
  const { db } = feeding.world.database;
  const problems: unknown[] = [];
  for (const ecosystem of feeding.feed.ecosystems) {
    const known = await ecosystemRead(db, ecosystem);
    if (known?.importId === feeding.run.id) continue;
    try {
      await readEcosystem(feeding, ecosystem, known?.modifiedAt ?? null);
    } catch (error) {
      // A name that is wrong, or one damaged archive, keeps nobody from the other ecosystems.
      if (!isOfOne(error)) throw error;
      problems.push(error);
    }
  }
  if (problems.length > 0) throw problems[0];
}

function isOfOne(error: unknown): boolean {
  if (error instanceof ArchiveFault) return true;
  return error instanceof FeedProblem && error.code !== 'feedUnreachable';
}

async function readEcosystem(
  feeding: Feeding,
  ecosystem: string,
  since: Temporal.Instant | null,
): Promise<void> {
  const { feed, link } = feeding;
  const changes = since && (await changesSince(link, feed.address, ecosystem, since));
  if (changes === null || changes.length > singlyLimit) await readWhole(feeding, ecosystem);
  else await readChanged(feeding, ecosystem, changes);
}

async function readChanged(
  feeding: Feeding,
  ecosystem: string,
  changes: readonly ChangedAdvisory[],
): Promise<void> {
  const { world, run, feed, link, hold, atOnce } = feeding;
  const { db } = world.database;
  for (let at = 0; at < changes.length; at += changesAtOnce) {
    const some = changes.slice(at, at + changesAtOnce);
    const files: ArchivedFile[] = [];
    for (let n = 0; n < some.length; n += asksAtOnce) {
      await hold();
      const asked = some.slice(n, n + asksAtOnce).map(async ({ id }) => {
        const text = await advisoryText(link, feed.address, ecosystem, id);
        const name = `${ecosystem}/${id}`;
        return text === null
          ? { name, reason: 'the bucket no longer has it' }
          : { name, content: Buffer.from(text) };
      });
      files.push(...(await Promise.all(asked)));
    }
    const last = some.at(-1)?.modifiedAt ?? run.beganAt;
    const part = `${ecosystem}/${some[0]?.id ?? ''}`;
    // Whoever went before may have taken these and died before it said so: they are taken again.
    const from = await begin(world, run, part, 'anew');
    const place = { importId: run.id, part, from, hold, atOnce };
    await takeFiles(world, files, files.length, place);
    await saveEcosystemRead(db, ecosystem, last, null);
  }
  await saveEcosystemRead(db, ecosystem, changes.at(-1)?.modifiedAt ?? past, run.id);
}

/** Nothing new: how far it has been read stays as it is. */
const past = Temporal.Instant.fromEpochMilliseconds(0);

/** Fetches the archive, goes on with it where that was cut off, and takes what is in it. */
async function readWhole(feeding: Feeding, ecosystem: string): Promise<void> {
  const { world, run, hold, atOnce } = feeding;
  const { db } = world.database;
  const part = `${ecosystem}/all.zip`;
  let from = await begin(world, run, part, 'goesOn');
  try {
    await fetchArchive(feeding, ecosystem, part);
  } catch (error) {
    if (!(error instanceof ArchiveChanged)) throw error;
    // Entries of the old one were counted: in the new one others stand before that place. It comes first,
    // so that whoever finds no pieces finds no count either.
    from = await begin(world, run, part, 'anew');
    await dropPieces(db, run.id, part);
    await fetchArchive(feeding, ecosystem, part);
  }
  await using archive = await scratchOf(readPieces(db, run.id, part));
  const entries = await checkArchive(archive.file);
  const place = { importId: run.id, part, from, hold, atOnce };
  await takeFiles(world, readArchive(archive.file, from), entries, place);
  const until = run.beganAt.subtract({ hours: overlapHours });
  await saveEcosystemRead(db, ecosystem, until, run.id);
  await dropPieces(db, run.id, part);
}

async function fetchArchive(feeding: Feeding, ecosystem: string, part: string): Promise<void> {
  const { world, run, feed, link, hold } = feeding;
  const { db } = world.database;
  const kept = await keptPieces(db, run.id, part);
  let { pieces } = kept;
  const pieceFrom = { offset: kept.bytes, mark: kept.mark ?? '' };
  for await (const { bytes, mark } of archivePieces(link, feed.address, ecosystem, pieceFrom)) {
    await hold();
    await savePiece(db, { importId: run.id, part, piece: pieces++, bytes, mark }, world.now());
  }
}
