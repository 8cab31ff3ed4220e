import { type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import { type Standing, standingOf } from '../../registers/vault/store.keys.ts';
import { recordById } from '../../registers/vault/store.records.ts';
import { roomOf } from '../../registers/vault/store.usage.ts';
import { answeredBefore, keyedBy } from './answered.ts';
import { answering, DoorClosed } from './closed.ts';
import type { Because, DoorRefusal, ObjectWriting, OpenCustomer } from './door.ts';
import { keyringOf, withKey } from './keyring.ts';
import { permitsOf } from './permits.ts';
import { type Door, digestOf, metadataOf, nameOf, openObject, rowOf, sightOf } from './reading.ts';
import { findRecords, keyOf, reading, removeRecord, textOf } from './records.ts';
import { dropStored, measure, type Stored, storeStream } from './storing.ts';
import { writeRecords } from './writing.records.ts';
import {
  commitStored,
  findObject,
  mustBeOpen,
  mustHold,
  removeObject,
  writeMetadata,
} from './writing.ts';

/**
 * Opens a customer's data for one reason; nothing is unwrapped before something is asked for.
 * Refuses `customerUnknown` (to a product: also the customers of others) and `accountErased`.
 */
export async function openCustomer(
  world: World,
  customerId: string,
  because: Because,
): Promise<Result<OpenCustomer, Refusal<DoorRefusal>>> {
  const found = await standingOf(world.database.db, customerId);
  const isHidden = because.by === 'service' && found?.productId !== because.productId;
  if (!found || isHidden || found.custody === 'none') return refuse('customerUnknown');
  return openStanding(world, found, because);
}

/**
 * As `openCustomer`, where the standing was just read, or is what it last was and `sure` says
 * whether it still is: before that nothing is shown and nothing changed.
 */
export async function openStanding(
  world: World,
  found: Standing,
  because: Because,
  sure?: Promise<void>,
): Promise<Result<OpenCustomer, Refusal<DoorRefusal>>> {
  if (found.state === 'erasing' || found.state === 'gone') return refuse('accountErased');
  return answering(async () => {
    const standing = await withKey(world, found);
    const { customerId, productId } = standing;
    const permits = permitsOf(world, customerId, because, sure);
    const keyring = keyringOf(world, standing);
    return opened({ world, customerId, productId, keyring, permits }, because);
  });
}

function opened(door: Door, because: Because): OpenCustomer {
  return {
    customerId: door.customerId,
    because,
    door,
    ...objectsOf(door, because),
    ...recordsOf(door, because),
  };
}

type Objects = Pick<
  OpenCustomer,
  | 'find'
  | 'namesOf'
  | 'nameOf'
  | 'readObject'
  | 'digestOf'
  | 'readMetadata'
  | 'writeObject'
  | 'writeMetadata'
  | 'removeObject'
>;

function objectsOf(door: Door, because: Because): Objects {
  const { permits } = door;
  const seen = async (id: string) => {
    const row = await rowOf(door, id);
    await permits.read(sightOf(row));
    return row;
  };
  return {
    async find(collection, name) {
      await permits.use();
      return findObject(door, collection, name);
    },
    namesOf: (rows) =>
      answering(async () => {
        await readNames(door, rows);
        const named = rows.map(async (row) => [row.id, await nameOf(door, row)] as const);
        return new Map(await Promise.all(named));
      }),
    nameOf: (row) =>
      answering(async () => {
        await permits.read({ ...sightOf(row), what: 'name' });
        return nameOf(door, row);
      }),
    readObject: (id, range) => answering(() => openObject(door, id, range)),
    digestOf: (row) =>
      answering(async () => {
        await permits.read(sightOf(row));
        return digestOf(door, row);
      }),
    readMetadata: (id) => answering(async () => metadataOf(door, await seen(id))),
    writeObject: (writing) => answering(() => putObject(door, because, writing)),
    writeMetadata: (id, metadata, precondition) =>
      answering(async () => {
        await permits.use();
        return writeMetadata(door, id, metadata, precondition);
      }),
    removeObject: (id, precondition) =>
      answering(async () => {
        mustWrite(because);
        return { removed: await removeObject(door, id, precondition) };
      }),
  };
}

type Records = Pick<
  OpenCustomer,
  | 'findRecord'
  | 'findRecords'
  | 'keysOf'
  | 'readRecord'
  | 'readRecords'
  | 'readText'
  | 'writeRecords'
  | 'removeRecord'
>;

function recordsOf(door: Door, because: Because): Records {
  const { world, customerId, permits, keyring } = door;
  const readRows: OpenCustomer['readRecords'] = (rows) =>
    answering(async () => {
      const together = because.by === 'case' ? rows.length : Math.min(1, rows.length);
      for (const row of rows.slice(0, together)) {
        const { id: itemId, collection, changedAt } = row;
        await permits.read({ what: 'record', collection, itemId, changedAt, count: 1 });
      }
      return Promise.all(
        rows.map(async (row) => reading(customerId, await keyring.of(row.keyVersion), row)),
      );
    });
  return {
    findRecord: async (collection, key) => (await findRecords(door, collection, [key]))[0] ?? null,
    findRecords: (collection, keys) => findRecords(door, collection, keys),
    keysOf: (rows) =>
      answering(async () => {
        await readNames(door, rows);
        const named = rows.map(
          async (row) =>
            [row.id, keyOf(customerId, await keyring.of(row.keyVersion), row)] as const,
        );
        return new Map(await Promise.all(named));
      }),
    readRecord: (id) =>
      answering(async () => {
        const row = await recordById(world.database.db, customerId, id);
        if (!row) throw new DoorClosed('recordUnknown');
        const read = await readRows([row]);
        if (!read.ok)
          throw new DoorClosed(read.refusal.code, read.refusal.params, read.refusal.guard);
        const [record] = read.value;
        if (!record) throw new DoorClosed('recordUnknown');
        return record;
      }),
    readRecords: readRows,
    readText: (row) =>
      answering(async () => {
        const { id: itemId, collection, changedAt, keyVersion } = row;
        await permits.read({ what: 'record', collection, itemId, changedAt, count: 1 });
        return textOf(customerId, await keyring.of(keyVersion), row);
      }),
    writeRecords: (collection, writings, idempotency) =>
      answering(() => writeRecords(door, collection, writings, idempotency)),
    removeRecord: (id, precondition) =>
      answering(async () => {
        mustWrite(because);
        return { removed: await removeRecord(door, id, precondition) };
      }),
  };
}

/** One read for each collection that the rows lie in. */
async function readNames(
  { permits }: Door,
  rows: readonly { readonly collection: string }[],
): Promise<void> {
  const counts = new Map<string, number>();
  for (const { collection } of rows) counts.set(collection, (counts.get(collection) ?? 0) + 1);
  for (const [collection, count] of counts) {
    await permits.read({ what: 'names', collection, itemId: null, changedAt: null, count });
  }
}

function mustWrite(because: Because): void {
  if (because.by === 'case') throw new DoorClosed('readOnly');
}

async function putObject(door: Door, because: Because, writing: ObjectWriting) {
  const { world, customerId, keyring, permits } = door;
  mustWrite(because);
  mustBeOpen(keyring.standing().state);
  await permits.use();
  const keyed = keyedBy(customerId, writing.idempotency);
  const before = await answeredBefore(world, customerId, keyring, keyed, () =>
    digestOfAll(writing.bytes),
  );
  if (before?.[0]) return before[0];
  const replaced = await mustHold(door, writing);
  const stored = await store(door, writing, replaced?.size ?? 0);
  try {
    const { written } = await commitStored(door, stored, {
      collection: writing.collection,
      name: writing.name,
      metadata: writing.mediaType ? { mediaType: writing.mediaType, fields: {} } : null,
      precondition: writing.precondition,
      keyed,
    });
    return written;
  } catch (thrown) {
    const used = thrown instanceof DoorClosed && thrown.refusal.code === 'idempotencyKeyInUse';
    const sha256 = () => Promise.resolve(stored.sha256);
    const answer = used ? await answeredBefore(world, customerId, keyring, keyed, sha256) : null;
    if (answer?.[0]) return answer[0];
    throw thrown;
  }
}

/**
 * Bytes into the storage, measured against what was announced and what there is room for.
 *
 * @param freed bytes of what they take the place of
 */
async function store(
  door: Door,
  { bytes, size, sha256 }: ObjectWriting,
  freed: number,
): Promise<Stored> {
  const { world, customerId, productId } = door;
  const { customer, product } = await roomOf(world.database.db, customerId, productId);
  const left = [customer, product].map(
    ({ usage, quota }) => quota.bytes - usage.objectBytes - usage.recordBytes,
  );
  const room = Math.max(0, Math.min(...left)) + freed;
  if (size !== undefined && size !== null && size > room) {
    throw new DoorClosed('quotaExceeded', { whose: 'customer', what: 'bytes', limit: room });
  }
  const stored = await storeStream(door, bytes, room);
  const isAnother = sha256 && !Buffer.from(sha256).equals(stored.sha256);
  if (isAnother || (typeof size === 'number' && size !== stored.size)) {
    await dropStored(door, stored.storedAs);
    throw new DoorClosed('digestDiffers');
  }
  return stored;
}

async function digestOfAll(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const measured = measure();
  for await (const _ of measured.of(bytes)) {
    // Only its digest is wanted.
  }
  return measured.digest();
}
