import { createHash } from 'node:crypto';
import { link, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { eraseFile, errorCode, makeFolder, syncFolder, writeNew } from '../durable.ts';
import { KeystoreFault } from './fault.ts';
import { unwrapUnder, wrapUnder } from './kek.sealing.ts';
import type { KeyEncryption } from './kek.ts';

const kekBytes = 32;
const fileName = /^(\d+)\.kek$/;

interface Kek {
  readonly number: number;
  /** `file-NUMBER-FINGERPRINT`: another file under the same number is told apart. */
  readonly version: string;
  readonly key: Uint8Array;
}

/** Whether a version was made by `folderKek`. */
export function isFileKek(version: string): boolean {
  return version.startsWith('file-');
}

/**
 * The key-encryption key in a folder of its own, one file a version, `1.kek`, `2.kek`, …, each with
 * 32 bytes in base64; the highest number wraps. A version is only ever added or destroyed, never
 * rewritten, so no crash and no second node can lose one that something is wrapped under.
 */
export async function folderKek(
  folder: string,
  random: (bytes: number) => Uint8Array,
): Promise<KeyEncryption> {
  await makeFolder(folder).catch(unreachable);
  const keks = new KekFolder(folder, random);
  if ((await keks.all()).length === 0) await keks.add(1);
  return over(keks, random);
}

/** Opens what was wrapped under a key in files before something else took over; makes none. */
export function openWithFolder(folder: string): KeyEncryption['unwrap'] {
  const keks = new KekFolder(folder, () => Buffer.of());
  return async ({ kek, wrapped }, place) =>
    unwrapUnder((await keks.named(kek)).key, wrapped, place);
}

function over(keks: KekFolder, random: (bytes: number) => Uint8Array): KeyEncryption {
  return {
    current: async () => (await keks.newest()).version,
    async wrap(plaintext, place) {
      const { version, key } = await keks.newest();
      return { kek: version, wrapped: wrapUnder(key, plaintext, place, random) };
    },
    unwrap: async ({ kek, wrapped }, place) =>
      unwrapUnder((await keks.named(kek)).key, wrapped, place),
    async rotate() {
      await keks.add((await keks.newest()).number + 1);
      return (await keks.newest()).version;
    },
    retired: async () => (await keks.all()).slice(0, -1).map(({ version }) => version),
    async keepOnly(versions) {
      const newest = await keks.newest();
      for (const kek of await keks.all()) {
        if (kek.version !== newest.version && !versions.has(kek.version)) await keks.erase(kek);
      }
    },
  };
}

class KekFolder {
  readonly #folder: string;
  readonly #random: (bytes: number) => Uint8Array;
  /** By number; a file is never rewritten, so what was read of it holds while it is there. */
  readonly #read = new Map<number, Kek>();

  constructor(folder: string, random: (bytes: number) => Uint8Array) {
    this.#folder = folder;
    this.#random = random;
  }

  /** Oldest first. */
  async all(): Promise<readonly Kek[]> {
    const names = await readdir(this.#folder).catch(unreachable);
    const numbers = names.flatMap((name) => fileName.exec(name)?.[1] ?? []).map(Number);
    return Promise.all(numbers.sort((a, b) => a - b).map((number) => this.#kek(number)));
  }

  async newest(): Promise<Kek> {
    const names = await readdir(this.#folder).catch(unreachable);
    const numbers = names.flatMap((name) => fileName.exec(name)?.[1] ?? []).map(Number);
    if (numbers.length === 0) throw noSuchKek('any');
    return this.#kek(Math.max(...numbers));
  }

  async named(version: string): Promise<Kek> {
    const number = Number(/^file-(\d+)-/.exec(version)?.[1]);
    if (!Number.isInteger(number)) throw noSuchKek(version);
    const kek = await this.#kek(number);
    if (kek.version !== version) throw noSuchKek(version);
    return kek;
  }

  /** Adds a version, unless another node was faster: then theirs is the one. */
  async add(number: number): Promise<void> {
    const path = this.#path(number);
    const temporary = `${path}.${Buffer.from(this.#random(8)).toString('hex')}`;
    const text = `${Buffer.from(this.#random(kekBytes)).toString('base64')}\n`;
    await writeNew(temporary, Buffer.from(text)).catch(unreachable);
    try {
      await link(temporary, path);
      await unlink(temporary);
    } catch (error) {
      await eraseFile(temporary);
      if (errorCode(error) !== 'EEXIST') throw unreachable(error);
    }
    await syncFolder(this.#folder);
  }

  async erase({ number }: Kek): Promise<void> {
    this.#read.delete(number);
    await eraseFile(this.#path(number));
    await syncFolder(this.#folder);
  }

  async #kek(number: number): Promise<Kek> {
    const known = this.#read.get(number);
    if (known) return known;
    const text = await readFile(this.#path(number), 'utf8').catch((error: unknown) => {
      throw errorCode(error) === 'ENOENT' ? noSuchKek(`file-${number}`) : faultOf(error);
    });
    const key = Buffer.from(text.trim(), 'base64');
    if (key.length !== kekBytes) {
      throw new KeystoreFault('kek', `${number}.kek is not ${kekBytes} bytes in base64`);
    }
    const fingerprint = createHash('sha256').update('kept/kek').update(key).digest('hex');
    const kek = { number, version: `file-${number}-${fingerprint.slice(0, 12)}`, key };
    this.#read.set(number, kek);
    return kek;
  }

  #path(number: number): string {
    return join(this.#folder, `${number}.kek`);
  }
}

function noSuchKek(version: string): KeystoreFault {
  return new KeystoreFault(
    'kek',
    `version ${version} of the key-encryption key is not at hand; is KEPT_KEK the one that was in use?`,
  );
}

function faultOf(error: unknown): KeystoreFault {
  return new KeystoreFault(
    'unreachable',
    `the key-encryption key cannot be read (${errorCode(error)})`,
    error,
  );
}

function unreachable(error: unknown): never {
  throw faultOf(error);
}
