import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

export interface Passkey {
  readonly id: string;
  readonly address: string;
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly device: string;
  readonly madeAt: Instant;
  readonly lastUsedAt: Instant | null;
}

const columns = sql`id, address, credential_id as "credentialId", public_key as "publicKey",
  counter::float8 as counter, transports, device, made_at as "madeAt", last_used_at as "lastUsedAt"`;

export async function passkeysOf(db: Db, address: string): Promise<readonly Passkey[]> {
  const { rows } = await sql<Passkey>`
    select ${columns} from portal_passkey where address = ${address} order by made_at`.execute(db);
  return rows;
}

export async function passkeyBy(db: Db, credentialId: string): Promise<Passkey | null> {
  const { rows } = await sql<Passkey>`
    select ${columns} from portal_passkey where credential_id = ${credentialId}`.execute(db);
  return rows[0] ?? null;
}

/** Notes a use. False where its counter went back: somebody has a copy (WebAuthn, section 6.1.1). */
export async function notePasskey(
  db: Db,
  id: string,
  counter: number,
  now: Instant,
): Promise<boolean> {
  const { rows } = await sql`
    update portal_passkey set counter = ${counter}, last_used_at = ${now}
    where id = ${id} and (counter < ${counter} or (counter = 0 and ${counter}::bigint = 0)) returning id`.execute(
    db,
  );
  return rows.length === 1;
}

/** Minutes in which a challenge is to be answered. */
const challengeMinutes = 5;

export async function saveChallenge(
  db: Db,
  challenge: string,
  sessionId: string | null,
  now: Instant,
): Promise<void> {
  await sql`
    insert into portal_challenge (challenge, session_id, expires_at)
    values (${challenge}, ${sessionId}, ${now.add({ minutes: challengeMinutes })})`.execute(db);
}

/** Takes a challenge away, used or not; false where it was never made, or not for this session. */
export async function takeChallenge(
  db: Db,
  challenge: string,
  sessionId: string | null,
  now: Instant,
): Promise<boolean> {
  const { rows } = await sql`
    delete from portal_challenge
    where challenge = ${challenge} and session_id is not distinct from ${sessionId}::uuid and expires_at > ${now}
    returning challenge`.execute(db);
  return rows.length === 1;
}
