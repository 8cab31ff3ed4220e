import { erasedCustomers } from '../../clauses/retention/store.closure.ts';
import type { World } from '../../platform/world.ts';
import {
  addHeld,
  beginHeld,
  type HeldKey,
  recordFilesLook,
  recordKeysLook,
} from '../../registers/vault/store.custody.ts';

/** Keys laid beside the register at a time. */
const keysAtOnce = 10_000;
/** Customers whose files are asked for at the same time, and files of one that are counted. */
const askedAtOnce = 8;
const filesCounted = 100;

/**
 * Looks through keystore and storage themselves, not through what the register says of them: which
 * keys are missing, which are there though they were destroyed, and of whom files are left. Written
 * down with its moment; where anything cannot be reached nothing is, and the last look grows old.
 *
 * @throws Fault where the keystore or the storage cannot be read
 */
export async function lookThrough(world: World): Promise<void> {
  const { db } = world.database;
  const began = world.now();
  const settled = began.subtract({ minutes: 10 });
  const left = await filesLeft(world, await erasedCustomers(db, settled));
  await db.transaction().execute(async (tx) => {
    await beginHeld(tx);
    let some: HeldKey[] = [];
    for await (const key of world.keystore.held()) {
      if (some.push(key) < keysAtOnce) continue;
      await addHeld(tx, some);
      some = [];
    }
    await addHeld(tx, some);
    await recordKeysLook(tx, settled);
    await recordFilesLook(tx, left, began);
  });
}

async function filesLeft({ objects }: World, customers: readonly string[]) {
  const left: { customer: string; files: number }[] = [];
  const waiting = customers.values();
  const ask = async () => {
    for (const customer of waiting) {
      let files = 0;
      for await (const _ of objects.list(customer)) if (++files === filesCounted) break;
      if (files > 0) left.push({ customer, files });
    }
  };
  await Promise.all(Array.from({ length: askedAtOnce }, ask));
  return left;
}
