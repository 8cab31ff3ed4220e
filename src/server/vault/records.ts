import type { JsonObject } from '../../kernel/json.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { holds, nothingHeld, type Precondition } from '../../registers/vault/facts.ts';
import {
  deleteRecord,
  type RecordChange,
  type RecordRow,
  recordById,
  recordsByKey,
} from '../../registers/vault/store.records.ts';
import { travellingOf } from '../travelling.ts';
import { again, DoorClosed, TryAgain } from './closed.ts';
import type { RecordReading } from './door.ts';
import { gatheredByPlace } from './gathering.ts';
import { indexText, type OpenKey, openBytes, sealText } from './keyring.ts';
import type { Door } from './reading.ts';
import { account, lockOpen } from './writing.ts';

/** A record that is looked for, under each key of the keystore that the customer has. */
interface Looking {
  readonly door: Door;
  readonly collection: string;
  readonly indices: readonly Uint8Array[];
}

/** Records found by their keys, whichever of the customer's keys seals them. */
export async function findRecords(
  door: Door,
  collection: string,
  names: readonly string[],
): Promise<readonly RecordRow[]> {
  const { world, customerId, keyring, permits } = door;
  const used = permits.use();
  const keys = await keyring.all();
  const indices = keys.flatMap((key) =>
    names.map((name) => indexText(key, customerId, 'recordKey', collection, name)),
  );
  const looking = { door, collection, indices };
  const found =
    names.length === 1
      ? lookAt(world, customerId, collection)(looking)
      : findAll([looking]).then(([rows]) => rows ?? []);
  // Both at once; nothing is given to anybody before it is counted.
  const [rows] = await Promise.all([found, used]);
  return rows;
}

/** Who looks into one collection of one customer at the same time, looks once; twice for the same does no harm. */
const lookAt = gatheredByPlace(findAll, () => null);

async function findAll(lookingFor: readonly Looking[]): Promise<readonly (readonly RecordRow[])[]> {
  const [first] = lookingFor;
  if (!first) return [];
  const { door, collection } = first;
  const all = lookingFor.flatMap(({ indices }) => indices);
  const rows = await recordsByKey(travellingOf(door.world), door.customerId, collection, all);
  const byIndex = new Map(rows.map((row) => [hex(row.keyIndex), row]));
  return lookingFor.map(({ indices }) => indices.flatMap((index) => byIndex.get(hex(index)) ?? []));
}

/** The key of a record, opened. */
export function keyOf(customer: string, key: OpenKey, row: RecordRow): string {
  const place = { ...placeOf(customer, row.collection, row.keyIndex), kind: 'recordKey' } as const;
  return Buffer.from(openBytes(key, place, row.sealedKey)).toString('utf8');
}

/** A record, opened. */
export function reading(customer: string, key: OpenKey, row: RecordRow): RecordReading {
  const value = JSON.parse(textOf(customer, key, row)) as JsonObject;
  return { row, key: keyOf(customer, key, row), value };
}

/** The value of a record as it was written down: canonical JSON. */
export function textOf(
  customer: string,
  key: OpenKey,
  row: Pick<RecordRow, 'collection' | 'keyIndex' | 'sealedValue'>,
): string {
  const place = {
    ...placeOf(customer, row.collection, row.keyIndex),
    kind: 'recordValue',
  } as const;
  return Buffer.from(openBytes(key, place, row.sealedValue)).toString('utf8');
}

/**
 * Seals key and value of a record with one of the customer's keys.
 *
 * @param keyIndex of the record's key under that key, where it is known
 */
export function sealRecord(
  { world, customerId }: Pick<Door, 'world' | 'customerId'>,
  key: OpenKey,
  collection: string,
  record: { readonly key: string; readonly value: JsonObject },
  keyIndex = indexText(key, customerId, 'recordKey', collection, record.key),
): Pick<RecordChange, 'keyIndex' | 'sealedKey' | 'sealedValue'> {
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

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

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
