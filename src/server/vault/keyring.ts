import { Fault } from '../../kernel/fault.ts';
import { invariant } from '../../kernel/invariant.ts';
import { type AgeIdentity, recipientText } from '../../platform/age/identity.ts';
import { execute } from '../../platform/execute.ts';
import {
  indexOf,
  openValue,
  sealValue,
  type ValueKeys,
  valueKeysOf,
} from '../../platform/keystore/values.ts';
import type { World } from '../../platform/world.ts';
import {
  type KeyRow,
  keyFlow,
  type Standing,
  standingOf,
} from '../../registers/vault/store.keys.ts';
import { closedBy, DoorClosed } from './closed.ts';

/** One version of a customer's key, opened. Lives as long as the request or job that opened it. */
export interface OpenKey {
  readonly row: KeyRow;
  readonly identity: AgeIdentity;
  readonly values: ValueKeys;
}

/** Kinds of sealed value; part of what each is bound to. */
export type Kind = 'objectName' | 'metadata' | 'digest' | 'recordKey' | 'recordValue' | 'upload';

/** The keys of one customer, each unwrapped when it is first needed. */
export interface Keyring {
  standing(): Standing;
  /** Reads again which keys there are. */
  refresh(): Promise<void>;
  of(version: number): Promise<OpenKey>;
  /** The one that new writes use. */
  current(): Promise<OpenKey>;
  /** All that there are, the current one last. */
  all(): Promise<readonly OpenKey[]>;
}

/** @throws DoorClosed where the customer has no keys any more */
export function keyringOf(world: World, first: Standing): Keyring {
  let standing = first;
  const open = new Map<number, Promise<OpenKey>>();
  const unwrap = async (row: KeyRow): Promise<OpenKey> => {
    try {
      const identity = await unwrappedThisTurn(world, standing.customerId, row.version);
      return { row, identity, values: valuesOf(identity) };
    } catch (thrown) {
      throw closedBy(thrown);
    }
  };
  const of = (version: number): Promise<OpenKey> => {
    const row = standing.keys.find((key) => key.version === version);
    if (!row) throw new DoorClosed('accountErased');
    const there = open.get(version) ?? unwrap(row);
    open.set(version, there);
    return there;
  };
  return {
    standing: () => standing,
    async refresh() {
      const now = await standingOf(world.database.db, standing.customerId);
      if (!now) throw new DoorClosed('customerUnknown');
      standing = now;
    },
    of,
    async current() {
      const newest = standing.keys.at(-1);
      if (!newest) throw new DoorClosed('accountErased');
      return of(newest.version);
    },
    all: () => Promise.all(standing.keys.map(({ version }) => of(version))),
  };
}

const unwrapping = new WeakMap<World, Map<string, Promise<AgeIdentity>>>();

/** The keystore is asked once a turn of the event loop for each key, whoever of that turn needs it. */
function unwrappedThisTurn(
  world: World,
  customerId: string,
  version: number,
): Promise<AgeIdentity> {
  const asked = unwrapping.get(world) ?? new Map<string, Promise<AgeIdentity>>();
  unwrapping.set(world, asked);
  if (asked.size === 0) setImmediate(() => asked.clear());
  const name = `${customerId} ${version}`;
  const there = asked.get(name) ?? world.keystore.unwrap(customerId, version);
  asked.set(name, there);
  return there;
}

/** Deriving them costs more than sealing a value; they are gone when the identity is. */
const derived = new WeakMap<AgeIdentity, ValueKeys>();

function valuesOf(identity: AgeIdentity): ValueKeys {
  const there = derived.get(identity) ?? valueKeysOf(identity);
  derived.set(identity, there);
  return there;
}

/**
 * Makes a customer's first key where there is none. The keystore makes one key however often it is
 * asked, and so does the register.
 */
export async function withKey(world: World, standing: Standing): Promise<Standing> {
  if (standing.keys.length > 0 || standing.state !== 'open') return standing;
  const { customerId } = standing;
  try {
    const made = await world.keystore.create(customerId);
    const { version } = made;
    const recipient = recipientText(made.recipient);
    const done = await execute(
      world,
      keyFlow,
      { do: 'recordKey', customerId, version, recipient },
      { kind: 'system', id: 'vault' },
    );
    invariant(done.ok || done.refusal.code === 'accountErased', 'the system may record a key');
  } catch (thrown) {
    throw closedBy(thrown);
  }
  const now = await standingOf(world.database.db, customerId);
  if (!now || now.keys.length === 0) {
    throw new Fault(`customer ${customerId} has no key yet`, { retryable: true });
  }
  return now;
}

/** What a sealed value belongs to. */
export interface Place {
  readonly customer: string;
  readonly kind: Kind;
  readonly collection: string;
  /** Of the object or upload, or the index of the record's key in hex. */
  readonly id: string;
}

/** The kind that a value of a collection is bound to: moved to another one, it does not open. */
const kindIn = (kind: Kind, collection: string): string => `${kind}/${collection}`;

/** Seals text of a customer for its place. */
export function sealText(
  world: World,
  { values }: OpenKey,
  place: Place,
  text: string | Uint8Array,
): Uint8Array {
  const { customer, kind, collection, id } = place;
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  const bound = { customer, kind: kindIn(kind, collection), id };
  return sealValue(values, bound, bytes, (count) => world.random(count));
}

/** @throws KeystoreFault `damaged` */
export function openBytes({ values }: OpenKey, place: Place, sealed: Uint8Array): Uint8Array {
  const { customer, kind, collection, id } = place;
  return openValue(values, { customer, kind: kindIn(kind, collection), id }, sealed);
}

/** Keyed hash under which a name, a key, a digest is looked up. */
export function indexText(
  { values }: OpenKey,
  customer: string,
  kind: 'objectName' | 'recordKey' | 'part' | 'answer' | 'request',
  collection: string,
  text: string,
): Uint8Array {
  return indexOf(values, { customer, kind: `${kind}/${collection}` }, text);
}
