import { Fault } from '../../kernel/fault.ts';
import { isUuid } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';

/**
 * Name of a stored object: owner and id, both UUIDs, with a slash between. Nothing that a person
 * typed can be in it, so no name can lead out of its folder, and no name tells anything.
 */
export type ObjectName = string & { readonly __of?: 'object' };

/** @throws StorageFault `name` where either is not a UUID in lower case */
export function objectName(owner: string, id: string): ObjectName {
  if (!isUuid(owner) || !isUuid(id)) {
    throw new StorageFault('name', 'an object is named by two UUIDs and nothing else');
  }
  return `${owner}/${id}`;
}

/** The two parts of a name, checked again at every use: a name may come from a row or a request. */
export function partsOfName(name: ObjectName): { readonly owner: string; readonly id: string } {
  const [owner = '', id = '', ...rest] = name.split('/');
  if (rest.length > 0) throw new StorageFault('name', 'an object is named by two UUIDs');
  objectName(owner, id);
  return { owner, id };
}

/**
 * Why the storage cannot do what it was asked, closed:
 * - `missing`: there is no such object, or no such upload
 * - `name`: not a name that this storage gives
 * - `range`: bytes that the object does not have
 * - `incomplete`: an upload whose parts do not make up the object that was announced
 * - `unreachable`: disk, network or S3 failed; trying again may help
 */
export type StorageFaultCode = 'missing' | 'name' | 'range' | 'incomplete' | 'unreachable';

export class StorageFault extends Fault {
  readonly code: StorageFaultCode;

  constructor(code: StorageFaultCode, message: string, cause?: unknown) {
    super(message, { cause, retryable: code === 'unreachable' });
    this.code = code;
  }
}

export interface StoredObject {
  readonly name: ObjectName;
  /** Bytes as stored. */
  readonly size: number;
}

/** Bytes from `from` up to, not including, `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** An upload in parts that was begun; plain JSON, to be kept in a row until it ends. */
export interface Upload {
  readonly name: ObjectName;
  /** What the storage itself calls it (for S3 its `UploadId`). */
  readonly token: string;
}

export interface Part {
  /** From 0, without gaps. */
  readonly number: number;
  /** Where the part begins in the object, in bytes. */
  readonly offset: number;
  /** Of S3, every part but the last has at least 5 MiB. */
  readonly bytes: Uint8Array;
}

/** Proof that a part is stored; plain JSON, to be kept until the upload ends. */
export interface PartReceipt {
  readonly number: number;
  readonly size: number;
  /** What the storage wants to see again (for S3 the `ETag`). */
  readonly mark: string;
}

/**
 * Where sealed objects lie: a folder, S3, or memory. It is given ciphertext and opaque names only,
 * knows no customer, no file name and no key.
 *
 * Every stored object is one age v1 file. A resumable upload seals its parts as consecutive chunks
 * of that one file (`beginAgeFile` in `../age/parts.ts`), so that completing it moves no byte.
 */
export interface ObjectStorage {
  /**
   * Stores an object whole: it can be seen only once its last byte is durable, and what had the
   * name before stays until then. Where the source throws, nothing is left behind. Pieces that were
   * handed over (`../memory.ts`) may be let go of.
   */
  put(name: ObjectName, source: AsyncIterable<Uint8Array>): Promise<StoredObject>;

  /**
   * Streams an object, or bytes of it. Stopping early closes everything.
   *
   * @throws StorageFault `missing`, `range` at the first step
   */
  get(name: ObjectName, range?: ByteRange): AsyncIterable<Uint8Array>;

  /** Bytes of an object; null where there is none. */
  size(name: ObjectName): Promise<number | null>;

  /** Removes an object for good, also where it is gone already. */
  remove(name: ObjectName): Promise<void>;

  /** Removes every object of an owner for good. What is removed stays removed where it is cut off. */
  removeAll(owner: string): Promise<void>;

  /** Every object of an owner, or of all, in no order; uploads that were not completed are not objects. */
  list(owner?: string): AsyncIterable<StoredObject>;

  /** Begins an upload in parts. Nothing is seen under the name until it is completed. */
  beginUpload(name: ObjectName): Promise<Upload>;

  /**
   * Stores one part, durable on return. The same number again replaces it; the caller answers for
   * its being the same bytes (see `AgeFile.seal`).
   */
  putPart(upload: Upload, part: Part): Promise<PartReceipt>;

  /**
   * Makes the parts, in order, the object. Completing again after it succeeded answers the same.
   *
   * @throws StorageFault `incomplete` where the parts have a gap; `missing` where the upload is gone
   */
  completeUpload(upload: Upload, parts: readonly PartReceipt[]): Promise<StoredObject>;

  /** Removes an upload and its parts, also where they are gone already. */
  abandonUpload(upload: Upload): Promise<void>;

  /**
   * Removes what was begun before a time and never became an object: puts cut off by a crash and
   * uploads that nobody completed or abandoned. Run daily.
   *
   * @returns how many
   */
  sweep(begunBefore: Instant): Promise<number>;
}
