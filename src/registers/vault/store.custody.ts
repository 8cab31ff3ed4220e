import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import { type Instant, isBefore } from '../../kernel/instant.ts';
import type { Source } from '../../policy/check.ts';

/** What keystore and storage have in truth, as the night of the custody found it. */

export const amissKinds = ['keyMissing', 'keyLeft', 'filesLeft'] as const;
export type Amiss = (typeof amissKinds)[number];

/** Hours after which a look is too old to say anything. */
const staleAfterHours = 48;
/** A look comes every night; a while after it the checks ask again. */
const lookEvery = { hours: 24, minutes: 15 };

/** A version of a customer's key that the keystore has. */
export interface HeldKey {
  readonly customer: string;
  readonly version: number;
}

/**
 * Begins what the keystore has, of which `addHeld` says more and `recordKeysLook` makes use.
 * For one transaction.
 */
export async function beginHeld(tx: Tx): Promise<void> {
  await sql`create temporary table custody_held (customer_id uuid not null, version integer not null)
    on commit drop`.execute(tx);
}

export async function addHeld(tx: Tx, keys: readonly HeldKey[]): Promise<void> {
  await sql`
    insert into custody_held (customer_id, version)
    select * from unnest(${keys.map(({ customer }) => customer)}::uuid[],
      ${keys.map(({ version }) => version)}::int[])`.execute(tx);
}

/**
 * Compares what the keystore has with what the register says. What changed shortly before the look
 * began is left to the next one: the two are not read in one moment.
 *
 * @param settled only what the register has said since before then counts
 */
export async function recordKeysLook(tx: Tx, settled: Instant): Promise<void> {
  await sql`delete from custody_amiss where what in ('keyMissing', 'keyLeft')`.execute(tx);
  await sql`
    insert into custody_amiss (customer_id, what, items)
    select key.customer_id, 'keyMissing', count(*) from vault_key key
    join customer on customer.id = key.customer_id
    where key.destroyed_at is null and key.made_at <= ${settled} and customer.state in ('open', 'closing')
      and not exists (select from custody_held held
        where held.customer_id = key.customer_id and held.version = key.version)
    group by 1`.execute(tx);
  await sql`
    insert into custody_amiss (customer_id, what, items)
    select held.customer_id, 'keyLeft', count(*) from custody_held held
    where exists (select from customer where customer.id = held.customer_id
        and customer.key_leaves_at <= ${settled})
      or exists (select from vault_key key where key.customer_id = held.customer_id
        and key.version = held.version and key.destroyed_at <= ${settled.subtract({ hours: 24 })})
    group by 1`.execute(tx);
}

/** Of whom files are left, and how many; and that everything was looked through now. */
export async function recordFilesLook(
  tx: Tx,
  left: readonly { readonly customer: string; readonly files: number }[],
  lookedAt: Instant,
): Promise<void> {
  await sql`delete from custody_amiss where what = 'filesLeft'`.execute(tx);
  await sql`
    insert into custody_amiss (customer_id, what, items)
    select customer.id, 'filesLeft', it.files
    from unnest(${left.map(({ customer }) => customer)}::uuid[], ${left.map(({ files }) => files)}::int[])
      as it (customer_id, files) join customer on customer.id = it.customer_id`.execute(tx);
  await sql`
    insert into custody_look (looked_at) values (${lookedAt})
    on conflict ((true)) do update set looked_at = excluded.looked_at`.execute(tx);
}

/** When keystore and storage were last looked through; null where they never were. */
export async function lastLook(db: Db): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant }>`select looked_at as at from custody_look`.execute(db);
  return rows[0]?.at ?? null;
}

/** The look as a source of checks. Where nobody is entrusted to us nothing needs to be looked at. */
export async function custodySources(db: Db): Promise<readonly Source[]> {
  const { rows } = await sql<{ needed: boolean }>`
    select exists (select from vault_key)
      or exists (select from customer where key_leaves_at is not null) as needed`.execute(db);
  if (!rows[0]?.needed) return [];
  return [{ name: 'keystore and storage', readAt: await lastLook(db), staleAfterHours }];
}

/** When checks that stand on the look ask again. */
export async function nextCustodyLook(db: Db, now: Instant): Promise<Instant> {
  const looked = await lastLook(db);
  const next = looked?.add(lookEvery);
  return next && isBefore(now, next) ? next : now.add({ minutes: 15 });
}

/** How much of one kind was found amiss of a customer, in a query that has their row. */
export function amissOf(what: Amiss, customerId: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`coalesce((select items from custody_amiss
    where what = ${what} and customer_id = ${customerId}), 0)`;
}

/** Backups that are listed are known from now on; those that were erased here are known no more. */
export async function recordBackups(
  db: Db,
  listed: readonly { readonly madeAt: Instant; readonly expiresAt: Instant }[],
  erased: readonly Instant[],
): Promise<void> {
  await sql`
    insert into custody_backup (made_at, expires_at)
    select * from unnest(${listed.map(({ madeAt }) => madeAt)}::timestamptz[],
      ${listed.map(({ expiresAt }) => expiresAt)}::timestamptz[])
    on conflict do nothing`.execute(db);
  await sql`delete from custody_backup where made_at = any(${erased}::timestamptz[])`.execute(db);
}

/** Backups that were listed once, were not erased here, and are not past their day. */
export async function knownBackups(db: Db, now: Instant): Promise<readonly Instant[]> {
  const { rows } = await sql<{ at: Instant }>`
    select made_at as at from custody_backup where expires_at > ${now} order by 1`.execute(db);
  return rows.map(({ at }) => at);
}
