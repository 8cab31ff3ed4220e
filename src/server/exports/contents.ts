import { hash } from 'node:crypto';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { encryptStream } from '../../platform/age/stream.ts';
import type { ExportForm } from '../../registers/portal/facts.ts';
import type { ExportPlace } from '../../registers/portal/store.exports.ts';
import {
  collectionsOf,
  type ObjectRow,
  objectById,
  objectsAfter,
} from '../../registers/vault/store.objects.ts';
import { type RecordRow, recordsAfter } from '../../registers/vault/store.records.ts';
import { damageOf } from '../vault/closed.ts';
import { type Door, digestOf, metadataOf, nameOf, plaintextOf } from '../vault/reading.ts';
import { reading } from '../vault/records.ts';
import { ahead } from './ahead.ts';
import type { Paths } from './paths.ts';
import type { ObjectLine, RecordsLine } from './trace.ts';

/** What goes into an archive next. */
export interface Item {
  readonly kind: 'item';
  readonly path: string;
  readonly modified: number;
  /** Bytes of the content. */
  readonly size: number;
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  readonly sha256: string;
  readonly holds: ObjectLine | RecordsLine;
  /** Where to go on after it. */
  readonly after: ExportPlace;
}

export interface Gone {
  readonly kind: 'gone';
  readonly id: string;
  readonly after: ExportPlace;
}

export interface Source {
  readonly door: Door;
  readonly form: ExportForm;
  readonly paths: Paths;
  /** When the export began: what was made later may be in it, what was made before must. */
  readonly began: Instant;
}

const pageRows = 500;
/** Objects up to this size are read beside each other, whole. */
const smallBytes = 256 * 1024;
const width = 16;
/** A file of records is no larger than about this, so that any program can open it. */
const fileBytes = 8 * 1024 * 1024;
const fileRecords = 5_000;

/** Everything that the account holds, from a place on: objects first, then records, by collection. */
export async function* contentsFrom(
  source: Source,
  from: ExportPlace,
): AsyncGenerator<Item | Gone> {
  const { world, customerId } = source.door;
  const collections = await collectionsOf(world.database.db, customerId);
  if (from.phase === 'objects') {
    for (const { collection } of collections) {
      if (collection < from.collection) continue;
      const after = collection === from.collection ? from.id : null;
      yield* ahead(objectsIn(source, collection, after), width, (row) => objectItem(source, row));
    }
  }
  const resumes = from.phase === 'records' ? from : null;
  for (const { collection, records } of collections) {
    if (records === 0 || (resumes && collection < resumes.collection)) continue;
    const place = resumes?.collection === collection ? resumes : null;
    yield* recordFiles(source, collection, place?.id ?? null, place?.file ?? 1);
  }
}

async function* objectsIn(
  { door }: Source,
  collection: string,
  first: string | null,
): AsyncGenerator<ObjectRow> {
  const { db } = door.world.database;
  let after = first;
  while (true) {
    const rows = await objectsAfter(db, door.customerId, collection, after, pageRows);
    // Counted before any of them is opened.
    if (rows.length > 0) await door.permits.use(rows.length);
    yield* rows;
    after = rows.at(-1)?.id ?? null;
    if (rows.length < pageRows) return;
  }
}

async function objectItem(source: Source, row: ObjectRow): Promise<Item | Gone> {
  const { door } = source;
  const after = { phase: 'objects', collection: row.collection, id: row.id, file: 0 } as const;
  try {
    return { ...(await itemOf(source, row)), after };
  } catch (thrown) {
    // Overwritten or deleted between its row and its file.
    const now = await objectById(door.world.database.db, door.customerId, row.id);
    if (!now) return { kind: 'gone', id: row.id, after };
    if (now.storedAs !== row.storedAs) return objectItem(source, now);
    throw damageOf(row.id, thrown);
  }
}

