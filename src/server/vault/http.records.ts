import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { batchLimit, recordLimitBytes } from '../../registers/vault/facts.ts';
import type { Written } from '../../registers/vault/store.answers.ts';
import { type RecordRow, recordsAfter } from '../../registers/vault/store.records.ts';
import type { Idempotency } from './answered.ts';
import { type SwiftAnswer, swiftAnswer } from './answering.ts';
import {
  type Asked,
  jsonObject,
  openFor,
  openRecords,
  type Question,
  readCollection,
  readJson,
  readName,
} from './asked.ts';
import { DoorClosed } from './closed.ts';
import { entityTag, idempotencyOf, preconditionOf, readCondition } from './conditions.ts';
import { readAfter, readLimit, writeAfter } from './cursors.ts';
import type { RecordReading, RecordWriting } from './door.ts';
import { granted, type Place, writtenAnswer } from './http.objects.ts';
import { mergePatch } from './merging.ts';
import { ProtocolFault } from './problems.ts';
import { accountOf, type Read, readSwiftly } from './swift.ts';
import { putSwiftly } from './swift.writing.ts';

/** Bytes of a batch. */
const batchBytes = 16 * 1024 * 1024;
/** Attempts at a merge that others keep overtaking. */
const mergeAttempts = 8;

function fitting(value: JsonObject): JsonObject {
  if (Buffer.byteLength(JSON.stringify(value)) > recordLimitBytes) {
    throw new ProtocolFault('valueTooLarge', { limit: recordLimitBytes });
  }
  return value;
}

export async function putRecord(asked: Asked, place: Place): Promise<Response> {
  return swiftAnswer(asked, await writtenRecord(asked, place));
}

/** Writes a record; what is answered, whoever sends it. */
export async function writtenRecord(asked: Question, place: Place): Promise<SwiftAnswer> {
  const { context: c } = asked;
  const collection = readCollection(place.collection);
  const key = readName(place.name);
  const precondition = preconditionOf(c);
  const idempotency = idempotencyOf(c, ['record', collection, key]);
  const value = await readJson(asked, jsonObject, recordLimitBytes);
  const writing = { key, value: fitting(value), precondition };
  const written = await writeOne(asked, place.customerKey, collection, writing, idempotency);
  const { id, revision, at } = written;
  const json = JSON.stringify({ id, revision, changedAt: at });
  return { json, status: written.made ? 201 : 200, etag: entityTag(written) };
}

/** What goes by nothing but the record's key is written in one journey. */
async function writeOne(
  asked: Question,
  customerKey: string,
  collection: string,
  { key, value, precondition }: RecordWriting,
  idempotency: Idempotency | undefined,
): Promise<Written> {
  const account = precondition || idempotency ? null : accountOf(asked, customerKey);
  // While two keys seal a customer's records, one record has two hashes to be found by.
  if (account?.standing.keys.length === 1) {
    return putSwiftly({ world: asked.world, account, collection, key, value });
  }
  const customer = await openRecords(asked, customerKey);
  const [written] = await granted(
    customer.writeRecords(collection, [{ key, value, precondition }], idempotency),
  );
  if (!written) throw new DoorClosed('recordUnknown');
  return written;
}

export async function getRecord(asked: Asked, place: Place): Promise<Response> {
  return swiftAnswer(asked, await foundRecord(asked, place));
}

/** Reads a record; what is answered, whoever sends it. */
export async function foundRecord(asked: Question, place: Place): Promise<SwiftAnswer> {
  const { context: c } = asked;
  const read = await readOne(asked, place);
  if (!read) throw new DoorClosed('recordUnknown');
  const { row } = read;
  const tag = entityTag(row);
  const condition = readCondition(c, tag);
  if (condition === 'failed') {
    throw new DoorClosed('preconditionFailed', { revision: row.revision });
  }
  return { json: condition === 'unchanged' ? null : read.text, etag: tag };
}

async function readOne(
  asked: Question,
  { customerKey, collection, name }: Place,
): Promise<(Pick<Read, 'text'> & { readonly row: Pick<Read['row'], 'id' | 'revision'> }) | null> {
  const last = accountOf(asked, customerKey);
  if (last) return readSwiftly(asked.world, last, readCollection(collection), name);
  const customer = await openFor(asked, customerKey);
  const row = await customer.findRecord(readCollection(collection), name);
  return row && { row, text: await granted(customer.readText(row)) };
}

