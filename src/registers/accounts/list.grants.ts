import { type RawBuilder, sql } from 'kysely';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Condition, List, SortColumn } from '../list.ts';
import { stateOf } from '../people/list.ts';
import { stands } from './fragments.ts';
import { isOrphan } from './list.ts';

/**
 * Observed access and approved grants side by side, one line an access:
 * `approved` is observed and granted, `unapproved` observed without a grant, `unused` granted and
 * not observed.
 */
export const accessStates = ['approved', 'unapproved', 'unused'] as const;
export type AccessState = (typeof accessStates)[number];

interface AccessRow {
  readonly accountId: string;
  readonly account: string;
  readonly accountKind: string;
  readonly personId: string | null;
  readonly person: string | null;
  readonly department: string | null;
  readonly personState: string | null;
  readonly entitlementId: string;
  readonly entitlement: string;
  readonly privileged: boolean;
  readonly system: string;
  readonly systemName: string;
  readonly state: AccessState;
  /** Since when reads show it; null where they do not. */
  readonly observedSince: Instant | null;
  readonly grantId: string | null;
  readonly grantedAt: Instant | null;
  readonly approver: string | null;
  readonly purpose: string | null;
  readonly endsOn: Temporal.PlainDate | null;
}

export interface AccessItem extends Omit<AccessRow, 'observedSince' | 'grantedAt' | 'endsOn'> {
  readonly observedSince: string | null;
  readonly grantedAt: string | null;
  readonly endsOn: string | null;
}

export const accessSorts = {
  account: { sql: sql`account.name`, type: 'text', needs: ['account'] },
  person: { sql: sql`person.name`, type: 'text', nullable: true, needs: ['account', 'person'] },
  department: {
    sql: sql`person.department`,
    type: 'text',
    nullable: true,
    needs: ['account', 'person'],
  },
  entitlement: { sql: sql`entitlement.name`, type: 'text', needs: ['entitlement'] },
  system: { sql: sql`system.key`, type: 'text', needs: ['system'] },
  observedSince: { sql: sql`access.since`, type: 'timestamptz', nullable: true },
  endsOn: { sql: sql`granted.ends_on`, type: 'date', nullable: true, needs: ['granted'] },
} satisfies Record<string, SortColumn>;

const joins = (today: Temporal.PlainDate) => ({
  granted: sql`left join access_grant granted on granted.account_id = access.account_id
    and granted.entitlement_id = access.entitlement_id and ${stands('granted', today)}`,
  account: sql`join account on account.id = access.account_id`,
  entitlement: sql`join entitlement on entitlement.id = access.entitlement_id`,
  system: sql`join system on system.id = access.system_id`,
  person: sql`left join person on person.id = account.person_id`,
});

/** What is observed. */
const observed = sql`(
  select account_id, entitlement_id, system_id, first_seen_at as since
  from observation where gone_at is null) access`;

/** What is observed and granted: counted from the grants alone. */
function approved(today: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`(
    select account_id, entitlement_id, system_id, (
      select first_seen_at from observation
      where observation.account_id = access_grant.account_id
        and observation.entitlement_id = access_grant.entitlement_id) as since
    from access_grant where ${stands('access_grant', today)} and observed) access`;
}

/** What is granted and not observed. */
function unobserved(today: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`(
    select account_id, entitlement_id, system_id, null::timestamptz as since
    from access_grant where ${stands('access_grant', today)} and not observed) access`;
}

/** The parts of the union that a state is in: looking into the others would find nothing. */
function partsOf(state: AccessState | undefined, today: Temporal.PlainDate): RawBuilder<unknown>[] {
  switch (state) {
    case 'approved':
      return [approved(today)];
    case 'unapproved':
      return [observed];
    case 'unused':
      return [unobserved(today)];
    default:
      return [observed, unobserved(today)];
  }
}

