import { createHash, type Hash } from 'node:crypto';
import { Fault } from '../../kernel/fault.ts';
import { encryptStream } from '../../platform/age/stream.ts';
import { objectName } from '../../platform/objects/storage.ts';
import { objectLimitBytes } from '../../registers/vault/facts.ts';
import { announceFile, holdFile } from '../../registers/vault/store.discards.ts';
import { DoorClosed } from './closed.ts';
import type { OpenKey } from './keyring.ts';
import type { Door } from './reading.ts';

/** A whole age file in the storage that no row names yet. */
export interface Stored {
  readonly storedAs: string;
  readonly key: OpenKey;
  /** Bytes of plaintext, and their SHA-256. */
  readonly size: number;
  readonly sha256: Uint8Array;
  readonly storedSize: number;
  readonly storedSha256: Uint8Array;
}

/** A file that is being written is nobody else's to remove for so long, and this is renewed. */
export const holdHours = 1;
const renewMs = 10 * 60_000;

/** Takes a new name in the storage, announced: should we die now, the file is removed in its time. */
export async function announce({ world, customerId }: Door): Promise<string> {
  const now = world.now();
  const storedAs = objectName(customerId, world.newId());
  const until = now.add({ hours: holdHours });
  await announceFile(world.database.db, { storedAs, customerId, until }, now);
  return storedAs;
}

/**
 * Writes plaintext as one age file under the customer's current key; durable when this settles.
 *
 * @param room bytes that there is room for
 * @throws DoorClosed `objectTooLarge`, `quotaExceeded`: nothing is left behind
 */
export async function storeStream(
  door: Door,
  bytes: AsyncIterable<Uint8Array>,
  room: number,
): Promise<Stored> {
  const { world, keyring } = door;
  const key = await keyring.current();
  const storedAs = await announce(door);
  const plain = measure();
  const sealed = measure();
  try {
    const source = plain.of(limited(bytes, plain, room, held(door, storedAs)));
    const file = encryptStream([key.identity.recipient], source, (count) => world.random(count));
    await world.objects.put(storedAs, sealed.of(file));
  } catch (thrown) {
    await dropStored(door, storedAs);
    throw thrown;
  }
  return {
    storedAs,
    key,
    size: plain.size(),
    sha256: plain.digest(),
    storedSize: sealed.size(),
    storedSha256: sealed.digest(),
  };
}

/** Lets a file that got no row go at once; where that fails, its announcement remains. */
export async function dropStored({ world }: Door, storedAs: string): Promise<void> {
  await holdFile(world.database.db, storedAs, world.now());
}

interface Measure {
  of(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  size(): number;
  digest(): Uint8Array;
}

/** Counts and hashes what passes. */
export function measure(): Measure {
  const hash: Hash = createHash('sha256');
  let size = 0;
  return {
    async *of(bytes) {
      for await (const piece of bytes) {
        size += piece.length;
        hash.update(piece);
        yield piece;
      }
    },
    size: () => size,
    digest: () => hash.digest(),
  };
}

async function* limited(
  bytes: AsyncIterable<Uint8Array>,
  { size }: Measure,
  room: number,
  hold: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    const after = size() + piece.length;
    if (after > objectLimitBytes)
      throw new DoorClosed('objectTooLarge', { limit: objectLimitBytes });
    if (after > room)
      throw new DoorClosed('quotaExceeded', { whose: 'customer', what: 'bytes', limit: room });
    await hold();
    yield piece;
  }
}

/** Renews, now and then, the word that a file is still being written. */
function held({ world }: Door, storedAs: string): () => Promise<void> {
  let renewedAt = performance.now();
  return async () => {
    if (performance.now() - renewedAt < renewMs) return;
    renewedAt = performance.now();
    const until = world.now().add({ hours: holdHours });
    if (!(await holdFile(world.database.db, storedAs, until))) {
      throw new Fault('the file was given up while it was being written', { retryable: true });
    }
  };
}
