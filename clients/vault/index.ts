import { type Caller, callerOf, jsonOf, type VaultSettings } from './calling.ts';
import { Keys } from './keys.ts';
import { Objects } from './objects.ts';
import { Records } from './records.ts';

export type { VaultSettings } from './calling.ts';
export type { IssuedKey } from './keys.ts';
export type {
  ByteRange,
  Conditions,
  Metadata,
  ObjectHead,
  ObjectItem,
  PutOptions,
  ReadObject,
  Written,
} from './objects.ts';
export { VaultProblem } from './problem.ts';
export type { Json, JsonObject, ReadRecord, RecordItem } from './records.ts';
export { type Source, sourceOf, type UploadOptions } from './upload.ts';
export type { Keys, Objects, Records };

/** How a new customer of the product is registered. */
export interface NewCustomer {
  readonly name: string;
  readonly language?: 'en' | 'ja';
  /** Number of the contract; without one the terms hold. */
  readonly contract?: string;
  /** Version of the terms that they agreed to. */
  readonly terms?: string;
  readonly contacts?: readonly {
    readonly name: string;
    readonly email: string;
    readonly part: 'owner' | 'member' | 'billing';
  }[];
}

export interface CustomerState {
  readonly id: string;
  readonly key: string;
  /** Open: in use. Closing: read, not written. Erasing, gone: nothing can be read any more. */
  readonly state: 'open' | 'closing' | 'erasing' | 'gone';
  readonly usage: {
    readonly objects: number;
    readonly objectBytes: number;
    readonly records: number;
    readonly recordBytes: number;
  };
  readonly quota: { readonly objects: number; readonly bytes: number; readonly records: number };
}

/** The vault, for one product. Holds no connection: make it once. */
export interface Vault {
  customer(key: string): CustomerVault;
}

export interface CustomerVault {
  readonly key: string;
  /** Registers the customer; one who is there already is answered as they are. */
  register(customer: NewCustomer): Promise<CustomerState>;
  /** @throws VaultProblem `customerUnknown` */
  state(): Promise<CustomerState>;
  /** A kind of record, named by the product: a–z, 0–9 and hyphens. */
  collection(name: string): { readonly objects: Objects; readonly records: Records };
  readonly keys: Keys;
}

/** Opens the vault of Kept for a product. */
export function openVault(settings: VaultSettings): Vault {
  const call = callerOf(settings);
  return { customer: (key) => customerOf(call, key) };
}

function customerOf(call: Caller, key: string): CustomerVault {
  const base = `/customers/${encodeURIComponent(key)}`;
  return {
    key,
    register: (customer) => jsonOf(call({ method: 'PUT', path: base, json: customer })),
    state: () => jsonOf(call({ method: 'GET', path: base })),
    collection: (name) => {
      const place = `${base}/collections/${encodeURIComponent(name)}`;
      return { objects: new Objects(call, base, place), records: new Records(call, place) };
    },
    keys: new Keys(call, base),
  };
}
