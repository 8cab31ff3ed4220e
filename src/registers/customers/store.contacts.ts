import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Contact } from './facts.ts';

/** Contacts of a customer that were not removed, in the order in which they were added. */
export async function contactsOf(
  db: Db,
  customerId: string,
): Promise<readonly (Contact & { readonly version: number })[]> {
  const { rows } = await sql<Contact & { version: number }>`
    select id, name, email, language, part, version from customer_contact
    where customer_id = ${customerId} and removed_at is null order by id`.execute(db);
  return rows;
}

/** Contacts of customers, as `customer id` + blank + `address in lower case`. */
export async function addressesOf(db: Db, customerIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ address: string }>`
    select customer_id::text || ' ' || lower(email) as address from customer_contact
    where customer_id = any(${customerIds}::uuid[]) and removed_at is null`.execute(db);
  return new Set(rows.map(({ address }) => address));
}

/** Who of a customer is to be told of what concerns the account: its owners. */
export async function ownersOf(db: Db, customerId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from customer_contact
    where customer_id = ${customerId} and part = 'owner' and removed_at is null order by id`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** Writes contacts as they now are, in one statement. */
export async function saveContacts(
  tx: Tx,
  contacts: readonly (Contact & { readonly customerId: string })[],
): Promise<void> {
  if (contacts.length === 0) return;
  await sql`
    insert into customer_contact (id, customer_id, name, email, language, part)
    select id, "customerId", name, email, language, part
    from jsonb_to_recordset(${JSON.stringify(contacts)}::jsonb) as t
      (id uuid, "customerId" uuid, name text, email text, language text, part text)
    on conflict (id) do update set
      name = excluded.name, email = excluded.email, language = excluded.language,
      part = excluded.part, version = customer_contact.version + 1`.execute(tx);
}

/** From now on nothing is sent to them. Their name stays until what remains of the account goes. */
export async function removeContact(tx: Tx, contactId: string, at: Instant): Promise<void> {
  await sql`
    update customer_contact set removed_at = ${at}, version = version + 1
    where id = ${contactId} and removed_at is null`.execute(tx);
}
