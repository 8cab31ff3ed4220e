import { type Instant, instantText } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { together } from '../../kernel/together.ts';
import type { World } from '../../platform/world.ts';
import type { Written } from '../../registers/vault/store.answers.ts';
import {
  countWhereHeld,
  holdAccount,
  putRecords,
  type SwiftRecord,
  type SwiftWritten,
} from '../../registers/vault/store.swift.ts';
import { Mistaken } from './asked.ts';
import { fewAbreast, gatheredByPlace } from './gathering.ts';
import { indexText, keyringOf, type OpenKey } from './keyring.ts';
import { hex, sealRecord } from './records.ts';
import { type Account, countFor, heldAs, isSame } from './swift.ts';

/**
 * A record written without conditions, in one journey: hold the account, write where token, customer
 * and key still are what they last were, count, commit. PostgreSQL asks, in the transaction that
 * writes; where anything is otherwise nothing is written, and the request is begun anew.
 */

interface Putting {
  readonly world: World;
  readonly account: Account;
  readonly collection: string;
  readonly key: string;
  readonly value: JsonObject;
}

/** Null where nothing was written. */
type Put = Written | null;

/**
 * Writes one record, whatever is there, of a customer with one key.
 *
 * @throws Mistaken where it has to be asked more closely; then nothing was written
 */
export async function putSwiftly(putting: Putting): Promise<Written> {
  const { world, account, collection } = putting;
  const { product, purpose, standing } = account;
  const written = await putAt(
    world,
    standing.customerId,
    product.tokenId,
    purpose,
    collection,
  )(putting);
  if (!written) throw new Mistaken();
  return written;
}

/** Who writes into one collection of one account at the same time, writes in one transaction. */
const putAt = gatheredByPlace(putAll, ({ key }) => key, fewAbreast);

async function putAll(puttings: readonly Putting[]): Promise<readonly Put[]> {
  const [first] = puttings;
  if (!first) return [];
  // Those who know more, or less, than the first of what the account last was, write by themselves.
  const isOne = puttings.every(({ account }) => isSame(account, first.account));
  if (!isOne) return puttings.map(() => null);
  const { world, account } = first;
  const key = await keyringOf(world, account.standing)
    .current()
    .catch(() => null);
  if (!key) return puttings.map(() => null);
  const records = puttings.map((putting) => recordOf(key, putting));
  const now = world.now();
  const written = await putOnce(first, records, now).catch((thrown: unknown) => {
    if (isRace(thrown)) return [];
    throw thrown;
  });
  if (written.length > 0) for (const { account: each } of puttings) each.bearer.used();
  const byIndex = new Map(written.map((row) => [hex(row.keyIndex), row]));
  return records.map(({ keyIndex }) => {
    const row = byIndex.get(hex(keyIndex));
    return row
      ? { id: row.id, revision: row.revision, made: row.revision === 1, at: instantText(now) }
      : null;
  });
}

/** What PostgreSQL says where somebody else was faster, or where two held each other up. */
function isRace(thrown: unknown): boolean {
  const { code } = thrown as { readonly code?: string };
  return code === '23502' || code === '40P01';
}

/** Three statements in one journey, which PostgreSQL takes as one transaction: it ends with their Sync. */
async function putOnce(
  { world, account, collection }: Putting,
  records: readonly SwiftRecord[],
  now: Instant,
): Promise<readonly SwiftWritten[]> {
  const { customerId } = account.standing;
  const as = heldAs(account);
  // In one order, so that two who write the same wait for each other and never both.
  const inOrder = records.toSorted((a, b) => Buffer.compare(a.keyIndex, b.keyIndex));
  const db = together(world.database.db);
  const [, written] = await Promise.all([
    holdAccount(db, customerId),
    putRecords(db, as, collection, inOrder, { shard: world.random(1)[0] ?? 0, now }),
    // Last: whoever writes for the same account waits for this row no longer than a commit takes.
    countWhereHeld(db, as, countFor(world, account, records.length)),
  ]);
  return written;
}

function recordOf(key: OpenKey, { world, account, collection, ...record }: Putting): SwiftRecord {
  const { customerId } = account.standing;
  const keyIndex = indexText(key, customerId, 'recordKey', collection, record.key);
  const sealed = sealRecord({ world, customerId }, key, collection, record, keyIndex);
  return { id: world.newId(), ...sealed };
}
