import { decryptRange, type SeekableSource } from '../../platform/age/range.ts';
import { decryptStream } from '../../platform/age/stream.ts';
import type { World } from '../../platform/world.ts';
import { type ObjectRow, objectById } from '../../registers/vault/store.objects.ts';
import { DoorClosed, damageOf, StoredObjectDamaged } from './closed.ts';
import type { Metadata, ObjectReading, PlainRange } from './door.ts';
import { type Keyring, openBytes } from './keyring.ts';
import type { Permits, Sight } from './permits.ts';

/** What reading and writing one customer's data goes by. */
export interface Door {
  readonly world: World;
  readonly customerId: string;
  readonly productId: string;
  readonly keyring: Keyring;
  readonly permits: Permits;
}

/** Bytes that flow between two questions whether they still may. */
const askBytes = 4 * 1024 * 1024;
const askMs = 1_000;

/** Opens an object for reading; its first chunk is there, and right, when this settles. */
export async function openObject(
  door: Door,
  id: string,
  range: PlainRange | undefined,
): Promise<ObjectReading> {
  const { world, customerId, permits, keyring } = door;
  const row = await rowOf(door, id);
  const sight = sightOf(row);
  const [key] = await Promise.all([keyring.of(row.keyVersion), permits.read(sight)]);
  const bytes = plaintextOf(world, row, key.identity, range);
  try {
    const first = await bytes.next();
    return { row, bytes: guarded(door, row, bytes, first) };
  } catch (thrown) {
    // It may have been overwritten between its row and its file: then there is another file.
    const now = await objectById(world.database.db, customerId, id);
    if (now && now.storedAs !== row.storedAs) return openObject(door, id, range);
    if (!now) throw new DoorClosed('objectUnknown');
    throw damageOf(id, thrown);
  }
}

export async function rowOf({ world, customerId }: Door, id: string): Promise<ObjectRow> {
  const row = await objectById(world.database.db, customerId, id);
  if (!row) throw new DoorClosed('objectUnknown');
  return row;
}

export function sightOf(row: ObjectRow): Sight {
  const { id: itemId, collection, changedAt } = row;
  return { what: 'object', collection, itemId, changedAt, count: 1 };
}

/** Plaintext of a stored file, as it stands in the storage. */
export function plaintextOf(
  { objects }: { readonly objects: Pick<World['objects'], 'get'> },
  { storedAs, storedSize, size }: Pick<ObjectRow, 'storedAs' | 'storedSize' | 'size'>,
  identity: Parameters<typeof decryptStream>[0][number],
  range?: PlainRange,
): AsyncGenerator<Uint8Array> {
  if (!range || (range.from === 0 && range.to === size)) {
    return decryptStream([identity], objects.get(storedAs));
  }
  const source: SeekableSource = {
    size: storedSize,
    stream: (from, to) => objects.get(storedAs, { from, to }),
  };
  return decryptRange([identity], source, range.from, range.to);
}

async function* guarded(
  { permits }: Door,
  row: ObjectRow,
  bytes: AsyncGenerator<Uint8Array>,
  first: IteratorResult<Uint8Array, unknown>,
): AsyncGenerator<Uint8Array> {
  let askedAt = performance.now();
  let since = 0;
  try {
    for (let next = first; !next.done; next = await bytes.next()) {
      const isDue = since >= askBytes || performance.now() - askedAt >= askMs;
      if (isDue) {
        await permits.still(sightOf(row));
        askedAt = performance.now();
        since = 0;
      }
      since += next.value.length;
      yield next.value;
    }
  } catch (thrown) {
    throw damageOf(row.id, thrown);
  } finally {
    await bytes.return(undefined);
  }
}

/** Reads a whole object and finds out whether it is as it was written. @throws StoredObjectDamaged */
export async function proveWhole(bytes: AsyncIterable<Uint8Array>, row: ObjectRow): Promise<void> {
  let size = 0;
  for await (const piece of bytes) size += piece.length;
  if (size !== row.size) throw new StoredObjectDamaged(row.id, 'truncated', { byte: size });
}

const nothing: Metadata = { mediaType: null, fields: {} };

export async function metadataOf({ keyring, customerId }: Door, row: ObjectRow): Promise<Metadata> {
  if (!row.sealedMetadata) return nothing;
  const place = {
    customer: customerId,
    kind: 'metadata',
    collection: row.collection,
    id: row.id,
  } as const;
  const key = await keyring.of(row.keyVersion);
  const text = Buffer.from(openBytes(key, place, row.sealedMetadata)).toString('utf8');
  return JSON.parse(text) as Metadata;
}

export async function nameOf({ keyring, customerId }: Door, row: ObjectRow): Promise<string> {
  const place = {
    customer: customerId,
    kind: 'objectName',
    collection: row.collection,
    id: row.id,
  } as const;
  const key = await keyring.of(row.keyVersion);
  return Buffer.from(openBytes(key, place, row.sealedName)).toString('utf8');
}

export async function digestOf({ keyring, customerId }: Door, row: ObjectRow): Promise<Uint8Array> {
  const place = {
    customer: customerId,
    kind: 'digest',
    collection: row.collection,
    id: row.id,
  } as const;
  return openBytes(await keyring.of(row.keyVersion), place, row.sealedDigest);
}
