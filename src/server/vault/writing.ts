import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import { Fault } from '../../kernel/fault.ts';
import { instantText } from '../../kernel/instant.ts';
import { holds, nothingHeld, type Precondition, type Usage } from '../../registers/vault/facts.ts';
import { type KeyedWrite, keepAnswers, type Written } from '../../registers/vault/store.answers.ts';
import { claimFile, discardFiles } from '../../registers/vault/store.discards.ts';
import type { Standing } from '../../registers/vault/store.keys.ts';
import {
  deleteObject,
  insertObject,
  lockObject,
  lockObjectById,
  type ObjectRow,
  objectByName,
  replaceObject,
} from '../../registers/vault/store.objects.ts';
import { addUsage, passedBy, roomOf } from '../../registers/vault/store.usage.ts';
import type { Keyed } from './answered.ts';
import { again, DoorClosed, TryAgain } from './closed.ts';
import type { Metadata } from './door.ts';
import { indexText, type OpenKey, sealText } from './keyring.ts';
import { type Door, metadataOf, plaintextOf } from './reading.ts';
import { dropStored, type Stored, storeStream } from './storing.ts';

/** How a stored file is to be called, and what must hold for it. */
export interface Naming {
  readonly collection: string;
  readonly name: string;
  readonly metadata: Metadata | null;
  readonly precondition: Precondition | undefined;
  readonly keyed: Keyed | undefined;
  /** What else belongs into the transaction. */
  readonly also?: (tx: Tx, written: Written) => Promise<void>;
}

/**
 * Gives a stored file its row, in one transaction with everything that follows from it. What had
 * the name before is gone with the same commit. Where the key was replaced meanwhile, the file is
 * sealed anew first.
 */
export async function commitStored(
  door: Door,
  stored: Stored,
  naming: Naming,
): Promise<{ readonly written: Written; readonly row: ObjectRow }> {
  let file = stored;
  try {
    return await again(async () => {
      const newest = await door.keyring.current();
      if (newest.row.id !== file.key.row.id) file = await resealed(door, file);
      return commitOnce(door, file, naming);
    });
  } catch (thrown) {
    await dropStored(door, file.storedAs);
    throw thrown;
  }
}

async function resealed(door: Door, old: Stored): Promise<Stored> {
  const plaintext = plaintextOf(door.world, old, old.key.identity);
  const fresh = await storeStream(door, plaintext, old.size);
  await dropStored(door, old.storedAs);
  return fresh;
}

async function commitOnce(
  door: Door,
  stored: Stored,
  naming: Naming,
): Promise<{ readonly written: Written; readonly row: ObjectRow }> {
  const { world, customerId, keyring } = door;
  const { collection, name, metadata } = naming;
  const keys = await keyring.all();
  const now = world.now();
  const committed = await world.database.db.transaction().execute(async (tx) => {
    await lockOpen(door, tx, stored.key);
    const indices = keys.map((key) => indexText(key, customerId, 'objectName', collection, name));
    const before = await lockObject(tx, customerId, collection, indices);
    if (!holds(naming.precondition, before)) {
      throw new DoorClosed('preconditionFailed', { revision: before?.revision ?? 0 });
    }
    if (!(await claimFile(tx, stored.storedAs))) {
      throw new Fault('the file was given up while it was being written', { retryable: true });
    }
    const id = before?.id ?? world.newId();
    const seal = sealerOf(door, stored.key, collection, id);
    const row: ObjectRow = {
      id,
      customerId,
      collection,
      nameIndex: indexText(stored.key, customerId, 'objectName', collection, name),
      sealedName: seal('objectName', name),
      storedAs: stored.storedAs,
      keyId: stored.key.row.id,
      keyVersion: stored.key.row.version,
      size: stored.size,
      storedSize: stored.storedSize,
      storedSha256: stored.storedSha256,
      sealedDigest: seal('digest', stored.sha256),
      sealedMetadata: metadata && seal('metadata', JSON.stringify(metadata)),
      revision: (before?.revision ?? 0) + 1,
      madeAt: before?.madeAt ?? now,
      changedAt: now,
    };
    const more = before ? 0 : 1;
    await account(door, tx, {
      ...nothingHeld,
      objects: more,
      objectBytes: row.size - (before?.size ?? 0),
    });
    if (before) {
      await replaceObject(tx, row);
      await discardFiles(tx, customerId, [before.storedAs], now);
    } else if (!(await insertObject(tx, row))) throw new TryAgain();
    const written: Written = {
      id,
      revision: row.revision,
      made: before === null,
      at: instantText(now),
    };
    const keyed = naming.keyed?.(stored.key, stored.sha256);
    await remember(door, tx, keyed ? [{ ...keyed, answer: [written] }] : []);
    await naming.also?.(tx, written);
    return { written, row };
  });
  return committed;
}

/** Seals what stands beside an object, bound to it. */
export function sealerOf(
  { world, customerId }: Door,
  key: OpenKey,
  collection: string,
  id: string,
) {
  return (kind: 'objectName' | 'metadata' | 'digest', text: string | Uint8Array): Uint8Array =>
    sealText(world, key, { customer: customerId, kind, collection, id }, text);
}

