import { invariant } from '../../kernel/invariant.ts';
import { type Refusal, type Result, refuse } from '../../kernel/result.ts';
import { recipientText } from '../../platform/age/identity.ts';
import { execute } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import { claimFile, discardFiles } from '../../registers/vault/store.discards.ts';
import {
  customersToRekey,
  keyFlow,
  type Standing,
  standingOf,
} from '../../registers/vault/store.keys.ts';
import {
  lockObjectById,
  type ObjectRow,
  objectsSealedWith,
  replaceObject,
} from '../../registers/vault/store.objects.ts';
import { recordsSealedWith, resealRecords } from '../../registers/vault/store.records.ts';
import { again, answering, damageOf } from './closed.ts';
import type { DoorRefusal } from './door.ts';
import { indexText, keyringOf, type OpenKey } from './keyring.ts';
import { permitsOf } from './permits.ts';
import { type Door, digestOf, metadataOf, nameOf, plaintextOf } from './reading.ts';
import { keyOf, reading, sealRecord } from './records.ts';
import { dropStored, storeStream } from './storing.ts';
import { lockOpen, mustBeOpen, sealerOf } from './writing.ts';

/**
 * A new key for one customer, while they work: what is written from now on is sealed with it, what
 * an old key seals is sealed anew bit by bit, and an old key goes when nothing refers to it. Cut
 * off anywhere, the next run goes on with what is left.
 */

const system = { kind: 'system', id: 'vault' } as const;
const rowsAtOnce = 100;

/** Begins: from here on new writes use the new key. Idempotent while a re-key is under way. */
export async function beginRekey(
  world: World,
  customerId: string,
): Promise<Result<{ readonly version: number }, Refusal<DoorRefusal | 'nothingToRekey'>>> {
  const standing = await standingOf(world.database.db, customerId);
  if (!standing) return refuse('customerUnknown');
  const current = standing.keys.at(-1);
  if (!current) return refuse('nothingToRekey');
  return answering(async () => {
    mustBeOpen(standing.state);
    if (standing.keys.some(({ replaced }) => replaced)) return { version: current.version };
    const made = await world.keystore.rekey(customerId, current.version);
    const recipient = recipientText(made.recipient);
    const { version } = made;
    const done = await execute(
      world,
      keyFlow,
      { do: 'replaceKey', customerId, version, recipient },
      system,
    );
    invariant(done.ok || done.refusal.code === 'accountErased', 'the system may replace a key');
    return { version };
  });
}

export interface Rekeyed {
  readonly objects: number;
  readonly records: number;
  /** Old keys that went. */
  readonly retired: number;
}

/** Seals everything anew that an old key of the customer seals, then lets the old keys go. */
export async function continueRekey(world: World, customerId: string): Promise<Rekeyed> {
  const standing = await standingOf(world.database.db, customerId);
  const done = { objects: 0, records: 0, retired: 0 };
  if (standing?.state !== 'open') return done;
  await forgetRetired(world, standing);
  const door: Door = {
    world,
    customerId,
    productId: standing.productId,
    keyring: keyringOf(world, standing),
    permits: permitsOf(world, customerId, { by: 'system', what: 'rekey' }),
  };
  for (const old of standing.keys.filter(({ replaced }) => replaced)) {
    done.objects += await moveObjects(door, old.id);
    done.records += await moveRecords(door, old.id);
    if (await retire(world, customerId, old.version)) done.retired += 1;
  }
  return done;
}

async function moveObjects(door: Door, oldKey: string): Promise<number> {
  let moved = 0;
  const damaged = new Set<string>();
  for (;;) {
    const rows = await objectsSealedWith(door.world.database.db, oldKey, rowsAtOnce + damaged.size);
    const left = rows.filter(({ id }) => !damaged.has(id));
    if (left.length === 0) return moved;
    for (const row of left) {
      // What does not open stays as it is, with its key; the others go on.
      if (await moveObject(door, row)) moved += 1;
      else damaged.add(row.id);
    }
  }
}

