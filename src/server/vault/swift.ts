import type { Db } from '../../kernel/db.ts';
import { together } from '../../kernel/together.ts';
import type { World } from '../../platform/world.ts';
import type { Standing } from '../../registers/vault/store.keys.ts';
import { type SealedRecord, sealedRecords } from '../../registers/vault/store.records.ts';
import { countWhereHeld, type SwiftAccount } from '../../registers/vault/store.swift.ts';
import type { Bearer } from '../bearers.ts';
import { lastStanding, Mistaken, type Question } from './asked.ts';
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
  asked: Question,
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
  return countOf(
    world,
    { customerId: standing.customerId, ...by, purpose },
    { times, at: world.now() },
  );
}

interface Looking {
  readonly account: Account;
  readonly keys: readonly OpenKey[];
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
  const keys = await keysOf(world, account.standing);
  const found = await readerOf(world)({ account, keys, record: { collection, name } });
  if (found === 'mistaken') throw new Mistaken();
  if (found === 'nothing') return null;
  const { row, key } = found;
  return { row, text: textOf(account.standing.customerId, key, row) };
}

/** Settles once token and customer are known to hold and the unwrapping is counted. @throws Mistaken */
export async function countSwiftly(world: World, account: Account): Promise<void> {
  const keys = await keysOf(world, account.standing);
  const found = await readerOf(world)({ account, keys, record: null });
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

/** How many of one account ask together. */
interface Party {
  readonly account: Account;
  times: number;
}

async function readAll(world: World, lookings: readonly Looking[]): Promise<readonly Found[]> {
  const parties: Party[] = [];
  const sought: { readonly party: Party; readonly indices: readonly Uint8Array[] }[] = [];
  for (const looking of lookings) {
    const { account } = looking;
    const known = parties.find((party) => isSame(party.account, account));
    const party = known ?? { account, times: 0 };
    if (!known) parties.push(party);
    party.times += 1;
    sought.push({ party, indices: indicesOf(looking) });
  }
  const all = sought.flatMap(({ indices }) => indices);
  const db = together(world.database.db);
  const [rows, holding] = await Promise.all([
    all.length > 0 ? sealedRecords(db, all) : [],
    Promise.all(inOrder(parties).map((party) => holds(world, db, party))),
  ]);
  const held = new Set(holding.filter((party) => party !== null));
  const byIndex = new Map(rows.map((row) => [hex(row.keyIndex), row]));
  return lookings.map((looking, n) => {
    const { party, indices = [] } = sought[n] ?? {};
    if (!party || !held.has(party)) return 'mistaken';
    looking.account.bearer.used();
    return openable(
      looking,
      indices.map((index) => byIndex.get(hex(index))).find((row) => row),
    );
  });
}

function indicesOf({ account, keys, record }: Looking): readonly Uint8Array[] {
  if (!record) return [];
  const { customerId } = account.standing;
  const { collection, name } = record;
  return keys.map((key) => indexText(key, customerId, 'recordKey', collection, name));
}

/** A row of theirs with the key that seals it. */
function openable({ account, keys, record }: Looking, row: SealedRecord | undefined): Found {
  const isTheirs =
    row?.customerId === account.standing.customerId && row.collection === record?.collection;
  const key = isTheirs ? keys.find((each) => each.row.id === row.keyId) : undefined;
  return row && key ? { row, key } : 'nothing';
}

const opening = new WeakMap<World, Map<Standing, Promise<readonly OpenKey[]>>>();

/**
 * All keys of a customer, opened once a turn for whoever asks, and before they ask together: nobody
 * waits for the keys of another.
 *
 * @throws Mistaken where one of them is not there: whoever asks more closely is told what that means
 */
function keysOf(world: World, standing: Standing): Promise<readonly OpenKey[]> {
  const asked = opening.get(world) ?? new Map<Standing, Promise<readonly OpenKey[]>>();
  opening.set(world, asked);
  if (asked.size === 0) setImmediate(() => asked.clear());
  const there =
    asked.get(standing) ??
    keyringOf(world, standing)
      .all()
      .catch(() => {
        throw new Mistaken();
      });
  asked.set(standing, there);
  return there;
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
  const { account, times } = party;
  const counted = await countWhereHeld(db, heldAs(account), countFor(world, account, times));
  return counted ? party : null;
}