async function itemOf({ door, form, paths }: Source, row: ObjectRow): Promise<Omit<Item, 'after'>> {
  const { world } = door;
  const name = await nameOf(door, row);
  const { mediaType, fields } = await metadataOf(door, row);
  const own = Buffer.from(await digestOf(door, row)).toString('hex');
  const sealed = form === 'age';
  const path = sealed
    ? `objects/${row.collection}/${row.id}.age`
    : paths.of(row.collection, name, row.id);
  const bytes = sealed
    ? world.objects.get(row.storedAs)
    : plaintextOf(world, row, (await door.keyring.of(row.keyVersion)).identity);
  const size = sealed ? row.storedSize : row.size;
  const holds: ObjectLine = {
    kind: 'object',
    path,
    id: row.id,
    collection: row.collection,
    name,
    size: row.size,
    sha256: own,
    mediaType,
    fields,
    revision: row.revision,
    madeAt: instantText(row.madeAt),
    changedAt: instantText(row.changedAt),
  };
  return {
    kind: 'item',
    path,
    modified: row.changedAt.epochMilliseconds,
    size,
    bytes: size <= smallBytes ? await whole(bytes) : bytes,
    sha256: sealed ? Buffer.from(row.storedSha256).toString('hex') : own,
    holds,
  };
}

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

/** Records of a collection in files of JSON, each an array, whole by itself. */
async function* recordFiles(
  source: Source,
  collection: string,
  first: string | null,
  firstFile: number,
): AsyncGenerator<Item> {
  const { door } = source;
  let after = first;
  let file = firstFile;
  let texts: string[] = [];
  let bytes = 0;
  let before = 0;
  const finish = async (last: string): Promise<Item> => {
    const item = await recordsItem(source, { collection, file, texts, before, last });
    file += 1;
    texts = [];
    bytes = 0;
    before = 0;
    return item;
  };
  while (true) {
    const rows = await recordsAfter(
      door.world.database.db,
      door.customerId,
      collection,
      after,
      pageRows,
    );
    if (rows.length > 0) await door.permits.use();
    for (const row of rows) {
      const text = await recordText(door, row);
      texts.push(text);
      bytes += text.length;
      if (Temporal.Instant.compare(row.madeAt, source.began) <= 0) before += 1;
      after = row.id;
      if (bytes >= fileBytes || texts.length >= fileRecords) yield await finish(row.id);
    }
    if (rows.length < pageRows) break;
  }
  if (texts.length > 0 && after) yield await finish(after);
}

async function recordText(door: Door, row: RecordRow): Promise<string> {
  const { key, value } = reading(door.customerId, await door.keyring.of(row.keyVersion), row);
  return JSON.stringify({
    key,
    value,
    id: row.id,
    revision: row.revision,
    madeAt: instantText(row.madeAt),
    changedAt: instantText(row.changedAt),
  });
}

async function recordsItem(
  { door, form, began }: Source,
  it: {
    readonly collection: string;
    readonly file: number;
    readonly texts: readonly string[];
    readonly before: number;
    readonly last: string;
  },
): Promise<Item> {
  const { collection, file, texts, before, last } = it;
  const plain = Buffer.from(`[\n${texts.join(',\n')}\n]\n`);
  const sealed = form === 'age';
  const bytes = sealed ? await sealedTo(door, plain) : plain;
  const path = `records/${collection}/${String(file).padStart(5, '0')}.json${sealed ? '.age' : ''}`;
  return {
    kind: 'item',
    path,
    modified: began.epochMilliseconds,
    size: bytes.length,
    bytes,
    sha256: hash('sha256', bytes),
    holds: { kind: 'records', path, collection, count: texts.length, before },
    after: { phase: 'records', collection, id: last, file: file + 1 },
  };
}

/** An age file to the customer's key, of what is small enough to be held. */
async function sealedTo(door: Door, plain: Uint8Array): Promise<Uint8Array> {
  const { identity } = await door.keyring.current();
  const one = (async function* () {
    yield plain;
  })();
  return whole(encryptStream([identity.recipient], one, (count) => door.world.random(count)));
}
