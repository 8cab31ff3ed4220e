import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  type ArchivedText,
  ArchiveFault,
  type ArchiveLimits,
  archiveLimits,
  damaged,
} from './archived.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

/** One JSON document that is no archive: an advisory, or an array of them. */
const documentLimitBytes = 256 * 1024 * 1024;

/**
 * The JSON files of a `.zip`, a `.tar.gz`, a `.tar`, or the advisories of one JSON document, in the
 * order in which they stand: always the same for the same bytes. One file is in memory at a time.
 *
 * @param from files that are passed over
 * @throws ArchiveFault where it is none, is damaged or is too large; what came before is then no less
 * doubtful than the rest
 */
export async function* readArchive(
  path: string,
  from = 0,
  limits: ArchiveLimits = archiveLimits,
): AsyncGenerator<ArchivedText> {
  const kind = await kindOf(path);
  if (kind === 'zip') yield* readZip(path, from, limits);
  else if (kind === 'document') yield* documentOf(path, from);
  else {
    const file = createReadStream(path, { highWaterMark: 256 * 1024 });
    const source =
      kind === 'gzip'
        ? pipeline(file, createGunzip({ chunkSize: 256 * 1024 }), () => undefined)
        : file;
    try {
      yield* readTar(source, from, limits);
    } catch (error) {
      throw error instanceof ArchiveFault ? error : damaged((error as Error).message, error);
    } finally {
      file.destroy();
    }
  }
}

/**
 * Reads an archive to its end, and says how many files it has.
 *
 * @throws ArchiveFault
 */
export async function checkArchive(path: string, limits = archiveLimits): Promise<number> {
  let files = 0;
  for await (const _ of readArchive(path, 0, limits)) {
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

async function kindOf(path: string): Promise<'zip' | 'gzip' | 'tar' | 'document'> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const magic = buffer.subarray(0, bytesRead);
    if (magic.subarray(0, 2).toString('latin1') === 'PK') return 'zip';
    if (magic[0] === 0x1f && magic[1] === 0x8b) return 'gzip';
    if (magic.subarray(257, 262).toString('latin1') === 'ustar') return 'tar';
    if (/^(?:\ufeff|\s)*[[{]/.test(magic.toString('utf8'))) return 'document';
    throw new ArchiveFault('archiveUnknown', 'this is no .zip, no .tar.gz and no JSON');
  } finally {
    await file.close();
  }
}

async function* documentOf(path: string, from: number): AsyncGenerator<ArchivedText> {
  const file = await open(path);
  let text: string;
  try {
    if ((await file.stat()).size > documentLimitBytes)
      throw new ArchiveFault('archiveTooLarge', 'one document is not that large');
    text = await file.readFile('utf8');
  } finally {
    await file.close();
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new ArchiveFault('archiveDamaged', (cause as Error).message.slice(0, 200), { cause });
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const [at, one] of list.entries()) {
    if (at >= from) yield { name: `document ${at + 1}`, text: JSON.stringify(one) };
  }
}
