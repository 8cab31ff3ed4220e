import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  type ArchivedFile,
  ArchiveFault,
  type ArchiveLimits,
  archiveLimits,
  bytesAt,
  damaged,
  type OpenArchive,
} from './archived.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

/** One JSON document that is no archive: an advisory, or an array of them. */
const documentLimitBytes = 256 * 1024 * 1024;
const pieceBytes = 256 * 1024;

/**
 * The JSON files of a `.zip`, a `.tar.gz`, a `.tar`, or the advisories of one JSON document, in the
 * order in which they stand: always the same for the same bytes. One file is in memory at a time.
 *
 * @param from files that are passed over
 * @throws ArchiveFault where it is none, is damaged or is too large; what came before is then no less
 * doubtful than the rest
 */
export async function* readArchive(
  file: OpenArchive,
  from = 0,
  limits: ArchiveLimits = archiveLimits,
): AsyncGenerator<ArchivedFile> {
  const kind = await kindOf(file);
  if (kind === 'zip') yield* readZip(file, from, limits);
  else if (kind === 'document') yield* documentOf(file, from);
  else yield* tarOf(piecesOf(file), kind === 'gzip', from, limits);
}

/**
 * Reads an archive to its end, and says how many files it has.
 *
 * @throws ArchiveFault
 */
export async function checkArchive(file: OpenArchive, limits = archiveLimits): Promise<number> {
  let files = 0;
  for await (const _ of readArchive(file, 0, limits)) {
    files += 1;
    if (files % 200 === 0) await turn();
  }
  if (files === 0) throw new ArchiveFault('archiveUnknown', 'there is no advisory in it');
  return files;
}

/** Lets everybody else have a turn: what is read from memory never waits by itself. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function kindOf(file: OpenArchive): Promise<'zip' | 'gzip' | 'tar' | 'document'> {
  const magic = await bytesAt(file, 0, 512);
  if (magic.subarray(0, 2).toString('latin1') === 'PK') return 'zip';
  if (magic[0] === 0x1f && magic[1] === 0x8b) return 'gzip';
  if (magic.subarray(257, 262).toString('latin1') === 'ustar') return 'tar';
  if (/^(?:\ufeff|\s)*[[{]/.test(magic.toString('utf8'))) return 'document';
  throw new ArchiveFault('archiveUnknown', 'this is no .zip, no .tar.gz and no JSON');
}

async function* tarOf(
  pieces: AsyncIterable<Buffer>,
  isPacked: boolean,
  from: number,
  limits: ArchiveLimits,
): AsyncGenerator<ArchivedFile> {
  const source = isPacked
    ? pipeline(Readable.from(pieces), createGunzip({ chunkSize: pieceBytes }), () => undefined)
    : pieces;
  try {
    yield* readTar(source, from, limits);
  } catch (error) {
    throw error instanceof ArchiveFault ? error : damaged((error as Error).message, error);
  } finally {
    if (source instanceof Readable) source.destroy();
  }
}

async function* piecesOf(file: OpenArchive): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const piece = await bytesAt(file, at, pieceBytes);
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}

async function* documentOf(file: OpenArchive, from: number): AsyncGenerator<ArchivedFile> {
  const { size } = await file.stat();
  if (size > documentLimitBytes)
    throw new ArchiveFault('archiveTooLarge', 'one document is not that large');
  const content = await bytesAt(file, 0, size);
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8').replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new ArchiveFault('archiveDamaged', (cause as Error).message.slice(0, 200), { cause });
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const [at, one] of list.entries()) {
    if (at >= from) yield { name: `document ${at + 1}`, content: Buffer.from(JSON.stringify(one)) };
  }
}
