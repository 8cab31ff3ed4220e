import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { checkArchive } from '../../advisories/archives/archive.ts';
import { ArchiveFault } from '../../advisories/archives/archived.ts';
import { unpackedText } from '../../advisories/archives/packed.ts';
import { CatalogueFault, readExploited } from '../../advisories/exploited.ts';
import { readPredictions } from '../../advisories/predictions.ts';
import { ok, type Refusal, refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Request, route } from '../../policy/route.ts';
import type { ImportKind } from '../../registers/advisories/facts.ts';
import { dropPieces, savePiece } from '../../registers/advisories/store.imports.ts';
import { importFlow } from '../../registers/advisories/store.ts';
import { type Scratch, scratchOf } from './scratch.ts';

const archiveLimitBytes = 2 * 1024 * 1024 * 1024;
const feedLimitBytes = 64 * 1024 * 1024;
const pieceBytes = 4 * 1024 * 1024;

const input = z.object({
  /** What people call it: the name of the file. */
  name: z.string().trim().min(1).max(200).default('file'),
});
/** Of advisories, also what the file is all of: only then is anything current by it. */
const advisoryInput = input.extend({
  covers: z
    .string()
    .max(2000)
    .regex(/^[A-Za-z][A-Za-z0-9 .:+_-]{0,79}(,[A-Za-z][A-Za-z0-9 .:+_-]{0,79}){0,59}$/)
    .optional()
    .meta({
      description:
        'Ecosystems of which the file has every advisory there is, parted by commas: `npm,PyPI`.',
    }),
});
const output = z.object({ importId: z.string() });

/**
 * Imports of files. A file is checked to its last byte before anything is made of it: a damaged one is
 * refused whole. What is good is imported beside the request, which need not wait for it.
 */
export function advisoryRoutes(world: World) {
  const takes = (kind: ImportKind) => (request: Request, given: Given) =>
    takeFile(world, kind, request, given);
  return {
    importAdvisories: route({
      method: 'post',
      path: '/advisory-imports/osv',
      summary: 'Imports advisories in the OSV format: a .zip, a .tar.gz or JSON as the body.',
      permission: 'importAdvisories',
      takes: 'bytes',
      limitBytes: archiveLimitBytes,
      input: advisoryInput,
      output,
      handle: takes('osv'),
    }),
    importExploited: route({
      method: 'post',
      path: '/advisory-imports/kev',
      summary:
        'Imports the catalogue of known exploited vulnerabilities: JSON, packed with gzip or not.',
      permission: 'importExploited',
      takes: 'bytes',
      limitBytes: feedLimitBytes,
      input,
      output,
      handle: takes('kev'),
    }),
    importExploitPredictions: route({
      method: 'post',
      path: '/advisory-imports/epss',
      summary: 'Imports exploit predictions: CSV, packed with gzip or not.',
      permission: 'importExploitPredictions',
      takes: 'bytes',
      limitBytes: feedLimitBytes,
      input,
      output,
      handle: takes('epss'),
    }),
  };
}

interface Given {
  readonly name: string;
  readonly covers?: string | undefined;
}

async function takeFile(
  world: World,
  kind: ImportKind,
  request: Request,
  { name: origin, covers: said }: Given,
) {
  await using file = await scratchOf(request.body ?? nothing());
  const refusal = await refusalOf(kind, file);
  if (refusal) return { ok: false as const, refusal };
  const id = world.newId();
  const { db } = world.database;
  await storePieces(world, id, file);
  const covers = said?.split(',') ?? [];
  const asking = { do: 'importAdvisories', id, kind, origin, covers } as const;
  const done = await request.execute(importFlow, asking);
  if (done.ok) return ok({ importId: String(done.value[0]?.body['importId'] ?? id) });
  await dropPieces(db, id, null);
  return done;
}

async function storePieces(world: World, importId: string, file: Scratch): Promise<void> {
  let piece = 0;
  const stream = createReadStream(file.path, { highWaterMark: pieceBytes });
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    const one = { importId, part: '', piece: piece++, bytes };
    await savePiece(world.database.db, one, world.now());
  }
}

type FileRefusal =
  | 'archiveEmpty'
  | 'archiveDamaged'
  | 'archiveUnknown'
  | 'archiveTooLarge'
  | 'feedUnexpected';

/** What is wrong with a file as a whole; null where it can be imported. */
async function refusalOf(kind: ImportKind, file: Scratch): Promise<Refusal<FileRefusal> | null> {
  if (file.bytes === 0) return refuse('archiveEmpty').refusal;
  try {
    if (kind === 'osv') await checkArchive(file.file);
    else {
      const text = await unpackedText(await readFile(file.path));
      if (kind === 'kev') readExploited(text);
      else readPredictions(text);
    }
    return null;
  } catch (error) {
    const detail = (error as Error).message.slice(0, 200);
    if (error instanceof ArchiveFault) return refuse(error.code, { detail }).refusal;
    if (error instanceof CatalogueFault) return refuse('feedUnexpected', { detail }).refusal;
    throw error;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A request without a body is an empty file.
}
