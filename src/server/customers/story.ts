import { sql } from 'kysely';
import type { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { CustomerStoryLine, standingOutput } from '../../registers/customers/facts.story.ts';

interface StoryRow extends Omit<CustomerStoryLine, 'at'> {
  readonly at: Instant;
}

/** The entries of an account, of its cases and of its requests, newest first. */
export async function storyOf(
  db: Db,
  id: string,
  limit: number,
): Promise<readonly CustomerStoryLine[]> {
  const { rows } = await sql<StoryRow>`
    with subject as (
      select ${`customer/${id}`}::text as name
      union all select subject from ledger_entry
        where type = 'CustomersImported' and at = (select since from customer where id = ${id})
      union all select 'case/' || id from customer_case where customer_id = ${id}
      union all select 'request/' || id from customer_request where customer_id = ${id})
    select entry.id::text as id, entry.at, entry.clause, entry.type, entry.subject,
      coalesce(person.name, nullif(contact.name, ''), split_part(entry.actor, '/', 1)) as actor,
      entry.index::int as index
    from subject join ledger_entry entry on entry.subject = subject.name and entry.index is not null
    left join person on entry.actor = 'person/' || person.id
    left join customer_contact contact on entry.actor = 'contact/' || contact.id
    order by entry.index desc limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...row, at: instantText(row.at) }));
}

type Standing = z.input<typeof standingOutput>;

/** Where an account stands in the vault, in its closure, with cases and requests. */
export async function standingOf(db: Db, id: string, now: Instant): Promise<Standing> {
  const [vault, closure, cases, requests] = await Promise.all([
    vaultOf(db, id),
    closureOf(db, id),
    casesOf(db, id),
    requestsOf(db, id, now),
  ]);
  return { vault, closure, cases, requests };
}

const text = (at: Instant | null) => at && instantText(at);

async function vaultOf(db: Db, id: string): Promise<Standing['vault']> {
  const { rows } = await sql<Omit<Standing['vault'], 'openedAt'> & { openedAt: Instant | null }>`
    select object.objects, record.records, object.bytes + record.bytes as bytes,
      (select count(*)::int from (
        select collection from vault_object where customer_id = ${id}
        union select collection from vault_record where customer_id = ${id}) c) as collections,
      (select to_at from vault_unwrap where customer_id = ${id} order by from_at desc limit 1) as "openedAt"
    from (select count(*)::int as objects, coalesce(sum(size), 0)::float8 as bytes
        from vault_object where customer_id = ${id}) object,
      (select count(*)::int as records, coalesce(sum(octet_length(sealed_value)), 0)::float8 as bytes
        from vault_record where customer_id = ${id}) record`.execute(db);
  const found = rows[0];
  if (!found) return { objects: 0, records: 0, bytes: 0, collections: 0, openedAt: null };
  return { ...found, openedAt: text(found.openedAt) };
}

interface ClosureRow {
  readonly requestedAt: Instant;
  readonly reopenUntil: Instant;
  readonly eraseBy: Instant;
  readonly keyDestroyedAt: Instant | null;
  readonly certifiedAt: Instant | null;
  readonly certificate: string | null;
}

/** The closure that stands; one that was rolled back is a line of the story. */
async function closureOf(db: Db, id: string): Promise<Standing['closure']> {
  const { rows } = await sql<ClosureRow>`
    select requested_at as "requestedAt", reopen_until as "reopenUntil", erase_by as "eraseBy",
      key_destroyed_at as "keyDestroyedAt", certified_at as "certifiedAt", code as certificate
    from closure where customer_id = ${id} and state <> 'reopened'
    order by requested_at desc limit 1`.execute(db);
  const [row] = rows;
  if (!row) return null;
  return {
    requestedAt: instantText(row.requestedAt),
    reopenUntil: instantText(row.reopenUntil),
    eraseBy: instantText(row.eraseBy),
    keyDestroyedAt: text(row.keyDestroyedAt),
    certifiedAt: text(row.certifiedAt),
    certificate: row.certificate,
  };
}

async function casesOf(db: Db, id: string): Promise<Standing['cases']> {
  const { rows } = await sql<{ open: number; total: number; lastAt: Instant | null }>`
    select count(*) filter (where state in ('asked', 'approved', 'open'))::int as open,
      count(*)::int as total, max(asked_at) as "lastAt"
    from customer_case where customer_id = ${id}`.execute(db);
  const found = rows[0] ?? { open: 0, total: 0, lastAt: null };
  return { ...found, lastAt: text(found.lastAt) };
}

async function requestsOf(db: Db, id: string, now: Instant): Promise<Standing['requests']> {
  const { rows } = await sql<Standing['requests']>`
    select count(*) filter (where answered_at is null)::int as open,
      count(*) filter (where answered_at is null and due_at <= ${now})::int as late,
      count(*)::int as total
    from customer_request where customer_id = ${id}`.execute(db);
  return rows[0] ?? { open: 0, late: 0, total: 0 };
}
