import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, opendir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isUuid } from '../../kernel/id.ts';
import { errorCode, makeFolder, syncFile, syncFolder, unlessGone, writeAll } from '../durable.ts';
import { handOver, letGo } from '../memory.ts';
import { checkRange, missing, sizeOfParts } from './checks.ts';
import {
  type ByteRange,
  type ObjectName,
  type ObjectStorage,
  objectName,
  partsOfName,
  StorageFault,
  type StoredObject,
  type Upload,
} from './storage.ts';

const readBytes = 1 << 18;

/**
 * Objects as files of a folder: `objects/OO/OWNER/II/ID`, where OO and II are the last two digits of
 * owner and id, which are random, so that no folder holds more than a 256th. What is being written
 * lies in `incoming/` and is moved into place when it is whole and durable.
 */
export async function folderObjects(root: string): Promise<ObjectStorage> {
  await translated(async () => {
    await makeFolder(join(root, 'incoming'));
    await makeFolder(join(root, 'objects'));
  });
  return new FolderObjects(root);
}

class FolderObjects implements ObjectStorage {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async put(name: ObjectName, source: AsyncIterable<Uint8Array>): Promise<StoredObject> {
    const path = this.#pathOf(name);
    const incoming = this.#incoming(randomUUID());
    const watched = new Watched(source);
    try {
      const file = await open(incoming, 'wx', 0o600);
      const size = await writeStream(file, watched).finally(() => file.close());
      await this.#place(incoming, path);
      return { name, size };
    } catch (error) {
      await unlink(incoming).catch(unlessGone);
      // What the source threw is its own, also where it looks like a fault of a disk.
      throw error === watched.threw ? error : faultOf(error);
    }
  }

  async *get(name: ObjectName, range?: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
    const path = this.#pathOf(name);
    const size = await this.size(name);
    if (size === null) throw missing();
    const { from, to } = range ?? { from: 0, to: size };
    checkRange({ from, to }, size);
    if (from === to) return;
    try {
      // Node reads the next piece while this one is being worked on.
      const pieces = createReadStream(path, { start: from, end: to - 1, highWaterMark: readBytes });
      for await (const piece of pieces) yield handOver(piece as Buffer);
    } catch (error) {
      throw faultOf(error);
    }
  }

  async size(name: ObjectName): Promise<number | null> {
    const path = this.#pathOf(name);
    return translated(async () => (await stat(path).catch(unlessGone))?.size ?? null);
  }

  remove(name: ObjectName): Promise<void> {
    return translated(async () => {
      const path = this.#pathOf(name);
      await unlink(path).catch(unlessGone);
      await syncFolder(dirname(path));
    });
  }

  removeAll(owner: string): Promise<void> {
    return translated(async () => {
      const folder = this.#folderOf(owner);
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
      await syncFolder(dirname(folder));
    });
  }

