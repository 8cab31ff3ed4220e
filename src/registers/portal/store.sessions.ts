import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import { idleMinutes, linkMinutes, sessionHours, type WayIn } from './facts.ts';

/** An account that an address is a contact of, with what a list of accounts says of it. */
export interface OwnAccount {
  readonly contactId: string;
  readonly customerId: string;
  readonly customerKey: string;
  readonly customerName: string;
  readonly productId: string;
  readonly productName: string;
  readonly custody: 'vault' | 'keys' | 'none';
  readonly state: 'open' | 'closing' | 'erasing' | 'gone';
  readonly name: string;
  readonly email: string;
  readonly part: 'owner' | 'member';
  readonly language: Language;
}

const ownAccount = sql`c.id as "contactId", c.customer_id as "customerId", a.key as "customerKey",
  coalesce(a.name, a.key) as "customerName", a.product_id as "productId", p.name as "productName", p.custody,
  a.state, c.name, c.email, c.part, c.language`;

/** Accounts that an address may enter: billing contacts get mail and nothing else. */
export async function accountsOf(db: Db, address: string): Promise<readonly OwnAccount[]> {
  const { rows } = await sql<OwnAccount>`
    select ${ownAccount} from customer_contact c
    join customer a on a.id = c.customer_id join product p on p.id = a.product_id
    where lower(c.email) = ${address} and c.removed_at is null and c.part <> 'billing' and a.name is not null
    order by p.name, a.key`.execute(db);
  return rows;
}

export interface NewLink {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly purpose: 'signIn' | 'close';
  readonly address: string;
  readonly contactId: string;
}

/** A new link; the one before of the same purpose and address is good no more. */
export async function saveLink(tx: Tx, link: NewLink, now: Instant): Promise<void> {
  await sql`
    update portal_link set used_at = ${now}
    where address = ${link.address} and purpose = ${link.purpose} and used_at is null`.execute(tx);
  await sql`
    insert into portal_link (id, hash, purpose, address, contact_id, made_at, expires_at)
    values (${link.id}, ${link.hash}, ${link.purpose}, ${link.address}, ${link.contactId}, ${now},
      ${now.add({ minutes: linkMinutes })})`.execute(tx);
}

export interface OpenLink {
  readonly id: string;
  readonly purpose: 'signIn' | 'close';
  readonly address: string;
  readonly contactId: string;
  readonly customerId: string;
}

