import { type RawBuilder, sql } from 'kysely';

/**
 * What clauses ask of the access register, to be used inside their own queries. Each is a query in
 * parentheses: `from ${presentAccess} access`. PostgreSQL sees through them, so that only the rows
 * and tables that the whole query needs are touched.
 */

/**
 * Access that the newest reads show: `account_id, entitlement_id, system_id, account, kind,
 * person_id, entitlement, privileged, since`.
 */
export const presentAccess: RawBuilder<unknown> = sql`(
  select observation.account_id, observation.entitlement_id, observation.system_id,
    account.name as account, account.kind, account.person_id,
    entitlement.name as entitlement, entitlement.privileged, observation.first_seen_at as since
  from observation
  join account on account.id = observation.account_id
  join entitlement on entitlement.id = observation.entitlement_id
  where observation.gone_at is null)`;

/** Grants that stand on a day: not taken back and not run out. Columns of `access_grant`. */
export function standingGrants(today: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`(
    select * from access_grant
    where revoked_at is null and (ends_on is null or ends_on >= ${today}::date))`;
}

/** Whether a grant, by its alias, stands on a day. */
export function stands(alias: string, today: Temporal.PlainDate): RawBuilder<boolean> {
  const [revoked, ends] = [sql.ref(`${alias}.revoked_at`), sql.ref(`${alias}.ends_on`)];
  return sql`${revoked} is null and (${ends} is null or ${ends} >= ${today}::date)`;
}

/** The newest complete read of each system: `system_id, read_id, at`. */
export const newestReads: RawBuilder<unknown> = sql`(
  select distinct on (system_id) system_id, id as read_id, at
  from read where complete order by system_id, at desc)`;
