import type { Instant } from '../../kernel/instant.ts';
import { type AgeIdentity, identityOf, keyBytes } from '../age/identity.ts';
import { Backups } from './backups.ts';
import { IdentityCache } from './cache.ts';
import { entryText, parseEntry } from './entry.ts';
import { KeystoreFault } from './fault.ts';
import { unwrapIssued, versionOfIssued, wrapIssued } from './issued.ts';
import type { KeyEncryption } from './kek.ts';
import type { CustomerKey, IssuedKey, Keystore, Rewrapped } from './keystore.ts';
import type { BackupShelf, Shelf } from './shelf.ts';

export interface KeystoreParts {
  readonly shelf: Shelf;
  readonly backups: BackupShelf;
  readonly kek: KeyEncryption;
  readonly random: (bytes: number) => Uint8Array;
  /** How long an opened key may stay in memory; 5 seconds where not said. */
  readonly cacheMs?: number;
}

const cachedAtMost = 1_000;

/** A keystore over the places where its parts lie. */
export function openKeystore(parts: KeystoreParts): Keystore {
  return new KeptKeystore(parts);
}

class KeptKeystore implements Keystore {
  readonly #shelf: Shelf;
  readonly #kek: KeyEncryption;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #cache: IdentityCache;
  readonly #backups: Backups;
  /** Keys that are being opened now: who asks for one of them in the meantime waits for the same. */
  readonly #opening = new Map<string, Promise<AgeIdentity>>();

  constructor({ shelf, backups, kek, random, cacheMs = 5_000 }: KeystoreParts) {
    this.#shelf = shelf;
    this.#kek = kek;
    this.#random = random;
    this.#cache = new IdentityCache(cacheMs, cachedAtMost);
    this.#backups = new Backups(shelf, backups);
  }

