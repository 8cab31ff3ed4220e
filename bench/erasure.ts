import { closureFlow } from '../src/clauses/retention/flows.closure.ts';
import { closureOf, noteDue } from '../src/clauses/retention/store.closure.ts';
import { invariant } from '../src/kernel/invariant.ts';
import { execute } from '../src/platform/execute.ts';
import { objectName } from '../src/platform/objects/storage.ts';
import type { World } from '../src/platform/world.ts';
import { nothingHeld } from '../src/registers/vault/facts.ts';
import { insertObject } from '../src/registers/vault/store.objects.ts';
import { addUsage } from '../src/registers/vault/store.usage.ts';
import { destroyKey } from '../src/server/closing/advance.ts';
import {
  type Account,
  anAccount,
  aProduct,
  requestClosure,
  vaultOf,
} from '../src/server/closing/testing.ts';
import { indexText } from '../src/server/vault/keyring.ts';
import { sealerOf } from '../src/server/vault/writing.ts';
import type { Figure } from './figure.ts';
import { elapsedMs, takingTurns } from './rounds.ts';

const rounds = 3;
const megabyte = 1024 * 1024;
/** Of a large account: so many objects of so many megabytes. */
const large = { objects: 16, megabytes: 64 };

/**
 * The decisive step of an erasure, after which nobody can read what was entrusted: lock, destroying
 * the key in the keystore, looking for it again, backups, ledger. With 1 GB held, against the same
 * with 1 MB held.
 */
export const erasure: Figure = {
  name: 'erasure',
  async measure(ground) {
    const world = await ground.world('erasure');
    // Day 31 of an account that closes now.
    const later: World = { ...world, now: () => world.now().add({ hours: 24 * 32 }) };
    const productId = await aProduct(world);
    let made = 0;
    const prepared = async (objects: number, megabytes: number): Promise<string> => {
      made += 1;
      const account = await anAccount(world, productId, `sample-${made}`);
      await hold(world, account, objects, megabytes);
      await begin(world, later, account);
      return account.customerId;
    };
    // All of it is held before any of it is erased: what is measured is the step, not a disk that
    // is still busy with the last gigabyte.
    const waiting = { large: [] as string[], small: [] as string[] };
    for (let n = 0; n <= rounds; n += 1) {
      ground.say(`holding gigabyte ${n + 1} of ${rounds + 1} …`);
      waiting.large.push(await prepared(large.objects, large.megabytes));
      waiting.small.push(await prepared(1, 1));
    }
    const step = async (customers: string[]): Promise<number> => {
      const customerId = customers.pop();
      invariant(customerId, 'an account waits for each round');
      const ms = await elapsedMs(() => destroyKey(later, customerId));
      invariant(!(await world.keystore.exists(customerId)), 'the key is gone');
      return ms;
    };
    const round = await takingTurns(rounds, {
      ours: () => step(waiting.large),
      baseline: () => step(waiting.small),
    });
    return [
      {
        ...round,
        name: 'erasure',
        says: 'destroying the key of an account that holds 1 GB, against one that holds 1 MB',
        unit: 'ms',
        target: { of: 'ratio', atMost: 1.5 },
      },
    ];
  },
};

/**
 * Rows and files of so many objects, on disk. Not sealed: nobody opens them here, and what sealing
 * costs is measured elsewhere.
 */
async function hold(world: World, account: Account, objects: number, megabytes: number) {
  const { door } = await vaultOf(world, account);
  const { customerId, productId } = door;
  const key = await door.keyring.current();
  const size = megabytes * megabyte;
  for (let n = 0; n < objects; n += 1) {
    const [id, collection, name] = [world.newId(), 'files', `file-${n}`];
    const storedAs = objectName(customerId, world.newId());
    await world.objects.put(storedAs, repeated(world.random(megabyte), megabytes));
    const seal = sealerOf(door, key, collection, id);
    const now = world.now();
    await world.database.db.transaction().execute(async (tx) => {
      await insertObject(tx, {
        id,
        customerId,
        collection,
        nameIndex: indexText(key, customerId, 'objectName', collection, name),
        sealedName: seal('objectName', name),
        storedAs,
        keyId: key.row.id,
        keyVersion: key.row.version,
        size,
        storedSize: size,
        storedSha256: new Uint8Array(32),
        sealedDigest: seal('digest', new Uint8Array(32)),
        sealedMetadata: null,
        revision: 1,
        madeAt: now,
        changedAt: now,
      });
      const usage = { ...nothingHeld, objects: 1, objectBytes: size };
      await addUsage(tx, { customerId, productId }, n, usage);
    });
  }
}

async function* repeated(bytes: Uint8Array, times: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < times; n += 1) yield bytes;
}

async function begin(world: World, later: World, account: Account): Promise<void> {
  await world.keystore.backUp(world.now());
  const requested = await requestClosure(world, account);
  invariant(requested.ok, 'the closure is requested');
  const { customerId } = account;
  const closure = await closureOf(world.database.db, customerId);
  await world.database.db
    .transaction()
    .execute((tx) => noteDue(tx, closure?.id ?? '', later.now().subtract({ hours: 1 })));
  const system = { kind: 'system', id: 'bench' } as const;
  const begun = await execute(later, closureFlow, { do: 'beginErasure', customerId }, system);
  invariant(begun.ok, 'the erasure is begun');
}
