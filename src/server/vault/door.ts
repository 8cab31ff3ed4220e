import type { CaseReadRefusal } from '../../clauses/customer-data/facts.reading.ts';
import type { Actor } from '../../kernel/actor.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import type { Precondition } from '../../registers/vault/facts.ts';
import type { Written } from '../../registers/vault/store.answers.ts';
import type { ObjectRow } from '../../registers/vault/store.objects.ts';
import type { RecordRow } from '../../registers/vault/store.records.ts';
import type { Idempotency } from './answered.ts';
import type { Door } from './reading.ts';

/** The one way to plaintext. Nothing else unwraps a customer's key. */
export { openCustomer } from './opening.ts';

/** Why a customer's data is opened. Without one of these nothing is opened at all (CUS-1, CUS-2). */
export type Because =
  /** A product works on the customer's behalf. */
  | {
      readonly by: 'service';
      readonly tokenId: string;
      readonly productId: string;
      readonly purpose: string;
    }
  /** Somebody of the staff reads under an open case; each read stands in the ledger by itself. */
  | {
      readonly by: 'case';
      readonly caseId: string;
      /** The person who reads, with their roles: each read is written down as theirs. */
      readonly actor: Actor;
      readonly purpose: string;
      /** What is read is saved, not only looked at. */
      readonly copy?: boolean;
    }
  /** The customer, in the portal. */
  | { readonly by: 'customer'; readonly contactId: string; readonly purpose: string }
  /** Kept itself: re-key, an export that the customer asked for. Never to the eyes of a person. */
  | { readonly by: 'system'; readonly what: string };

/**
 * - `customerUnknown`: no such account, or not one of the product that asks
 * - `accountFrozen`: closing; read but not written
 * - `accountErased`: the key is gone
 * - `objectUnknown`, `recordUnknown`: gone, or never there
 * - `readOnly`: a case reads and never writes
 * - `preconditionFailed`: If-Match or If-None-Match says no
 * - `quotaExceeded`: the customer's or the product's room is used up
 * - `digestDiffers`: the bytes are not those that were announced; nothing was changed
 * - `storedObjectDamaged`: what is stored is not what was stored; `object`, `byte` and `why` say where
 * - those of a case: it is not open, not theirs, or does not reach so far
 */
export type DoorRefusal =
  | 'customerUnknown'
  | 'accountFrozen'
  | 'accountErased'
  | CaseReadRefusal
  | 'readOnly'
  | 'objectUnknown'
  | 'recordUnknown'
  | 'preconditionFailed'
  | 'quotaExceeded'
  | 'objectTooLarge'
  | 'digestDiffers'
  | 'idempotencyKeyInUse'
  | 'idempotencyKeyReused'
  | 'storedObjectDamaged';

export type Answer<T> = Promise<Result<T, Refusal<DoorRefusal>>>;

/** Bytes `from` up to, not including, `to` of the plaintext. */
export interface PlainRange {
  readonly from: number;
  readonly to: number;
}

export interface ObjectReading {
  readonly row: ObjectRow;
  /**
   * Plaintext, chunk by chunk. Throws `DoorClosed` where a case ends, or an account is erased,
   * while it is being read, and `StoredObjectDamaged` at the first byte that is not as it was
   * stored; what came before was right.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface RecordReading {
  readonly row: RecordRow;
  readonly key: string;
  readonly value: JsonObject;
}

/** Kept beside an object, sealed. */
export interface Metadata {
  readonly mediaType: string | null;
  readonly fields: Readonly<Record<string, string>>;
}

/** How what an object holds is called and guarded as it is written. */
export interface ObjectWriting {
  readonly collection: string;
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly mediaType?: string | null;
  /** SHA-256 that the plaintext must have; `digestDiffers` otherwise, and nothing is changed. */
  readonly sha256?: Uint8Array | null;
  /** Size in bytes, where it is known beforehand: what is too large is refused before it is sent. */
  readonly size?: number | null;
  readonly precondition?: Precondition | undefined;
  readonly idempotency?: Idempotency | undefined;
}

/** One customer's data, opened for one reason. Good for one request or one job; never kept. */
export interface OpenCustomer {
  readonly customerId: string;
  readonly because: Because;
  /** What stands behind it; for the rooms of the vault alone. */
  readonly door: Door;

  /** Looks an object up by its name; null where there is none. Not for a case, which goes by ids. */
  find(collection: string, name: string): Promise<ObjectRow | null>;
  findRecord(collection: string, key: string): Promise<RecordRow | null>;
  findRecords(collection: string, keys: readonly string[]): Promise<readonly RecordRow[]>;

  /** Names of objects by their id, counted as one read whatever their number. */
  namesOf(rows: readonly ObjectRow[]): Answer<ReadonlyMap<string, string>>;
  nameOf(row: ObjectRow): Answer<string>;
  /** Keys of records by their id, counted as one read. */
  keysOf(rows: readonly RecordRow[]): Answer<ReadonlyMap<string, string>>;

  readObject(id: string, range?: PlainRange | undefined): Answer<ObjectReading>;
  /** SHA-256 of the plaintext, as it was when it was written. */
  digestOf(row: ObjectRow): Answer<Uint8Array>;
  readMetadata(id: string): Answer<Metadata>;
  readRecord(id: string): Answer<RecordReading>;
  /** Many records, counted as one read for services and customers, one by one for a case. */
  readRecords(rows: readonly RecordRow[]): Answer<readonly RecordReading[]>;
  /** The value of a record as it was written down: canonical JSON. */
  readText(row: RecordRow): Answer<string>;

  /** Not for a case. The row is there once every byte is durable; until then the old object is. */
  writeObject(writing: ObjectWriting): Answer<Written>;
  writeMetadata(
    id: string,
    metadata: Metadata,
    precondition?: Precondition | undefined,
  ): Answer<ObjectRow>;
  /** One transaction for all: either every record is written, or none. No key twice. */
  writeRecords(
    collection: string,
    writings: readonly RecordWriting[],
    idempotency?: Idempotency | undefined,
  ): Answer<readonly Written[]>;
  removeObject(
    id: string,
    precondition?: Precondition | undefined,
  ): Answer<{ readonly removed: boolean }>;
  removeRecord(
    id: string,
    precondition?: Precondition | undefined,
  ): Answer<{ readonly removed: boolean }>;
}

export interface RecordWriting {
  readonly key: string;
  readonly value: JsonObject;
  readonly precondition?: Precondition | undefined;
}
