import { createHash } from 'node:crypto';
import { instantText } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import type { World } from '../../platform/world.ts';
import { holds, nothingHeld, type Precondition } from '../../registers/vault/facts.ts';
import type { KeyedWrite, Written } from '../../registers/vault/store.answers.ts';
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
import { gathered } from './gathering.ts';
import { indexText, type OpenKey, openBytes, sealText } from './keyring.ts';
import type { Door } from './reading.ts';
import { account, lockOpen, remember } from './writing.ts';

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
  const look = together(placesOf(world).reading, customerId, collection, findAll, nameOfLooking);
  const found =
    names.length === 1 ? look(looking) : findAll([looking]).then(([rows]) => rows ?? []);
  // Both at once; nothing is given to anybody before it is counted.
  const [rows] = await Promise.all([found, used]);
  return rows;
}

let lookings = 0;
/** Reading the same twice at once does no harm: each is a name of its own. */
const nameOfLooking = (): string => String(lookings++);

async function findAll(lookingFor: readonly Looking[]): Promise<readonly (readonly RecordRow[])[]> {
  const [first] = lookingFor;
  if (!first) return [];
  const { door, collection } = first;
  const all = lookingFor.flatMap(({ indices }) => indices);
  const rows = await recordsByKey(door.world.database.db, door.customerId, collection, all);
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

/** What one request writes: all of it or none. */
interface Asking {
  readonly door: Door;
  readonly collection: string;
  readonly writings: readonly RecordWriting[];
  readonly keyed: ((key: OpenKey) => KeyedWrite) | undefined;
}

/** Writes records, all or none, in one transaction. */
export async function writeRecords(
  door: Door,
  collection: string,
  writings: readonly RecordWriting[],
  idempotency: Idempotency | undefined,
): Promise<readonly Written[]> {
  const { world, customerId, keyring, permits } = door;
  const used = permits.use();
  const keyed = keyedBy(customerId, idempotency);
  const sha256 = createHash('sha256')
    .update(canonicalJson(writings.map(({ key, value }) => ({ key, value }))))
    .digest();
  const before = () =>
    answeredBefore(world, customerId, keyring, keyed, () => Promise.resolve(sha256));
  await used;
  const known = await before();
  if (known) return known;
  const asking = {
    door,
    collection,
    writings,
    keyed: keyed && ((key: OpenKey) => keyed(key, sha256)),
  };
  try {
    return writings.length === 1
      ? await together(placesOf(world).writing, customerId, collection, writeAll, oneKey)(asking)
      : ((await writeAll([asking]))[0] ?? []);
  } catch (thrown) {
    const wasUsed = thrown instanceof DoorClosed && thrown.refusal.code === 'idempotencyKeyInUse';
    const answer = wasUsed ? await before() : null;
    if (answer) return answer;
    throw thrown;
  }
}

const oneKey = ({ writings }: Asking): string => writings[0]?.key ?? '';

/** Several requests for one collection of one customer, in one transaction. */
async function writeAll(askings: readonly Asking[]): Promise<readonly (readonly Written[])[]> {
  const [first] = askings;
  if (!first) return [];
  return again(() => writeOnce(first.door, first.collection, askings));
}

async function writeOnce(
  door: Door,
  collection: string,
  askings: readonly Asking[],
): Promise<readonly (readonly Written[])[]> {
  const { world, customerId, keyring } = door;
  const key = await keyring.current();
  const keys = await keyring.all();
  const wanted = askings.flatMap(({ writings }) =>
    writings.map((writing) => ({
      writing,
      indices: keys.map((each) =>
        indexText(each, customerId, 'recordKey', collection, writing.key),
      ),
    })),
  );
  return world.database.db.transaction().execute(async (tx) => {
    await lockOpen(door, tx, key);
    const indices = wanted.flatMap((each) => each.indices);
    const there = await recordsByKey(tx, customerId, collection, indices);
    const byIndex = new Map(there.map((row) => [hex(row.keyIndex), row]));
    const now = world.now();
    const plans = wanted.map(({ writing, indices: own }) => {
      const found = own.map((index) => byIndex.get(hex(index))).find((row) => row) ?? null;
      return planOf(door, key, collection, writing, found);
    });
    const changes = plans.map(({ change }) => change);
    const place = { customerId, collection, keyId: key.row.id };
    if ((await writeRows(tx, place, changes, now)) < changes.length) throw new TryAgain();
    await account(door, tx, {
      ...nothingHeld,
      records: changes.filter(({ found }) => found === null).length,
      recordBytes: plans.reduce((sum, { more }) => sum + more, 0),
    });
    const at = instantText(now);
    const written = changes.map(({ id, found }) => ({
      id,
      revision: (found ?? 0) + 1,
      made: found === null,
      at,
    }));
    const left = [...written];
    const answers = askings.map(({ writings }) => left.splice(0, writings.length));
    const kept = askings.flatMap(({ keyed }, n) =>
      keyed ? [{ ...keyed(key), answer: answers[n] ?? [] }] : [],
    );
    await remember(door, tx, kept);
    return answers;
  });
}

/** Who asks for one collection of one customer at the same time, is answered together. */
interface Places {
  readonly reading: Map<string, (asked: Looking) => Promise<readonly RecordRow[]>>;
  readonly writing: Map<string, (asked: Asking) => Promise<readonly Written[]>>;
}

const places = new WeakMap<World, Places>();
/** Places remembered; a gathering that is under way ends by itself. */
const placesLimit = 1_000;

function placesOf(world: World): Places {
  const there = places.get(world) ?? { reading: new Map(), writing: new Map() };
  places.set(world, there);
  return there;
}

function together<Asked, Answer>(
  known: Map<string, (asked: Asked) => Promise<Answer>>,
  customerId: string,
  collection: string,
  act: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  nameOf: (asked: Asked) => string,
): (asked: Asked) => Promise<Answer> {
  const place = `${customerId} ${collection}`;
  const there = known.get(place) ?? gathered(act, nameOf);
  if (known.size >= placesLimit) known.clear();
  known.set(place, there);
  return there;
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
