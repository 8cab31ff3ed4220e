import { createHash } from 'node:crypto';
import { instantText } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { holds, nothingHeld, type Precondition } from '../../registers/vault/facts.ts';
import type { Written } from '../../registers/vault/store.answers.ts';
import {
  deleteRecord,
  type RecordChange,
  type RecordRow,
  recordById,
  recordsByKey,
  writeRecords as writeRows,
} from '../../registers/vault/store.records.ts';
import { answeredBefore, type Idempotency, keyedBy } from './answered.ts';
import { again, DoorClosed, TryAgain } from './closed.ts';
import type { RecordReading, RecordWriting } from './door.ts';
import { indexText, type OpenKey, openBytes, sealText } from './keyring.ts';
import type { Door } from './reading.ts';
import { account, lockOpen, remember } from './writing.ts';

/** Records found by their keys, whichever of the customer's keys seals them. */
export async function findRecords(
  { world, customerId, keyring, permits }: Door,
  collection: string,
  names: readonly string[],
): Promise<readonly RecordRow[]> {
  await permits.use();
  const keys = await keyring.all();
  const indices = keys.flatMap((key) =>
    names.map((name) => indexText(key, customerId, 'recordKey', collection, name)),
  );
  return recordsByKey(world.database.db, customerId, collection, indices);
}

/** The key of a record, opened. */
export function keyOf(customer: string, key: OpenKey, row: RecordRow): string {
  const place = { ...placeOf(customer, row.collection, row.keyIndex), kind: 'recordKey' } as const;
  return Buffer.from(openBytes(key, place, row.sealedKey)).toString('utf8');
}

/** A record, opened. */
export function reading(customer: string, key: OpenKey, row: RecordRow): RecordReading {
  const place = {
    ...placeOf(customer, row.collection, row.keyIndex),
    kind: 'recordValue',
  } as const;
  const text = Buffer.from(openBytes(key, place, row.sealedValue)).toString('utf8');
  return { row, key: keyOf(customer, key, row), value: JSON.parse(text) as JsonObject };
}

/** Seals key and value of a record with one of the customer's keys. */
export function sealRecord(
  { world, customerId }: Pick<Door, 'world' | 'customerId'>,
  key: OpenKey,
  collection: string,
  record: { readonly key: string; readonly value: JsonObject },
): Pick<RecordChange, 'keyIndex' | 'sealedKey' | 'sealedValue'> {
  const keyIndex = indexText(key, customerId, 'recordKey', collection, record.key);
  const place = placeOf(customerId, collection, keyIndex);
  return {
    keyIndex,
    sealedKey: sealText(world, key, { ...place, kind: 'recordKey' }, record.key),
    sealedValue: sealText(
      world,
      key,
      { ...place, kind: 'recordValue' },
      canonicalJson(record.value),
    ),
  };
}

function placeOf(customer: string, collection: string, keyIndex: Uint8Array) {
  return { customer, collection, id: Buffer.from(keyIndex).toString('hex') };
}

/** Writes records, all or none, in one transaction. */
export async function writeRecords(
  door: Door,
  collection: string,
  writings: readonly RecordWriting[],
  idempotency: Idempotency | undefined,
): Promise<readonly Written[]> {
  const { world, customerId, keyring, permits } = door;
  await permits.use();
  const keyed = keyedBy(customerId, idempotency);
  const sha256 = createHash('sha256')
    .update(canonicalJson(writings.map(({ key, value }) => ({ key, value }))))
    .digest();
  const before = () =>
    answeredBefore(world, customerId, keyring, keyed, () => Promise.resolve(sha256));
  const known = await before();
  if (known) return known;
  try {
    return await again(() => writeOnce(door, collection, writings, (key) => keyed?.(key, sha256)));
  } catch (thrown) {
    const used = thrown instanceof DoorClosed && thrown.refusal.code === 'idempotencyKeyInUse';
    const answer = used ? await before() : null;
    if (answer) return answer;
    throw thrown;
  }
}

async function writeOnce(
  door: Door,
  collection: string,
  writings: readonly RecordWriting[],
  keyed: (key: OpenKey) => Parameters<typeof remember>[2],
): Promise<readonly Written[]> {
  const { world, customerId, keyring } = door;
  const key = await keyring.current();
  const keys = await keyring.all();
  const indicesOf = (name: string) =>
    keys.map((each) => indexText(each, customerId, 'recordKey', collection, name));
  return world.database.db.transaction().execute(async (tx) => {
    await lockOpen(door, tx, key);
    const wanted = writings.map((writing) => ({ writing, indices: indicesOf(writing.key) }));
    const there = await recordsByKey(
      tx,
      customerId,
      collection,
      wanted.flatMap(({ indices }) => indices),
    );
    const byIndex = new Map(there.map((row) => [hex(row.keyIndex), row]));
    const now = world.now();
    const plans = wanted.map(({ writing, indices }) => {
      const found = indices.map((index) => byIndex.get(hex(index))).find((row) => row) ?? null;
      return planOf(door, key, collection, writing, found);
    });
    const place = { customerId, collection, keyId: key.row.id };
    const changes = plans.map(({ change }) => change);
    if ((await writeRows(tx, place, changes, now)) < changes.length) throw new TryAgain();
    await account(door, tx, {
      ...nothingHeld,
      records: changes.filter(({ found }) => found === null).length,
      recordBytes: plans.reduce((sum, { more }) => sum + more, 0),
    });
    const written = changes.map(({ id, found }) => ({
      id,
      revision: (found ?? 0) + 1,
      made: found === null,
      at: instantText(now),
    }));
    await remember(door, tx, keyed(key), written);
    return written;
  });
}

function planOf(
  door: Door,
  key: OpenKey,
  collection: string,
  { key: name, value, precondition }: RecordWriting,
  found: RecordRow | null,
): { readonly change: RecordChange; readonly more: number } {
  if (!holds(precondition, found)) {
    throw new DoorClosed('preconditionFailed', { revision: found?.revision ?? 0 });
  }
  const sealed = sealRecord(door, key, collection, { key: name, value });
  const id = found?.id ?? door.world.newId();
  const more = sealed.sealedValue.length - (found?.sealedValue.length ?? 0);
  return { change: { id, found: found?.revision ?? null, ...sealed }, more };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Takes a record. False where there was none. */
export async function removeRecord(
  door: Door,
  id: string,
  precondition: Precondition | undefined,
): Promise<boolean> {
  const { world, customerId } = door;
  return again(() =>
    world.database.db.transaction().execute(async (tx) => {
      await lockOpen(door, tx, null);
      const row = await recordById(tx, customerId, id);
      if (!holds(precondition, row)) {
        throw new DoorClosed('preconditionFailed', { revision: row?.revision ?? 0 });
      }
      if (!row) return false;
      if (!(await deleteRecord(tx, id, row.revision))) throw new TryAgain();
      const recordBytes = -row.sealedValue.length;
      await account(door, tx, { ...nothingHeld, records: -1, recordBytes });
      return true;
    }),
  );
}
