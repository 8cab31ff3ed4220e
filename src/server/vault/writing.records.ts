import { createHash } from 'node:crypto';
import { instantText } from '../../kernel/instant.ts';
import { together } from '../../kernel/together.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { holds, nothingHeld } from '../../registers/vault/facts.ts';
import {
  insertAnswers,
  type KeyedWrite,
  type Written,
} from '../../registers/vault/store.answers.ts';
import {
  lockRecords,
  type RecordChange,
  type RecordRow,
  writeRecords as writeRows,
} from '../../registers/vault/store.records.ts';
import { addUsage, passedBy, roomOf } from '../../registers/vault/store.usage.ts';
import { answeredBefore, type Idempotency, keyedBy } from './answered.ts';
import { again, DoorClosed, TryAgain } from './closed.ts';
import type { RecordWriting } from './door.ts';
import { gatheredByPlace } from './gathering.ts';
import { indexText, type OpenKey } from './keyring.ts';
import type { Door } from './reading.ts';
import { hex, sealRecord } from './records.ts';
import { lockOpen } from './writing.ts';

/** What one request writes: all of it or none. */
interface Asking {
  readonly door: Door;
  readonly collection: string;
  readonly writings: readonly RecordWriting[];
  /** Settles once it is counted, and sure that it may be. */
  readonly used: Promise<void>;
  readonly keyed: ((key: OpenKey) => KeyedWrite) | undefined;
}

/** Writes records, all or none, in one transaction. */
export async function writeRecords(
  door: Door,
  collection: string,
  writings: readonly RecordWriting[],
  idempotency: Idempotency | undefined,
): Promise<readonly Written[]> {
  const { world, customerId, keyring, permits } = door;
  const used = permits.use();
  const keyed = keyedBy(customerId, idempotency);
  const sha256 = keyed ? digestOf(writings) : new Uint8Array();
  const before = async () => {
    await used;
    return answeredBefore(world, customerId, keyring, keyed, () => Promise.resolve(sha256));
  };
  // Under the newest key a second write of the same meets the first one; under an older one it would not.
  const known = keyring.standing().keys.length > 1 ? await before() : null;
  if (known) return known;
  const keyedOf = keyed && ((key: OpenKey) => keyed(key, sha256));
  const asking = { door, collection, writings, used, keyed: keyedOf };
  try {
    return writings.length === 1
      ? await writeAt(world, customerId, collection)(asking)
      : ((await writeAll([asking]))[0] ?? []);
  } catch (thrown) {
    // What was answered to the same before is the answer, whatever stands against it by now.
    const answer = thrown instanceof DoorClosed ? await before() : null;
    if (answer) return answer;
    throw thrown;
  }
}

function digestOf(writings: readonly RecordWriting[]): Uint8Array {
  return createHash('sha256')
    .update(canonicalJson(writings.map(({ key, value }) => ({ key, value }))))
    .digest();
}

/** Who writes into one collection of one customer at the same time, writes in one transaction. */
const writeAt = gatheredByPlace(writeAll, ({ writings }) => writings[0]?.key ?? '');

/** Several requests for one collection of one customer, in one transaction. */
async function writeAll(askings: readonly Asking[]): Promise<readonly (readonly Written[])[]> {
  const [first] = askings;
  if (!first) return [];
  return again(async () => {
    try {
      return await writeOnce(first.door, first.collection, askings);
    } catch (thrown) {
      throw overtaken(thrown);
    }
  });
}

/** What PostgreSQL says where somebody else was faster. */
function overtaken(thrown: unknown): unknown {
  const { code, constraint } = thrown as { readonly code?: string; readonly constraint?: string };
  if (code === '23505' && constraint === 'vault_answer_pkey') {
    return new DoorClosed('idempotencyKeyInUse');
  }
  const isRace = (code === '23505' && constraint === 'vault_record_key') || code === '40P01';
  return isRace ? new TryAgain() : thrown;
}

/** Two journeys: one says how things stand and holds them so, one writes and commits. */
async function writeOnce(
  door: Door,
  collection: string,
  askings: readonly Asking[],
): Promise<readonly (readonly Written[])[]> {
  const { world, customerId, productId, keyring } = door;
  const key = await keyring.current();
  const keys = await keyring.all();
  const wanted = askings.flatMap(({ writings }) =>
    writings.map((writing) => ({
      writing,
      indices: keys.map((each) =>
        indexText(each, customerId, 'recordKey', collection, writing.key),
      ),
    })),
  );
  return world.database.db.transaction().execute(async (tx) => {
    const travelling = together(tx);
    const [there, room] = await Promise.all([
      lockRecords(
        travelling,
        customerId,
        collection,
        wanted.flatMap(({ indices }) => indices),
      ),
      roomOf(travelling, customerId, productId),
      lockOpen(door, travelling, key),
    ]);
    await Promise.all(askings.map(({ used }) => used));
    const byIndex = new Map(there.map((row) => [hex(row.keyIndex), row]));
    const plans = wanted.map(({ writing, indices }) => {
      const found = indices.map((index) => byIndex.get(hex(index))).find((row) => row) ?? null;
      // The current key is the last of all.
      return planOf(door, key, collection, { ...writing, index: indices.at(-1) }, found);
    });
    const changes = plans.map(({ change }) => change);
    const more = {
      ...nothingHeld,
      records: changes.filter(({ found }) => found === null).length,
      recordBytes: plans.reduce((sum, each) => sum + each.more, 0),
    };
    const passed = passedBy(room, more);
    if (passed) throw new DoorClosed('quotaExceeded', passed);
    const now = world.now();
    await writeRows(tx, { customerId, collection, keyId: key.row.id }, changes, now);
    const shard = world.random(1)[0] ?? 0;
    await addUsage(tx, { customerId, productId }, shard, more);
    const answers = answersOf(askings, changes, instantText(now));
    const kept = askings.flatMap(({ keyed }, n) =>
      keyed ? [{ ...keyed(key), answer: answers[n] ?? [] }] : [],
    );
    await insertAnswers(tx, customerId, kept, now);
    return answers;
  });
}

function answersOf(
  askings: readonly Asking[],
  changes: readonly RecordChange[],
  at: string,
): readonly (readonly Written[])[] {
  const left = changes.map(({ id, found }) => ({
    id,
    revision: (found ?? 0) + 1,
    made: found === null,
    at,
  }));
  return askings.map(({ writings }) => left.splice(0, writings.length));
}

function planOf(
  door: Door,
  key: OpenKey,
  collection: string,
  {
    key: name,
    value,
    precondition,
    index,
  }: RecordWriting & { readonly index: Uint8Array | undefined },
  found: RecordRow | null,
): { readonly change: RecordChange; readonly more: number } {
  if (!holds(precondition, found)) {
    throw new DoorClosed('preconditionFailed', { revision: found?.revision ?? 0 });
  }
  const sealed = sealRecord(door, key, collection, { key: name, value }, index);
  const id = found?.id ?? door.world.newId();
  const more = sealed.sealedValue.length - (found?.sealedValue.length ?? 0);
  return { change: { id, found: found?.revision ?? null, ...sealed }, more };
}
