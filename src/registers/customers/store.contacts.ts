import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Contact, Placing, StandingContact } from './facts.ts';

const standing = sql`id, name, email, language, part, version,
  unconfirmed_since as "unconfirmedSince", placed_by as "placedBy"`;

/** Contacts of a customer that were not removed, in the order in which they were added. */
export async function contactsOf(db: Db, customerId: string): Promise<readonly StandingContact[]> {
  const { rows } = await sql<StandingContact>`
    select ${standing} from customer_contact
    where customer_id = ${customerId} and removed_at is null order by id`.execute(db);
  return rows;
}

/** Contacts of a customer who entered the portal unconfirmed and were removed: somebody is to look at them. */
export async function leftUnconfirmed(
  db: Db,
  customerId: string,
): Promise<readonly StandingContact[]> {
  const { rows } = await sql<StandingContact>`
    select ${standing} from customer_contact
    where customer_id = ${customerId} and removed_at is not null
      and unconfirmed_since is not null and entered_unconfirmed order by id`.execute(db);
  return rows;
}

/** Which of these addresses, in lower case, are those of our own people: mailboxes and logins. */
export async function addressesOfOurs(
  db: Db,
  emails: readonly string[],
): Promise<ReadonlySet<string>> {
  if (emails.length === 0) return new Set();
  const lower = [...new Set(emails.map((email) => email.toLowerCase()))];
  const asWritten = [...new Set([...emails, ...lower])];
  const { rows } = await sql<{ email: string }>`
    select lower(email) as email from person
    where lower(email) = any(${lower}::text[]) and erased_at is null
    union
    select lower(name) from account
    where name = any(${asWritten}::text[]) and person_id is not null`.execute(db);
  return new Set(rows.map(({ email }) => email));
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

/** Owners of customers as they stand, by customer. */
export async function ownersByCustomer(
  db: Db,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (customerIds.length === 0) return new Map();
  const { rows } = await sql<{ customerId: string; owners: readonly string[] }>`
    select customer_id as "customerId", array_agg(id order by id) as owners from customer_contact
    where customer_id = any(${customerIds}::uuid[]) and part = 'owner' and removed_at is null
    group by customer_id`.execute(db);
  return new Map(rows.map(({ customerId, owners }) => [customerId, owners]));
}

/**
 * Writes contacts as they now are, in one statement.
 *
 * @param placing people of staff by whom they wait to be confirmed; null where that stays as it is.
 *   Who waits already goes on waiting since then: a second change sets no clock back.
 */
export async function saveContacts(
  tx: Tx,
  contacts: readonly (Contact & { readonly customerId: string })[],
  placing: Placing | null,
  now: Instant,
): Promise<void> {
  if (contacts.length === 0) return;
  const since = placing ? now : null;
  await sql`
    insert into customer_contact as it (id, customer_id, name, email, language, part, unconfirmed_since, placed_by)
    select id, "customerId", name, email, language, part, ${since}::timestamptz, ${placing ?? []}::uuid[]
    from jsonb_to_recordset(${JSON.stringify(contacts)}::jsonb) as t
      (id uuid, "customerId" uuid, name text, email text, language text, part text)
    on conflict (id) do update set
      name = excluded.name, email = excluded.email, language = excluded.language,
      part = excluded.part, version = it.version + 1,
      unconfirmed_since = coalesce(it.unconfirmed_since, excluded.unconfirmed_since),
      placed_by = case when excluded.unconfirmed_since is null then it.placed_by else excluded.placed_by end,
      former_email = case when excluded.unconfirmed_since is not null and lower(it.email) <> lower(excluded.email)
        then coalesce(it.former_email, it.email) else it.former_email end,
      confirmed_at = case when excluded.unconfirmed_since is null then it.confirmed_at end,
      confirmed_by = case when excluded.unconfirmed_since is null then it.confirmed_by end,
      confirmed_by_contact = case when excluded.unconfirmed_since is null then it.confirmed_by_contact end`.execute(
    tx,
  );
}

/** The portal was entered by a contact: while nobody has confirmed them, that is kept in mind. */
export async function noteEntered(tx: Tx, contactId: string): Promise<void> {
  await sql`
    update customer_contact set entered_unconfirmed = true
    where id = ${contactId} and unconfirmed_since is not null`.execute(tx);
}

/** From now on nothing is sent to them. Their name stays until what remains of the account goes. */
export async function removeContact(tx: Tx, contactId: string, at: Instant): Promise<void> {
  await sql`
    update customer_contact set removed_at = ${at}, version = version + 1
    where id = ${contactId} and removed_at is null`.execute(tx);
}
