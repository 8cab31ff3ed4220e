import type { Actor } from '../../kernel/actor.ts';
import type { World } from '../world.ts';
import { actorOf } from './guard.ts';
import { readSession, type Session } from './session.ts';
import { actorOfToken, bearerOf } from './token.ts';

/** Which session stands behind an actor of a request; only the routes of this room ask. */
const sessions = new WeakMap<Actor, Session>();

/** The session an actor came by; null for tokens. */
export function sessionOf(actor: Actor): Session | null {
  return sessions.get(actor) ?? null;
}

/** Who asks; `unfinished` is a session that lacks its second factor. */
export interface Caller {
  readonly actor: Actor | null;
  readonly unfinished: Session | null;
}

const nobody: Caller = { actor: null, unfinished: null };

/**
 * Who is asking: the person of a session, or an API token. Whoever sends a bearer token is that
 * token or nobody, never the cookie beside it; so what is exempt from the check against forged
 * requests cannot fall back to a cookie.
 *
 * The guard of ACC-3 works here: a session without a second factor is nobody.
 */
export async function authenticate(world: World, headers: Headers): Promise<Caller> {
  if (headers.has('authorization')) {
    const token = bearerOf(headers);
    return token ? { actor: await actorOfToken(world, token), unfinished: null } : nobody;
  }
  const session = await readSession(world, headers);
  if (!session) return nobody;
  if (!session.complete) return { actor: null, unfinished: session };
  const actor = actorOf(session);
  sessions.set(actor, session);
  return { actor, unfinished: null };
}
