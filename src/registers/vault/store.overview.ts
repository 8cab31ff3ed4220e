import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { UnwrapKind } from './store.unwraps.ts';

/** What the console shows of the vault: numbers, never names or contents. */

export interface TokenRow {
  readonly id: string;
  readonly productId: string;
  readonly product: string;
  readonly name: string;
  readonly madeAt: Instant;
  readonly expiresAt: Instant;
  readonly lastUsedAt: Instant | null;
  readonly revokedAt: Instant | null;
  readonly uses: number;
  readonly confirmedAt: Instant | null;
  readonly madeBy: string | null;
}

export async function tokensOf(db: Db): Promise<readonly TokenRow[]> {
  const { rows } = await sql<TokenRow>`
    select v.token_id as id, v.product_id as "productId", p.name as product, v.name, v.made_at as "madeAt",
      v.expires_at as "expiresAt", v.last_used_at as "lastUsedAt", v.revoked_at as "revokedAt", v.uses,
      v.confirmed_at as "confirmedAt", v.made_by as "madeBy"
    from vault_service v join product p on p.id = v.product_id
    order by v.made_at desc, v.token_id desc limit 500`.execute(db);
  return rows;
}

export interface ProductRow {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly custody: string;
  readonly customers: number;
  readonly objects: number;
  readonly records: number;
  readonly bytes: number;
}

/** Products that keep something with us, and how much. */
export async function productsHolding(db: Db): Promise<readonly ProductRow[]> {
  const { rows } = await sql<ProductRow>`
    select p.id, p.key, p.name, p.custody, (select count(*) from customer c where c.product_id = p.id) as customers,
      coalesce(sum(u.objects), 0)::bigint as objects, coalesce(sum(u.records), 0)::bigint as records,
      coalesce(sum(u.object_bytes + u.record_bytes), 0)::bigint as bytes
    from product p left join vault_usage u on u.owner_id = p.id
    where p.custody <> 'none' and p.retired_at is null group by p.id order by p.name, p.id`.execute(
    db,
  );
  return rows;
}

export interface UnwrapDay {
  readonly day: Temporal.PlainDate;
  readonly service: number;
  readonly customer: number;
  readonly staff: number;
  readonly system: number;
}

/** Unwrappings day by day, of one customer or of all; days without any too. */
export async function unwrapDays(
  db: Db,
  customerId: string | null,
  {
    from,
    to,
    zone,
  }: { readonly from: Temporal.PlainDate; readonly to: Temporal.PlainDate; readonly zone: string },
): Promise<readonly UnwrapDay[]> {
  const { rows } = await sql<UnwrapDay>`
    with counted as (
      select (to_at at time zone ${zone})::date as day, by_kind, sum(operations) as n from vault_unwrap
      where from_at >= (${from}::date::timestamp at time zone ${zone}) - interval '1 minute'
        and to_at >= ${from}::date::timestamp at time zone ${zone}
        and (${customerId}::uuid is null or customer_id = ${customerId}::uuid)
      group by 1, 2)
    select d::date as day, coalesce(sum(n) filter (where by_kind = 'service'), 0)::bigint as service,
      coalesce(sum(n) filter (where by_kind = 'customer'), 0)::bigint as customer,
      coalesce(sum(n) filter (where by_kind = 'case'), 0)::bigint as staff,
      coalesce(sum(n) filter (where by_kind = 'system'), 0)::bigint as system
    from generate_series(${from}::date::timestamp, ${to}::date::timestamp, interval '1 day') as d
      left join counted on counted.day = d::date
    group by d order by d`.execute(db);
  return rows;
}

export interface KeyUse {
  readonly version: number;
  readonly madeAt: Instant;
  readonly replacedAt: Instant | null;
  readonly destroyedAt: Instant | null;
  readonly issuedAt: Instant | null;
  readonly objects: number;
  readonly records: number;
}

/** Every key that a customer has had, and what each seals still. */
export async function keyUses(db: Db, customerId: string): Promise<readonly KeyUse[]> {
  const { rows } = await sql<KeyUse>`
    select k.version, k.made_at as "madeAt", k.replaced_at as "replacedAt", k.destroyed_at as "destroyedAt",
      k.issued_at as "issuedAt", (select count(*) from vault_object o where o.key_id = k.id) as objects,
      (select count(*) from vault_record r where r.key_id = k.id) as records
    from vault_key k where k.customer_id = ${customerId} order by k.version desc limit 100`.execute(
    db,
  );
  return rows;
}

export interface LastUnwrap {
  readonly id: string;
  readonly kind: UnwrapKind;
  readonly byId: string;
  /** Name of the token, of the person or of the contact; null where it has none, or is gone. */
  readonly who: string | null;
  readonly purpose: string;
  readonly operations: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** Who had the customer's key unwrapped, newest first. */
export async function lastUnwraps(
  db: Db,
  customerId: string,
  limit: number,
): Promise<readonly LastUnwrap[]> {
  const { rows } = await sql<LastUnwrap>`
    select u.id, u.by_kind as kind, u.by_id as "byId", coalesce(v.name, p.name, c.name) as who, u.purpose,
      u.operations, u.from_at as "from", u.to_at as "to"
    from vault_unwrap u left join vault_service v on u.by_kind = 'service' and v.token_id::text = u.by_id
      left join person p on p.id = u.person_id
      left join customer_contact c on u.by_kind = 'customer' and c.id::text = u.by_id
    where u.customer_id = ${customerId} order by u.from_at desc, u.id desc limit ${limit}`.execute(
    db,
  );
  return rows;
}
