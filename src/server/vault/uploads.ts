import { createHash } from 'node:crypto';
import { instantText } from '../../kernel/instant.ts';
import { beginAgeFile, chunksOf, resumeAgeFile } from '../../platform/age/parts.ts';
import { chunkBytes } from '../../platform/age/sizes.ts';
import { objectName, StorageFault } from '../../platform/objects/storage.ts';
import {
  objectLimitBytes,
  type Precondition,
  partBytes,
  uploadDays,
} from '../../registers/vault/facts.ts';
import type { Written } from '../../registers/vault/store.answers.ts';
import { announceFile, claimFile } from '../../registers/vault/store.discards.ts';
import {
  claimPart,
  completeUpload,
  forgetUpload,
  insertUpload,
  lockUpload,
  markPart,
  type PartRow,
  partsOf,
  type UploadRow,
  uploadById,
} from '../../registers/vault/store.uploads.ts';
import { roomOf } from '../../registers/vault/store.usage.ts';
import { again, DoorClosed, damageOf } from './closed.ts';
import type { Metadata } from './door.ts';
import { indexText, type OpenKey, openBytes, type Place, sealText } from './keyring.ts';
import { ProtocolFault } from './problems.ts';
import { type Door, plaintextOf } from './reading.ts';
import { measure, type Stored } from './storing.ts';
import { commitStored, lockOpen, mustBeOpen, mustHold } from './writing.ts';

/** Uploads in parts: the parts are consecutive chunks of one age file, whose header the row holds. */

export interface Beginning {
  readonly collection: string;
  readonly name: string;
  readonly size: number;
  readonly metadata: Metadata | null;
}

/** Parts that an upload of so many bytes has: at least one, which may be empty. */
export function partCount({
  size,
  partBytes: each,
}: Pick<UploadRow, 'size' | 'partBytes'>): number {
  return Math.max(1, Math.ceil(size / each));
}

export async function beginUpload(door: Door, beginning: Beginning): Promise<UploadRow> {
  const { world, customerId, productId, keyring, permits } = door;
  const { collection, name, size, metadata } = beginning;
  mustBeOpen(keyring.standing().state);
  if (size > objectLimitBytes) throw new DoorClosed('objectTooLarge', { limit: objectLimitBytes });
  const { customer, product } = await roomOf(world.database.db, customerId, productId);
  for (const { usage, quota } of [customer, product]) {
    if (usage.objectBytes + usage.recordBytes + size > quota.bytes) {
      throw new DoorClosed('quotaExceeded', {
        whose: 'customer',
        what: 'bytes',
        limit: quota.bytes,
      });
    }
  }
  await permits.use();
  const begunAt = world.now();
  const id = world.newId();
  const storedAs = objectName(customerId, world.newId());
  const { token } = await world.objects.beginUpload(storedAs);
  await again(() =>
    world.database.db.transaction().execute(async (tx) => {
      const key = await keyring.current();
      await lockOpen(door, tx, key);
      const file = beginAgeFile([key.identity.recipient], (count) => world.random(count));
      const seal = (part: string, text: string) =>
        sealText(world, key, uploadPlace(customerId, collection, `${id}/${part}`), text);
      await insertUpload(tx, {
        id,
        customerId,
        collection,
        sealedName: seal('name', name),
        sealedMetadata: metadata && seal('metadata', JSON.stringify(metadata)),
        keyId: key.row.id,
        storedAs,
        header: file.header,
        token,
        size,
        partBytes,
        begunAt,
        expiresAt: begunAt.add({ hours: 24 * uploadDays }),
      });
    }),
  );
  return uploadOf(door, id);
}

const uploadPlace = (customer: string, collection: string, id: string): Place => ({
  customer,
  kind: 'upload',
  collection,
  id,
});

/** @throws ProtocolFault `uploadUnknown` */
export async function uploadOf({ world, customerId }: Door, id: string): Promise<UploadRow> {
  const upload = await uploadById(world.database.db, customerId, id);
  const isOver = upload && Temporal.Instant.compare(upload.expiresAt, world.now()) <= 0;
  if (!upload || isOver) throw new ProtocolFault('uploadUnknown');
  return upload;
}

