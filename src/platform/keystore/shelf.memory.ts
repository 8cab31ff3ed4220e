import { createHash } from 'node:crypto';
import type { BackupShelf, Shelf } from './shelf.ts';

/** Wrapped keys in memory, for tests and the simulator. */
export function memoryShelf(): Shelf {
  const kept = new Map<string, Map<number, Uint8Array>>();
  const gone = new Set<string>();
  const isGone = (customer: string, version?: number): boolean =>
    gone.has(customer) || (version !== undefined && gone.has(`${customer}.${version}`));
  return {
    async add(customer, version, bytes) {
      const versions = kept.get(customer) ?? new Map<number, Uint8Array>();
      if (versions.has(version) || isGone(customer, version)) return false;
      kept.set(customer, versions.set(version, bytes));
      return true;
    },
    async replace(customer, version, bytes) {
      if (!kept.get(customer)?.has(version)) return false;
      kept.get(customer)?.set(version, bytes);
      return true;
    },
    read: async (customer, version) => kept.get(customer)?.get(version) ?? null,
    has: (customer, version) => kept.get(customer)?.has(version) ?? false,
    versions: async (customer) => [...(kept.get(customer)?.keys() ?? [])].sort((a, b) => a - b),
    async *customers() {
      yield* [...kept.keys()];
    },
    async remove(customer, version) {
      gone.add(`${customer}.${version}`);
      kept.get(customer)?.delete(version);
    },
    async destroy(customer) {
      gone.add(customer);
      kept.delete(customer);
    },
    isDestroyed: async (customer, version) => isGone(customer, version),
    async *destroyed() {
      yield* [...gone];
    },
  };
}

/** Backups in memory, for tests and the simulator. */
export function memoryBackups(): BackupShelf {
  const kept = new Map<string, Uint8Array>();
  return {
    names: async () => [...kept.keys()],
    async write(lines, nameOf) {
      const bytes = Buffer.from((await Array.fromAsync(lines)).join(''));
      const name = nameOf(createHash('sha256').update(bytes).digest('hex'));
      kept.set(name, bytes);
      return name;
    },
    async *read(name) {
      const bytes = kept.get(name);
      if (bytes) yield bytes;
    },
    async erase(name) {
      kept.delete(name);
    },
  };
}
