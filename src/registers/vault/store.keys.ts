import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';

/** A key of a customer, as far as it may be known outside the keystore. */
export interface KeyRow {
  readonly id: string;
  readonly version: number;
  readonly recipient: string;
  readonly replaced: boolean;
}

/** What stands between a request and a customer's data, read in one statement. */
export interface Standing {
  readonly customerId: string;
  readonly productId: string;
  readonly state: 'open' | 'closing' | 'erasing' | 'gone';
  readonly custody: 'vault' | 'keys' | 'none';
  /** Not destroyed ones, oldest first; the last is the one that new writes use. */
  readonly keys: readonly KeyRow[];
}

/** A customer's standing; null where there is no such account. */
export function standingOf(db: Db, customerId: string): Promise<Standing | null> {
  return standing(db, sql`c.id = ${customerId}::uuid`);
}

/** By the key that a product's back end calls its customer by; null where it is not the product's. */
export function standingOfKey(db: Db, key: string, productId: string): Promise<Standing | null> {
  return standing(db, sql`c.key = ${key} and c.product_id = ${productId}::uuid`);
}

async function standing(db: Db, where: RawBuilder<unknown>): Promise<Standing | null> {
  const { rows } = await sql<Standing>`
    select c.id as "customerId", c.product_id as "productId", c.state, p.custody,
      coalesce((
        select json_agg(json_build_object('id', k.id, 'version', k.version, 'recipient', k.recipient,
          'replaced', k.replaced_at is not null) order by k.version)
        from vault_key k where k.customer_id = c.id and k.destroyed_at is null), '[]'::json) as keys
    from customer c join product p on p.id = c.product_id where ${where}`.execute(db);
  return rows[0] ?? null;
}

const madeKey = { customerId: z.uuid(), version: z.int().min(1), recipient: z.string() };
const command = z.discriminatedUnion('do', [
  z.object({ do: z.literal('recordKey'), ...madeKey }),
  z.object({ do: z.literal('replaceKey'), ...madeKey }),
  z.object({ do: z.literal('retireKey'), customerId: z.uuid(), version: z.int().min(1) }),
]);
export type KeyCommand = z.output<typeof command>;

/** Subject: `customer/<id>`. `CustomerKeyRetired`: nothing is sealed with it, and the keystore has it no more. */
export type KeyEvent = Event & {
  readonly type: 'CustomerKeyMade' | 'CustomerKeyReplaced' | 'CustomerKeyRetired';
  readonly body: { readonly key: string; readonly version: number; readonly recipient: string };
};
export type KeyRefusal = 'notFound' | 'accountErased' | 'keyInUse' | 'keyIssued';

interface KeyState {
  readonly customer: { readonly state: Standing['state'] } | null;
  readonly keys: readonly KeyRow[];
  /** Objects, records and uploads that the key of the command still seals. */
  readonly sealed: number;
  /** It wrapped keys that a product has, and the product has not said that it needs it no more. */
  readonly issued: boolean;
}

/**
 * What becomes of a customer's keys. The keystore makes and destroys them; this says which there
 * are. The customer's row is locked, so that no write under a key that is being replaced commits
 * after it.
 */
