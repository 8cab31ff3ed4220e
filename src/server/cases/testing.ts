import { acme, product } from '../../clauses/customer-data/cases.fixture.ts';
import type { TestWorld } from '../../platform/testing/world.ts';
import type { OpenCustomer } from '../vault/door.ts';
import { openCustomer } from '../vault/opening.ts';

/** What a product entrusts to us, for the tests of the viewer. */

/** Opened as the product does it, for Acme. */
export async function asProduct(world: TestWorld, customerId = acme): Promise<OpenCustomer> {
  const opened = await openCustomer(world, customerId, {
    by: 'service',
    tokenId: world.newId(),
    productId: product,
    purpose: 'test',
  });
  if (!opened.ok) throw new Error(opened.refusal.code);
  return opened.value;
}

export async function* bytesOf(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof text === 'string' ? Buffer.from(text) : text;
}

/** @returns the object's id */
export async function storeObject(
  world: TestWorld,
  name: string,
  text: string | Uint8Array,
  collection = 'schedules',
): Promise<string> {
  const customer = await asProduct(world);
  const written = await customer.writeObject({ collection, name, bytes: bytesOf(text) });
  if (!written.ok) throw new Error(written.refusal.code);
  return written.value.id;
}

/** @returns the record's id */
export async function storeRecord(
  world: TestWorld,
  key: string,
  value: Record<string, string>,
  collection = 'schedules',
): Promise<string> {
  const customer = await asProduct(world);
  const written = await customer.writeRecords(collection, [{ key, value }]);
  if (!written.ok) throw new Error(written.refusal.code);
  return written.value[0]?.id ?? '';
}
