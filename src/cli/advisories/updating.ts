import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliFault, exit } from '../exit.ts';
import { readFiles } from './archives.ts';
import { type Imported, Taking, type Threats, takeThreats } from './importing.ts';
import type { AdvisoryStore } from './store.ts';
import { writeWhole } from './writing.ts';

/** Where advisories are published: OSV's bucket (google.github.io/osv.dev/data), or one laid out alike. */
export const usualBucket = 'https://osv-vulnerabilities.storage.googleapis.com';
export const usualFeeds = [
  'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
  'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz',
] as const;
export const usualEcosystems = [
  ...['npm', 'PyPI', 'Go', 'Maven', 'NuGet', 'RubyGems', 'crates.io', 'Packagist'],
];

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
  const address = `${bucket.replace(/\/+$/, '')}/${encodeURIComponent(ecosystem)}`;
  const changed = mark === null ? null : await changedSince(address, mark);
  const texts =
    changed === null
      ? ofArchive(address, ecosystem, onProgress)
      : ofChanges(address, changed, onProgress);
  return writeWhole(store, async (writing) => {
    const taking = new Taking(writing);
    for await (const { name, text } of texts) {
      taking.take(name, text);
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

/** Ids of what has changed, the newest first in the list; null where there are too many. */
async function changedSince(address: string, mark: string): Promise<readonly string[] | null> {
  const answer = await fetched(`${address}/modified_id.csv`);
  const ids = new Set<string>();
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of answer.body ?? []) {
    const lines = (rest + decoder.decode(bytes as Uint8Array, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [modified = '', path = ''] = line.split(',');
      // The newest comes first: from here on everything is known.
      if (!(Date.parse(modified) >= Date.parse(mark))) return [...ids];
      ids.add(path.trim().split('/').at(-1) ?? '');
      if (ids.size > limitChanges) return null;
    }
  }
  return [...ids];
}

async function* ofChanges(
  address: string,
  ids: readonly string[],
  onProgress: (text: string) => void,
): AsyncGenerator<{ name: string; text: string }> {
  for (let at = 0; at < ids.length; at += abreast) {
    onProgress(`${at} of ${ids.length} changes`);
    const some = ids.slice(at, at + abreast);
    yield* await Promise.all(
      some.map(async (id) => ({
        name: id,
        text: await (await fetched(`${address}/${encodeURIComponent(id)}.json`)).text(),
      })),
    );
  }
}

async function* ofArchive(
  address: string,
  ecosystem: string,
  onProgress: (text: string) => void,
): AsyncGenerator<{ name: string; text: string }> {
  const work = await mkdtemp(join(tmpdir(), 'kept-advisories-'));
  try {
    const path = join(work, 'all.zip');
    const answer = await fetched(`${address}/all.zip`);
    let bytes = 0;
    const counting = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        bytes += piece.length;
        if (bytes > limitBytes) throw new CliFault(exit.refused, `${address}/all.zip is too large`);
        onProgress(`${ecosystem}: ${Math.round(bytes / 1e6)} MB fetched`);
        controller.enqueue(piece);
      },
    });
    if (!answer.body) throw new CliFault(exit.unreachable, `${address}/all.zip is empty`);
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