/** JSON merge patch (RFC 7396). */
export async function patchRecord(asked: Asked, place: Place): Promise<Response> {
  const { context: c } = asked;
  const collection = readCollection(place.collection);
  const key = readName(place.name);
  const asserted = preconditionOf(c);
  const idempotency = idempotencyOf(c, ['record', collection, key]);
  const patch = await readJson(asked, jsonObject, recordLimitBytes);
  const customer = await openRecords(asked, place.customerKey);
  for (let attempt = 1; ; attempt++) {
    const row = await customer.findRecord(collection, key);
    if (!row) throw new DoorClosed('recordUnknown');
    const [record] = await granted(customer.readRecords([row]));
    const value = fitting(mergePatch(record?.value ?? {}, patch) as JsonObject);
    const seen = { kind: 'revision', id: row.id, revision: row.revision } as const;
    const writing = { key, value, precondition: asserted ?? seen };
    const answer = await customer.writeRecords(collection, [writing], idempotency);
    if (answer.ok && answer.value[0]) return writtenAnswer(asked, answer.value[0]);
    const wasOvertaken = !answer.ok && answer.refusal.code === 'preconditionFailed' && !asserted;
    if (!wasOvertaken || attempt === mergeAttempts) await granted(Promise.resolve(answer));
  }
}

export async function deleteRecord(asked: Asked, place: Place): Promise<Response> {
  const { context: c } = asked;
  const customer = await openFor(asked, place.customerKey);
  const precondition = preconditionOf(c);
  const row = await customer.findRecord(readCollection(place.collection), readName(place.name));
  if (!row && precondition) throw new DoorClosed('preconditionFailed', { revision: 0 });
  if (row) await granted(customer.removeRecord(row.id, precondition));
  return c.body(null, 204);
}

export async function listRecords(
  asked: Asked,
  customerKey: string,
  collectionText: string,
): Promise<Response> {
  const { world, params, context: c } = asked;
  const collection = readCollection(collectionText);
  const limit = readLimit(params, 100, 1_000);
  const after = readAfter(params);
  const customer = await openFor(asked, customerKey);
  const { db } = world.database;
  const rows = await recordsAfter(db, customer.customerId, collection, after, limit + 1);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  const next = last ? writeAfter(last.id) : null;
  if (params.get('values') === 'true') {
    const records = await granted(customer.readRecords(page));
    return c.json({ items: records.map(withValue), next });
  }
  const keys = await granted(customer.keysOf(page));
  return c.json({ items: page.map((row) => itemOf(row, keys.get(row.id) ?? '')), next });
}

function itemOf(row: RecordRow, key: string) {
  return {
    id: row.id,
    key,
    revision: row.revision,
    etag: entityTag(row),
    madeAt: instantText(row.madeAt),
    changedAt: instantText(row.changedAt),
  };
}

const withValue = ({ row, key, value }: RecordReading) => ({ ...itemOf(row, key), value });

const puts = z.strictObject({
  records: z
    .array(z.strictObject({ key: z.string(), value: jsonObject }))
    .min(1)
    .max(batchLimit),
});

/** Many records at once: all are written, or none. */
export async function putRecords(
  asked: Asked,
  customerKey: string,
  collectionText: string,
): Promise<Response> {
  const collection = readCollection(collectionText);
  const idempotency = idempotencyOf(asked.context, ['records', collection]);
  const { records } = await readJson(asked, puts, batchBytes);
  const writings = records.map(({ key, value }) => ({
    key: readName(key),
    value: fitting(value),
  }));
  const twice = writings.length !== new Set(writings.map(({ key }) => key)).size;
  if (twice) throw new ProtocolFault('keyTwice');
  const customer = await openRecords(asked, customerKey);
  const written = await granted(customer.writeRecords(collection, writings, idempotency));
  const items = written.map((each) => ({
    id: each.id,
    revision: each.revision,
    made: each.made,
    etag: entityTag(each),
  }));
  return asked.context.json({ items });
}

const gets = z.strictObject({ keys: z.array(z.string()).min(1).max(batchLimit) });

/** Many records at once; those that are not there are left out. */
export async function getRecords(
  asked: Asked,
  customerKey: string,
  collectionText: string,
): Promise<Response> {
  const collection = readCollection(collectionText);
  const { keys } = await readJson(asked, gets, batchBytes);
  const customer = await openRecords(asked, customerKey);
  const rows = await customer.findRecords(collection, keys.map(readName));
  const records = await granted(customer.readRecords(rows));
  return asked.context.json({ items: records.map(withValue) });
}