async function moveObject(door: Door, row: ObjectRow): Promise<boolean> {
  const { world, customerId, keyring, permits } = door;
  await permits.use();
  const old = await keyring.of(row.keyVersion);
  const plain = plaintextOf(world, row, old.identity);
  const stored = await storeStream(door, plain, row.size).catch((thrown: unknown) => {
    const damage = damageOf(row.id, thrown);
    if (damage === thrown) throw thrown;
    return null;
  });
  if (!stored) return false;
  const [name, metadata, digest] = await Promise.all([
    nameOf(door, row),
    row.sealedMetadata ? metadataOf(door, row) : null,
    digestOf(door, row),
  ]);
  const isSame = stored.size === row.size && Buffer.from(digest).equals(stored.sha256);
  if (!isSame) {
    await dropStored(door, stored.storedAs);
    return false;
  }
  const taken = await world.database.db.transaction().execute(async (tx) => {
    await lockOpen(door, tx, stored.key);
    const now = await lockObjectById(tx, customerId, row.id);
    // Written or deleted meanwhile: what is there now is the new key's already, or comes round again.
    if (now?.revision !== row.revision || now.storedAs !== row.storedAs) return false;
    await claimFile(tx, stored.storedAs);
    const seal = sealerOf(door, stored.key, row.collection, row.id);
    await replaceObject(tx, {
      ...row,
      nameIndex: indexText(stored.key, customerId, 'objectName', row.collection, name),
      sealedName: seal('objectName', name),
      sealedDigest: seal('digest', digest),
      sealedMetadata: metadata && seal('metadata', JSON.stringify(metadata)),
      storedAs: stored.storedAs,
      keyId: stored.key.row.id,
      storedSize: stored.storedSize,
      storedSha256: stored.storedSha256,
    });
    await discardFiles(tx, customerId, [row.storedAs], world.now());
    return true;
  });
  if (!taken) await dropStored(door, stored.storedAs);
  return true;
}

async function moveRecords(door: Door, oldKey: string): Promise<number> {
  let moved = 0;
  for (;;) {
    const count = await again(() => moveSomeRecords(door, oldKey));
    if (count === 0) return moved;
    moved += count;
  }
}

async function moveSomeRecords(door: Door, oldKey: string): Promise<number> {
  const { world, customerId, keyring, permits } = door;
  const rows = await recordsSealedWith(world.database.db, oldKey, rowsAtOnce);
  if (rows.length === 0) return 0;
  await permits.use();
  const fresh: OpenKey = await keyring.current();
  const changes = await Promise.all(
    rows.map(async (row) => {
      const old = await keyring.of(row.keyVersion);
      const { value } = reading(customerId, old, row);
      const key = keyOf(customerId, old, row);
      const sealed = sealRecord(door, fresh, row.collection, { key, value });
      return { id: row.id, found: row.revision, ...sealed };
    }),
  );
  await world.database.db.transaction().execute(async (tx) => {
    await lockOpen(door, tx, fresh);
    await resealRecords(tx, fresh.row.id, changes);
  });
  return rows.length;
}

/**
 * The register lets an old key go, once it is sure that it seals nothing; then the keystore does.
 * Should we die between the two, `forgetRetired` of the next run makes up for it.
 */
async function retire(world: World, customerId: string, version: number): Promise<boolean> {
  const done = await execute(world, keyFlow, { do: 'retireKey', customerId, version }, system);
  if (!done.ok) return false;
  await world.keystore.retire(customerId, version);
  return true;
}

/** Old keys that the register let go and the keystore still has. */
async function forgetRetired(world: World, { customerId, keys }: Standing): Promise<void> {
  const newest = keys.at(-1)?.version ?? 0;
  const known = new Set(keys.map(({ version }) => version));
  for (const version of await world.keystore.versions(customerId)) {
    if (version < newest && !known.has(version)) await world.keystore.retire(customerId, version);
  }
}

/** Goes on with every re-key that is under way. @returns how many customers there were */
export async function continueRekeys(world: World): Promise<number> {
  const customers = await customersToRekey(world.database.db, world.now().subtract({ hours: 24 }));
  for (const customerId of customers) await continueRekey(world, customerId);
  return customers.length;
}
