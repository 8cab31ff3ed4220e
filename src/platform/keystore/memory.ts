import { memoryKek } from './kek.memory.ts';
import type { Keystore } from './keystore.ts';
import { openKeystore } from './open.ts';
import { memoryBackups, memoryShelf } from './shelf.memory.ts';

/** A keystore in memory, for tests and the simulator; the same bytes give the same keys. */
export function memoryKeystore(random: (bytes: number) => Uint8Array): Keystore {
  return openKeystore({
    shelf: memoryShelf(),
    backups: memoryBackups(),
    kek: memoryKek(random),
    random,
  });
}
