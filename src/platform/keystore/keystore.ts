import type { Instant } from '../../kernel/instant.ts';
import type { AgeIdentity, AgeRecipient } from '../age/identity.ts';

/** One version of a customer's key. Versions rise from 1; the newest is the one that new writes use. */
export interface CustomerKey {
  /** UUID. */
  readonly customer: string;
  readonly version: number;
  /** Public half: enough to write for the customer. */
  readonly recipient: AgeRecipient;
}

/** A key for a product that stores elsewhere. */
export interface IssuedKey {
  /** 32 bytes, secret: for the product, kept nowhere here. */
  readonly plaintext: Uint8Array;
  /** To be stored beside what it protects; opens with the customer's key, for the same purpose, only. */
  readonly wrapped: Uint8Array;
}

export interface Backup {
  /** When it was made. */
  readonly at: Instant;
  /** SHA-256 of its content, hexadecimal. */
  readonly digest: string;
  /** Wrapped keys in it. */
  readonly keys: number;
}

export interface Rewrapped {
  /** Keys wrapped anew by this call. */
  readonly rewrapped: number;
  /** Version of the key-encryption key under which all of them are now. */
  readonly kek: string;
}

export interface Restored {
  /** Keys that were missing and are back. */
  readonly restored: number;
  /** Keys left out because their customer's keys were destroyed. */
  readonly destroyed: number;
}

/**
 * Customers' age identities, each wrapped by the key-encryption key with customer and version
 * authenticated. Apart from the database and from the objects: whoever holds those two can read
 * nothing, and once a customer's key is destroyed here and in the backups, nobody can.
 *
 * Customers are named by UUIDs; anything else is refused. Several nodes may use one keystore: what
 * one destroys, the others refuse from that moment on, whatever they had in memory.
 */
export interface Keystore {
  /**
   * Makes a customer's first key; for one who has a key answers the newest, and makes none.
   *
   * @throws KeystoreFault `destroyed`
   */
  create(customer: string): Promise<CustomerKey>;

  /**
   * The key for new writes; its recipient is derived from the key itself, so that nobody can slip in
   * another.
   *
   * @throws KeystoreFault as `unwrap`
   */
  current(customer: string): Promise<CustomerKey>;

  /** Every version there is, oldest first; none where there is no such customer. */
  versions(customer: string): Promise<readonly number[]>;

  /** Every key there is, by customer: what is on the medium, not what anybody says of it. */
  held(): AsyncIterable<Pick<CustomerKey, 'customer' | 'version'>>;

  /** Whether any key of the customer is left (in the keystore; for backups ask `backupsHolding`). */
  exists(customer: string): Promise<boolean>;

  /**
   * Opens one version of a customer's key. It stays in memory for seconds at most, and each call
   * asks the keystore whether it is still there. Callers count unwraps; nobody keeps the answer.
   *
   * @throws KeystoreFault `unknown`, `destroyed`, `damaged`, `kek`, `unreachable`
   */
  unwrap(customer: string, version: number): Promise<AgeIdentity>;

  /**
   * Makes a new version for new writes; the older ones still open what they sealed. Idempotent:
   * `after` is the version to replace, and where a newer one exists that is the answer.
   */
  rekey(customer: string, after: number): Promise<CustomerKey>;

  /**
   * Destroys an old version, once nothing is sealed with it any more. Gone already is well.
   *
   * @throws KeystoreFault `current`
   */
  retire(customer: string, version: number): Promise<void>;

  /**
   * Destroys all keys of a customer: they are out of reach of every node at once, then overwritten,
   * unlinked and the removal made durable. Returns when they are gone; cut off anywhere, the next
   * call, or the next start, finishes. Idempotent, also for customers who never had a key.
   */
  destroy(customer: string): Promise<void>;

  /**
   * A fresh data key, bound to customer and purpose.
   *
   * @param purpose what the product will use it for; authenticated, not stored in the wrapped key
   */
  issueDataKey(customer: string, purpose: string): Promise<IssuedKey>;

  /** Wraps a key that the product already has (1 to 4096 bytes) under the customer's newest key. */
  wrapDataKey(customer: string, purpose: string, plaintext: Uint8Array): Promise<Uint8Array>;

  /** @throws KeystoreFault `purpose` where customer, purpose or bytes are not those it was wrapped with */
  unwrapDataKey(customer: string, purpose: string, wrapped: Uint8Array): Promise<Uint8Array>;

  /**
   * Makes a new key-encryption key where it is kept in a file; with KMS the setting names the new
   * one. Everything is opened as before; `rewrap` then brings all keys under it.
   *
   * @returns its version
   */
  rotateKek(): Promise<string>;

  /**
   * Wraps every key under the newest key-encryption key. While in use; cut off anywhere, the next
   * call goes on with what is left, and nothing is left when it returns.
   */
  rewrap(): Promise<Rewrapped>;

  /** Makes the backup of a day (UTC), once; asked again that day answers the one there is. */
  backUp(now: Instant): Promise<Backup>;

  /** The backups there are, oldest first. */
  backups(): Promise<readonly Backup[]>;

  /**
   * Overwrites and removes every backup that is `keepDays` old or older, and then every retired
   * key-encryption key that nothing is wrapped under any more.
   *
   * @param keepDays 1 to 60
   * @returns those removed
   */
  expireBackups(now: Instant, keepDays: number): Promise<readonly Backup[]>;

  /** When each backup was made that still holds a key of the customer, oldest first. */
  backupsHolding(customer: string): Promise<readonly Instant[]>;

  /**
   * Brings back keys that are missing, from one backup. Nothing that exists is replaced, and nothing
   * that was destroyed comes back: neither what this keystore remembers as destroyed, nor `destroyed`.
   *
   * @param at of which backup
   * @param destroyed customers whose closure the ledger knows of, where the keystore itself was lost
   * @throws KeystoreFault `backup`
   */
  restore(at: Instant, destroyed: readonly string[]): Promise<Restored>;
}
