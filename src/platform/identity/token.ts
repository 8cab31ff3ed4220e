import { hash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Actor, Role } from '../../kernel/actor.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { World } from '../world.ts';
import { isLeaver, mayEnter } from './session.ts';

/** 32 random bytes behind a name that scanners of leaked secrets can be taught. */
const format = /^kept_[A-Za-z0-9_-]{43}$/;

/** A new secret, and what is kept of it. */
export function newSecret(prefix: 'kept_' | ''): {
  readonly secret: string;
  readonly sha256: string;
} {
  const secret = `${prefix}${randomBytes(32).toString('base64url')}`;
  return { secret, sha256: sha256Hex(secret) };
}

export function sha256Hex(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** The bearer token of a request (RFC 6750, section 2.1); null where there is none. */
export function bearerOf(headers: Headers): string | null {
  return bearerIn(headers.get('authorization') ?? '');
}

/** As `bearerOf`, of the header `Authorization` alone. */
export function bearerIn(authorization: string): string | null {
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? null;
}

interface TokenRow {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly scope: readonly string[] | null;
  readonly person_id: PersonId | null;
  readonly person_roles: readonly Role[] | null;
  readonly ends_on: Temporal.PlainDate | null;
}

/**
 * Who a token is: its roles as far as its person still has them, narrowed to its scope. Null where
 * it is unknown, revoked, expired, or its person has left. One statement, which also notes the use
 * at most once a minute.
 */
export async function actorOfToken(world: World, token: string): Promise<Actor | null> {
  if (!format.test(token)) return null;
  const now = world.now();
  const { rows } = await sql<TokenRow>`
    with found as (
      select t.id, t.roles, t.scope, t.person_id, t.last_used_at, p.roles as person_roles, p.ends_on
      from api_token as t left join person as p on p.id = t.person_id
      where t.hash = ${Buffer.from(sha256Hex(token), 'hex')} and t.revoked_at is null and t.expires_at > ${now}
        and (p.id is null or ${mayEnter})
    ), noted as (
      update api_token as t set last_used_at = ${now} from found
      where t.id = found.id and (found.last_used_at is null or found.last_used_at < ${now.subtract({ minutes: 1 })})
    )
    select id, roles, scope, person_id, person_roles, ends_on from found`.execute(
    world.database.db,
  );
  const [row] = rows;
  if (!row || (await isLeaver(world, row.ends_on, now))) return null;
  const held = row.person_roles;
  return {
    kind: 'token',
    id: row.id,
    roles: held ? row.roles.filter((role) => held.includes(role)) : row.roles,
    person: row.person_id,
    scope: row.scope,
  };
}
