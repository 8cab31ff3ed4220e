import type { Hono } from 'hono';
import { closureOf } from '../../clauses/retention/store.closure.ts';
import { holdingsOf } from '../../registers/customers/store.products.ts';
import { collectionName } from '../../registers/vault/facts.ts';
import {
  collectionsOf,
  type ObjectRow,
  objectById,
  objectsAfter,
} from '../../registers/vault/store.objects.ts';
import { type RecordRow, recordById, recordsAfter } from '../../registers/vault/store.records.ts';
import type { OpenCustomer } from '../vault/door.ts';
import { sendDownload } from './download.ts';
import {
  collectionPage,
  heldPage,
  type Listed,
  type Listing,
  objectPage,
  recordPage,
} from './page.held.ts';
import type { Room } from './room.ts';
import { forVisitors, type Visit, wrongPage } from './visit.ts';

/** What is held of an account: seen, searched, loaded. Everything that shows content goes through the door. */
export function heldDoors(app: Hono, room: Room): void {
  app.get('/', forVisitors(room, overview));
  app.get('/collections/:collection', forVisitors(room, collection));
  app.get(
    '/objects/:id',
    forVisitors(room, (visit) => object(visit)),
  );
  app.get('/objects/:id/content', forVisitors(room, content));
  app.get('/records/:id', forVisitors(room, record));
}

/** Where a closure stands, for whoever is warned by it. */
async function closingOf({ room, account }: Visit) {
  if (account.state === 'open') return null;
  return closureOf(room.world.database.db, account.customerId);
}

async function overview(visit: Visit): Promise<Response> {
  const { room, account } = visit;
  const { db } = room.world.database;
  const [holdings, collections, closure] = await Promise.all([
    holdingsOf(db, account.productId),
    collectionsOf(db, account.customerId),
    closingOf(visit),
  ]);
  return visit.show(heldPage(visit, holdings, collections, closure));
}

const pageRows = 50;
/** Rows whose names are opened in search of a beginning: names are sealed, so each has to be. */
const searchRows = 20_000;
const searchPage = 1_000;

async function collection(visit: Visit): Promise<Response> {
  const { c } = visit;
  const parsed = collectionName.safeParse(c.req.param('collection'));
  if (!parsed.success) return visit.show(wrongPage(visit.words, visit.words.notFound), 404);
  const opened = await visit.open('view');
  if (!opened.ok) return visit.show(wrongPage(visit.words, visit.say(opened.refusal)), 422);
  const asked = {
    collection: parsed.data,
    q: (c.req.query('q') ?? '').slice(0, 1024),
    prefix: c.req.query('how') === 'prefix',
    objectsAfter: idOf(c.req.query('objects')),
    recordsAfter: idOf(c.req.query('records')),
  };
  const [objects, records] = [
    await listed(opened.value, asked, objectKind),
    await listed(opened.value, asked, recordKind),
  ];
  return visit.show(collectionPage(visit, asked, objects, records));
}

export interface Asked {
  readonly collection: string;
  readonly q: string;
  /** Names that begin so; otherwise the very name. */
  readonly prefix: boolean;
  readonly objectsAfter: string | null;
  readonly recordsAfter: string | null;
}

/** What differs between objects and records in a list of them. */
interface Kind<Row> {
  after(
    open: OpenCustomer,
    asked: Asked,
    after: string | null,
    limit: number,
  ): Promise<readonly Row[]>;
  find(open: OpenCustomer, asked: Asked): Promise<Row | null>;
  names(open: OpenCustomer, rows: readonly Row[]): ReturnType<OpenCustomer['namesOf']>;
  start(asked: Asked): string | null;
  size(row: Row): number | null;
}

const objectKind: Kind<ObjectRow> = {
  after: (open, { collection: within }, after, limit) =>
    objectsAfter(open.door.world.database.db, open.customerId, within, after, limit),
  find: (open, asked) => open.find(asked.collection, asked.q),
  names: (open, rows) => open.namesOf(rows),
  start: (asked) => asked.objectsAfter,
  size: (row) => row.size,
};

const recordKind: Kind<RecordRow> = {
  after: (open, { collection: within }, after, limit) =>
    recordsAfter(open.door.world.database.db, open.customerId, within, after, limit),
  find: (open, asked) => open.findRecord(asked.collection, asked.q),
  names: (open, rows) => open.keysOf(rows),
  start: (asked) => asked.recordsAfter,
  size: () => null,
};

type AnyRow = ObjectRow | RecordRow;

