import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { AccountId, PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';

/** Grants that follow from requests: for clauses in which people ask and others approve. */

/**
 * Accounts that people are to hold access with, where they have none on a system yet: named by their
 * address, as a later read of the system most likely names them. Whoever has an account has no second.
 *
 * @param wanted a query in parentheses with columns `person_id, system_id`, each pair once
 * @param act a fresh id of the act; the ids of its accounts follow from it
 */
export async function expectAccounts(
  tx: Tx,
  wanted: RawBuilder<unknown>,
  act: string,
): Promise<void> {
  await sql`
    insert into account (id, system_id, name, person_id)
    select overlay(overlay(md5(${act}::text || wish.person_id || wish.system_id) placing '8' from 13) placing '8' from 17)::uuid,
      wish.system_id, coalesce(person.email, person.id::text), wish.person_id
    from ${wanted} wish join person on person.id = wish.person_id
    where not exists (
      select from account mine where mine.system_id = wish.system_id and mine.person_id = wish.person_id)
    on conflict (system_id, name) do update set person_id = excluded.person_id
      where account.person_id is null`.execute(tx);
}

/** The account of a person on a system that access is asked for with: their own, the first by name. */
export function accountOf(
  person: RawBuilder<unknown>,
  system: RawBuilder<unknown>,
): RawBuilder<AccountId | null> {
  return sql<AccountId | null>`(
    select mine.id from account mine
    where mine.person_id = ${person} and mine.system_id = ${system}
    order by mine.kind <> 'staff', mine.name limit 1)`;
}

/**
 * Writes grants; one that stands for the same access ends where the new one begins.
 *
 * @param grants a query in parentheses with columns `id, account_id, entitlement_id, system_id, purpose, ends_on`
 */
export async function writeGrants(
  tx: Tx,
  grants: RawBuilder<unknown>,
  approverId: PersonId | null,
  at: Instant,
): Promise<number> {
  await sql`
    update access_grant set revoked_at = ${at} from ${grants} given
    where access_grant.account_id = given.account_id and access_grant.entitlement_id = given.entitlement_id
      and access_grant.revoked_at is null`.execute(tx);
  const written = await sql`
    insert into access_grant
      (id, account_id, entitlement_id, system_id, purpose, approver_id, granted_at, ends_on, observed)
    select given.id, given.account_id, given.entitlement_id, given.system_id, given.purpose, ${approverId}::uuid,
      ${at}::timestamptz, given.ends_on,
      exists (select from observation where observation.account_id = given.account_id
        and observation.entitlement_id = given.entitlement_id and gone_at is null)
    from ${grants} given`.execute(tx);
  return Number(written.numAffectedRows ?? 0);
}
