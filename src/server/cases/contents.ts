import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/** What lies within the scope of a case: ids, sizes and dates, nothing that needs a key. */

export interface Content {
  readonly id: string;
  readonly size: number | null;
  readonly changedAt: Instant;
}

/** Entries of a page. */
export const contentsPage = 100;

const tables = {
  object: { from: sql`vault_object`, size: sql`item.size::float8` },
  record: { from: sql`vault_record`, size: sql`null::float8` },
} as const;

/** A page after an id, or some ids alone. */
export type Part = { readonly after: string | null } | { readonly only: readonly string[] };

/**
 * Objects or records of a collection that a case reaches, in the order of their making.
 *
 * @returns one more than a page where there are more
 */
export async function contentsOf(
  db: Db,
  caseId: string,
  what: keyof typeof tables,
  collection: string,
  part: Part,
): Promise<readonly Content[]> {
  const { from, size } = tables[what];
  const within =
    'only' in part
      ? sql`item.id = any(${part.only}::uuid[])`
      : sql`(${part.after}::uuid is null or item.id > ${part.after}::uuid)`;
  const { rows } = await sql<Content>`
    select item.id, ${size} as size, item.changed_at as "changedAt"
    from customer_case it join ${from} item on item.customer_id = it.customer_id
    where it.id = ${caseId} and item.collection = ${collection}
      and (it.from_at is null or item.changed_at >= it.from_at)
      and (it.to_at is null or item.changed_at < it.to_at)
      and ${within}
      and exists (
        select from case_scope scope
        where scope.case_id = it.id and scope.collection = item.collection
          and (scope.item_id is null or scope.item_id = item.id))
    order by item.id limit ${contentsPage + 1}`.execute(db);
  return rows;
}

/** Whether a case is about the whole of a collection: then its names are listed in one read. */
export async function coversWhole(db: Db, caseId: string, collection: string): Promise<boolean> {
  const { rows } = await sql`
    select from case_scope where case_id = ${caseId} and collection = ${collection} and item_id is null`.execute(
    db,
  );
  return rows.length > 0;
}

/** The case as its reader needs it; null where it is somebody else's. */
export async function caseOf(
  db: Db,
  caseId: string,
  readerId: string | null,
): Promise<{ readonly customerId: string; readonly purpose: string } | null> {
  const { rows } = await sql<{ customerId: string; purpose: string }>`
    select customer_id as "customerId", purpose from customer_case
    where id = ${caseId} and requester_id = ${readerId}::uuid`.execute(db);
  return rows[0] ?? null;
}
