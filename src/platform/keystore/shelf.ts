/**
 * Where wrapped keys lie: small files by customer and version. It knows nothing of what is in them.
 * Whatever it answers is durable first.
 */
export interface Shelf {
  /** @returns false, changing nothing, where there is one already or where it was destroyed */
  add(customer: string, version: number, bytes: Uint8Array): Promise<boolean>;

  /** Puts other bytes in the place of those there are, erasing those. @returns false where it is gone */
  replace(customer: string, version: number, bytes: Uint8Array): Promise<boolean>;

  read(customer: string, version: number): Promise<Uint8Array | null>;

  /** Asked at every use of a key, so it answers at once, from the medium itself. */
  has(customer: string, version: number): boolean;

  /** Ascending. */
  versions(customer: string): Promise<readonly number[]>;

  customers(): AsyncIterable<string>;

  /** Destroys one version, and remembers that it was. */
  remove(customer: string, version: number): Promise<void>;

  /** Destroys all of a customer, and remembers that it was: nothing can be added any more. */
  destroy(customer: string): Promise<void>;

  /** Whether a customer, or one version of theirs, was destroyed. */
  isDestroyed(customer: string, version?: number): Promise<boolean>;

  /** What was destroyed: `CUSTOMER` or `CUSTOMER.VERSION`. */
  destroyed(): AsyncIterable<string>;
}

/** Where backups of the keystore lie: whole files by name. */
export interface BackupShelf {
  names(): Promise<readonly string[]>;
  /** Writes a backup whole; its name, which holds its digest, is known only once it is written. */
  write(lines: AsyncIterable<string>, nameOf: (digest: string) => string): Promise<string>;
  read(name: string): AsyncIterable<Uint8Array>;
  /** Overwrites and removes it, durably. Gone already is well. */
  erase(name: string): Promise<void>;
}
