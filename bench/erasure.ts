import { closureFlow } from '../src/clauses/retention/flows.closure.ts';
import { closureOf, noteDue } from '../src/clauses/retention/store.closure.ts';
import { invariant } from '../src/kernel/invariant.ts';
import { execute } from '../src/platform/execute.ts';
import type { World } from '../src/platform/world.ts';
import { destroyKey } from '../src/server/closing/advance.ts';
import {
  type Account,
  anAccount,
  aProduct,
  requestClosure,
  vaultOf,
} from '../src/server/closing/testing.ts';
import type { Figure } from './figure.ts';
import { elapsedMs, takingTurns } from './rounds.ts';

const rounds = 5;
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
    const step = async (objects: number, megabytes: number): Promise<number> => {
      made += 1;
      const account = await anAccount(world, productId, `sample-${made}`);
      await hold(world, account, objects, megabytes);
      await begin(world, later, account);
      const ms = await elapsedMs(() => destroyKey(later, account.customerId));
      invariant(!(await world.keystore.exists(account.customerId)), 'the key is gone');
      for await (const { name } of world.objects.list(account.customerId))
        await world.objects.remove(name);
      return ms;
    };
    const round = await takingTurns(rounds, {
      ours: () => step(large.objects, large.megabytes),
      baseline: () => step(1, 1),
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

async function hold(world: World, account: Account, objects: number, megabytes: number) {
  const vault = await vaultOf(world, account);
  for (let n = 0; n < objects; n += 1) {
    const bytes = repeated(world.random(megabyte), megabytes);
    const written = await vault.writeObject({ collection: 'files', name: `file-${n}`, bytes });
    invariant(written.ok, 'what is held is written');
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
