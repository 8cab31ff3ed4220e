import { ask } from './asking.ts';
import {
  ArchiveChanged,
  type ChangedAdvisory,
  type FeedLink,
  FeedProblem,
  type FetchedPiece,
} from './facts.ts';

/**
 * The bucket in which OSV publishes (google.github.io/osv.dev/data): for each ecosystem a folder with
 * `all.zip`, every advisory as `<id>.json`, and `modified_id.csv`, the newest change first.
 */

/** Bytes asked for at once: what is lost where a connection breaks. */
export const pieceBytes = 4 * 1024 * 1024;
/** More changes than this no ecosystem has; whoever is so far behind takes the archive. */
const lineLimit = 2_000_000;
const lineChars = 1_000;
/** No archive of an ecosystem has more bytes; one that said so would fill the disk. */
const archiveLimitBytes = 2 * 1024 * 1024 * 1024;

/**
 * What has changed in an ecosystem since a time, the oldest change first: whoever is cut off goes on
 * where they were.
 *
 * @throws FeedProblem
 */
export async function changesSince(
  link: FeedLink,
  address: string,
  ecosystem: string,
  since: Temporal.Instant,
): Promise<readonly ChangedAdvisory[]> {
  const changes = new Map<string, ChangedAdvisory>();
  let lines = 0;
  for await (const line of linesOf(link, addressOf(address, ecosystem, 'modified_id.csv'))) {
    const isList = ++lines <= lineLimit && line.length <= lineChars;
    if (isList && line === '') continue;
    const changed = isList ? changeOf(line) : null;
    if (!changed) {
      throw new FeedProblem('feedUnexpected', `${ecosystem}/modified_id.csv is no list of changes`);
    }
    // The newest comes first: from here on everything is known.
    if (Temporal.Instant.compare(changed.modifiedAt, since) < 0) break;
    if (!changes.has(changed.id)) changes.set(changed.id, changed);
  }
  return [...changes.values()].toSorted(
    (a, b) => Temporal.Instant.compare(a.modifiedAt, b.modifiedAt) || (a.id < b.id ? -1 : 1),
  );
}

function changeOf(line: string): ChangedAdvisory | null {
  const comma = line.indexOf(',');
  // The list of the whole bucket names the folder as well.
  const id =
    line
      .slice(comma + 1)
      .trim()
      .split('/')
      .at(-1) ?? '';
  if (comma < 0 || id === '' || id.length > 200) return null;
  try {
    return { id, modifiedAt: Temporal.Instant.from(line.slice(0, comma).trim()) };
  } catch {
    return null;
  }
}

/** One advisory as its publisher gave it; null where it is no longer there. */
export async function advisoryText(
  link: FeedLink,
  address: string,
  ecosystem: string,
  id: string,
): Promise<string | null> {
  const answer = await ask(link, addressOf(address, ecosystem, `${id}.json`));
  return answer.status === 404 ? null : await answer.text();
}

/**
 * The archive of an ecosystem from a byte on, piece by piece.
 *
 * @param mark of the archive that the bytes before `offset` are of; empty where there are none
 * @throws FeedProblem; ArchiveChanged where the archive is not the one that was begun
 */
export async function* archivePieces(
  link: FeedLink,
  address: string,
  ecosystem: string,
  { offset, mark }: { readonly offset: number; readonly mark: string },
): AsyncGenerator<FetchedPiece> {
  const url = addressOf(address, ecosystem, 'all.zip');
  let [at, known] = [offset, mark];
  for (;;) {
    const piece = await pieceOf(link, url, at, known);
    if (piece === null) return;
    if (Math.max(piece.total, at + piece.bytes.length) > archiveLimitBytes)
      throw new FeedProblem('feedUnexpected', `${ecosystem}/all.zip is larger than any archive`);
    yield piece;
    at += piece.bytes.length;
    known = piece.mark;
    if (at >= piece.total || piece.bytes.length === 0) return;
  }
}

async function pieceOf(
  link: FeedLink,
  url: string,
  at: number,
  mark: string,
): Promise<FetchedPiece | null> {
  const answer = await ask(link, url, {
    range: `bytes=${at}-${at + pieceBytes - 1}`,
    // A changed archive answers whole instead of giving bytes of another (RFC 9110, section 13.1.5).
    ...(mark && !mark.startsWith('W/') ? { 'if-range': mark } : {}),
  });
  if (answer.status === 404) {
    throw new FeedProblem('feedRefused', `there is no ${new URL(url).pathname}`);
  }
  if (answer.status === 416) return null;
  const given = answer.headers.get('etag') ?? '';
  if (at > 0 && (answer.status === 200 || given !== mark)) {
    throw new ArchiveChanged(`${new URL(url).pathname} is another one by now`);
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (answer.status === 200) return { bytes, mark: given, total: bytes.length };
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers.get('content-range') ?? '');
  if (!range || Number(range[1]) !== at) {
    throw new FeedProblem(
      'feedUnexpected',
      `${new URL(url).host} answers other bytes than asked for`,
    );
  }
  return { bytes, mark: given, total: Number(range[2]) };
}

/** Lines of a file that may be long, of which most often the first few are enough. */
async function* linesOf(link: FeedLink, url: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let [rest, at, mark] = ['', 0, ''];
  for (;;) {
    const piece = await pieceOf(link, url, at, mark);
    if (piece === null) break;
    at += piece.bytes.length;
    mark = piece.mark;
    const lines = (rest + decoder.decode(piece.bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
    // A line without an end would be gathered for ever: as much of it as there is, it is none.
    if (rest.length > lineChars) break;
    if (at >= piece.total || piece.bytes.length === 0) break;
  }
  yield rest + decoder.decode();
}

function addressOf(address: string, ecosystem: string, file: string): string {
  return `${address.replace(/\/+$/, '')}/${encodeURIComponent(ecosystem)}/${encodeURIComponent(file)}`;
}