/**
 * Stores one part, durable when this settles. The same bytes again answer the same; others under
 * the same number are refused, before anything is sealed: one chunk has one content.
 *
 * @param number from 1
 * @param sha256 of the bytes, as the caller announced it
 */
export async function putPart(
  door: Door,
  upload: UploadRow,
  number: number,
  bytes: Uint8Array,
  sha256: Uint8Array,
): Promise<PartRow> {
  const { world, customerId, keyring, permits } = door;
  mustBeOpen(keyring.standing().state);
  if (upload.completedAt) throw new ProtocolFault('uploadComplete');
  mustFit(upload, number, bytes.length);
  if (!createHash('sha256').update(bytes).digest().equals(sha256)) {
    throw new DoorClosed('digestDiffers');
  }
  await permits.use();
  const key = await keyring.of(upload.keyVersion);
  const digestIndex = partIndex(key, customerId, number, sha256);
  const { db } = world.database;
  const claim = { number, size: bytes.length, digestIndex };
  const part = await claimPart(db, upload.id, claim).catch((thrown: unknown) => {
    // Completed or abandoned by somebody else at this moment.
    if ((thrown as { code?: string }).code === '23503') throw new ProtocolFault('uploadUnknown');
    throw thrown;
  });
  if (!part || !Buffer.from(part.digestIndex).equals(digestIndex)) {
    throw new ProtocolFault('partDiffers', { part: number });
  }
  if (part.mark !== null) return part;
  const mark = await sealPart(door, upload, key, number, bytes);
  await markPart(db, upload.id, number, mark);
  return { ...part, mark };
}

async function sealPart(
  { world }: Door,
  upload: UploadRow,
  { identity }: OpenKey,
  number: number,
  bytes: Uint8Array,
): Promise<string> {
  const file = await resumeAgeFile([identity], upload.header);
  const first = ((number - 1) * upload.partBytes) / chunkBytes;
  const sealed = file.seal(first, chunksOf(bytes), number === partCount(upload));
  // The header travels with the first part; the others begin behind it.
  const isFirst = number === 1;
  const before = upload.header.length + first * (chunkBytes + 16);
  try {
    const receipt = await world.objects.putPart(
      { name: upload.storedAs, token: upload.token },
      {
        number: number - 1,
        offset: isFirst ? 0 : before,
        bytes: isFirst ? Buffer.concat([upload.header, sealed]) : sealed,
      },
    );
    return JSON.stringify(receipt);
  } catch (thrown) {
    if (thrown instanceof StorageFault && thrown.code === 'missing') {
      throw new ProtocolFault('uploadUnknown', {}, thrown);
    }
    throw thrown;
  }
}

function mustFit(upload: UploadRow, number: number, size: number): void {
  const count = partCount(upload);
  const expected =
    number === count ? upload.size - (count - 1) * upload.partBytes : upload.partBytes;
  if (number < 1 || number > count || size !== expected) {
    throw new ProtocolFault('partUnfit', { part: number, parts: count, expected });
  }
}

function partIndex(
  key: OpenKey,
  customerId: string,
  number: number,
  sha256: Uint8Array,
): Uint8Array {
  const text = `${number} ${Buffer.from(sha256).toString('hex')}`;
  return indexText(key, customerId, 'part', '', text);
}

/**
 * Makes the parts the object: the file is put together where it is, read back whole, and given its
 * row. Completing again answers the same.
 *
 * @param digests SHA-256 of each part, in order
 */
