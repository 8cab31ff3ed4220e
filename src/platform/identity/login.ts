import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { World } from '../world.ts';

/** As Better Auth, which checks it later, hashes it. */
export async function hashPassword(password: string): Promise<string> {
  const crypto = await import('better-auth/crypto');
  return await crypto.hashPassword(password);
}

/** What a person signs in with; made by set-up and by an accepted invitation, by nothing else. */
export interface NewLogin {
  readonly personId: PersonId;
  readonly name: string;
  readonly email: string;
  /** Of `hashPassword`; null where only passkeys will open it. */
  readonly passwordHash: string | null;
  /** Until when a password alone may enrol the first second factor. */
  readonly enrolBy: Instant | null;
}

/** Makes a login, in place of the person's former one with all its sessions and factors. */
export async function createLogin(
  world: World,
  tx: Tx,
  login: NewLogin,
): Promise<{ readonly userId: string }> {
  const now = world.now();
  const userId = world.newId();
  await sql`delete from auth_user where person_id = ${login.personId}`.execute(tx);
  await followRegister(tx, login.email);
  await sql`
    insert into auth_user (id, person_id, name, email, email_verified, created_at, updated_at, enrol_by)
    values (${userId}, ${login.personId}, ${login.name}, ${login.email.toLowerCase()}, true, ${now}, ${now},
            ${login.enrolBy})`.execute(tx);
  if (login.passwordHash) {
    await sql`
      insert into auth_account (id, user_id, account_id, provider_id, password, created_at, updated_at)
      values (${world.newId()}, ${userId}, ${userId}, 'credential', ${login.passwordHash}, ${now}, ${now})`.execute(
      tx,
    );
  }
  return { userId };
}

/**
 * The register of people says whose an address is; logins follow it, when the address is next used.
 * A login whose person has another address by now gives the old one up.
 */
export async function followRegister(tx: Db | Tx, address: string): Promise<void> {
  const email = address.toLowerCase();
  await sql`
    update auth_user as u set email = u.id || '@login.invalid' from person as p
    where p.id = u.person_id and u.email = ${email} and lower(p.email) is distinct from ${email}`.execute(
    tx,
  );
  await sql`
    update auth_user as u set email = ${email}, name = p.name from person as p
    where p.id = u.person_id and lower(p.email) = ${email} and (u.email, u.name) is distinct from (${email}, p.name)`.execute(
    tx,
  );
}

/** What stands behind a login: who it is and what it can be opened with. */
export interface LoginState {
  readonly name: string;
  readonly email: string;
  readonly hasPassword: boolean;
  readonly hasTotp: boolean;
  readonly passkeys: number;
  readonly enrolBy: Instant | null;
}

export async function readLogin(db: Db, userId: string): Promise<LoginState | null> {
  const { rows } = await sql<{
    name: string;
    email: string;
    has_password: boolean;
    has_totp: boolean;
    passkeys: number;
    enrol_by: Instant | null;
  }>`
    select u.name, u.email, u.enrol_by, u.two_factor_enabled as has_totp,
      exists (select from auth_account as a where a.user_id = u.id and a.password is not null) as has_password,
      (select count(*)::int from auth_passkey as p where p.user_id = u.id) as passkeys
    from auth_user as u where u.id = ${userId}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  return {
    name: row.name,
    email: row.email,
    hasPassword: row.has_password,
    hasTotp: row.has_totp,
    passkeys: row.passkeys,
    enrolBy: row.enrol_by,
  };
}

export function hasSecondFactor(login: LoginState): boolean {
  return login.hasTotp || login.passkeys > 0;
}

/**
 * Whether a session that has only a password behind it may enrol a second factor: the login has
 * none yet and its time has not run out. Otherwise whoever learns the password of someone who signs
 * in with a passkey could add a factor of their own.
 */
export function mayEnrol(login: LoginState, now: Instant): boolean {
  return (
    !hasSecondFactor(login) &&
    login.enrolBy !== null &&
    Temporal.Instant.compare(now, login.enrolBy) < 0
  );
}
