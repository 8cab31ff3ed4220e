import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { link, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isUuid } from '../../kernel/id.ts';
import {
  eraseFile,
  eraseFolder,
  errorCode,
  makeFolder,
  overwrite,
  syncFolder,
  unlessGone,
  writeNew,
} from '../durable.ts';
import { KeystoreFault, reaching } from './fault.ts';
import type { Shelf } from './shelf.ts';

const fileName = /^(\d+)\.key$/;

/**
 * Wrapped keys as files of a folder:
 *
 * - `customers/CC/CUSTOMER/VERSION.key`, where CC are the last two digits of the customer's id
 * - `destroying/CUSTOMER/`: moved here in one step when its destruction begins, so that no node sees it
 * - `destroyed/CC/CUSTOMER` and `…/CUSTOMER.VERSION`: empty; nothing destroyed is ever added again
 *
 * What was begun when the process died is finished when the folder is opened.
 */
export async function folderShelf(root: string): Promise<Shelf> {
  const what = 'the folder of the keystore';
  const shelf = new FolderShelf(root);
  await reaching(what, () => shelf.prepare())();
  return {
    add: reaching(what, (...words) => shelf.add(...words)),
    replace: reaching(what, (...words) => shelf.replace(...words)),
    read: reaching(what, (...words) => shelf.read(...words)),
    has: (customer, version) => shelf.has(customer, version),
    versions: reaching(what, (customer) => shelf.versions(customer)),
    customers: () => shelf.customers(),
    remove: reaching(what, (...words) => shelf.remove(...words)),
    destroy: reaching(what, (customer) => shelf.destroy(customer)),
    isDestroyed: reaching(what, (...words) => shelf.isDestroyed(...words)),
    destroyed: () => shelf.destroyed(),
  };
}

