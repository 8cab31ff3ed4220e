import { encryptStream } from '../../platform/age/stream.ts';
import { holdFile } from '../../registers/vault/store.discards.ts';
import { DoorClosed } from '../vault/closed.ts';
import type { Door } from '../vault/reading.ts';
import { announce, dropStored, holdHours } from '../vault/storing.ts';

/** An age file of ours under the customer's key that no row names yet. */
export interface StoredPart {
  readonly storedAs: string;
  readonly keyVersion: number;
  /** Bytes of plaintext. */
  readonly size: number;
}

const renewMs = 10 * 60_000;

/**
 * Stores bytes for the customer's eyes alone: one age file under their current key, durable when this
 * settles. It takes none of the customer's room, and has no limit of size: it may hold an object of
 * any size there can be, and more.
 */
export async function storePartOf(
  door: Door,
  bytes: AsyncIterable<Uint8Array>,
): Promise<StoredPart> {
  const { world, keyring, permits } = door;
  // An account that was erased meanwhile gets nothing more.
  await permits.still({ what: 'names', collection: '', itemId: null, changedAt: null, count: 1 });
  const key = await keyring.current();
  const storedAs = await announce(door);
  let size = 0;
  let renewedAt = performance.now();
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      size += piece.length;
      if (performance.now() - renewedAt > renewMs) {
        renewedAt = performance.now();
        const until = world.now().add({ hours: holdHours });
        if (!(await holdFile(world.database.db, storedAs, until)))
          throw new DoorClosed('accountErased');
      }
      yield piece;
    }
  };
  try {
    const file = encryptStream([key.identity.recipient], counted(), (count) => world.random(count));
    await world.objects.put(storedAs, file);
  } catch (thrown) {
    await dropStored(door, storedAs);
    throw thrown;
  }
  return { storedAs, keyVersion: key.row.version, size };
}
