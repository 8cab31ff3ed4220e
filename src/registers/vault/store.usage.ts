import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import { customerQuota, nothingHeld, productQuota, type Quota, type Usage } from './facts.ts';

/** Writers of one customer spread over so many rows. */
export const shards = 32;

/** How much a customer and their product hold, and may hold. */
export interface Room {
  readonly customer: { readonly usage: Usage; readonly quota: Quota };
  readonly product: { readonly usage: Usage; readonly quota: Quota };
}

interface UsageRow extends Usage {
  readonly owner: string;
  readonly quotaObjects: number | null;
  readonly quotaBytes: number | null;
  readonly quotaRecords: number | null;
}

/** Reads both usages and quotas in one statement. */
export async function roomOf(db: Db, customerId: string, productId: string): Promise<Room> {
  const { rows } = await sql<UsageRow>`
    select owner.id as owner, coalesce(sum(u.objects), 0)::bigint as objects,
      coalesce(sum(u.object_bytes), 0)::bigint as "objectBytes", coalesce(sum(u.records), 0)::bigint as records,
      coalesce(sum(u.record_bytes), 0)::bigint as "recordBytes",
      max(q.objects) as "quotaObjects", max(q.bytes) as "quotaBytes", max(q.records) as "quotaRecords"
    from unnest(array[${customerId}, ${productId}]::uuid[]) as owner (id)
      left join vault_usage u on u.owner_id = owner.id left join vault_quota q on q.owner_id = owner.id
    group by owner.id`.execute(db);
  const of = (id: string, common: Quota) => {
    const row = rows.find(({ owner }) => owner === id);
    const quota = {
      objects: row?.quotaObjects ?? common.objects,
      bytes: row?.quotaBytes ?? common.bytes,
      records: row?.quotaRecords ?? common.records,
    };
    return { usage: row ? usageOf(row) : nothingHeld, quota };
  };
  return { customer: of(customerId, customerQuota), product: of(productId, productQuota) };
}

function usageOf({ objects, objectBytes, records, recordBytes }: UsageRow): Usage {
  return { objects, objectBytes, records, recordBytes };
}

/** Which of the limits a change would pass; null where it fits. */
export function passedBy(
  room: Room,
  more: Usage,
): {
  readonly whose: 'customer' | 'product';
  readonly what: keyof Quota;
  readonly limit: number;
} | null {
  for (const whose of ['customer', 'product'] as const) {
    const { usage, quota } = room[whose];
    const bytes = usage.objectBytes + usage.recordBytes + more.objectBytes + more.recordBytes;
    if (more.objects > 0 && usage.objects + more.objects > quota.objects)
      return { whose, what: 'objects', limit: quota.objects };
    if (more.records > 0 && usage.records + more.records > quota.records)
      return { whose, what: 'records', limit: quota.records };
    if (more.objectBytes + more.recordBytes > 0 && bytes > quota.bytes)
      return { whose, what: 'bytes', limit: quota.bytes };
  }
  return null;
}

/**
 * Adds a change, of either sign, to what a customer and their product hold. Travels with the commit.
 *
 * @param shard any number: writers with different ones do not wait for each other
 */
export async function addUsage(
  tx: Tx,
  owners: { readonly customerId: string; readonly productId: string },
  shard: number,
  { objects, objectBytes, records, recordBytes }: Usage,
): Promise<void> {
  const at = Math.abs(shard) % shards;
  // The customer first, always: two writers that meet in both rows wait, and do not block for good.
  for (const owner of [owners.customerId, owners.productId]) {
    await write(
      tx,
      sql`
        insert into vault_usage as u (owner_id, shard, objects, object_bytes, records, record_bytes)
        values (${owner}, ${at}, ${objects}, ${objectBytes}, ${records}, ${recordBytes})
        on conflict (owner_id, shard) do update set objects = u.objects + excluded.objects,
          object_bytes = u.object_bytes + excluded.object_bytes, records = u.records + excluded.records,
          record_bytes = u.record_bytes + excluded.record_bytes`,
    );
  }
}