export function accessList(
  today: Temporal.PlainDate,
  state?: AccessState,
): List<AccessRow, AccessItem> {
  return {
    source: {
      from: partsOf(state, today),
      joins: joins(today),
      key: { account_id: sql`access.account_id`, entitlement_id: sql`access.entitlement_id` },
      sorts: accessSorts,
      defaultSort: 'account',
      search: searchAccess,
      select: sql`account.id as "accountId", account.name as account, account.kind as "accountKind",
        account.person_id as "personId", person.name as person, person.department,
        case when person.id is not null then ${stateOf(today)} end as "personState",
        entitlement.id as "entitlementId", entitlement.name as entitlement, entitlement.privileged,
        system.key as system, system.name as "systemName",
        case when observation.account_id is null then 'unused'
          when access_grant.id is null then 'unapproved' else 'approved' end as state,
        observation.first_seen_at as "observedSince", access_grant.id as "grantId",
        access_grant.granted_at as "grantedAt", approver.name as approver, access_grant.purpose,
        access_grant.ends_on as "endsOn"`,
      details: sql`
        join account on account.id = page.account_id
        join entitlement on entitlement.id = page.entitlement_id
        join system on system.id = account.system_id
        left join person on person.id = account.person_id
        left join observation on observation.account_id = page.account_id
          and observation.entitlement_id = page.entitlement_id and observation.gone_at is null
        left join access_grant on access_grant.account_id = page.account_id
          and access_grant.entitlement_id = page.entitlement_id and ${stands('access_grant', today)}
        left join person approver on approver.id = access_grant.approver_id`,
    },
    item: (row) => ({
      ...row,
      observedSince: row.observedSince && instantText(row.observedSince),
      grantedAt: row.grantedAt && instantText(row.grantedAt),
      endsOn: row.endsOn?.toString() ?? null,
    }),
    csv: csvColumns.map((header) => ({ header, cell: (access: AccessItem) => access[header] })),
    filename: 'access',
  };
}

const csvColumns = [
  'system',
  'account',
  'accountKind',
  'person',
  'department',
  'personState',
  'entitlement',
  'privileged',
  'state',
  'observedSince',
  'grantedAt',
  'approver',
  'purpose',
  'endsOn',
] as const;

/** Names are searched where each stands once, not on every line they are repeated on. */
function searchAccess(like: string): Condition {
  return {
    sql: sql`access.account_id in (
        select account.id from account left join person on person.id = account.person_id
        where lower(account.name) like ${like} or lower(person.name) like ${like})
      or access.entitlement_id in (select id from entitlement where lower(name) like ${like})`,
  };
}

/** Said by `not exists`, by which PostgreSQL guesses well how many there are; by a join it does not. */
function isUngranted(today: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`not exists (
    select from access_grant grant_of
    where grant_of.account_id = access.account_id
      and grant_of.entitlement_id = access.entitlement_id and ${stands('grant_of', today)})`;
}

export interface AccessFilters {
  readonly state?: AccessState | undefined;
  readonly system?: string | undefined;
  readonly account?: string | undefined;
  readonly person?: string | undefined;
  readonly department?: string | undefined;
  readonly entitlement?: string | undefined;
  readonly orphan?: boolean | undefined;
  readonly privileged?: boolean | undefined;
  readonly leaver?: boolean | undefined;
}

export function accessConditions(filters: AccessFilters, today: Temporal.PlainDate): Condition[] {
  const { state, system, account, person, department, entitlement, orphan, privileged, leaver } =
    filters;
  const conditions: Condition[] = [];
  if (state === 'unapproved') conditions.push({ sql: isUngranted(today) });
  if (system)
    conditions.push({ sql: sql`access.system_id = (select id from system where key = ${system})` });
  if (account) conditions.push({ sql: sql`access.account_id = ${account}` });
  if (entitlement) conditions.push({ sql: sql`access.entitlement_id = ${entitlement}` });
  if (person) {
    conditions.push({
      sql: sql`access.account_id in (select id from account where person_id = ${person})`,
    });
  }
  if (department !== undefined) {
    conditions.push({ sql: sql`person.department = ${department}`, needs: ['account', 'person'] });
  }
  if (orphan !== undefined)
    conditions.push({ sql: sql`(${isOrphan}) = ${orphan}`, needs: ['account'] });
  if (privileged !== undefined) {
    conditions.push({ sql: sql`entitlement.privileged = ${privileged}`, needs: ['entitlement'] });
  }
  if (leaver !== undefined) {
    conditions.push({
      sql: sql`coalesce(${stateOf(today)} = 'leaver', false) = ${leaver}`,
      needs: ['account', 'person'],
    });
  }
  return conditions;
}
