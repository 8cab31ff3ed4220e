import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Basis, CaseState } from './facts.terms.ts';

/** What a customer may see of cases: each access to their data, by whom in which role, and why. */

export interface CaseOfCustomer {
  readonly id: string;
  readonly state: CaseState;
  readonly purpose: string;
  readonly basis: Basis;
  readonly basisReference: string;
  /** Role of whoever asked; never a name. */
  readonly role: string;
  readonly emergency: boolean;
  /** Copies may be, or might have been, saved. */
  readonly copy: boolean;
  readonly hours: number;
  readonly collections: readonly string[];
  /** Single objects and records named; 0 where collections are meant as a whole. */
  readonly items: number;
  readonly fromAt: Instant | null;
  readonly toAt: Instant | null;
  readonly askedAt: Instant;
  readonly openedAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly reconciledAt: Instant | null;
  readonly toldAt: Instant | null;
  /** The customer's own word is waited for: on the case, or on more hours for it. */
  readonly waits: 'case' | 'extension' | null;
  readonly extensionHours: number | null;
  readonly extensionWhy: string | null;
}

export interface ReadOfCustomer {
  readonly caseId: string;
  readonly what: 'object' | 'record' | 'name' | 'names';
  readonly collection: string;
  /** Null for a listing of names. */
  readonly itemId: string | null;
  readonly copied: boolean;
  readonly at: Instant;
}

/**
 * Cases about a customer's data, newest first: those that were opened, and those that wait for the
 * customer's own decision. What was refused or lapsed before anybody could read is not among them.
 */
export async function casesOfCustomer(
  db: Db,
  customerId: string,
): Promise<readonly CaseOfCustomer[]> {
  const { rows } = await sql<CaseOfCustomer>`
    select it.id, it.state, it.purpose, it.basis, it.basis_reference as "basisReference",
      it.requester_role as role, it.emergency, it.copy, it.hours, scope.collections, scope.items,
      it.from_at as "fromAt", it.to_at as "toAt", it.asked_at as "askedAt", it.opened_at as "openedAt",
      it.ends_at as "endsAt", it.ended_at as "endedAt", it.reconciled_at as "reconciledAt", it.told_at as "toldAt",
      case when it.state = 'asked' and it.customer_needed and it.customer_decided_at is null then 'case'
        when it.state = 'open' and it.customer_needed and more.id is not null and more.customer_decided_at is null
        then 'extension' end as waits,
      more.hours as "extensionHours", more.why as "extensionWhy"
    from customer_case it
    cross join lateral (
      select array_agg(distinct collection order by collection) as collections, count(item_id)::int as items
      from case_scope where case_id = it.id) scope
    left join case_extension more on more.case_id = it.id and more.state = 'asked'
    where it.customer_id = ${customerId}
      and (it.opened_at is not null
        or (it.state = 'asked' and it.customer_needed and it.customer_decided_at is null))
    order by it.asked_at desc, it.id`.execute(db);
  return rows;
}

/** Every read of a customer's data by staff, newest first; those of one case where it is given. */
export async function readsOfCustomer(
  db: Db,
  customerId: string,
  caseId: string | null = null,
): Promise<readonly ReadOfCustomer[]> {
  const { rows } = await sql<ReadOfCustomer>`
    select read.case_id as "caseId", read.what, read.collection, read.item_id as "itemId", read.copied, read.at
    from case_read read join customer_case it on it.id = read.case_id
    where it.customer_id = ${customerId} and (${caseId}::uuid is null or it.id = ${caseId}::uuid)
    order by read.at desc, read.id`.execute(db);
  return rows;
}
