import { type RawBuilder, sql } from 'kysely';

/** Whether an account is still there to be entered by, as far as its system says; for queries with `account`. */

/**
 * Whether the newest complete read of a system told its accounts, and not only who holds what: a list
 * of access names nobody who holds nothing, and never says that somebody is locked out.
 *
 * @param systemId an expression
 */
export function tellsAccounts(systemId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from aspect_read told where told.system_id = ${systemId} and told.aspect = 'accounts' and told.at >= coalesce(
      (select max(whole.at) from read whole where whole.system_id = ${systemId} and whole.complete), '-infinity'))`;
}

/** Credentials of `account` that let somebody in. */
export const activeCredentials = sql<number>`(
  select count(*)::int from credential where credential.account_id = account.id and credential.active)`;

/** Accesses that the newest reads show on `account`. */
export const heldEntitlements = sql<number>`(
  select count(*)::int from observation seen where seen.account_id = account.id and seen.gone_at is null)`;

/** Whether one can still sign in with `account`. Of what only a list named this is not known, and not said. */
export const canSignIn = sql<boolean>`(account.absent_since is null
  and (account.active or ${activeCredentials} > 0) and ${tellsAccounts(sql`account.system_id`)})`;

/**
 * Whether anything is left of `account`: one can sign in with it, or it holds something. An account
 * that only a list ever named, and that holds nothing, is gone: no later list could say any more.
 */
export const isLeft = sql<boolean>`(${canSignIn} or ${heldEntitlements} > 0)`;