class FolderShelf implements Shelf {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes its folders, and finishes every destruction that was begun. */
  async prepare(): Promise<void> {
    for (const part of ['customers', 'destroying', 'destroyed']) {
      await makeFolder(join(this.#root, part));
    }
    for await (const mark of this.destroyed()) {
      const [customer = '', version] = mark.split('.');
      if (version !== undefined) await this.#erase(customer, Number(version));
      else if (await exists(this.#folderOf(customer))) await this.destroy(customer);
    }
    for (const customer of await readdir(join(this.#root, 'destroying'))) {
      await eraseFolder(join(this.#root, 'destroying', customer));
    }
  }

  async add(customer: string, version: number, bytes: Uint8Array): Promise<boolean> {
    if (await this.isDestroyed(customer, version)) return false;
    const folder = this.#folderOf(customer);
    const path = this.#pathOf(customer, version);
    await makeFolder(folder);
    const temporary = await writeBeside(path, bytes);
    if (temporary === null) return false;
    const added = await link(temporary, path).then(
      () => true,
      (error: unknown) => ifOneOf(['EEXIST', 'ENOENT'], error, false),
    );
    // Where it was linked both names are one file, which must not be overwritten.
    await (added ? unlink(temporary).catch(unlessGone) : eraseFile(temporary));
    await syncFolder(folder);
    if (!added || !(await this.isDestroyed(customer, version))) return added;
    // Destroyed by another node while this was being added: make sure that it is gone.
    await this.#erase(customer, version);
    if (await this.isDestroyed(customer)) await this.destroy(customer);
    return false;
  }

  async replace(customer: string, version: number, bytes: Uint8Array): Promise<boolean> {
    const path = this.#pathOf(customer, version);
    const before = await open(path, 'r+').catch(unlessGone);
    if (!before) return false;
    try {
      const temporary = await writeBeside(path, bytes);
      if (temporary === null) return false;
      const moved = await rename(temporary, path).then(
        () => true,
        (error: unknown) => ifOneOf(['ENOENT'], error, false),
      );
      await syncFolder(dirname(path));
      // The file without a name still has what was in it.
      if (moved) await overwrite(before);
      return moved;
    } finally {
      await before.close();
    }
  }

  read(customer: string, version: number): Promise<Uint8Array | null> {
    return readFile(this.#pathOf(customer, version)).catch(unlessGone);
  }

  has(customer: string, version: number): boolean {
    // On the spot: asked at every use of a key, it costs a tenth of a turn through the thread pool.
    const path = this.#pathOf(customer, version);
    try {
      return statSync(path, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      throw new KeystoreFault(
        'unreachable',
        `the folder of the keystore failed (${errorCode(error)})`,
        error,
      );
    }
  }

  async versions(customer: string): Promise<readonly number[]> {
    const names = (await readdir(this.#folderOf(customer)).catch(unlessGone)) ?? [];
    const numbers = names.flatMap((name) => fileName.exec(name)?.[1] ?? []).map(Number);
    return numbers.sort((a, b) => a - b);
  }

  customers(): AsyncIterable<string> {
    return namesBelow(join(this.#root, 'customers'));
  }

  async remove(customer: string, version: number): Promise<void> {
    await this.#mark(customer, `${customer}.${version}`);
    await this.#erase(customer, version);
  }

  async destroy(customer: string): Promise<void> {
    const folder = this.#folderOf(customer);
    const destroying = join(this.#root, 'destroying', customer);
    await this.#mark(customer, customer);
    // One that was begun and cut off is in the way of moving what came after it.
    await eraseFolder(destroying);
    await rename(folder, destroying).catch(unlessGone);
    await syncFolder(dirname(folder));
    await eraseFolder(destroying);
  }

  async isDestroyed(customer: string, version?: number): Promise<boolean> {
    const names = version === undefined ? [customer] : [customer, `${customer}.${version}`];
    const found = await Promise.all(names.map((name) => exists(this.#markOf(customer, name))));
    return found.includes(true);
  }

  destroyed(): AsyncIterable<string> {
    return namesBelow(join(this.#root, 'destroyed'));
  }

  /** Erases one version with whatever was being written beside it. */
  async #erase(customer: string, version: number): Promise<void> {
    const folder = this.#folderOf(customer);
    const names = (await readdir(folder).catch(unlessGone)) ?? [];
    const ofVersion = names.filter((name) => name.startsWith(`${version}.key`));
    for (const name of ofVersion) await eraseFile(join(folder, name));
    if (ofVersion.length > 0) await syncFolder(folder);
  }

  async #mark(customer: string, name: string): Promise<void> {
    const path = this.#markOf(customer, name);
    await makeFolder(dirname(path));
    await writeNew(path, Buffer.of()).catch((error: unknown) => ifOneOf(['EEXIST'], error, null));
    await syncFolder(dirname(path));
  }

  #markOf(customer: string, name: string): string {
    return join(this.#root, 'destroyed', checked(customer).slice(-2), name);
  }

  #folderOf(customer: string): string {
    return join(this.#root, 'customers', checked(customer).slice(-2), customer);
  }

  #pathOf(customer: string, version: number): string {
    if (!Number.isSafeInteger(version) || version < 1) {
      throw new KeystoreFault('unknown', 'versions of a key are numbered from 1');
    }
    return join(this.#folderOf(customer), `${version}.key`);
  }
}

/** Only a UUID becomes a path. */
function checked(customer: string): string {
  if (isUuid(customer)) return customer;
  throw new KeystoreFault('unknown', 'customers of the keystore are named by UUIDs');
}

/** A durable file beside another; null where their folder was taken away in the meantime. */
async function writeBeside(path: string, bytes: Uint8Array): Promise<string | null> {
  const temporary = `${path}.${randomUUID()}`;
  return writeNew(temporary, bytes).then(
    () => temporary,
    (error: unknown) => ifOneOf(['ENOENT'], error, null),
  );
}

async function* namesBelow(folder: string): AsyncGenerator<string, void, undefined> {
  // A group is a 256th of all: listed in one go.
  for (const group of await readdir(folder)) {
    yield* (await readdir(join(folder, group)).catch(unlessGone)) ?? [];
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(unlessGone)) !== null;
}

function ifOneOf<T>(codes: readonly string[], error: unknown, answer: T): T {
  if (codes.includes(errorCode(error))) return answer;
  throw error;
}
