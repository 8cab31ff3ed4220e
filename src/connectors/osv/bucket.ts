import { type ChangedAdvisory, changesIn, inBucket, ListFault } from '../../advisories/bucket.ts';
import { ask } from './asking.ts';
import { ArchiveChanged, type FeedLink, FeedProblem, type FetchedPiece } from './facts.ts';

/** Bytes asked for at once: what is lost where a connection breaks. */
export const pieceBytes = 4 * 1024 * 1024;
/** No archive of an ecosystem has more bytes; one that said so would fill the disk. */
const archiveLimitBytes = 2 * 1024 * 1024 * 1024;

/**
 * What has changed in an ecosystem since a time, the oldest change first.
 *
 * @throws FeedProblem
 */
export async function changesSince(
  link: FeedLink,
  address: string,
  ecosystem: string,
  since: Temporal.Instant,
): Promise<readonly ChangedAdvisory[]> {
  const url = inBucket(address, ecosystem, 'modified_id.csv');
  try {
    return await changesIn(piecesOf(link, url), since);
  } catch (cause) {
    if (!(cause instanceof ListFault)) throw cause;
    const message = `${ecosystem}/modified_id.csv is no list of changes`;
    throw new FeedProblem('feedUnexpected', message, { cause });
  }
}

/** One advisory as its publisher gave it; null where it is no longer there. */
export async function advisoryText(
  link: FeedLink,
  address: string,
  ecosystem: string,
  id: string,
): Promise<string | null> {
  const answer = await ask(link, inBucket(address, ecosystem, `${id}.json`));
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
  const url = inBucket(address, ecosystem, 'all.zip');
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

/** A file that may be long, of which most often the first piece is enough. */
async function* piecesOf(link: FeedLink, url: string): AsyncGenerator<Uint8Array> {
  let [at, mark] = [0, ''];
  for (;;) {
    const piece = await pieceOf(link, url, at, mark);
    if (piece === null) return;
    yield piece.bytes;
    at += piece.bytes.length;
    mark = piece.mark;
    if (at >= piece.total || piece.bytes.length === 0) return;
  }
}
