import type { Actor } from '../../kernel/actor.ts';
import type { World } from '../world.ts';
import { actorOf, recordFirstRefusal } from './guard.ts';
import { readSession, type Session } from './session.ts';
import { actorOfToken, bearerOf } from './token.ts';

/** Which session stands behind an actor of a request; only the routes of this room ask. */
const sessions = new WeakMap<Actor, Session>();

/** The session an actor came by; null for tokens. */
export function sessionOf(actor: Actor): Session | null {
  return sessions.get(actor) ?? null;
}

/**
 * Who is asking: the person of a session, or an API token. Whoever sends a bearer token is that
 * token or nobody, never the cookie beside it; so what is exempt from the check against forged
 * requests cannot fall back to a cookie.
 *
 * Here works the guard of ACC-3: a session without a second factor is nobody.
 */
export async function authenticate(world: World, headers: Headers): Promise<Actor | null> {
  if (headers.has('authorization')) {
    const token = bearerOf(headers);
    return token ? actorOfToken(world, token) : null;
  }
  const session = await readSession(world, headers);
  if (!session) return null;
  if (!session.complete) {
    await recordFirstRefusal(world, session);
    return null;
  }
  const actor = actorOf(session);
  sessions.set(actor, session);
  return actor;
}
