import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { askedHeader } from '../../platform/http/caller.ts';
import { metadataLimitBytes } from '../../registers/vault/facts.ts';
import type { Written } from '../../registers/vault/store.answers.ts';
import { type ObjectRow, objectsAfter } from '../../registers/vault/store.objects.ts';
import { type Asked, bodyOf, openFor, readCollection, readJson, readName } from './asked.ts';
import { DoorClosed } from './closed.ts';
import {
  announcedSize,
  digestOf,
  digestText,
  entityTag,
  idempotencyOf,
  preconditionOf,
  rangeOf,
  readCondition,
} from './conditions.ts';
import { readAfter, readLimit, writeAfter } from './cursors.ts';
import type { Answer, OpenCustomer } from './door.ts';
import { ProtocolFault } from './problems.ts';
import { proveWhole } from './reading.ts';
import { bodyStream } from './streaming.ts';

/** A thing of a collection that a path names. */
export interface Place {
  readonly customerKey: string;
  readonly collection: string;
  readonly name: string;
}

/** Objects in one answer of a list. */
const listMost = 1_000;
/** Names opened at most to answer one page of a prefix: then a cursor says where to go on. */
const searchedMost = 20_000;

/** What was refused is thrown on to where it is put into words. */
export async function granted<T>(answer: Answer<T>): Promise<T> {
  const given = await answer;
  if (given.ok) return given.value;
  throw new DoorClosed(given.refusal.code, given.refusal.params);
}

/** Answers a write with what became of it: 201 where it is new. */
export function writtenAnswer({ context: c }: Asked, written: Written): Response {
  c.header('etag', entityTag(written));
  const { id, revision, at } = written;
  return c.json({ id, revision, changedAt: at }, written.made ? 201 : 200);
}

export async function putObject(asked: Asked, place: Place): Promise<Response> {
  const { context: c } = asked;
  const collection = readCollection(place.collection);
  const name = readName(place.name);
  if ((askedHeader(c, 'content-encoding') ?? 'identity') !== 'identity') {
    throw new ProtocolFault('contentEncoded');
  }
  const sha256 = digestOf(c);
  const precondition = preconditionOf(c);
  const mediaType = askedHeader(c, 'content-type') ?? null;
  const idempotency = idempotencyOf(c, ['object', collection, name, mediaType ?? '']);
  const customer = await openFor(asked, place.customerKey);
  const written = await granted(
    customer.writeObject({
      collection,
      name,
      bytes: bodyOf(c),
      size: announcedSize(c),
      sha256,
      mediaType: mediaType === null ? null : readMediaType(mediaType),
      precondition,
      idempotency,
    }),
  );
  return writtenAnswer(asked, written);
}

function readMediaType(text: string): string {
  if (text.length > 255) throw new ProtocolFault('mediaUnfit');
  return text;
}

export async function findObject(
  customer: OpenCustomer,
  { collection, name }: Place,
): Promise<ObjectRow> {
  const row = await customer.find(readCollection(collection), readName(name));
  if (!row) throw new DoorClosed('objectUnknown');
  return row;
}

/** GET and HEAD. */
export async function getObject(asked: Asked, place: Place): Promise<Response> {
  const { context: c, method } = asked;
  const customer = await openFor(asked, place.customerKey);
  const row = await findObject(customer, place);
  const tag = entityTag(row);
  const condition = readCondition(c, tag);
  if (condition === 'failed') {
    throw new DoorClosed('preconditionFailed', { revision: row.revision });
  }
  if (condition === 'unchanged') return c.body(null, 304, { etag: tag });
  const range = method === 'GET' ? rangeOf(c, row.size, tag) : null;
  const [{ mediaType }, sha256] = await Promise.all([
    granted(customer.readMetadata(row.id)),
    granted(customer.digestOf(row)),
  ]);
  const headers = {
    'content-type': mediaType ?? 'application/octet-stream',
    'content-length': String(range ? range.to - range.from : row.size),
    'content-disposition': 'attachment',
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
    etag: tag,
    'last-modified': new Date(row.changedAt.epochMilliseconds).toUTCString(),
    'repr-digest': digestText(sha256),
    ...(range ? { 'content-range': `bytes ${range.from}-${range.to - 1}/${row.size}` } : {}),
  };
  if (method === 'HEAD') return c.body(null, 200, headers);
  const { bytes, row: read } = await granted(customer.readObject(row.id, range ?? undefined));
  // Overwritten between the two: its length and its tag would be of the one before.
  if (read.revision !== row.revision) {
    await (bytes as AsyncGenerator<Uint8Array>).return(undefined);
    return getObject(asked, place);
  }
  return c.body(bodyStream(c, bytes), range ? 206 : 200, headers);
}

