import type { Db } from '../../kernel/db.ts';
import { together } from '../../kernel/together.ts';
import type { World } from '../../platform/world.ts';
import type { Standing } from '../../registers/vault/store.keys.ts';
import { type SealedRecord, sealedRecords } from '../../registers/vault/store.records.ts';
import { countWhereHeld, type SwiftAccount } from '../../registers/vault/store.swift.ts';
import type { Bearer } from '../bearers.ts';
import { type Asked, lastStanding, Mistaken } from './asked.ts';
import type { Product } from './bearer.ts';
import { countOf } from './counting.ts';
import { fewAbreast, gathered } from './gathering.ts';
import { indexText, keyringOf, type OpenKey } from './keyring.ts';
import { hex, textOf } from './records.ts';

/**
 * What is asked for a thousand times a second. Those who ask in one turn of the event loop, whoever
 * they are, go by what token and customer last were and ask together, in one journey: all records,
 * and for each account one count, which PostgreSQL makes only where token and customer still are
 * that. A request by itself costs what is its own: its place, its hash, its value.
 */

/** One product with one customer for one purpose, as it was when it was last read. */
export interface Account {
  readonly bearer: Bearer<Product>;
  readonly product: Product;
  readonly standing: Standing;
  readonly customerKey: string;
  readonly purpose: string;
}

/** The account of a request, where it is one that may be gone on with; null where all is to be read first. */
export function accountOf(
  asked: Asked,
  customerKey: string,
  custody: readonly Standing['custody'][] = ['vault'],
): Account | null {
  const { bearer, product, purpose } = asked;
  const standing = lastStanding(asked, customerKey, custody);
  return standing && { bearer, product, standing, customerKey, purpose };
}

/** Whether two requests are of one account: what is remembered is the same object as long as it holds. */
export function isSame(a: Account, b: Account): boolean {
  return a.product === b.product && a.standing === b.standing && a.purpose === b.purpose;
}

/** What PostgreSQL compares. */
export function heldAs({ product, standing, customerKey }: Account): SwiftAccount {
  const { customerId, productId, custody, keys } = standing;
  const keyIds = keys.map(({ id }) => id);
  return { tokenId: product.tokenId, productId, customerId, customerKey, custody, keyIds };
}

/** One row of the register of unwrappings, for so many requests of an account. */
export function countFor(world: World, { product, standing, purpose }: Account, times: number) {
  const by = { kind: 'service' as const, byId: product.tokenId, personId: null };
  return countOf(world, { customerId: standing.customerId, ...by, purpose }, times);
}

interface Looking {
  readonly account: Account;
  /** Null where the key itself is what is wanted. */
  readonly record: { readonly collection: string; readonly name: string } | null;
}

/** What was found; where the account is not what it was: nothing, for sure. */
type Found = { readonly row: SealedRecord; readonly key: OpenKey } | 'nothing' | 'mistaken';

/** A record as it is answered. */
export interface Read {
  readonly row: SealedRecord;
  /** Canonical JSON. */
  readonly text: string;
}

/**
 * The value of a record; null where there is none. Token and customer are known to hold, and the
 * unwrapping is counted, before this settles.
 *
 * @throws Mistaken where one of them is not what it last was: then nothing was opened
 */
export async function readSwiftly(
  world: World,
  account: Account,
  collection: string,
  name: string,
): Promise<Read | null> {
  const found = await readerOf(world)({ account, record: { collection, name } });
  if (found === 'mistaken') throw new Mistaken();
  if (found === 'nothing') return null;
  const { row, key } = found;
  return { row, text: textOf(account.standing.customerId, key, row) };
}

/** Settles once token and customer are known to hold and the unwrapping is counted. @throws Mistaken */
export async function countSwiftly(world: World, account: Account): Promise<void> {
  const found = await readerOf(world)({ account, record: null });
  if (found === 'mistaken') throw new Mistaken();
}

const readers = new WeakMap<World, (looking: Looking) => Promise<Found>>();

function readerOf(world: World): (looking: Looking) => Promise<Found> {
  const there =
    readers.get(world) ??
    gathered(
      (lookings: readonly Looking[]) => readAll(world, lookings),
      () => null,
      fewAbreast,
    );
  readers.set(world, there);
  return there;
}

/** Those of one account who ask together. */
interface Party {
  readonly account: Account;
  readonly keys: readonly OpenKey[];
  times: number;
}

async function readAll(world: World, lookings: readonly Looking[]): Promise<readonly Found[]> {
  const parties: Party[] = [];
  const sought: { readonly party: Party; readonly indices: readonly Uint8Array[] }[] = [];
  for (const { account, record } of lookings) {
    const known = parties.find((party) => isSame(party.account, account));
    const party = known ?? { account, keys: await keysOf(world, account), times: 0 };
    if (!known) parties.push(party);
    party.times += 1;
    const indices = record ? indicesOf(party, record.collection, record.name) : [];
    sought.push({ party, indices });
  }
  const all = sought.flatMap(({ indices }) => indices);
  const db = together(world.database.db);
  const [rows, holding] = await Promise.all([
    all.length > 0 ? sealedRecords(db, all) : [],
    Promise.all(inOrder(parties).map((party) => holds(world, db, party))),
  ]);
  const held = new Set(holding.filter((party) => party !== null));
  const byIndex = new Map(rows.map((row) => [hex(row.keyIndex), row]));
  return sought.map(({ party, indices }, n) => {
    if (!held.has(party)) return 'mistaken';
    party.account.bearer.used();
    const found = indices.map((index) => byIndex.get(hex(index))).find((row) => row);
    return openable(party, lookings[n]?.record?.collection, found);
  });
}

function indicesOf({ account, keys }: Party, collection: string, name: string) {
  const { customerId } = account.standing;
  return keys.map((key) => indexText(key, customerId, 'recordKey', collection, name));
}

/** A row of theirs with the key that seals it. */
function openable(
  { account, keys }: Party,
  collection: string | undefined,
  row: SealedRecord | undefined,
): Found {
  const isTheirs = row?.customerId === account.standing.customerId && row.collection === collection;
  const key = isTheirs ? keys.find((each) => each.row.id === row.keyId) : undefined;
  return row && key ? { row, key } : 'nothing';
}

/** None where one of them is gone: whoever asks more closely is told what that means. */
async function keysOf(world: World, { standing }: Account): Promise<readonly OpenKey[]> {
  return keyringOf(world, standing)
    .all()
    .catch(() => []);
}

/** In one order on every node, so that two of them wait for each other's counts and never both. */
function inOrder(parties: readonly Party[]): readonly Party[] {
  if (parties.length < 2) return parties;
  const nameOf = ({ account: { standing, product, purpose } }: Party) =>
    `${standing.customerId} ${product.tokenId} ${purpose}`;
  return parties.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** The party where it is counted, and null where token or customer are not what was gone on with. */
async function holds(world: World, db: Db, party: Party): Promise<Party | null> {
  const { account, keys, times } = party;
  if (keys.length === 0) return null;
  const counted = await countWhereHeld(db, heldAs(account), countFor(world, account, times));
  return counted ? party : null;
}
