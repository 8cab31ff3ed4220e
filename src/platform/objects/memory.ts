import type { Instant } from '../../kernel/instant.ts';
import { checkRange, missing, sizeOfParts } from './checks.ts';
import {
  type ObjectName,
  type ObjectStorage,
  type PartReceipt,
  partsOfName,
  StorageFault,
  type Upload,
} from './storage.ts';

interface OpenUpload {
  readonly begun: Instant;
  readonly parts: Map<number, Uint8Array>;
}

/** Objects in memory, for tests and the simulator. */
export function memoryObjects(now: () => Instant): ObjectStorage {
  const objects = new Map<ObjectName, Uint8Array>();
  const uploads = new Map<string, OpenUpload>();
  let begun = 0;
  const openUpload = ({ token }: Upload): OpenUpload => {
    const upload = uploads.get(token);
    if (!upload) throw new StorageFault('missing', 'there is no such upload');
    return upload;
  };
  return {
    async put(name, source) {
      partsOfName(name);
      const bytes = Buffer.concat(await Array.fromAsync(source, (piece) => Uint8Array.from(piece)));
      objects.set(name, bytes);
      return { name, size: bytes.length };
    },
    async *get(name, range) {
      const bytes = objects.get(name);
      if (!bytes) throw missing();
      if (range) checkRange(range, bytes.length);
      yield bytes.slice(range?.from ?? 0, range?.to ?? bytes.length);
    },
    size: async (name) => objects.get(name)?.length ?? null,
    async remove(name) {
      partsOfName(name);
      objects.delete(name);
    },
    async removeAll(owner) {
      for (const name of objects.keys()) {
        if (partsOfName(name).owner === owner) objects.delete(name);
      }
    },
    async *list(owner) {
      for (const [name, { length }] of [...objects]) {
        if (!owner || partsOfName(name).owner === owner) yield { name, size: length };
      }
    },
    async beginUpload(name) {
      partsOfName(name);
      const token = String(++begun);
      uploads.set(token, { begun: now(), parts: new Map() });
      return { name, token };
    },
    async putPart(upload, { number, bytes }) {
      openUpload(upload).parts.set(number, Uint8Array.from(bytes));
      return { number, size: bytes.length, mark: '' };
    },
    async completeUpload(upload, receipts) {
      const { name, token } = upload;
      const size = sizeOfParts(receipts);
      if (!uploads.has(token) && objects.get(name)?.length === size) return { name, size };
      objects.set(name, joined(openUpload(upload), receipts));
      uploads.delete(token);
      return { name, size };
    },
    async abandonUpload({ token }) {
      uploads.delete(token);
    },
    async sweep(begunBefore) {
      const old = [...uploads].filter(
        ([, upload]) => Temporal.Instant.compare(upload.begun, begunBefore) < 0,
      );
      for (const [token] of old) uploads.delete(token);
      return old.length;
    },
  };
}

function joined({ parts }: OpenUpload, receipts: readonly PartReceipt[]): Uint8Array {
  const bytes = Buffer.concat(receipts.map(({ number }) => parts.get(number) ?? Buffer.of()));
  if (bytes.length === sizeOfParts(receipts)) return bytes;
  throw new StorageFault('incomplete', 'a part is not there');
}