/** A link that can still be used, by the SHA-256 of its secret. Looking does not use it up. */
export async function openLink(db: Db, hash: Uint8Array, now: Instant): Promise<OpenLink | null> {
  const { rows } = await sql<OpenLink>`
    select l.id, l.purpose, l.address, l.contact_id as "contactId", c.customer_id as "customerId"
    from portal_link l join customer_contact c on c.id = l.contact_id
    where l.hash = ${hash} and l.used_at is null and l.expires_at > ${now} and c.removed_at is null`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** Uses a link up. False where somebody was faster, or it is over. */
export async function takeLink(tx: Tx, id: string, now: Instant): Promise<boolean> {
  const { rows } = await sql`
    update portal_link set used_at = ${now}
    where id = ${id} and used_at is null and expires_at > ${now} returning id`.execute(tx);
  return rows.length === 1;
}

interface NewSession {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly address: string;
  readonly way: WayIn;
  readonly device: string;
}

export async function saveSession(tx: Tx, session: NewSession, now: Instant): Promise<void> {
  await sql`
    insert into portal_session (id, hash, address, way, device, made_at, seen_at, expires_at)
    values (${session.id}, ${session.hash}, ${session.address}, ${session.way}, ${session.device}, ${now},
      ${now}, ${now.add({ hours: sessionHours })})`.execute(tx);
}

export interface FoundSession {
  readonly id: string;
  readonly address: string;
  readonly way: WayIn;
  readonly seenAt: Instant;
  readonly expiresAt: Instant;
  /** Null where none is chosen, and where its contact was removed or has another address now. */
  readonly account: OwnAccount | null;
}

/** A session that is good now. It stands on the proven address: who has another now is not in. */
export async function findSession(
  db: Db,
  hash: Uint8Array,
  now: Instant,
): Promise<FoundSession | null> {
  const { rows } = await sql<
    Omit<FoundSession, 'account'> & Omit<OwnAccount, 'contactId'> & { contactId: string | null }
  >`
    select s.id, s.address, s.way, s.seen_at as "seenAt", s.expires_at as "expiresAt", ${ownAccount}
    from portal_session s
    left join (customer_contact c join customer a on a.id = c.customer_id join product p on p.id = a.product_id)
      on c.id = s.contact_id and lower(c.email) = s.address and c.removed_at is null and c.part <> 'billing'
        and a.name is not null
    where s.hash = ${hash} and s.ended_at is null and s.expires_at > ${now}
      and s.seen_at > ${now.subtract({ minutes: idleMinutes })}
      and exists (
        select from customer_contact own
        where lower(own.email) = s.address and own.removed_at is null and own.part <> 'billing')`.execute(
    db,
  );
  const [found] = rows;
  if (!found) return null;
  const { id, address, way, seenAt, expiresAt, contactId, ...account } = found;
  return {
    id,
    address,
    way,
    seenAt,
    expiresAt,
    account: contactId === null ? null : { contactId, ...account },
  };
}

export async function seeSession(db: Db, id: string, now: Instant): Promise<void> {
  await sql`update portal_session set seen_at = ${now} where id = ${id}`.execute(db);
}

/** A session of an address, as its owner sees it. */
export interface ShownSession {
  readonly id: string;
  readonly way: WayIn;
  readonly device: string;
  readonly madeAt: Instant;
  readonly seenAt: Instant;
  /** When it ended or will end. */
  readonly endsAt: Instant;
  readonly ended: boolean;
}

/** Sessions of an address, newest first: those that are good, and the last that ended. */
export async function sessionsOf(
  db: Db,
  address: string,
  now: Instant,
): Promise<readonly ShownSession[]> {
  const { rows } = await sql<ShownSession>`
    select id, way, device, made_at as "madeAt", seen_at as "seenAt",
      least(coalesce(ended_at, expires_at), expires_at, seen_at + ${`${idleMinutes} minutes`}::interval) as "endsAt",
      (ended_at is not null or expires_at <= ${now} or seen_at <= ${now.subtract({ minutes: idleMinutes })}) as ended
    from portal_session where address = ${address} order by made_at desc limit 10`.execute(db);
  return rows;
}

/** Ends sessions of an address: one, or all but one. */
export async function endSessions(
  db: Db,
  address: string,
  which: { readonly id: string } | { readonly allBut: string | null },
  now: Instant,
): Promise<void> {
  const where =
    'id' in which ? sql`id = ${which.id}` : sql`id is distinct from ${which.allBut}::uuid`;
  await sql`
    update portal_session set ended_at = ${now}
    where address = ${address} and ended_at is null and ${where}`.execute(db);
}

/** Sessions of a contact who was removed end; of the address, where no account has it any more. */
export async function endSessionsOfContact(tx: Tx, contactId: string, now: Instant): Promise<void> {
  await sql`
    update portal_session set ended_at = ${now} where contact_id = ${contactId} and ended_at is null`.execute(
    tx,
  );
  await sql`
    update portal_session s set ended_at = ${now}
    where ended_at is null and not exists (
      select from customer_contact c where lower(c.email) = s.address and c.removed_at is null)
      and address = (select lower(email) from customer_contact where id = ${contactId})`.execute(
    tx,
  );
}

/** Removes sessions and links of the contacts of an account that ends. How many sessions there were. */
export async function forgetVisits(tx: Tx, customerId: string): Promise<number> {
  const ofAccount = sql`contact_id in (select id from customer_contact where customer_id = ${customerId})`;
  await sql`delete from portal_link where ${ofAccount}`.execute(tx);
  const { numAffectedRows } = await sql`delete from portal_session where ${ofAccount}`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

/**
 * Forgets what is over: links and challenges after a day, sessions after thirty days, and everything
 * of addresses that no account has any more.
 */
export async function forgetOver(db: Db, now: Instant): Promise<void> {
  await sql`
    delete from portal_link where expires_at < ${now.subtract({ hours: 24 })}`.execute(db);
  await sql`delete from portal_challenge where expires_at < ${now}`.execute(db);
  await sql`
    delete from portal_session where expires_at < ${now.subtract({ hours: 24 * 30 })}`.execute(db);
  for (const table of ['portal_passkey', 'portal_session', 'portal_link']) {
    await sql`
      delete from ${sql.table(table)} as it where not exists (
        select from customer_contact c where lower(c.email) = it.address and c.removed_at is null)`.execute(
      db,
    );
  }
}