  async *list(owner?: string): AsyncGenerator<StoredObject, void, undefined> {
    const folder = owner === undefined ? join(this.#root, 'objects') : this.#folderOf(owner);
    for await (const path of filesBelow(folder)) {
      const [id = '', , of = ''] = path.split('/').toReversed();
      const found = await stat(path).catch(unlessGone);
      if (found) yield { name: objectName(of, id), size: found.size };
    }
  }

  beginUpload(name: ObjectName): Promise<Upload> {
    partsOfName(name);
    return translated(async () => {
      const token = randomUUID();
      const file = await open(this.#incoming(token), 'wx', 0o600);
      await file.close();
      await syncFolder(join(this.#root, 'incoming'));
      return { name, token };
    });
  }

  putPart: ObjectStorage['putPart'] = ({ token }, { number, offset, bytes }) =>
    translated(async () => {
      const file = await open(this.#incoming(token), 'r+');
      try {
        await writeAll(file, bytes, offset);
        await file.datasync();
      } finally {
        await file.close();
      }
      return { number, size: bytes.length, mark: '' };
    });

  completeUpload: ObjectStorage['completeUpload'] = ({ name, token }, parts) =>
    translated(async () => {
      const size = sizeOfParts(parts);
      const incoming = this.#incoming(token);
      const found = await stat(incoming).catch(unlessGone);
      // It was completed before, and whoever did so was cut off before they could say it.
      if (!found && (await this.size(name)) === size) return { name, size };
      if (!found) throw missing();
      if (found.size !== size) {
        throw new StorageFault('incomplete', `${found.size} bytes of an upload of ${size}`);
      }
      await this.#place(incoming, this.#pathOf(name));
      return { name, size };
    });

  abandonUpload({ token }: Upload): Promise<void> {
    return translated(async () => {
      await unlink(this.#incoming(token)).catch(unlessGone);
    });
  }

  sweep: ObjectStorage['sweep'] = (begunBefore) =>
    translated(async () => {
      let swept = 0;
      for await (const path of filesBelow(join(this.#root, 'incoming'))) {
        const found = await stat(path).catch(unlessGone);
        // Writing on renews the time: what is still being uploaded is not swept away.
        if (!found || found.mtimeMs >= begunBefore.epochMilliseconds) continue;
        await unlink(path).catch(unlessGone);
        swept += 1;
      }
      return swept;
    });

  /** Moves a durable file to its name, and makes that durable too. */
  async #place(incoming: string, path: string): Promise<void> {
    await makeFolder(dirname(path));
    try {
      await rename(incoming, path);
    } catch (error) {
      // All of the owner was removed in between, and the folder with it.
      if (errorCode(error) !== 'ENOENT') throw error;
      await makeFolder(dirname(path));
      await rename(incoming, path);
    }
    await syncFolder(dirname(path));
  }

  #folderOf(owner: string): string {
    objectName(owner, owner);
    return join(this.#root, 'objects', owner.slice(-2), owner);
  }

  #pathOf(name: ObjectName): string {
    const { owner, id } = partsOfName(name);
    return join(this.#folderOf(owner), id.slice(-2), id);
  }

  #incoming(token: string): string {
    if (!isUuid(token)) throw new StorageFault('missing', 'there is no such upload');
    return join(this.#root, 'incoming', token);
  }
}

/** A source, and what it threw. */
class Watched implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>;
  threw: unknown;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* this.#source;
    } catch (error) {
      this.threw = error;
      throw error;
    }
  }
}

/** Bytes after which the disk is set to work: what it has at the end, whoever writes waits for less. */
const flushBytes = 1 << 25;

/**
 * Writes a stream to its end and makes it durable; the next piece is made while one is written, and
 * more is written while the disk takes what it was given.
 */
async function writeStream(file: FileHandle, source: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  let flushed = 0;
  let writing: Promise<void> = Promise.resolve();
  let flushing: Promise<void> = Promise.resolve();
  try {
    for await (const piece of source) {
      await writing;
      writing = writeAll(file, piece, size).then(() => letGo(piece));
      // A failure is met at the next turn; until then it is nobody's unhandled rejection.
      writing.catch(() => undefined);
      size += piece.length;
      if (size - flushed < flushBytes) continue;
      flushed = size;
      await flushing;
      flushing = syncFile(file);
      flushing.catch(() => undefined);
    }
  } finally {
    await writing;
    await flushing;
  }
  await syncFile(file);
  return size;
}

async function* filesBelow(folder: string): AsyncGenerator<string, void, undefined> {
  const entries = await opendir(folder).catch(unlessGone);
  if (!entries) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

async function translated<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw faultOf(error);
  }
}

/** Faults of the disk become ours. */
function faultOf(error: unknown): unknown {
  const code = errorCode(error);
  if (code === 'ENOENT') return missing(error);
  if (/^E[A-Z]+$/.test(code)) {
    return new StorageFault('unreachable', `the folder of objects failed (${code})`, error);
  }
  return error;
}