async function listed<Row extends AnyRow>(
  open: OpenCustomer,
  asked: Asked,
  kind: Kind<Row>,
): Promise<Listing> {
  if (asked.q && !asked.prefix) {
    const row = await kind.find(open, asked);
    return { items: row ? [itemOf(kind, row, asked.q)] : [], next: null, cutShort: false };
  }
  const limit = asked.q ? searchPage : pageRows;
  const items: Listed[] = [];
  let after = kind.start(asked);
  for (let seen = 0; seen < searchRows; seen += limit) {
    const rows = await kind.after(open, asked, after, limit);
    const names = rows.length > 0 ? await kind.names(open, rows) : null;
    if (names && !names.ok) return { items, next: null, cutShort: false };
    for (const row of rows) {
      const name = names?.value.get(row.id) ?? '';
      if (!name.startsWith(asked.q)) continue;
      items.push(itemOf(kind, row, name));
      if (items.length === pageRows) return { items, next: row.id, cutShort: false };
    }
    after = rows.at(-1)?.id ?? null;
    if (rows.length < limit) return { items, next: null, cutShort: false };
    if (!asked.q) break;
  }
  return { items, next: after, cutShort: true };
}

const itemOf = <Row extends AnyRow>(kind: Kind<Row>, row: Row, name: string): Listed => ({
  id: row.id,
  name,
  size: kind.size(row),
  changedAt: row.changedAt,
});

export function idOf(text: string | undefined): string | null {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text ?? '') ? (text ?? null) : null;
}

/** Text that is shown in the page, as text: a first look, not an editor. */
const previewBytes = 64 * 1024;

/** An object's page. */
export async function object(
  visit: Visit,
  said: { readonly wrong?: string } = {},
): Promise<Response> {
  const { c, room, account } = visit;
  const id = idOf(c.req.param('id'));
  const row = id && (await objectById(room.world.database.db, account.customerId, id));
  if (!row) return visit.show(wrongPage(visit.words, visit.words.notFound), 404);
  const opened = await visit.open('view');
  if (!opened.ok) return visit.show(wrongPage(visit.words, visit.say(opened.refusal)), 422);
  const open = opened.value;
  const [name, metadata, digest] = [
    await open.nameOf(row),
    await open.readMetadata(row.id),
    await open.digestOf(row),
  ];
  if (!name.ok || !metadata.ok || !digest.ok) {
    return visit.show(wrongPage(visit.words, visit.words.notFound), 404);
  }
  const shown = {
    row,
    name: name.value,
    metadata: metadata.value,
    sha256: Buffer.from(digest.value).toString('hex'),
    preview: await previewOf(open, row, name.value, metadata.value.mediaType),
  };
  return visit.show(objectPage(visit, shown, said.wrong ?? null), said.wrong ? 422 : 200);
}

const textual =
  /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|toml)\b|application\/[\w.-]+\+(?:json|xml)\b)/;
const textEnding =
  /\.(?:txt|csv|tsv|md|json|jsonl|xml|ya?ml|log|ini|toml|html?|css|js|ts|svg|sql)$/i;

/** The beginning of what is text; null for everything else. */
async function previewOf(
  open: OpenCustomer,
  row: ObjectRow,
  name: string,
  mediaType: string | null,
): Promise<string | null> {
  if (row.size === 0 || !(textual.test(mediaType ?? '') || textEnding.test(name))) return null;
  const to = Math.min(row.size, previewBytes);
  const read = await open.readObject(row.id, { from: 0, to });
  if (!read.ok) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of read.value.bytes) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  if (bytes.includes(0)) return null;
  return new TextDecoder('utf-8').decode(bytes);
}

async function content(visit: Visit): Promise<Response> {
  const { c, room, account } = visit;
  const id = idOf(c.req.param('id'));
  const row = id && (await objectById(room.world.database.db, account.customerId, id));
  if (!row) return visit.show(wrongPage(visit.words, visit.words.notFound), 404);
  const opened = await visit.open('download');
  const name = opened.ok ? await opened.value.nameOf(row) : opened;
  if (!opened.ok || !name.ok) {
    const refusal = !opened.ok
      ? opened.refusal
      : name.ok
        ? { code: 'notFound', params: {} }
        : name.refusal;
    return visit.show(wrongPage(visit.words, visit.say(refusal)), 422);
  }
  return sendDownload(c, {
    name: name.value,
    size: row.size,
    tag: `"${row.id}.${row.revision}"`,
    read: async (range) => {
      const read = await opened.value.readObject(row.id, range);
      if (read.ok) return read.value.bytes;
      return visit.show(wrongPage(visit.words, visit.say(read.refusal)), 422);
    },
  });
}

async function record(visit: Visit): Promise<Response> {
  const { c, room, account } = visit;
  const id = idOf(c.req.param('id'));
  const row = id && (await recordById(room.world.database.db, account.customerId, id));
  if (!row) return visit.show(wrongPage(visit.words, visit.words.notFound), 404);
  const opened = await visit.open('view');
  const read = opened.ok ? await opened.value.readRecord(row.id) : opened;
  if (!read.ok) return visit.show(wrongPage(visit.words, visit.say(read.refusal)), 422);
  const { key, value } = read.value;
  const text = JSON.stringify(value, null, 2);
  return visit.show(recordPage(visit, { row, key, text, problem: null }));
}
