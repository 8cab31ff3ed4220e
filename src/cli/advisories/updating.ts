import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArchivedFile } from '../../advisories/archives/archived.ts';
import { changesIn, inBucket, ListFault } from '../../advisories/bucket.ts';
import { CliFault, exit } from '../exit.ts';
import { readFiles } from './archives.ts';
import { type Imported, Taking, type Threats, takeThreats } from './importing.ts';
import type { AdvisoryStore } from './store.ts';
import { writeWhole } from './writing.ts';

export const usualFeeds = [
  'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
  'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz',
] as const;

/** Beyond so many changes the whole archive is the shorter way. */
const limitChanges = 2_000;
const abreast = 8;
const limitBytes = 4 * 1024 * 1024 * 1024;

/**
 * Brings one ecosystem up to date, whole or not at all: its archive at first, later what has changed.
 *
 * @throws CliFault `unreachable` where the network does not allow it
 */
export async function updateEcosystem(
  store: AdvisoryStore,
  bucket: string,
  ecosystem: string,
  now: Temporal.Instant,
  onProgress: (text: string) => void,
): Promise<Imported> {
  const feed = `osv/${ecosystem}`;
  const mark = store.feeds().find(({ name }) => name === feed)?.mark ?? null;
  const place: Place = { bucket, ecosystem, onProgress };
  const changed = mark === null ? null : await changedSince(place, mark);
  const files = changed === null ? ofArchive(place) : ofChanges(place, changed);
  return writeWhole(store, async (writing) => {
    const taking = new Taking(writing);
    for await (const file of files) {
      taking.take(file);
      if (taking.read % 1000 === 0) onProgress(`${ecosystem}: ${taking.read} advisories`);
    }
    writing.fed(feed, now, taking.newest > (mark ?? '') ? taking.newest : mark);
    return taking.imported();
  });
}

/** Fetches a list of what is exploited, or likely to be. @throws CliFault */
export async function updateThreats(
  store: AdvisoryStore,
  address: string,
  now: Temporal.Instant,
): Promise<Threats> {
  const answer = await fetched(address);
  const taken = await takeThreats(store, new Uint8Array(await answer.arrayBuffer()), now);
  if (taken !== null) return taken;
  throw new CliFault(exit.refused, `${address} is neither KEV nor EPSS`);
}

interface Place {
  readonly bucket: string;
  readonly ecosystem: string;
  readonly onProgress: (text: string) => void;
}

/** Ids of what has changed; null where there are too many. */
async function changedSince(
  { bucket, ecosystem }: Place,
  mark: string,
): Promise<readonly string[] | null> {
  const address = inBucket(bucket, ecosystem, 'modified_id.csv');
  const { body } = await fetched(address);
  try {
    const changes = await changesIn(body ?? nothing(), Temporal.Instant.from(mark), limitChanges);
    return changes.length > limitChanges ? null : changes.map(({ id }) => id);
  } catch (cause) {
    if (!(cause instanceof ListFault)) throw cause;
    throw new CliFault(exit.refused, `${address} is no list of changes`, cause);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An answer without a body is an empty list.
}

async function* ofChanges(
  { bucket, ecosystem, onProgress }: Place,
  ids: readonly string[],
): AsyncGenerator<ArchivedFile> {
  for (let at = 0; at < ids.length; at += abreast) {
    onProgress(`${at} of ${ids.length} changes`);
    const some = ids.slice(at, at + abreast);
    yield* await Promise.all(
      some.map(async (id) => {
        const answer = await fetched(inBucket(bucket, ecosystem, `${id}.json`));
        return { name: id, content: Buffer.from(await answer.arrayBuffer()) };
      }),
    );
  }
}

async function* ofArchive({ bucket, ecosystem, onProgress }: Place): AsyncGenerator<ArchivedFile> {
  const address = inBucket(bucket, ecosystem, 'all.zip');
  const work = await mkdtemp(join(tmpdir(), 'kept-advisories-'));
  try {
    const path = join(work, 'all.zip');
    const answer = await fetched(address);
    let bytes = 0;
    const counting = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        bytes += piece.length;
        if (bytes > limitBytes) throw new CliFault(exit.refused, `${address} is too large`);
        onProgress(`${ecosystem}: ${Math.round(bytes / 1e6)} MB fetched`);
        controller.enqueue(piece);
      },
    });
    if (!answer.body) throw new CliFault(exit.unreachable, `${address} is empty`);
    await pipeline(
      Readable.fromWeb(answer.body.pipeThrough(counting) as never),
      createWriteStream(path),
    );
    yield* readFiles(path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetched(address: string): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(address);
  } catch (cause) {
    const { code, message } = ((cause as Error).cause ?? cause) as {
      code?: string;
      message: string;
    };
    throw new CliFault(
      exit.unreachable,
      {
        title: `${address} cannot be reached: ${code ?? message}`,
        action: 'where the network does not allow it: kept advisories import <file>',
      },
      cause,
    );
  }
  if (answer.ok) return answer;
  throw new CliFault(exit.unreachable, `${address} answers ${answer.status}`);
}
