// In a product: import { openVault, VaultProblem } from 'kept/vault';
import { openVault, VaultProblem, type VaultSettings } from '../../../clients/vault/index.ts';

interface Order {
  readonly item: string;
  readonly count: number;
}

/** Keeps a customer's orders as records, and never overwrites what somebody else has just changed. */
export async function keepOrders(settings: VaultSettings): Promise<readonly unknown[]> {
  const acme = openVault({ ...settings, purpose: 'orders of the scheduler' }).customer('acme');
  await acme.register({ name: 'Acme Example' });
  const orders = acme.collection('orders').records;

  await orders.put('2026-001', { item: 'desk', count: 2 });
  await orders.putMany([
    { key: '2026-002', value: { item: 'lamp', count: 1 } },
    { key: '2026-003', value: { item: 'chair', count: 8 } },
  ]);

  const seen = await orders.get<Order>('2026-001');
  await orders.merge('2026-001', { count: 3 }, { ifMatch: seen?.etag ?? '*' });
  const late = await orders
    .merge('2026-001', { count: 9 }, { ifMatch: seen?.etag ?? '*' })
    .catch((thrown: unknown) => (thrown instanceof VaultProblem ? thrown.code : 'unforeseen'));

  const all: unknown[] = [];
  for await (const { key, value } of orders.list<Order>()) all.push([key, value.count]);
  return [late, ...all];
}
