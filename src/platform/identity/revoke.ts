import { sql } from 'kysely';
import { type Tx, write } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';

/** How much of each a person held; the event that ends their access says so. */
export interface Revoked {
  readonly sessions: number;
  readonly tokens: number;
  readonly invitations: number;
}

/**
 * Takes from a person every way into Kept, in the caller's transaction: the login with its
 * password, factors and sessions is deleted, so is the link to the identity provider, tokens and open invitations are revoked. What was
 * revoked stays listed; what was personal is gone.
 */
export async function revokeEverything(tx: Tx, personId: PersonId, now: Instant): Promise<Revoked> {
  const { rows } = await sql<Revoked>`
    with sessions as (
      delete from auth_session as s using auth_user as u
      where s.user_id = u.id and u.person_id = ${personId} returning s.id
    ), tokens as (
      update api_token set revoked_at = ${now}
      where person_id = ${personId} and revoked_at is null returning id
    ), invitations as (
      update invitation set revoked_at = ${now}
      where person_id = ${personId} and accepted_at is null and revoked_at is null returning id
    )
    select (select count(*)::int from sessions) as sessions,
           (select count(*)::int from tokens) as tokens,
           (select count(*)::int from invitations) as invitations`.execute(tx);
  await write(tx, sql`delete from auth_user where person_id = ${personId}`);
  // Whoever comes back is linked anew: by provisioning, an invitation, or the officer.
  await sql`delete from sign_in_identity where person_id = ${personId}`.execute(tx);
  await sql`delete from break_glass where person_id = ${personId}`.execute(tx);
  return rows[0] ?? { sessions: 0, tokens: 0, invitations: 0 };
}