export async function finishUpload(
  door: Door,
  upload: UploadRow,
  digests: readonly Uint8Array[],
  precondition: Precondition | undefined,
): Promise<Written> {
  const { world, customerId, keyring, permits } = door;
  if (upload.completedAt && upload.objectId && upload.revision) {
    const { objectId: id, revision, completedAt } = upload;
    return { id, revision, made: revision === 1, at: instantText(completedAt) };
  }
  mustBeOpen(keyring.standing().state);
  await permits.use();
  const key = await keyring.of(upload.keyVersion);
  const parts = await partsOf(world.database.db, upload.id);
  const wanted = digests.map((digest, n) => partIndex(key, customerId, n + 1, digest));
  mustBeWhole(upload, parts, wanted);
  const open = (part: string, sealed: Uint8Array) =>
    Buffer.from(
      openBytes(key, uploadPlace(customerId, upload.collection, `${upload.id}/${part}`), sealed),
    ).toString('utf8');
  const name = open('name', upload.sealedName);
  await mustHold(door, { collection: upload.collection, name, precondition });
  const receipts = parts.map(({ mark }) => JSON.parse(mark ?? 'null'));
  await announceCompletion(door, upload);
  await world.objects.completeUpload({ name: upload.storedAs, token: upload.token }, receipts);
  const stored = await readBack(door, upload, key);
  const { written } = await commitStored(door, stored, {
    collection: upload.collection,
    name,
    metadata: upload.sealedMetadata
      ? (JSON.parse(open('metadata', upload.sealedMetadata)) as Metadata)
      : null,
    precondition,
    keyed: undefined,
    also: async (tx, done) => {
      const now = await lockUpload(tx, upload.id);
      if (!now || now.completedAt) throw new ProtocolFault('uploadComplete');
      const outcome = { objectId: done.id, revision: done.revision, at: world.now() };
      await completeUpload(tx, upload.id, outcome);
    },
  });
  return written;
}

/** From here on there is a file in the storage: should we die, it is found and removed. */
async function announceCompletion({ world, customerId }: Door, upload: UploadRow): Promise<void> {
  const { db } = world.database;
  const now = world.now();
  const { storedAs } = upload;
  await db.transaction().execute(async (tx) => {
    const there = await lockUpload(tx, upload.id);
    if (!there || there.completedAt) throw new ProtocolFault('uploadComplete');
    // An attempt that was cut off announced it before.
    await claimFile(tx, storedAs);
    const until =
      Temporal.Instant.compare(there.expiresAt, now.add({ hours: 6 })) > 0
        ? there.expiresAt
        : now.add({ hours: 6 });
    await announceFile(tx, { storedAs, customerId, until }, now);
  });
}

function mustBeWhole(
  upload: UploadRow,
  parts: readonly PartRow[],
  wanted: readonly Uint8Array[],
): void {
  const count = partCount(upload);
  const there = parts.filter(({ mark }) => mark !== null);
  if (there.length < count || wanted.length !== count) {
    throw new ProtocolFault('partsMissing', { parts: count, there: there.length });
  }
  const differing = there.findIndex(
    ({ digestIndex }, n) => !Buffer.from(digestIndex).equals(wanted[n] ?? new Uint8Array()),
  );
  if (differing >= 0) throw new ProtocolFault('partDiffers', { part: differing + 1 });
}

/** What was put together is read as it will be read: each chunk must open, and none be missing. */
async function readBack(door: Door, upload: UploadRow, key: OpenKey): Promise<Stored> {
  const { objects } = door.world;
  const sealed = measure();
  const plain = measure();
  const storedSize = (await objects.size(upload.storedAs)) ?? 0;
  try {
    const tapped = { get: () => sealed.of(objects.get(upload.storedAs)) };
    const file = { storedAs: upload.storedAs, storedSize, size: upload.size };
    for await (const _ of plain.of(plaintextOf({ objects: tapped }, file, key.identity))) {
      // Only that it opens, and what it hashes to.
    }
  } catch (thrown) {
    throw damageOf(upload.id, thrown);
  }
  return {
    storedAs: upload.storedAs,
    key,
    size: plain.size(),
    sha256: plain.digest(),
    storedSize: sealed.size(),
    storedSha256: sealed.digest(),
  };
}

/** Gives an upload up, with its parts. Gone already is well. */
export async function abandonUpload(
  { world }: Pick<Door, 'world'>,
  upload: UploadRow,
): Promise<void> {
  if (!upload.completedAt) {
    await world.objects.abandonUpload({ name: upload.storedAs, token: upload.token });
  }
  await forgetUpload(world.database.db, upload.id);
}