export async function deleteObject(asked: Asked, place: Place): Promise<Response> {
  const { context: c } = asked;
  const customer = await openFor(asked, place.customerKey);
  const precondition = preconditionOf(c);
  const row = await customer.find(readCollection(place.collection), readName(place.name));
  // Deleting twice is as good as once.
  if (!row && precondition) throw new DoorClosed('preconditionFailed', { revision: 0 });
  if (row) await granted(customer.removeObject(row.id, precondition));
  return c.body(null, 204);
}

export async function listObjects(
  asked: Asked,
  customerKey: string,
  collectionText: string,
): Promise<Response> {
  const { world, params, context: c } = asked;
  const collection = readCollection(collectionText);
  const limit = readLimit(params, 100, listMost);
  const prefix = params.get('prefix') ?? '';
  let after = readAfter(params);
  const customer = await openFor(asked, customerKey);
  const items: object[] = [];
  for (let searched = 0; ; ) {
    const wanted = prefix === '' ? limit - items.length : listMost;
    const rows = await objectsAfter(
      world.database.db,
      customer.customerId,
      collection,
      after,
      wanted + 1,
    );
    const page = rows.slice(0, wanted);
    const names = await granted(customer.namesOf(page));
    for (const row of page) {
      after = row.id;
      searched++;
      const name = names.get(row.id) ?? '';
      if (name.startsWith(prefix)) items.push(itemOf(row, name));
      if (items.length === limit) break;
    }
    const isEnd = rows.length <= wanted && after === (page.at(-1)?.id ?? after);
    if (isEnd) return c.json({ items, next: null });
    if (items.length === limit || searched >= searchedMost) {
      return c.json({ items, next: after && writeAfter(after) });
    }
  }
}

function itemOf(row: ObjectRow, name: string) {
  return {
    id: row.id,
    name,
    size: row.size,
    revision: row.revision,
    etag: entityTag(row),
    madeAt: instantText(row.madeAt),
    changedAt: instantText(row.changedAt),
  };
}

export async function getMetadata(asked: Asked, place: Place): Promise<Response> {
  const { context: c } = asked;
  const customer = await openFor(asked, place.customerKey);
  const row = await findObject(customer, place);
  const metadata = await granted(customer.readMetadata(row.id));
  c.header('etag', entityTag(row));
  return c.json(metadata);
}

const metadata = z.strictObject({
  mediaType: z.string().min(1).max(255).nullable(),
  fields: z.record(z.string().min(1).max(128), z.string()),
});

export async function putMetadata(asked: Asked, place: Place): Promise<Response> {
  const { context: c } = asked;
  const precondition = preconditionOf(c);
  const wanted = await readJson(asked, metadata, metadataLimitBytes);
  const customer = await openFor(asked, place.customerKey);
  const found = await findObject(customer, place);
  const row = await granted(customer.writeMetadata(found.id, wanted, precondition));
  c.header('etag', entityTag(row));
  return c.json({ id: row.id, revision: row.revision, changedAt: instantText(row.changedAt) });
}

/** Reads an object through and says whether every byte is as it was written, and if not, where. */
export async function verifyObject(asked: Asked, place: Place): Promise<Response> {
  const customer = await openFor(asked, place.customerKey);
  const row = await findObject(customer, place);
  const { bytes } = await granted(customer.readObject(row.id));
  await proveWhole(bytes, row);
  return asked.context.json({ id: row.id, whole: true, size: row.size });
}