export const keyFlow: Flow<KeyState, KeyCommand, KeyEvent, KeyRefusal> = {
  name: 'vault.key',
  clause: 'vault',
  command,
  async load(tx, it) {
    const customer = await sql<{ state: Standing['state'] }>`
      select state from customer where id = ${it.customerId} for update`.execute(tx);
    const keys = (await standingOf(tx, it.customerId))?.keys ?? [];
    const key = keys.find(({ version }) => version === it.version);
    const sealed = it.do === 'retireKey' && key ? await sealedWith(tx, key.id) : 0;
    const issued = it.do === 'retireKey' && key ? await hasIssued(tx, key.id) : false;
    return { customer: customer.rows[0] ?? null, keys, sealed, issued };
  },
  authorize: (_, it) => ({ action: it.do }),
  decide({ customer, keys, sealed, issued }, it, { newId }) {
    if (!customer) return refuse('notFound');
    if (customer.state === 'erasing' || customer.state === 'gone') return refuse('accountErased');
    const subject = `customer/${it.customerId}`;
    const known = keys.find(({ version }) => version === it.version);
    if (it.do === 'retireKey') {
      if (!known) return ok([]);
      if (!known.replaced || sealed > 0) return refuse('keyInUse', { count: sealed });
      if (issued) return refuse('keyIssued');
      const { id, version, recipient } = known;
      return ok([{ type: 'CustomerKeyRetired', subject, body: { key: id, version, recipient } }]);
    }
    // Two requests may find at the same time that there is no key, or no newer one.
    if (known) return ok([]);
    const body = { key: newId(), version: it.version, recipient: it.recipient };
    return ok([
      { type: keys.length === 0 ? 'CustomerKeyMade' : 'CustomerKeyReplaced', subject, body },
    ]);
  },
  async project(tx, { type, subject, body }, { now }) {
    const customerId = subject.slice('customer/'.length);
    if (type === 'CustomerKeyRetired') {
      await sql`update vault_key set destroyed_at = ${now} where id = ${body.key}`.execute(tx);
      return;
    }
    await sql`
      update vault_key set replaced_at = ${now}
      where customer_id = ${customerId} and replaced_at is null and destroyed_at is null`.execute(
      tx,
    );
    await sql`
      insert into vault_key (id, customer_id, version, recipient, made_at)
      values (${body.key}, ${customerId}, ${body.version}, ${body.recipient}, ${now})`.execute(tx);
  },
};

/** How much a key still seals. */
async function sealedWith(db: Db, keyId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select (select count(*) from vault_object where key_id = ${keyId}) +
      (select count(*) from vault_record where key_id = ${keyId}) +
      (select count(*) from vault_upload where key_id = ${keyId} and completed_at is null) as n`.execute(
    db,
  );
  return Number(rows[0]?.n ?? 0);
}

/** Its row is locked: who wants to note something on it waits, and finds that it is gone. */
async function hasIssued(db: Db, keyId: string): Promise<boolean> {
  const { rows } = await sql<{ issued: boolean }>`
    select issued_at is not null as issued from vault_key where id = ${keyId} for update`.execute(
    db,
  );
  return rows[0]?.issued ?? false;
}

/**
 * Says that a key wraps something that a product keeps.
 *
 * @returns whether the register has that key, and it cannot be let go unless the product says so
 */
export async function noteIssued(
  db: Db,
  customerId: string,
  version: number,
  now: Instant,
): Promise<boolean> {
  const { rows } = await sql<{ noted: boolean }>`
    with key as (
      select id, issued_at from vault_key
      where customer_id = ${customerId} and version = ${version} and destroyed_at is null
    ), noted as (
      update vault_key set issued_at = ${now} from key
      where vault_key.id = key.id and key.issued_at is null and vault_key.destroyed_at is null
      returning 1
    )
    select exists (select from noted) or exists (select from key where issued_at is not null) as noted`.execute(
    db,
  );
  return rows[0]?.noted ?? false;
}

/** The product has wrapped all that it has anew: replaced keys wrap nothing of its any more. */
export async function forgetIssued(db: Db, customerId: string): Promise<void> {
  await sql`
    update vault_key set issued_at = null
    where customer_id = ${customerId} and replaced_at is not null`.execute(db);
}

/**
 * Customers of whom an old key seals something still, or went a short while ago: should it have been
 * written off and the keystore not have heard, it hears again.
 */
export async function customersToRekey(db: Db, goneSince: Instant): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct k.customer_id as id from vault_key k join customer c on c.id = k.customer_id
    where k.replaced_at is not null and c.state = 'open' and (k.destroyed_at is null or k.destroyed_at > ${goneSince})
      and k.issued_at is null`.execute(db);
  return rows.map(({ id }) => id);
}
