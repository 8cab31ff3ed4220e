/** What a wrapped key is bound to: it opens for this version of this customer's key and no other. */
export interface WrapPlace {
  readonly customer: string;
  readonly version: number;
}

export interface Wrapped {
  /** Version of the key-encryption key it is wrapped under. */
  readonly kek: string;
  readonly wrapped: Uint8Array;
}

/**
 * The key-encryption key, in versions: all customers' keys are wrapped under it, and it under nothing
 * here. It lies apart from the keystore and from everything it protects.
 */
export interface KeyEncryption {
  /** The version that wraps now. */
  current(): Promise<string>;

  /** Wraps a customer's key under the current version. */
  wrap(plaintext: Uint8Array, place: WrapPlace): Promise<Wrapped>;

  /**
   * @throws KeystoreFault `kek` where that version is not at hand, `damaged` where the bytes were not
   * wrapped under it for this place, `unreachable`
   */
  unwrap(wrapped: Wrapped, place: WrapPlace): Promise<Uint8Array>;

  /** Makes a new version, where making one is ours. @returns the version that wraps from now on */
  rotate(): Promise<string>;

  /** Versions that only open what was wrapped under them before; none where that is not ours to know. */
  retired(): Promise<readonly string[]>;

  /** Destroys every version but the current one and those named. */
  keepOnly(versions: ReadonlySet<string>): Promise<void>;
}

/** Authenticated with every wrapped key. */
export function placeText({ customer, version }: WrapPlace): string {
  return JSON.stringify(['kept/keystore/v1', customer, version]);
}

/** Whether a version is a key of AWS KMS: those are called by their ARN. */
export function isKmsKek(version: string): boolean {
  return version.startsWith('arn:');
}

/**
 * Wraps with one key-encryption key and still opens what others wrapped: for going from files to
 * KMS, or back, while in use.
 */
export function withOlder(
  current: KeyEncryption,
  isOlder: (version: string) => boolean,
  openOlder: KeyEncryption['unwrap'],
): KeyEncryption {
  return {
    current: () => current.current(),
    wrap: (plaintext, place) => current.wrap(plaintext, place),
    unwrap: (wrapped, place) =>
      isOlder(wrapped.kek) ? openOlder(wrapped, place) : current.unwrap(wrapped, place),
    rotate: () => current.rotate(),
    retired: () => current.retired(),
    keepOnly: (versions) => current.keepOnly(versions),
  };
}
