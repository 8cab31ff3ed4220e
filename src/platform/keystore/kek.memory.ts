import { KeystoreFault } from './fault.ts';
import { unwrapUnder, wrapUnder } from './kek.sealing.ts';
import type { KeyEncryption } from './kek.ts';

/** A key-encryption key in memory, for tests and the simulator. */
export function memoryKek(random: (bytes: number) => Uint8Array): KeyEncryption {
  const keks = new Map<string, Uint8Array>();
  let newest = 'memory-1';
  keks.set(newest, random(32));
  const named = (version: string): Uint8Array => {
    const key = keks.get(version);
    if (!key) throw new KeystoreFault('kek', `there is no key-encryption key ${version}`);
    return key;
  };
  return {
    current: async () => newest,
    wrap: async (plaintext, place) => ({
      kek: newest,
      wrapped: wrapUnder(named(newest), plaintext, place, random),
    }),
    unwrap: async ({ kek, wrapped }, place) => unwrapUnder(named(kek), wrapped, place),
    async rotate() {
      newest = `memory-${Number(newest.slice('memory-'.length)) + 1}`;
      keks.set(newest, random(32));
      return newest;
    },
    retired: async () => [...keks.keys()].filter((version) => version !== newest),
    async keepOnly(versions) {
      for (const version of keks.keys()) {
        if (version !== newest && !versions.has(version)) keks.delete(version);
      }
    },
  };
}
