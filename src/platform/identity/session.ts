import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Role } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { dateIn, type Instant } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import type { World } from '../world.ts';
import { sessionSeconds, sessionSecret } from './auth.ts';
import { sessionCookie, sessionTokenOf } from './cookie.ts';
import { amrText, isComplete, type Method, parseAmr } from './proof.ts';

/** A session as found behind a request's cookie. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly personId: PersonId;
  readonly roles: readonly Role[];
  readonly language: Language;
  readonly amr: readonly Method[];
  /** Signed in with a second factor: only such a session is anybody. */
  readonly complete: boolean;
  /** The guard has refused this session before, and said so in the ledger. */
  readonly refused: boolean;
}

interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly person_id: string;
  readonly roles: readonly Role[];
  readonly language: Language;
  readonly ends_on: Temporal.PlainDate | null;
  readonly amr: string;
  readonly refused_at: Instant | null;
}

/**
 * The session of a request, or null: no cookie, not signed by us, revoked, expired, or of a person
 * whose last day has passed. One query; nothing is remembered, so a revocation holds at once.
 */
export async function readSession(world: World, headers: Headers): Promise<Session | null> {
  const token = sessionTokenOf(headers, isHttps(world), sessionSecret(world));
  if (!token) return null;
  const now = world.now();
  const { rows } = await sql<SessionRow>`
    select s.id, s.user_id, s.amr, s.refused_at, u.person_id, p.roles, p.language, p.ends_on
    from auth_session as s
    join auth_user as u on u.id = s.user_id
    join person as p on p.id = u.person_id
    where s.token = ${token} and s.expires_at > ${now} and ${mayEnter}`.execute(world.database.db);
  const [row] = rows;
  if (!row || (await isLeaver(world, row.ends_on, now))) return null;
  const amr = parseAmr(row.amr);
  return {
    id: row.id,
    userId: row.user_id,
    personId: row.person_id,
    roles: row.roles,
    language: row.language,
    amr,
    complete: isComplete(amr, world.demo),
    refused: row.refused_at !== null,
  };
}

/** Condition on `person p`: everything was taken from a leaver, and who is suspended has to wait. */
export const mayEnter = sql<boolean>`(p.left_at is null and p.suspended_at is null)`;

/** Whether the last day has passed where the organisation is. */
export async function isLeaver(
  world: World,
  endsOn: Temporal.PlainDate | null,
  now: Instant,
): Promise<boolean> {
  if (!endsOn) return false;
  const zone = (await world.organisation())?.zone ?? 'UTC';
  return Temporal.PlainDate.compare(endsOn, dateIn(now, zone)) < 0;
}

/** Where a request came from, as the list of sessions shows it. */
export interface Device {
  readonly address: string;
  readonly userAgent: string;
}

/** Makes a session without Better Auth: set-up, invitation, persona, a factor just enrolled. */
export async function openSession(
  world: World,
  db: Db | Tx,
  userId: string,
  amr: readonly Method[],
  device: Device,
): Promise<{ readonly id: string; readonly setCookie: string }> {
  const id = world.newId();
  const token = randomBytes(24).toString('base64url');
  const now = world.now();
  await sql`
    insert into auth_session (id, user_id, token, expires_at, ip_address, user_agent, created_at, updated_at, amr)
    values (${id}, ${userId}, ${token}, ${now.add({ seconds: sessionSeconds })}, ${device.address},
            ${device.userAgent}, ${now}, ${now}, ${amrText(amr)})`.execute(db);
  const https = isHttps(world);
  return { id, setCookie: sessionCookie(token, https, sessionSecret(world), sessionSeconds) };
}

/** Ends a session at once. */
export async function endSession(db: Db | Tx, id: string): Promise<void> {
  await sql`delete from auth_session where id = ${id}`.execute(db);
}

export function isHttps(world: World): boolean {
  return world.url.startsWith('https:');
}