  async create(customer: string): Promise<CustomerKey> {
    if (await this.#shelf.isDestroyed(customer)) throw destroyed(customer);
    const newest = (await this.#shelf.versions(customer)).at(-1);
    return newest === undefined ? this.#make(customer, 1) : this.#described(customer, newest);
  }

  async current(customer: string): Promise<CustomerKey> {
    const newest = (await this.#shelf.versions(customer)).at(-1);
    if (newest === undefined) throw await this.#absent(customer);
    return this.#described(customer, newest);
  }

  versions(customer: string): Promise<readonly number[]> {
    return this.#shelf.versions(customer);
  }

  async *held() {
    for await (const customer of this.#shelf.customers()) {
      for (const version of await this.#shelf.versions(customer)) yield { customer, version };
    }
  }

  async exists(customer: string): Promise<boolean> {
    return (await this.#shelf.versions(customer)).length > 0;
  }

  async unwrap(customer: string, version: number): Promise<AgeIdentity> {
    if (!this.#shelf.has(customer, version)) {
      this.#cache.drop(customer, version);
      throw await this.#absent(customer);
    }
    return this.#cache.get(customer, version) ?? this.#openOnce(customer, version);
  }

  async rekey(customer: string, after: number): Promise<CustomerKey> {
    const { version } = await this.current(customer);
    if (version > after) return this.#described(customer, version);
    if (version < after) throw new KeystoreFault('unknown', `there is no version ${after} yet`);
    return this.#make(customer, after + 1);
  }

  async retire(customer: string, version: number): Promise<void> {
    const newest = (await this.#shelf.versions(customer)).at(-1);
    if (newest !== undefined && version >= newest) {
      throw new KeystoreFault('current', `version ${version} is the one that new writes use`);
    }
    this.#cache.drop(customer, version);
    await this.#shelf.remove(customer, version);
    this.#cache.drop(customer, version);
  }

  async destroy(customer: string): Promise<void> {
    this.#cache.dropAll(customer);
    await this.#shelf.destroy(customer);
    this.#cache.dropAll(customer);
  }

  async issueDataKey(customer: string, purpose: string): Promise<IssuedKey> {
    const plaintext = this.#random(32);
    return { plaintext, wrapped: await this.wrapDataKey(customer, purpose, plaintext) };
  }

  async wrapDataKey(customer: string, purpose: string, plaintext: Uint8Array): Promise<Uint8Array> {
    const { version } = await this.current(customer);
    const identity = await this.unwrap(customer, version);
    return wrapIssued(identity, { customer, purpose, version }, plaintext, this.#random);
  }

  async unwrapDataKey(customer: string, purpose: string, wrapped: Uint8Array): Promise<Uint8Array> {
    const version = versionOfIssued(wrapped);
    const identity = await this.unwrap(customer, version);
    return unwrapIssued(identity, { customer, purpose, version }, wrapped);
  }

  rotateKek(): Promise<string> {
    return this.#kek.rotate();
  }

  async rewrap(): Promise<Rewrapped> {
    const kek = await this.#kek.current();
    let rewrapped = 0;
    for await (const customer of this.#shelf.customers()) {
      for (const version of await this.#shelf.versions(customer)) {
        if (await this.#rewrapOne(customer, version, kek)) rewrapped += 1;
      }
    }
    return { rewrapped, kek };
  }

  backUp(now: Instant) {
    return this.#backups.make(now);
  }

  backups() {
    return this.#backups.list();
  }

  async expireBackups(now: Instant, keepDays: number) {
    const expired = await this.#backups.expire(now, keepDays);
    const retired = await this.#kek.retired();
    if (retired.length > 0) await this.#kek.keepOnly(await this.#keksInUse());
    return expired;
  }

  backupsHolding(customer: string) {
    return this.#backups.holding(customer);
  }

  restore(at: Instant, destroyedCustomers: readonly string[]) {
    return this.#backups.restore(at, destroyedCustomers);
  }

  /** Makes a version; where another node was faster, theirs is the answer. */
  async #make(customer: string, version: number): Promise<CustomerKey> {
    const secret = this.#random(keyBytes);
    const wrapped = await this.#kek.wrap(secret, { customer, version });
    const entry = entryText({ customer, version, ...wrapped });
    const added = await this.#shelf.add(customer, version, Buffer.from(entry));
    if (!added && !this.#shelf.has(customer, version)) throw await this.#absent(customer);
    return this.#described(customer, version);
  }

  async #described(customer: string, version: number): Promise<CustomerKey> {
    const { recipient } = await this.unwrap(customer, version);
    return { customer, version, recipient };
  }

  #openOnce(customer: string, version: number): Promise<AgeIdentity> {
    const name = `${customer}.${version}`;
    const before = this.#opening.get(name);
    if (before) return before;
    const opening = this.#open(customer, version).finally(() => this.#opening.delete(name));
    this.#opening.set(name, opening);
    return opening;
  }

  async #open(customer: string, version: number): Promise<AgeIdentity> {
    // A key that somebody put back after its destruction stays destroyed.
    if (await this.#shelf.isDestroyed(customer, version)) throw await this.#absent(customer);
    const secret = await this.#unwrapped(customer, version);
    // Destroyed while KMS was thinking: what was opened is nobody's any more.
    if (!secret || !this.#shelf.has(customer, version)) throw await this.#absent(customer);
    const identity = identityOf(secret);
    this.#cache.put(customer, version, identity);
    return identity;
  }

  /** The secret of a key; null where the key is not there. */
  async #unwrapped(customer: string, version: number): Promise<Uint8Array | null> {
    const bytes = await this.#shelf.read(customer, version);
    if (!bytes) return null;
    const entry = parseEntry(Buffer.from(bytes).toString());
    return this.#kek.unwrap(entry, { customer, version });
  }

  async #rewrapOne(customer: string, version: number, kek: string): Promise<boolean> {
    const bytes = await this.#shelf.read(customer, version);
    if (!bytes) return false;
    const entry = parseEntry(Buffer.from(bytes).toString());
    if (entry.kek === kek) return false;
    const place = { customer, version };
    const wrapped = await this.#kek.wrap(await this.#kek.unwrap(entry, place), place);
    const text = entryText({ customer, version, ...wrapped });
    return this.#shelf.replace(customer, version, Buffer.from(text));
  }

  async #keksInUse(): Promise<ReadonlySet<string>> {
    const keks = new Set(await this.#backups.keks());
    for await (const customer of this.#shelf.customers()) {
      for (const version of await this.#shelf.versions(customer)) {
        const bytes = await this.#shelf.read(customer, version);
        if (bytes) keks.add(parseEntry(Buffer.from(bytes).toString()).kek);
      }
    }
    return keks;
  }

  async #absent(customer: string): Promise<KeystoreFault> {
    return (await this.#shelf.isDestroyed(customer))
      ? destroyed(customer)
      : new KeystoreFault('unknown', `there is no such key of customer ${customer}`);
  }
}

function destroyed(customer: string): KeystoreFault {
  return new KeystoreFault('destroyed', `the keys of customer ${customer} were destroyed`);
}