/**
 * Holds the account open, and its key as it is, until the transaction ends.
 *
 * @param key under which something is about to be sealed; null where nothing is
 * @throws DoorClosed where the account is frozen or gone, TryAgain where the key was replaced
 */
export async function lockOpen(door: Door, tx: Tx, key: OpenKey | null): Promise<void> {
  const { rows } = await sql<{ state: Standing['state']; current: string | null }>`
    select c.state, (select k.id from vault_key k
      where k.customer_id = c.id and k.replaced_at is null and k.destroyed_at is null) as current
    from customer c where c.id = ${door.customerId} for share of c`.execute(tx);
  const [row] = rows;
  if (!row) throw new DoorClosed('customerUnknown');
  mustBeOpen(row.state);
  if (key && row.current !== key.row.id) {
    await door.keyring.refresh();
    throw new TryAgain();
  }
}

/** @throws DoorClosed where nothing may be written any more */
export function mustBeOpen(state: Standing['state']): void {
  if (state === 'closing') throw new DoorClosed('accountFrozen');
  if (state !== 'open') throw new DoorClosed('accountErased');
}

/** Adds a change to what is held. @throws DoorClosed `quotaExceeded` */
export async function account(door: Door, tx: Tx, more: Usage): Promise<void> {
  const { customerId, productId } = door;
  if (more.objects > 0 || more.records > 0 || more.objectBytes + more.recordBytes > 0) {
    const passed = passedBy(await roomOf(tx, customerId, productId), more);
    if (passed) throw new DoorClosed('quotaExceeded', passed);
  }
  const shard = door.world.random(1)[0] ?? 0;
  await addUsage(tx, { customerId, productId }, shard, more);
}

/** Remembers what keyed writes answered. @throws DoorClosed where a key was used meanwhile */
export async function remember(
  { world, customerId }: Door,
  tx: Tx,
  kept: readonly (KeyedWrite & { readonly answer: readonly Written[] })[],
): Promise<void> {
  if (kept.length === 0) return;
  if (!(await keepAnswers(tx, customerId, kept, world.now()))) {
    throw new DoorClosed('idempotencyKeyInUse');
  }
}

/** Takes an object's row, and leaves its file to be removed. */
export async function removeObject(
  door: Door,
  id: string,
  precondition: Precondition | undefined,
): Promise<boolean> {
  const { world, customerId } = door;
  const removed = await again(() =>
    world.database.db.transaction().execute(async (tx) => {
      await lockOpen(door, tx, null);
      const row = await lockObjectById(tx, customerId, id);
      if (!holds(precondition, row)) {
        throw new DoorClosed('preconditionFailed', { revision: row?.revision ?? 0 });
      }
      if (!row) return false;
      await deleteObject(tx, id);
      await discardFiles(tx, customerId, [row.storedAs], world.now());
      await account(door, tx, { ...nothingHeld, objects: -1, objectBytes: -row.size });
      return true;
    }),
  );
  return removed;
}

/** Seals other metadata beside an object; the object itself stays as it is. */
export async function writeMetadata(
  door: Door,
  id: string,
  metadata: Metadata,
  precondition: Precondition | undefined,
): Promise<ObjectRow> {
  const { world, customerId, keyring } = door;
  return again(() =>
    world.database.db.transaction().execute(async (tx) => {
      await lockOpen(door, tx, null);
      const row = await lockObjectById(tx, customerId, id);
      if (!row) throw new DoorClosed('objectUnknown');
      if (!holds(precondition, row)) {
        throw new DoorClosed('preconditionFailed', { revision: row.revision });
      }
      const key = await keyring.of(row.keyVersion);
      const known = await metadataOf(door, row);
      const changed: ObjectRow = {
        ...row,
        sealedMetadata: sealerOf(
          door,
          key,
          row.collection,
          id,
        )('metadata', JSON.stringify({ ...known, ...metadata })),
        revision: row.revision + 1,
        changedAt: world.now(),
      };
      await replaceObject(tx, changed);
      return changed;
    }),
  );
}

/**
 * What cannot hold when all is written is refused before; when it is written it is looked at again.
 *
 * @returns what is there now
 */
export async function mustHold(
  door: Door,
  {
    collection,
    name,
    precondition,
  }: Pick<Naming, 'collection' | 'name'> & { readonly precondition?: Precondition | undefined },
): Promise<ObjectRow | null> {
  const row = await findObject(door, collection, name);
  if (!holds(precondition, row)) {
    throw new DoorClosed('preconditionFailed', { revision: row?.revision ?? 0 });
  }
  return row;
}

/** An object by its name, whichever of the customer's keys seals it. */
export async function findObject(
  { world, customerId, keyring }: Door,
  collection: string,
  name: string,
): Promise<ObjectRow | null> {
  const keys = await keyring.all();
  const indices = keys.map((key) => indexText(key, customerId, 'objectName', collection, name));
  return objectByName(world.database.db, customerId, collection, indices);
}
